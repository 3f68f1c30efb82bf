"""The last minute before a deadline: filled workbooks through the screen 填报, and what is stored.

A unit hands in several versions, each a file of its own; what the page acknowledged is held
against the database afterwards.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice

from sqlmodel import Session, col, func, select

from benchmarks.importing import bytes_of, with_problems
from benchmarks.sessions import Broken, Page, Tab
from daxing_safety import database, prefill, verification
from daxing_safety.actions import rounds
from daxing_safety.models import Round, Submission, Unit
from daxing_safety.workbooks.content import WorkbookContent

NEW_PROBLEMS = 3  # of a workbook, where the unit has rules for them
SCREEN = ("submit", "填报")
UPLOADER, CONFIRM = "上传填好的填报表", "确认报送"
ACKNOWLEDGED = re.compile(r"报送成功：第(\d+)版")


@dataclass(frozen=True)
class Workbook:
    unit_code: str
    data: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Acknowledged:
    unit_code: str
    version: int
    sha256: str


async def hand_in(tab: Tab, workbook: Workbook) -> Acknowledged:
    """Upload, preview, and the clerk's word that it be stored."""
    preview = await tab.upload(UPLOADER, f"{workbook.unit_code}.xlsx", workbook.data)
    if not any(each.button.label == CONFIRM for each in preview.elements):
        raise Broken(f"no preview of {workbook.unit_code}: {'; '.join(preview.texts())}")
    version = _acknowledged(await tab.click(CONFIRM))
    return Acknowledged(workbook.unit_code, version, workbook.sha256)


def _acknowledged(page: Page) -> int:
    said = "\n".join(page.texts())
    found = ACKNOWLEDGED.search(said)
    if not found:
        raise Broken(f"not acknowledged: {said}")
    return int(found[1])


def workbooks(session: Session, number: int, units: Collection[Unit]) -> list[Workbook]:
    """So many, of these units in turn; no two alike."""
    contents = prefill.contents(session, _open_round(session), units)
    chosen = islice(cycle(contents.items()), number)
    return [
        Workbook(unit_code, bytes_of(_filled(content, place)))
        for place, (unit_code, content) in enumerate(chosen)
    ]


def _filled(content: WorkbookContent, place: int) -> WorkbookContent:
    """With new problems and a remark that only this file has."""
    filled = with_problems(content, NEW_PROBLEMS)
    return replace(
        filled,
        progress=tuple(row._replace(remark=f"第{place}次更新") for row in filled.progress),
        findings=tuple(row._replace(remark=f"第{place}次自查") for row in filled.findings),
        problems=tuple(
            row if row.number else row._replace(description=f"第{place}次上报：{row.description}")
            for row in filled.problems
        ),
    )


def _open_round(session: Session) -> Round:
    round_ = rounds.the_open_round(session)
    assert round_ is not None
    return round_


def versions_before() -> dict[str, int]:
    """By unit, the last version of the open round."""
    with database.reading() as session:
        query = (
            select(Submission.unit_code, func.max(Submission.version))
            .where(Submission.round_id == _open_round(session).id)
            .group_by(Submission.unit_code)
        )
        return dict(session.exec(query).all())


def faults_of_storing(acknowledged: Sequence[Acknowledged], before: dict[str, int]) -> list[str]:
    """Whatever was acknowledged and is not stored once, as it was sent; and what does not fit."""
    stored = _stored_since(before)
    return [
        *_differences("acknowledged, not stored", acknowledged, stored),
        *_differences("stored, not acknowledged", stored, acknowledged),
        *_gaps(stored, before),
        *(each.text for each in verification.verify().differences),
    ]


def _stored_since(before: dict[str, int]) -> list[Acknowledged]:
    with database.reading() as session:
        query = select(Submission.unit_code, Submission.version, Submission.file_sha256).where(
            col(Submission.round_id) == _open_round(session).id
        )
        rows = [Acknowledged(*row) for row in session.exec(query)]
    return [row for row in rows if row.version > before.get(row.unit_code, 0)]


def _differences(
    name: str, these: Iterable[Acknowledged], those: Iterable[Acknowledged]
) -> list[str]:
    return [f"{name}: {each}" for each in (Counter(these) - Counter(those)).elements()]


def _gaps(stored: Sequence[Acknowledged], before: dict[str, int]) -> list[str]:
    """Versions of a unit are counted on from what it had, without a gap."""
    faults = []
    for unit_code in {each.unit_code for each in stored}:
        versions = sorted(each.version for each in stored if each.unit_code == unit_code)
        first = before.get(unit_code, 0) + 1
        if versions != list(range(first, first + len(versions))):
            faults.append(f"versions of {unit_code}: {versions}, the first should be {first}")
    return faults
