"""报送: a workbook that came back is checked and stored whole, or not at all."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from daxing_safety import files as kept_files
from daxing_safety import ledger
from daxing_safety.actions import audit, changes, entries, verdicts, withdrawals
from daxing_safety.actions.cases import Case, Key, cases_of
from daxing_safety.actions.changes import Comparison
from daxing_safety.errors import Conflict, UserFacingError
from daxing_safety.models import LateAllowance, Round, Submission, Unit, User
from daxing_safety.vocabulary import ReviewState, RoundState, Sheet
from daxing_safety.workbooks.content import CheckedWorkbook, WorkbookContent
from daxing_safety.workbooks.reading import RawWorkbook


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
class Incoming:
    """A file to be stored. `raw` must be what was read from `data`, `seen` its preview if any.

    `is_kept`: the bytes are in files.py already. A disk takes its time over a file, and whoever
    sees to it before the transaction keeps no other writer waiting.
    """

    file_name: str
    data: bytes
    raw: RawWorkbook
    seen: Comparison | None = None
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A clean workbook on its way into the tables as this version."""

    case: Case
    file: Incoming
    compared: Comparison
    submission: Submission


Outcome = Receipt | UserFacingError


def check(session: Session, *, raw: RawWorkbook, by: User, today: date) -> CheckedWorkbook:
    """What `submit` would say of this workbook now; stores nothing."""
    (case,) = cases_of(session, [raw], by)
    if isinstance(case, UserFacingError):
        raise case
    return changes.checked(raw, case.expected, today)


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
    (outcome,) = submit_all(session, files=[Incoming(file_name, data, raw)], by=by, now=now)
    if isinstance(outcome, UserFacingError):
        raise outcome
    return outcome


def submit_all(
    session: Session, *, files: Sequence[Incoming], by: User, now: datetime
) -> list[Outcome]:
    """`submit` for many: each file whole or not at all, and in its place what became of it.

    All are judged before the first row is written, so a refusal has nothing to take back.
    """
    outcomes: dict[int, Outcome] = {}
    for wave in _waves(session, files, by):
        judged = {place: _judge(session, file, case, by, now) for place, file, case in wave}
        _store(session, [it for it in judged.values() if isinstance(it, Arrival)], by=by)
        outcomes |= {place: _outcome(it) for place, it in judged.items()}
    _bring_sums_up_to_date(session, outcomes.values())
    return [outcomes[place] for place in range(len(files))]


def _waves(
    session: Session, files: Sequence[Incoming], by: User
) -> Iterator[list[tuple[int, Incoming, Case | UserFacingError]]]:
    """A unit's second file is held against how things stand once its first is stored."""
    left, known = list(enumerate(files)), _still_true(session, files)
    while left:
        cases = cases_of(session, [file.raw for _, file in left], by, known)
        wave, later, units = [], [], set()
        for (place, file), case in zip(left, cases, strict=True):
            unit = case.unit.code if isinstance(case, Case) else place
            if unit in units:
                later.append((place, file))
            else:
                units.add(unit)
                wave.append((place, file, case))
        yield wave
        left, known = later, {}


def _still_true(session: Session, files: Sequence[Incoming]) -> dict[Key, WorkbookContent]:
    """What the previews were held against, where nothing at all was written since."""
    now = ledger.data_version(session)
    seen = [file.seen.expected for file in files if file.seen and file.seen.data_version == now]
    return {(each.cover.round_id, each.cover.unit_code): each for each in seen}


def _preview(
    session: Session, raw: RawWorkbook, case: Case | UserFacingError, now: datetime
) -> Comparison | UserFacingError:
    try:
        return changes.compare(raw, _taken(session, case, now), now.date())
    except UserFacingError as refusal:
        return refusal


def _judge(
    session: Session, file: Incoming, case: Case | UserFacingError, by: User, now: datetime
) -> Arrival | Outcome:
    """What is to be stored, or the version that the very same file is already, or why not."""
    try:
        case = _taken(session, case, now)
    except UserFacingError as refusal:
        return refusal
    compared = changes.compare(file.raw, case, now.date(), file.seen)
    latest, digest = case.latest, hashlib.sha256(file.data).hexdigest()
    if latest and latest.round_id == case.round_.id and latest.file_sha256 == digest:
        return Receipt(latest, compared.checked, is_new=False)
    if compared.checked.errors:
        return RejectedWorkbook(compared.checked)
    version = _new_version(case, compared, file.file_name, digest, by=by, now=now)
    return Arrival(case, file, compared, version)


