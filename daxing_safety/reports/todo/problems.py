"""待办 of office and leader about problems: losses unattended, what waits, what is late."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session, col

from daxing_safety.models import DueCount, Problem, ProblemRequest, Unit, User
from daxing_safety.reports import scoped
from daxing_safety.reports.problems import worth
from daxing_safety.reports.problems.filters import Due, Filters, Only, Sort
from daxing_safety.reports.problems.worth import Worth
from daxing_safety.reports.todo.items import Item, Kind, Urgency, days_since
from daxing_safety.reports.todo.rectification import in_words, to_problem, to_problems
from daxing_safety.vocabulary import OPEN_STATUSES, RectificationStatus, Severity
from daxing_safety.wording import day, day_of_year, gist, listing, points

MOST_NAMED = 8
WITH_UNIT = (
    select(Problem, col(Unit.name))
    .join(Unit, col(Unit.code) == col(Problem.unit_code))
    .order_by(col(Problem.id))
)


# ---- 失分必整改 --------------------------------------------------------------------------------


class _Unplanned(NamedTuple):
    number: str
    unit: str
    site: str
    found_on: date
    worth: Worth


def losses_unattended(session: Session, viewer: User, now: datetime) -> list[Item]:
    """Open problems that cost points, without a measure or a deadline."""
    found = _unplanned(session, viewer)
    if not found:
        return []
    lost = sum((each.worth.cost for each in found), Decimal(0))
    worst = max(found, key=lambda each: each.worth.cost)
    first = min(each.found_on for each in found)
    return [
        Item(
            Kind.LOSSES_UNATTENDED,
            f"{len(found)} 个问题正在失分，却没有整改措施或时限，共失 {points(lost)} 分",
            to_problems(Filters(only=(Only.UNPLANNED,), sort=Sort.COST)),
            f"失得最多的是{worst.unit}的 {worst.number}“{gist(worst.site, 14)}”，"
            f"{worst.worth.cost_in_words} 分；最早的{day(first)}发现。"
            f"{by_unit(Counter(each.unit for each in found), '个')}。"
            "请交办，或督促责任单位补齐整改措施和时限。",
            since=first,
        )
    ]


def _unplanned(session: Session, viewer: User) -> list[_Unplanned]:
    query = (
        worth.joined(
            select(
                col(Problem.number),
                col(Unit.name),
                col(Problem.site),
                col(Problem.found_on),
                col(Problem.count),
                *worth.COLUMNS,
            ).join(Unit, col(Unit.code) == col(Problem.unit_code))
        )
        .where(worth.UNPLANNED)
        .order_by(col(Problem.id))
    )
    return [
        _Unplanned(number, unit, site, found_on, worth.read(*of))
        for number, unit, site, found_on, *of in session.execute(
            scoped(query, viewer, Problem.unit_code)
        )
    ]


def by_unit(counts: Counter[str], counter: str) -> str:
    """黄村镇 3 个、礼贤镇 1 个"""
    named = [f"{name} {number} {counter}" for name, number in counts.most_common()]
    return listing(named, most=MOST_NAMED)


# ---- what waits for the office ------------------------------------------------------------------


def to_assign(session: Session, viewer: User, now: datetime) -> list[Item]:
    """待交办: registered, and its unit not told yet."""
    query = WITH_UNIT.where(col(Problem.status) == RectificationStatus.UNASSIGNED)
    found = session.execute(scoped(query, viewer, Problem.unit_code)).all()
    if not found:
        return []
    first = found[0][0].opened_at
    return [
        Item(
            Kind.PROBLEMS_TO_ASSIGN,
            f"{len(found)} 个问题登记后还没有交办，最早的已等 {days_since(first, now)}",
            to_problems(Filters(status=(RectificationStatus.UNASSIGNED,))),
            by_unit(Counter(unit for _, unit in found), "个"),
            since=first.date(),
        )
    ]


def claims_waiting(session: Session, viewer: User, now: datetime) -> list[Item]:
    query = WITH_UNIT.where(col(Problem.status) == RectificationStatus.CLAIMED_FIXED)
    found = session.execute(scoped(query, viewer, Problem.unit_code)).all()
    if not found:
        return []
    claimed_at, number, unit = min((p.claimed_at or now, p.number, unit) for p, unit in found)
    return [
        Item(
            Kind.CLAIMS,
            f"{len(found)} 个问题申请销号，最早的是{unit}的 {number}，"
            f"已等 {days_since(claimed_at, now)}",
            to_problems(Filters(status=(RectificationStatus.CLAIMED_FIXED,))),
            by_unit(Counter(unit for _, unit in found), "个"),
            since=claimed_at.date(),
        )
    ]


def requests_waiting(session: Session, viewer: User, now: datetime) -> list[Item]:
    """延期 and 误报认定 that units have asked for."""
    query = (
        select(ProblemRequest, col(Unit.name))
        .join(Problem, col(Problem.number) == col(ProblemRequest.problem_number))
        .join(Unit, col(Unit.code) == col(Problem.unit_code))
        .where(col(ProblemRequest.is_granted).is_(None))
        .order_by(col(ProblemRequest.asked_at), col(ProblemRequest.id))
    )
    found = session.execute(scoped(query, viewer, Problem.unit_code)).all()
    if not found:
        return []
    first, unit = found[0]
    kinds = Counter(request.kind.value for request, _ in found)
    return [
        Item(
            Kind.REQUESTS,
            f"{len(found)} 项申请等待答复（{'、'.join(f'{k} {n} 项' for k, n in kinds.items())}），"
            f"最早的是{unit}的 {first.problem_number}，已等 {days_since(first.asked_at, now)}",
            to_problems(Filters(only=(Only.REQUESTED,))),
            by_unit(Counter(unit for _, unit in found), "项"),
            since=first.asked_at.date(),
        )
    ]


# ---- what is late, and what leaders watch -------------------------------------------------------


def overdue(session: Session, viewer: User, now: datetime) -> list[Item]:
    """From the kept sums, as 总览 counts it."""
    query = (
        select(col(Unit.name), func.sum(DueCount.problems), func.min(DueCount.due_on))
        .join(Unit, col(Unit.code) == col(DueCount.unit_code))
        .where(col(DueCount.due_on) < now.date())
        .group_by(col(Unit.name), col(Unit.position))
        .order_by(col(Unit.position))
    )
    found = session.execute(scoped(query, viewer, DueCount.unit_code)).all()
    if not found:
        return []
    counts = Counter({unit: number for unit, number, _ in found})
    first = min(due_on for *_, due_on in found)
    return [
        Item(
            Kind.PROBLEMS_OVERDUE,
            f"{len(found)} 家单位的 {counts.total()} 个问题已过整改时限",
            to_problems(Filters(due=Due.OVERDUE)),
            f"{by_unit(counts, '个')}。最早的{day(first)}到期。",
            due_on=first,
            urgency=Urgency.OVERDUE,
        )
    ]


def listed(session: Session, viewer: User, now: datetime) -> list[Item]:
    """重大挂牌 that are open, in one line; those past their time limit have a line each."""
    found = _listed(session, viewer)
    if not found:
        return []
    return [
        Item(
            Kind.LISTED,
            f"{len(found)} 个重大挂牌问题正在督办：{listing(_places(found))}",
            to_problems(Filters(severity=(Severity.LISTED,), status=OPEN_STATUSES)),
            "；".join(f"{p.number} {unit}：{_by_when(p)}" for p, unit in found[:MOST_NAMED]),
            due_on=min((p.due_on for p, _ in found if p.due_on), default=None),
        )
    ]


def _places(found: Sequence[tuple[Problem, str]]) -> list[str]:
    return [f"{unit}“{gist(problem.site, 14)}”" for problem, unit in found]


def _by_when(problem: Problem) -> str:
    when = f"{day_of_year(problem.due_on)}到期" if problem.due_on else "没有时限"
    return f"{problem.status.value}，{when}"


def listed_overdue(session: Session, viewer: User, now: datetime) -> list[Item]:
    """重大挂牌 problems past their time limit, a line each."""
    return [
        Item(
            Kind.LISTED_OVERDUE,
            f"重大挂牌问题逾期：{unit}，{in_words(problem)}",
            to_problem(problem.number),
            f"{gist(problem.description, 40)}。整改时限{day_of_year(problem.due_on)}，"
            f"现在{problem.status.value}。",
            unit,
            due_on=problem.due_on,
            urgency=Urgency.OVERDUE,
        )
        for problem, unit in _listed(session, viewer)
        if problem.due_on and problem.due_on < now.date()
    ]


def _listed(session: Session, viewer: User) -> Sequence[tuple[Problem, str]]:
    query = WITH_UNIT.where(
        col(Problem.status).in_(OPEN_STATUSES), col(Problem.severity) == Severity.LISTED
    )
    return session.execute(scoped(query, viewer, Problem.unit_code)).all()
