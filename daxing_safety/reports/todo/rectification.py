"""待办 of a unit about its problems: what it has been given, what came back, what falls due."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from daxing_safety.models import Problem, ProblemEvent, ProblemRequest, User
from daxing_safety.rectification import UNDER_WAY
from daxing_safety.reports import scoped
from daxing_safety.reports.problems import peer_checks
from daxing_safety.reports.problems.filters import Due, Filters
from daxing_safety.reports.todo.items import (
    NEWS,
    WEEK,
    Item,
    Kind,
    Link,
    PeerQuestion,
    PeerReply,
    Urgency,
    codes,
    urgency,
)
from daxing_safety.vocabulary import Move, RectificationStatus, RequestKind
from daxing_safety.wording import day_of_year, gist

MOST_CHARACTERS = 40
CAME_BACK = {
    Move.SEND_BACK: (Kind.CLAIM_RETURNED, "的销号申请被退回，请继续整改", "退回原因"),
    Move.REOPEN: (Kind.REOPENED, "销号后重新挂账，请重新整改", "原因"),
}


# Statements are made once: making one costs as much as running it, and these run after every write.
IN_WORK = select(Problem).where(col(Problem.status).in_(UNDER_WAY)).order_by(col(Problem.id))
REQUESTS = (
    select(ProblemRequest, Problem)
    .join(Problem, col(Problem.number) == col(ProblemRequest.problem_number))
    .order_by(col(ProblemRequest.answered_at))
)
_later = aliased(ProblemEvent)
RETURNED = (
    select(Problem, col(ProblemEvent.move), col(ProblemEvent.remark))
    .join(ProblemEvent, col(ProblemEvent.problem_number) == col(Problem.number))
    .where(
        col(Problem.status) == RectificationStatus.IN_PROGRESS,
        col(ProblemEvent.move).in_(CAME_BACK),
        ~exists().where(
            col(_later.problem_number) == col(ProblemEvent.problem_number),
            col(_later.id) > col(ProblemEvent.id),
            col(_later.status_before) != col(_later.status_after),
        ),
    )
    .order_by(col(Problem.id))
)


def to_problem(number: str) -> Link:
    return Link("problems", "看问题", {"problem": number})


def to_problems(filters: Filters) -> Link:
    return Link("problems", "看问题", filters.query())


def in_words(problem: Problem) -> str:
    return f"{problem.number}“{gist(problem.site, 14)}，{gist(problem.description, 20)}”"


# ---- what is to be mended -------------------------------------------------------------------


def problems(session: Session, viewer: User, now: datetime) -> list[Item]:
    """A line each for what is new, overdue, due within a week, and not planned yet."""
    found = session.scalars(scoped(IN_WORK, viewer, Problem.unit_code)).all()
    today = now.date()
    dated = sorted((p.due_on, p.number, p) for p in found if p.due_on)
    overdue = [p for due_on, _, p in dated if due_on < today]
    due = [p for due_on, _, p in dated if today <= due_on <= today + WEEK]
    given = [p for p in found if _is_new(p)]
    incomplete = [p for p in found if not (p.measure and p.due_on) and not _is_new(p)]
    return [
        *_given(given, today),
        *_dated(Kind.PROBLEMS_OVERDUE, overdue, "个问题已过整改时限", Due.OVERDUE, today),
        *_dated(Kind.PROBLEMS_DUE, due, "个问题 7 天内到整改时限", Due.WEEK, today),
        *_incomplete(incomplete),
    ]


def _is_new(problem: Problem) -> bool:
    """Found by others, and not begun."""
    return problem.status is RectificationStatus.NOT_STARTED and not problem.is_self_reported


def _given(found: Sequence[Problem], today: date) -> Iterable[Item]:
    if found:
        last = max(found, key=lambda p: (p.assigned_on or p.found_on, p.number))
        due_on = min((p.due_on for p in found if p.due_on), default=None)
        yield Item(
            Kind.PROBLEMS_ASSIGNED,
            f"{len(found)} 个交办的问题还没有开始整改：{_numbers(found)}",
            _to(found, Filters(status=(RectificationStatus.NOT_STARTED,))),
            f"最近交办的是{in_words(last)}。请制定整改措施、明确责任人，按时限整改。",
            due_on=due_on,
            since=min(p.assigned_on or p.found_on for p in found),
            urgency=urgency(due_on, today) if due_on else Urgency.NORMAL,
        )


def _dated(
    kind: Kind, found: Sequence[Problem], what: str, due: Due, today: date
) -> Iterable[Item]:
    """Of problems in the order in which they are due."""
    if found:
        first = found[0]
        assert first.due_on is not None
        yield Item(
            kind,
            f"{len(found)} {what}：{_numbers(found)}",
            _to(found, Filters(status=UNDER_WAY, due=due)),
            f"最早到期的是{in_words(first)}，时限{day_of_year(first.due_on)}。",
            due_on=first.due_on,
            urgency=urgency(first.due_on, today),
        )


def _incomplete(found: Sequence[Problem]) -> Iterable[Item]:
    if found:
        yield Item(
            Kind.PROBLEMS_INCOMPLETE,
            f"{len(found)} 个问题还没有整改措施或时限：{_numbers(found)}",
            _to(found, Filters(status=UNDER_WAY)),
            "请补齐整改目标、措施、责任人和时限。",
        )


def _numbers(found: Sequence[Problem]) -> str:
    return codes([p.number for p in found])


def _to(found: Sequence[Problem], filters: Filters) -> Link:
    """The card of the only one, or the list."""
    return to_problem(found[0].number) if len(found) == 1 else to_problems(filters)


# ---- what came back ---------------------------------------------------------------------------


def claims_returned(session: Session, viewer: User, now: datetime) -> list[Item]:
    """申请销号 that was not accepted, and 销号 that did not last, until the next claim."""
    return [
        _came_back(problem, move, remark, now.date())
        for problem, move, remark in session.execute(scoped(RETURNED, viewer, Problem.unit_code))
    ]


def _came_back(problem: Problem, move: Move, remark: str, today: date) -> Item:
    kind, what, reason = CAME_BACK[move]
    return Item(
        kind,
        f"{in_words(problem)}{what}",
        to_problem(problem.number),
        f"{reason}：{remark}",
        due_on=problem.due_on,
        urgency=urgency(problem.due_on, today) if problem.due_on else Urgency.NORMAL,
    )


def requests_answered(session: Session, viewer: User, now: datetime) -> list[Item]:
    query = REQUESTS.where(col(ProblemRequest.answered_at) >= now - NEWS)
    return [
        Item(
            Kind.REQUEST_ANSWERED,
            f"{in_words(problem)}的{request.kind.value}申请{_answered(request)}",
            to_problem(problem.number),
            f"答复：{request.answer}" if request.answer else "",
            since=request.answered_at.date() if request.answered_at else None,
            is_news=True,
        )
        for request, problem in session.execute(scoped(query, viewer, Problem.unit_code))
    ]


def _answered(request: ProblemRequest) -> str:
    if not request.is_granted:
        return "未获同意"
    if request.kind is RequestKind.EXTENSION and request.due_on:
        return f"已同意，时限延至{day_of_year(request.due_on)}"
    return "已同意，按误报处理"


# ---- 举一反三 -----------------------------------------------------------------------------------


def peer_questions(session: Session, viewer: User, now: datetime) -> list[Item]:
    """What peers' problems it has been asked about; its answers for a while, to be mended."""
    asked = peer_checks.asked_of(session, viewer=viewer, answered_since=now - NEWS)
    return [_question(each, now.date()) for each in asked]


def _question(asked: peer_checks.Asked, today: date) -> Item:
    if asked.answered_on is not None:
        return _reply(asked)
    return Item(
        Kind.PEER_CHECK,
        f"条款 {asked.rule_code}：请核查本单位有没有同样的问题",
        _to_alike(asked),
        asked.question,
        due_on=asked.due_on,
        urgency=urgency(asked.due_on, today),
        case=PeerQuestion(asked.check_id),
    )


def _reply(asked: peer_checks.Asked) -> Item:
    number = asked.problem_number
    said = f"“有”，登记为 {number}" if number else f"“没有”：{gist(asked.remark, MOST_CHARACTERS)}"
    return Item(
        Kind.PEER_CHECK,
        f"条款 {asked.rule_code}：本单位已答复{said}",
        to_problem(number) if number else _to_alike(asked),
        asked.question,
        since=asked.answered_on,
        case=None if number else PeerReply(asked.check_id),
        is_news=True,
    )


def _to_alike(asked: peer_checks.Asked) -> Link:
    return Link("problems", "看同类问题", Filters(rule=(asked.rule_code,)).query())