def _outcome(judged: Arrival | Outcome) -> Outcome:
    if isinstance(judged, Arrival):
        return Receipt(judged.submission, judged.compared.checked, is_new=True)
    return judged


def _bring_sums_up_to_date(session: Session, outcomes: Iterable[Outcome]) -> None:
    """Once for all files: for fifty units it costs little more than for one."""
    stored = [each for each in outcomes if isinstance(each, Receipt) and each.is_new]
    if units := {each.submission.unit_code for each in stored}:
        ledger.refresh(session, units)


def _store(session: Session, arrivals: Sequence[Arrival], *, by: User) -> None:
    """Everything but the kept sums, which nothing here reads; a table's rows in one call."""
    for it in arrivals:
        if not it.file.is_kept:
            kept_files.keep(it.file.data)
        _set_aside(it.case.latest)
    session.add_all(it.submission for it in arrivals)
    session.flush()
    entries.keep(session, [(it.submission, it.compared.checked) for it in arrivals])
    said = [(it.submission, it.compared.changes) for it in arrivals]
    verdicts.reopen(session, {row for of, it in said for row in _said_anew(of, it)})
    progress = [(of.unit_code, row) for of, it in said for row in it.progress]
    entries.update_progress(session, progress)
    entries.open_problems(session, [(of, it.problems_opened) for of, it in said])
    entries.update_problems(session, [(it.submission, _updates(it.compared)) for it in arrivals])
    entries.ask_for_extensions(session, [(of, row) for of, it in said for row in it.extensions])
    audit.record_all(session, "报送", [_note(it) for it in arrivals], by=by)


def _set_aside(latest: Submission | None) -> None:
    if latest:
        latest.is_latest = False
        if latest.state is ReviewState.PENDING:
            latest.state = ReviewState.SUPERSEDED


def _said_anew(submission: Submission, said: changes.Changes) -> Iterator[verdicts.Place]:
    """The rows of which this version says something else: the office has not judged that yet."""
    for point in said.progress:
        yield submission.unit_code, Sheet.PROGRESS.name, point.work_point_code
    for rule in said.findings:
        yield submission.unit_code, Sheet.SELF_ASSESSMENT.name, rule.rule_code


def _updates(compared: Comparison) -> list[entries.Update]:
    stood = {row.number: row for row in compared.expected.problems}
    return [(stood[row.number], row) for row in compared.changes.problems_updated]


def _note(it: Arrival) -> audit.Note:
    submission = it.submission
    return audit.Note(
        f"{it.case.unit.name} {it.case.round_.name} 第{submission.version}版",
        remark=submission.file_name,
        after=it.compared.changes.counts() | {"sha256": submission.file_sha256},
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


def _new_version(
    case: Case, compared: Comparison, file_name: str, digest: str, *, by: User, now: datetime
) -> Submission:
    assert case.round_.id is not None
    return Submission(
        round_id=case.round_.id,
        unit_code=case.unit.code,
        version=case.version + 1,
        criteria_revision_id=case.round_.criteria_revision_id,
        submitted_at=now,
        submitted_by=by.username,
        is_late=now > case.round_.due_at,
        file_name=file_name,
        file_sha256=digest,
        changes=json.dumps(compared.changes.counts()),
        undo=withdrawals.write_undo(_undo(case, compared)),
    )


def _undo(case: Case, compared: Comparison) -> withdrawals.Undo:
    expected, latest = compared.expected, case.latest
    points = {row.work_point_code for row in compared.changes.progress}
    updated = compared.changes.problems_updated
    numbers = {row.number for row in updated}
    return withdrawals.Undo(
        previous_id=latest.id if latest else None,
        previous_state=latest.state if latest else None,
        progress=tuple(row for row in expected.progress if row.work_point_code in points),
        problems=tuple(row for row in expected.problems if row.number in numbers),
        problems_after=updated,
    )
