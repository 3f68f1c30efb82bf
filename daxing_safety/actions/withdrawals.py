"""撤回: the last version of a unit's workbook is taken back, and all it changed with it.

Refused when something was built on it since. The submission itself, its rows and its file stay.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter
from sqlalchemy import case, delete, exists, func, select, update
from sqlmodel import Session, col

from daxing_safety import ledger, prefill
from daxing_safety.actions import audit, entries
from daxing_safety.errors import Conflict
from daxing_safety.models import (
    EvidenceUse,
    Problem,
    ProblemEvent,
    ProblemRequest,
    ProgressEntry,
    Round,
    Submission,
    Unit,
    User,
    WorkPointDuty,
)
from daxing_safety.permissions import require_unit
from daxing_safety.vocabulary import EvidenceOf, Move, ReviewState, RoundState
from daxing_safety.workbooks.content import ProblemRow, ProgressRow


@dataclass(frozen=True)
class Undo:
    """How things stood before a version: kept with it as JSON."""

    previous_id: int | None
    previous_state: ReviewState | None
    progress: tuple[ProgressRow, ...]
    problems: tuple[ProblemRow, ...]
    problems_after: tuple[ProblemRow, ...]  # what somebody may have built on since


def write_undo(undo: Undo) -> str:
    return _json().dump_json(undo).decode()


@cache
def _json() -> TypeAdapter[Undo]:
    return TypeAdapter(Undo)


def take_back(session: Session, *, submission: Submission, by: User, now: datetime) -> None:
    """Puts everything back to how it stood before this version. Raises Conflict with the reason."""
    require_unit(by, submission.unit_code)
    session.refresh(submission)
    unit = session.get_one(Unit, submission.unit_code)
    round_ = session.get_one(Round, submission.round_id)
    undo = _json().validate_json(submission.undo)
    _require_last_word(submission, round_)
    _require_untouched(session, submission, unit, round_, undo)
    _forget_requests(session, submission)
    session.execute(delete(Problem).where(col(Problem.submission_id) == submission.id))
    entries.update_progress(session, [(unit.code, row) for row in undo.progress])
    before = {row.number: row for row in undo.problems}
    updates = [(row, before[row.number]) for row in undo.problems_after]
    entries.restore_problems(session, updates, now, by.username)
    submission.is_latest, submission.state = False, ReviewState.TAKEN_BACK
    submission.reviewed_at, submission.reviewed_by = now, by.username
    session.add(submission)
    session.flush()
    _reinstate(session, undo)
    _accept_again(session, unit, undo.progress)
    ledger.refresh(session, {unit.code})
    title = f"{unit.name} {round_.name} 第{submission.version}版"
    audit.record(session, "撤回报送", title, by=by)


def _forget_requests(session: Session, submission: Submission) -> None:
    """What the version asked for and nobody has answered yet."""
    session.execute(
        delete(ProblemRequest).where(
            col(ProblemRequest.submission_id) == submission.id,
            col(ProblemRequest.is_granted).is_(None),
        )
    )


def _reinstate(session: Session, undo: Undo) -> None:
    if undo.previous_id is not None and undo.previous_state is not None:
        previous = session.get_one(Submission, undo.previous_id)
        previous.is_latest, previous.state = True, undo.previous_state
        session.add(previous)


def _accept_again(session: Session, unit: Unit, rows: Collection[ProgressRow]) -> None:
    """Rows that stand again as the office had accepted them are accepted."""
    accepted = (
        select(ProgressEntry)
        .join(Submission, col(Submission.id) == col(ProgressEntry.submission_id))
        .where(
            col(Submission.unit_code) == unit.code, col(Submission.state) == ReviewState.ACCEPTED
        )
        .order_by(col(Submission.id))  # the newest overwrites
    )
    held = {entry.work_point_code: entry for entry in session.scalars(accepted)}
    again = [row.work_point_code for row in rows if _says_the_same(row, held)]
    session.execute(
        update(WorkPointDuty)
        .where(
            col(WorkPointDuty.unit_code) == unit.code,
            col(WorkPointDuty.work_point_code).in_(again),
        )
        .values(is_accepted=True)
    )


def _says_the_same(row: ProgressRow, held: Mapping[str, ProgressEntry]) -> bool:
    entry = held.get(row.work_point_code)
    said = (row.status, row.percent or 0, row.done_on, row.remark, row.evidence)
    return entry is not None and said == (
        *(entry.status, entry.percent, entry.done_on),
        *(entry.remark, entry.evidence),
    )


def _require_last_word(submission: Submission, round_: Round) -> None:
    if round_.state is RoundState.FROZEN:
        raise Conflict(f"“{round_.name}”已封存，其中的报送不能撤回。")
    if not submission.is_latest:
        raise Conflict("这一版之后又有新的报送，只能撤回最近的一版。")
    if submission.state is not ReviewState.PENDING:
        raise Conflict(f"这一版{submission.state.value}，不能撤回。如需更正，请重新报送新的一版。")


def _require_untouched(
    session: Session, submission: Submission, unit: Unit, round_: Round, undo: Undo
) -> None:
    stand_now = set(prefill.content(session, round_, unit).problems)
    moved = [row.number for row in undo.problems_after if row not in stand_now]
    moved += _moved_since(session, {row.number for row in undo.problems_after})
    opened = select(Problem).where(col(Problem.submission_id) == submission.id)
    moved += [p.number for p in session.scalars(opened) if p.revision > 1]
    moved += session.scalars(
        select(col(Problem.number)).where(
            col(Problem.submission_id) == submission.id,
            exists().where(
                col(EvidenceUse.subject) == EvidenceOf.PROBLEM,
                col(EvidenceUse.code) == col(Problem.number),
            ),
        )
    )
    if moved:
        named = "、".join(sorted(set(moved))[:5])
        raise Conflict(f"{named} 在这次报送之后又有了处理或佐证材料，这一版不能撤回。")


def _moved_since(session: Session, reported: Collection[str]) -> Sequence[str]:
    """Whose timeline goes on after the version's own entry: a 复查, a step, something asked for."""
    event = ProblemEvent
    last_report = func.max(case((col(event.move) == Move.REPORT, col(event.id))))
    return session.scalars(
        select(col(event.problem_number))
        .where(col(event.problem_number).in_(reported))
        .group_by(col(event.problem_number))
        .having(func.max(event.id) > last_report)
    ).all()
