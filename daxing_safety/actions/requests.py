"""延期, and the office's answers to what units ask for."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from daxing_safety import ledger
from daxing_safety.actions import voidings
from daxing_safety.actions.moves import (
    begin,
    finish,
    require_words,
    settle,
)
from daxing_safety.errors import BadInput, Conflict
from daxing_safety.models import (
    Problem,
    ProblemRequest,
    User,
)
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import (
    Move,
    RequestKind,
)


def extend(
    session: Session,
    *,
    problem: Problem,
    due_on: date,
    reason: str,
    by: User,
    now: datetime,
    seen: int | None = None,
) -> None:
    """延期: a later deadline; the first one stays visible."""
    _extend(session, problem, due_on, reason, by, now, seen)
    settle(session, [problem])


def extend_all(
    session: Session,
    *,
    problems: list[Problem],
    due_on: date,
    reason: str,
    by: User,
    now: datetime,
) -> None:
    """延期 of many at once, all or none."""
    for problem in problems:
        _extend(session, problem, due_on, reason, by, now)
    settle(session, problems)


def _extend(
    session: Session,
    problem: Problem,
    due_on: date,
    reason: str,
    by: User,
    now: datetime,
    seen: int | None = None,
) -> None:
    begun = begin(session, Move.EXTEND, problem, by=by, now=now, remark=reason, seen=seen)
    require_words(reason, "延期的原因")
    if due_on < now.date() or (problem.due_on and due_on <= problem.due_on):
        raise BadInput(
            f"{problem.number} 延期后的时限请晚于原时限 {problem.due_on}，并且不早于今天。"
        )
    problem.due_on, problem.first_due_on = due_on, problem.first_due_on or due_on
    finish(session, problem, begun)


def grant(
    session: Session, *, request: ProblemRequest, by: User, now: datetime, answer: str = ""
) -> None:
    """同意 what the unit asked for: the later deadline, or 误报."""
    require(by, Permission.MANAGE_PROBLEMS)
    _require_unanswered(session, request)
    problem = _problem_of(session, request)
    if request.kind is RequestKind.EXTENSION:
        assert request.due_on is not None
        extend(
            session, problem=problem, due_on=request.due_on, reason=request.reason, by=by, now=now
        )
    else:
        voidings.dismiss(session, problem=problem, reason=request.reason, by=by, now=now)
    _answer(session, request, answer, by, now, is_granted=True)


def refuse(
    session: Session, *, request: ProblemRequest, reason: str, by: User, now: datetime
) -> None:
    """不同意; the unit reads why."""
    require(by, Permission.MANAGE_PROBLEMS)
    _require_unanswered(session, request)
    problem = _problem_of(session, request)
    remark = f"{request.kind.value}：{reason.strip()}"
    begun = begin(session, Move.REFUSE, problem, by=by, now=now, remark=remark)
    reason = require_words(reason, "不同意的原因，责任单位会看到")
    _answer(session, request, reason, by, now, is_granted=False)
    problem.office_remark = reason
    finish(session, problem, begun)
    ledger.raise_data_version(session)


def _require_unanswered(session: Session, request: ProblemRequest) -> None:
    session.refresh(request)
    if request.is_granted is not None:
        verdict = "同意" if request.is_granted else "不同意"
        raise Conflict(f"这项申请已由 {request.answered_by} 答复“{verdict}”，没有改动。")


def _problem_of(session: Session, request: ProblemRequest) -> Problem:
    query = select(Problem).where(col(Problem.number) == request.problem_number)
    return session.scalars(query).one()


def _answer(
    session: Session,
    request: ProblemRequest,
    answer: str,
    by: User,
    now: datetime,
    *,
    is_granted: bool,
) -> None:
    request.is_granted, request.answer = is_granted, answer.strip()
    request.answered_at, request.answered_by = now, by.username
    session.add(request)
    session.flush()
