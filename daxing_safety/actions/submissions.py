"""报送: a workbook that came back is checked and stored whole, or not at all."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from sqlmodel import Session

from daxing_safety import files, ledger
from daxing_safety.actions import audit, entries, verdicts, withdrawals
from daxing_safety.actions.cases import Case, cases_of
from daxing_safety.errors import Conflict, UserFacingError
from daxing_safety.models import LateAllowance, Round, Submission, Unit, User
from daxing_safety.vocabulary import RectificationStatus, ReviewState, RoundState, Sheet
from daxing_safety.workbooks.checks import check as check_workbook
from daxing_safety.workbooks.content import (
    CheckedWorkbook,
    FindingRow,
    ProblemRow,
    ProgressRow,
    WorkbookContent,
)
from daxing_safety.workbooks.reading import RawWorkbook

CLAIMED_FIXED = RectificationStatus.CLAIMED_FIXED


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
    extensions: tuple[ProblemRow, ...]  # whose deadline the unit asks to put off

    def counts(self) -> dict[str, int]:
        claimed = sum(row.status is CLAIMED_FIXED for row in self.problems_updated)
        return {
            "progress": len(self.progress),
            "findings": len(self.findings),
            "problems_opened": len(self.problems_opened),
            "problems_updated": len(self.problems_updated),
            "claimed_fixed": claimed,
            "extensions": len(self.extensions),
        }

    def __bool__(self) -> bool:
        return any(self.counts().values())


@dataclass(frozen=True, slots=True)
class Comparison:
    """A workbook held against how things stood on a day: its faults, and what it changes."""

    raw: RawWorkbook
    expected: WorkbookContent
    today: date
    checked: CheckedWorkbook
    changes: Changes


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file to be stored. `raw` must be what was read from `data`, `seen` its preview if any."""

    file_name: str
    data: bytes
    raw: RawWorkbook
    seen: Comparison | None = None


def check(session: Session, *, raw: RawWorkbook, by: User, today: date) -> CheckedWorkbook:
    """What `submit` would say of this workbook now; stores nothing."""
    (case,) = cases_of(session, [raw], by)
    if isinstance(case, UserFacingError):
        raise case
    return _checked(raw, case.expected, today)


def preview_all(
    session: Session, *, raws: Sequence[RawWorkbook], by: User, now: datetime
) -> list[Comparison | UserFacingError]:
    """What storing each workbook would change, or why it cannot be stored; stores nothing.

    A workbook with faults is compared too; only storing it is refused.
    """
    cases = cases_of(session, raws, by)
    return [_preview(session, raw, case, now) for raw, case in zip(raws, cases, strict=True)]


def submit(
    session: Session, *, raw: RawWorkbook, data: bytes, file_name: str, by: User, now: datetime
) -> Receipt:
    """Checks the workbook against what is stored at this moment and stores it as a new version.

    Raises RejectedWorkbook with every fault, BadInput or NotFound for a file that is not one of
    ours, NotAllowed for another unit's, Conflict when the round takes none any more.
    """
    (case,) = cases_of(session, [raw], by)
    receipt = _store(session, Incoming(file_name, data, raw), case, by=by, now=now)
    _bring_sums_up_to_date(session, [receipt])
    return receipt


def submit_all(
    session: Session, *, files: Sequence[Incoming], by: User, now: datetime
) -> list[Receipt | UserFacingError]:
    """`submit` for many: each file whole or not at all, and in its place what became of it."""
    outcomes: list[Receipt | UserFacingError] = []
    stored: set[str] = set()
    for file, case in zip(files, cases_of(session, [file.raw for file in files], by), strict=True):
        if isinstance(case, Case) and case.unit.code in stored:
            (case,) = cases_of(session, [file.raw], by)  # a file before it has moved things
        outcome = _outcome(session, file, case, by=by, now=now)
        outcomes.append(outcome)
        if isinstance(outcome, Receipt):
            stored.add(outcome.submission.unit_code)
    _bring_sums_up_to_date(session, [each for each in outcomes if isinstance(each, Receipt)])
    return outcomes


def _preview(
    session: Session, raw: RawWorkbook, case: Case | UserFacingError, now: datetime
) -> Comparison | UserFacingError:
    try:
        return _compare(raw, _taken(session, case, now), now.date())
    except UserFacingError as refusal:
        return refusal


def _outcome(
    session: Session, file: Incoming, case: Case | UserFacingError, *, by: User, now: datetime
) -> Receipt | UserFacingError:
    try:
        with session.begin_nested():  # what is refused half-way takes only itself back
            return _store(session, file, case, by=by, now=now)
    except UserFacingError as refusal:
        return refusal


