"""举一反三: a confirmed problem, put to the units that answer for the same rule, and their answers.

A check that was withdrawn before anybody answered stays, with nobody asked.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlmodel import Session, col, exists, select

from daxing_safety import ledger
from daxing_safety.actions import audit, rectifying
from daxing_safety.actions.moves import require_words
from daxing_safety.errors import BadInput, Conflict, NotFound
from daxing_safety.models import (
    PairState,
    PeerAnswer,
    PeerCheck,
    Problem,
    Submission,
    Unit,
    User,
)
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import VOID_STATUSES, RectificationStatus, ReviewState
from daxing_safety.working_days import TimeLimit

TIME_TO_ANSWER = TimeLimit(5, in_working_days=True)  # our suggestion, not an official one


@dataclass(frozen=True, slots=True)
class SameProblem:
    """What a peer has found at itself, as its own problem will say."""

    site: str
    description: str
    count: int
    target: str
    measure: str
    responsible: str
    due_on: date


# ---- the office's side ----------------------------------------------------------------------


def is_confirmed(session: Session, problem: Problem) -> bool:
    """Whether others than its unit stand for it.

    Found by others; or reported by the unit itself and since accepted with a workbook, or closed.
    """
    if problem.status in VOID_STATUSES:
        return False
    if not problem.is_self_reported or problem.status is RectificationStatus.CLOSED:
        return True
    if problem.submission_id is None:
        return False
    accepted = exists().where(
        col(Submission.unit_code) == problem.unit_code,
        col(Submission.id) >= problem.submission_id,  # it stands in every later one, too
        col(Submission.state) == ReviewState.ACCEPTED,
    )
    return bool(session.scalar(select(accepted)))


def peers(session: Session, problem: Problem) -> list[Unit]:
    """Who else answers for the problem's rule and has not been asked about it yet."""
    asked = (
        select(PeerAnswer.unit_code)
        .join(PeerCheck, col(PeerCheck.id) == col(PeerAnswer.check_id))
        .where(col(PeerCheck.problem_number) == problem.number)
    )
    query = (
        select(Unit)
        .join(PairState, col(PairState.unit_code) == col(Unit.code))
        .where(
            col(PairState.rule_code) == problem.rule_code,
            col(Unit.code) != problem.unit_code,
            col(Unit.code).not_in(asked),
        )
        .order_by(col(Unit.position))
    )
    return list(session.scalars(query))


def send(
    session: Session,
    *,
    problem: Problem,
    question: str,
    by: User,
    now: datetime,
    units: Collection[str] | None = None,
    due_on: date | None = None,
) -> PeerCheck:
    """To all peers that have not been asked yet, or to those of them whose codes are given."""
    require(by, Permission.MANAGE_PROBLEMS)
    question = require_words(question, "请各单位核查什么")
    chosen = _chosen(session, problem, units)
    due_on = due_on or TIME_TO_ANSWER.from_day(now.date())
    if due_on < now.date():
        raise BadInput(f"答复时限 {due_on} 已经过去，请改为今天或以后的日期。")
    assert problem.rule_code is not None
    check = PeerCheck(
        problem_number=problem.number,
        rule_code=problem.rule_code,
        question=question,
        due_on=due_on,
        sent_at=now,
        sent_by=by.username,
    )
    session.add(check)
    session.flush()
    session.add_all(PeerAnswer(check_id=check.id or 0, unit_code=unit.code) for unit in chosen)
    ledger.raise_data_version(session)
    after = {"check": check.id, "units": [unit.name for unit in chosen], "due_on": due_on}
    audit.record(session, "发出举一反三", problem.number, by=by, remark=question, after=after)
    return check


def _chosen(session: Session, problem: Problem, units: Collection[str] | None) -> list[Unit]:
    session.refresh(problem)
    if problem.rule_code is None:
        raise BadInput(f"{problem.number} 还没有对应的条款，请先更正，再发举一反三。")
    if not is_confirmed(session, problem):
        raise Conflict(
            f"{problem.number} 还没有得到确认（{problem.status.value}）：他人查出的问题，"
            "或自查上报后已审核通过、已销号的问题，才发举一反三。"
        )
    found = [unit for unit in peers(session, problem) if units is None or unit.code in units]
    if not found or (units is not None and len(found) < len(set(units))):
        raise BadInput(
            f"只能发给也负责条款 {problem.rule_code}、还没有收到过的单位，请重新选择单位。"
        )
    return found


def withdraw(session: Session, *, check: PeerCheck, reason: str, by: User) -> None:
    """Who has not answered need not any more; what was answered stays, and so do its problems."""
    require(by, Permission.MANAGE_PROBLEMS)
    reason = require_words(reason, "撤回的原因")
    waiting = session.scalars(
        select(PeerAnswer).where(
            col(PeerAnswer.check_id) == check.id, col(PeerAnswer.has_same).is_(None)
        )
    ).all()
    if not waiting:
        raise Conflict("这项举一反三没有等待答复的单位，不用撤回。")
    for line in waiting:
        session.delete(line)
    ledger.raise_data_version(session)
    before = {"check": check.id, "units": [line.unit_code for line in waiting]}
    audit.record(session, "撤回举一反三", check.problem_number, by=by, remark=reason, before=before)


# ---- a peer's side ---------------------------------------------------------------------------
# An answer may be given anew, until it has opened a problem that stands. `answered_at` stays the
# first answer's, as that was in time or late; the log has every wording.


def answer_no(session: Session, *, check: PeerCheck, checked: str, by: User, now: datetime) -> None:
    """没有: what was looked at has to be said."""
    line = _own_line(session, check, by)
    checked = require_words(checked, "核查了哪些点位、怎么查的")
    _keep(session, line, check, checked, None, by, now)


def answer_yes(
    session: Session, *, check: PeerCheck, found: SameProblem, by: User, now: datetime
) -> Problem:
    """有: it becomes a problem that the peer has reported itself."""
    line = _own_line(session, check, by)
    problem = rectifying.report(
        session,
        unit=session.get_one(Unit, line.unit_code),
        rule_code=check.rule_code,
        **asdict(found),
        by=by,
        now=now,
    )
    _keep(session, line, check, "", problem, by, now)
    return problem


def _own_line(session: Session, check: PeerCheck, by: User) -> PeerAnswer:
    require(by, Permission.RECTIFY)
    line = session.get(PeerAnswer, (check.id, by.unit_code), populate_existing=True)
    if line is None:
        raise NotFound("没有发给本单位的这项举一反三，或者创安办已经撤回。")
    standing = select(Problem.number).where(
        col(Problem.number) == line.problem_number, col(Problem.status).not_in(VOID_STATUSES)
    )
    if line.problem_number and (number := session.scalar(standing)):
        raise Conflict(
            f"本单位已答复“有”，并登记了问题 {number}；如有出入，请在该问题上申请误报认定。"
        )
    return line


def _keep(
    session: Session,
    line: PeerAnswer,
    check: PeerCheck,
    checked: str,
    problem: Problem | None,
    by: User,
    now: datetime,
) -> None:
    is_first = line.has_same is None
    before = None if is_first else {"has_same": line.has_same, "remark": line.remark}
    line.has_same, line.remark = problem is not None, checked
    line.problem_number = problem.number if problem else None
    line.answered_at, line.answered_by = line.answered_at or now, by.username
    session.add(line)
    ledger.raise_data_version(session)
    after = {"check": check.id, "has_same": line.has_same, "problem": line.problem_number}
    action = "答复举一反三" if is_first else "更正举一反三答复"
    audit.record(
        session, action, check.problem_number, by=by, remark=checked, before=before, after=after
    )
