"""报送: a workbook that came back is checked and stored whole, or not at all."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlmodel import Session, col

from daxing_safety import files, ledger, prefill
from daxing_safety.actions import audit, entries, verdicts, withdrawals
from daxing_safety.errors import BadInput, Conflict, NotFound, UserFacingError
from daxing_safety.models import LateAllowance, Round, Submission, Unit, User
from daxing_safety.permissions import require_unit
from daxing_safety.vocabulary import RectificationStatus, ReviewState, RoundState, Sheet
from daxing_safety.workbooks.checks import check as check_workbook
from daxing_safety.workbooks.checks import identify
from daxing_safety.workbooks.content import (
    CheckedWorkbook,
    FindingRow,
    ProblemRow,
    ProgressRow,
    WorkbookContent,
)
from daxing_safety.workbooks.reading import RawWorkbook

CLAIMED_FIXED = RectificationStatus.CLAIMED_FIXED

# Statements are made once: making one costs as much as running it.
_of_unit = col(Submission.unit_code) == bindparam("unit")
LATEST = select(Submission).where(_of_unit, col(Submission.is_latest))
LAST_VERSION = select(func.coalesce(func.max(Submission.version), 0)).where(
    _of_unit, col(Submission.round_id) == bindparam("round")
)


class RejectedWorkbook(UserFacingError):
    """The workbook has faults; `checked` tells each. Nothing was stored."""

    def __init__(self, checked: CheckedWorkbook) -> None:
        super().__init__(
            f"填报表有 {len(checked.errors)} 处错误，没有入库。请按提示改正后重新上传。"
        )
        self.checked = checked


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a workbook. Not `is_new`: the very same file had been stored before."""

    submission: Submission
    checked: CheckedWorkbook
    is_new: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What a version changes against how things stood."""

    progress: tuple[ProgressRow, ...]
    findings: tuple[FindingRow, ...]
    problems_opened: tuple[ProblemRow, ...]
    problems_updated: tuple[ProblemRow, ...]

    def counts(self) -> dict[str, int]:
        claimed = sum(row.status is CLAIMED_FIXED for row in self.problems_updated)
        return {
            "progress": len(self.progress),
            "findings": len(self.findings),
            "problems_opened": len(self.problems_opened),
            "problems_updated": len(self.problems_updated),
            "claimed_fixed": claimed,
        }

    def __bool__(self) -> bool:
        return any(self.counts().values())


def check(session: Session, *, raw: RawWorkbook, by: User, today: date) -> CheckedWorkbook:
    """What `submit` would say of this workbook now; stores nothing."""
    _, _, expected = _expected(session, raw, by)
    return _checked(raw, expected, today)


def preview(
    session: Session, *, raw: RawWorkbook, by: User, now: datetime
) -> tuple[CheckedWorkbook, Changes, WorkbookContent]:
    """The workbook as checked, what storing it would change, and how things stand until then.

    Raises what `submit` would, but RejectedWorkbook.
    """
    round_, unit, expected = _expected(session, raw, by)
    _require_open(round_)
    _require_in_time(session, round_, unit, now)
    checked = _checked(raw, expected, now.date())
    return checked, changes_between(expected, checked), expected


def submit(
    session: Session, *, raw: RawWorkbook, data: bytes, file_name: str, by: User, now: datetime
) -> Receipt:
    """Checks the workbook against what is stored at this moment and stores it as a new version.

    `raw` must be what was read from `data`. Raises RejectedWorkbook with every fault, BadInput
    or NotFound for a file that is not one of ours, NotAllowed for another unit's, Conflict when
    the round takes none any more.
    """
    round_, unit, expected = _expected(session, raw, by)
    _require_open(round_)
    _require_in_time(session, round_, unit, now)
    checked = _checked(raw, expected, now.date())
    latest = _latest(session, unit)
    digest = hashlib.sha256(data).hexdigest()
    if latest and latest.round_id == round_.id and latest.file_sha256 == digest:
        return Receipt(latest, checked, is_new=False)
    if checked.errors:
        raise RejectedWorkbook(checked)
    changes = changes_between(expected, checked)
    undo = _undo(expected, latest, changes)
    submission = _new_version(session, round_, unit, latest, changes, by=by, now=now)
    submission.file_name, submission.file_sha256 = file_name, files.keep(data)
    submission.undo = withdrawals.write_undo(undo)
    session.add(submission)
    session.flush()
    entries.keep(session, submission, checked)
    verdicts.reopen(session, unit, changes.progress, changes.findings)
    entries.update_progress(session, unit, changes.progress)
    entries.open_problems(session, submission, changes.problems_opened)
    entries.update_problems(session, submission, changes.problems_updated)
    ledger.refresh(session, {unit.code})
    audit.record(
        session,
        "报送",
        f"{unit.name} {round_.name} 第{submission.version}版",
        by=by,
        remark=file_name,
        after=changes.counts() | {"sha256": digest},
    )
    return Receipt(submission, checked, is_new=True)


def _checked(raw: RawWorkbook, expected: WorkbookContent, today: date) -> CheckedWorkbook:
    """The workbook as checked; what its round does not ask for stands as it was."""
    checked = check_workbook(raw, expected, today)
    asked = expected.cover.sheets
    return replace(
        checked,
        progress=checked.progress if Sheet.PROGRESS in asked else expected.progress,
        findings=checked.findings if Sheet.SELF_ASSESSMENT in asked else expected.findings,
    )


def changes_between(expected: WorkbookContent, checked: CheckedWorkbook) -> Changes:
    """Compares only what a unit reports; the locked part may be worded anew between rounds."""
    progress = {_said_of_work_point(row) for row in expected.progress}
    findings = {_said_of_rule(row) for row in expected.findings}
    problems = set(expected.problems)
    return Changes(
        progress=tuple(r for r in checked.progress if _said_of_work_point(r) not in progress),
        findings=tuple(r for r in checked.findings if _said_of_rule(r) not in findings),
        problems_opened=tuple(row for row in checked.problems if not row.number),
        problems_updated=tuple(r for r in checked.problems if r.number and r not in problems),
    )


_said_of_rule = attrgetter("rule_code", "finding", "measured", "remark", "evidence")


def _said_of_work_point(row: ProgressRow) -> tuple[Any, ...]:
    percent = row.percent or Decimal(0)  # an empty cell says nothing has been done
    return row.work_point_code, row.status, percent, row.done_on, row.remark, row.evidence


def _undo(
    expected: WorkbookContent, latest: Submission | None, changes: Changes
) -> withdrawals.Undo:
    points = {row.work_point_code for row in changes.progress}
    numbers = {row.number for row in changes.problems_updated}
    return withdrawals.Undo(
        previous_id=latest.id if latest else None,
        previous_state=latest.state if latest else None,
        progress=tuple(row for row in expected.progress if row.work_point_code in points),
        problems=tuple(row for row in expected.problems if row.number in numbers),
        problems_after=changes.problems_updated,
    )


def _expected(session: Session, raw: RawWorkbook, by: User) -> tuple[Round, Unit, WorkbookContent]:
    """Whose workbook it is, of which round, and what it is to be held against."""
    identity = identify(raw)
    require_unit(by, identity.unit_code)
    round_ = session.get(Round, identity.round_id)
    unit = session.get(Unit, identity.unit_code)
    if round_ is None or unit is None or round_.name != identity.round_name:
        raise NotFound("这份填报表不是本系统发出的，请从“填报”页重新下载本单位的填报表。")
    if round_.criteria_revision_id != identity.criteria_revision:
        raise BadInput("评价细则已更新，这份填报表是旧版，请重新下载后再填。")
    return round_, unit, prefill.content(session, round_, unit)


def _require_open(round_: Round) -> None:
    if round_.state is not RoundState.OPEN:
        raise Conflict(
            f"“{round_.name}”{round_.state.value}，不再接收填报表。如需补报，请联系创安办重开。"
        )


def _require_in_time(session: Session, round_: Round, unit: Unit, now: datetime) -> None:
    if now <= round_.due_at:
        return
    allowance = session.get(LateAllowance, (round_.id, unit.code))
    if allowance is None or now > allowance.until:
        ended = allowance.until if allowance else round_.due_at
        raise Conflict(
            f"“{round_.name}”已于 {ended:%Y-%m-%d %H:%M} 截止，{unit.name}不能再报送。"
            "如需补报，请联系创安办开通补报时限。"
        )


def _latest(session: Session, unit: Unit) -> Submission | None:
    return session.scalar(LATEST, {"unit": unit.code})


def _new_version(
    session: Session,
    round_: Round,
    unit: Unit,
    latest: Submission | None,
    changes: Changes,
    *,
    by: User,
    now: datetime,
) -> Submission:
    version = session.scalar(LAST_VERSION, {"round": round_.id, "unit": unit.code})
    assert round_.id is not None and version is not None
    if latest:
        latest.is_latest = False
        if latest.state is ReviewState.PENDING:
            latest.state = ReviewState.SUPERSEDED
    return Submission(
        round_id=round_.id,
        unit_code=unit.code,
        version=version + 1,
        criteria_revision_id=round_.criteria_revision_id,
        submitted_at=now,
        submitted_by=by.username,
        is_late=now > round_.due_at,
        file_name="",
        file_sha256="",
        changes=json.dumps(changes.counts()),
    )