def _bring_sums_up_to_date(session: Session, receipts: Sequence[Receipt]) -> None:
    """Once for all files: for fifty units it costs little more than for one."""
    units = {receipt.submission.unit_code for receipt in receipts if receipt.is_new}
    if units:
        ledger.refresh(session, units)


def _store(
    session: Session, file: Incoming, case: Case | UserFacingError, *, by: User, now: datetime
) -> Receipt:
    """Everything but the kept sums, which nothing here reads."""
    case = _taken(session, case, now)
    round_, unit = case.round_, case.unit
    compared = _compare(file.raw, case, now.date(), file.seen)
    checked, changes = compared.checked, compared.changes
    latest = case.latest
    digest = hashlib.sha256(file.data).hexdigest()
    if latest and latest.round_id == round_.id and latest.file_sha256 == digest:
        return Receipt(latest, checked, is_new=False)
    if checked.errors:
        raise RejectedWorkbook(checked)
    undo = _undo(compared.expected, latest, changes)
    submission = _new_version(case, changes, by=by, now=now)
    submission.file_name, submission.file_sha256 = file.file_name, files.keep(file.data)
    submission.undo = withdrawals.write_undo(undo)
    session.add(submission)
    session.flush()
    entries.keep(session, submission, checked)
    verdicts.reopen(session, unit, changes.progress, changes.findings)
    entries.update_progress(session, unit, changes.progress)
    entries.open_problems(session, submission, changes.problems_opened)
    stood = {row.number: row for row in compared.expected.problems}
    updates = [(stood[row.number], row) for row in changes.problems_updated]
    entries.update_problems(session, submission, updates)
    entries.ask_for_extensions(session, submission, changes.extensions)
    audit.record(
        session,
        "报送",
        f"{unit.name} {round_.name} 第{submission.version}版",
        by=by,
        remark=file.file_name,
        after=changes.counts() | {"sha256": digest},
    )
    return Receipt(submission, checked, is_new=True)


def _compare(
    raw: RawWorkbook, case: Case, today: date, seen: Comparison | None = None
) -> Comparison:
    """The workbook against how things stand, which has been read anew.

    Where that is what `seen` was held against, the check would come to the same, and is not made
    twice.
    """
    if seen and seen.raw is raw and (seen.expected, seen.today) == (case.expected, today):
        return seen
    checked = _checked(raw, case.expected, today)
    return Comparison(raw, case.expected, today, checked, changes_between(case.expected, checked))


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
    problems = {row.number: row for row in expected.problems}
    reported = [row for row in checked.problems if row.number]
    held = [hold_deadline(problems[row.number], row) for row in reported]
    return Changes(
        progress=tuple(r for r in checked.progress if _said_of_work_point(r) not in progress),
        findings=tuple(r for r in checked.findings if _said_of_rule(r) not in findings),
        problems_opened=tuple(row for row in checked.problems if not row.number),
        problems_updated=tuple(row for row in held if row != problems[row.number]),
        extensions=tuple(
            row
            for row, kept in zip(reported, held, strict=True)
            if row is not kept and row.status is not CLAIMED_FIXED
        ),
    )


def hold_deadline(before: ProblemRow, after: ProblemRow) -> ProblemRow:
    """A unit may set a deadline and move it forward; putting it off takes the office's consent."""
    if before.due_on and after.due_on and after.due_on > before.due_on:
        return after._replace(due_on=before.due_on)
    return after


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


def _taken(session: Session, case: Case | UserFacingError, now: datetime) -> Case:
    """The case, if its round takes the workbook now; raises why not."""
    if isinstance(case, UserFacingError):
        raise case
    round_ = case.round_
    if round_.state is not RoundState.OPEN:
        raise Conflict(
            f"“{round_.name}”{round_.state.value}，不再接收填报表。如需补报，请联系创安办重开。"
        )
    _require_in_time(session, round_, case.unit, now)
    return case


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


def _new_version(case: Case, changes: Changes, *, by: User, now: datetime) -> Submission:
    round_, latest = case.round_, case.latest
    assert round_.id is not None
    if latest:
        latest.is_latest = False
        if latest.state is ReviewState.PENDING:
            latest.state = ReviewState.SUPERSEDED
    return Submission(
        round_id=round_.id,
        unit_code=case.unit.code,
        version=case.version + 1,
        criteria_revision_id=round_.criteria_revision_id,
        submitted_at=now,
        submitted_by=by.username,
        is_late=now > round_.due_at,
        file_name="",
        file_sha256="",
        changes=json.dumps(changes.counts()),
    )
