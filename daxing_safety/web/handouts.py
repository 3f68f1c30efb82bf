"""The files of 任务分解, 填报 and 审核: the plan, empty workbooks, and what units sent in."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from daxing_safety import files, prefill, programme, settings
from daxing_safety.database import reading
from daxing_safety.errors import NotAllowed, NotFound
from daxing_safety.models import Round, Unit, User
from daxing_safety.permissions import Permission, require, require_unit, units_seen_by
from daxing_safety.reports import submissions, task_workbook, tasks
from daxing_safety.workbooks.template import file_name, workbook_bytes
from daxing_safety.workbooks.worker import run_in_worker

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
WHOLE_PLAN = "all"


@dataclass(frozen=True)
class Download:
    name: str
    content: bytes | Path
    media_type: str = XLSX


def task_decomposition(viewer: User, unit_code: str) -> Download:
    """任务分解表, whole (`all`) or one unit's; it tells nobody's progress."""
    if units_seen_by(viewer) == frozenset():
        raise NotAllowed("您的账号不能下载任务分解表。")
    with reading() as session:
        choices = tasks.choices(session, viewer=viewer)
        filters = tasks.Filters(unit_code=None if unit_code == WHOLE_PLAN else unit_code)
        points = tasks.work_points(session, viewer=viewer, today=settings.today(), filters=filters)
    if not points:
        raise NotFound("没有这个单位的任务。")
    whose = choices.units.get(unit_code, "")
    title = f"{programme.NAME}任务分解表{f'（{whose}）' if whose else ''}"
    note = f"属地中{'、'.join(choices.unconfirmed)}是否参与创建待确认。"
    return Download(
        f"任务分解表{f'_{whose}' if whose else ''}.xlsx", task_workbook.build(points, title, note)
    )


def template(viewer: User, unit_code: str) -> Download:
    """One unit's workbook of the open round, filled with what it said last."""
    require_unit(viewer, unit_code)
    with reading() as session:
        round_ = submissions.open_round(session)
        unit = session.get(Unit, unit_code)
        if round_ is None or unit is None:
            raise NotFound("现在没有正在填报的填报期，没有可下载的填报表。")
        content = prefill.content(session, round_, unit)
    return Download(file_name(content.cover), run_in_worker(workbook_bytes, content))


def templates(viewer: User, round_id: str) -> Download:
    """All units' workbooks of a round in one zip.

    One job of the worker each, so that a clerk's download does not wait for all of them.
    """
    require(viewer, Permission.MANAGE_ROUNDS)
    with reading() as session:
        round_ = _round(session, round_id)
        contents = [prefill.content(session, round_, u) for u in prefill.reporting_units(session)]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for content in contents:
            archive.writestr(file_name(content.cover), run_in_worker(workbook_bytes, content))
    return Download(f"填报表_{round_.name}.zip", packed.getvalue(), ZIP)


def _round(session: Session, round_id: str) -> Round:
    found = session.get(Round, number_in(round_id))
    if found is None:
        raise NotFound("没有这个填报期。")
    return found


def submission(viewer: User, submission_id: str) -> Download:
    """A workbook as it was sent in."""
    with reading() as session:
        version = submissions.version(
            session, viewer=viewer, submission_id=number_in(submission_id)
        )
    name = f"{version.unit}_{version.round}_第{version.number}版.xlsx"
    return Download(name, files.load(version.file_sha256))


def number_in(text: str) -> int:
    """An id out of an address, where anything may stand; no database takes more digits."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise NotFound("没有这个文件，请从页面上重新下载。")
    return int(text)
