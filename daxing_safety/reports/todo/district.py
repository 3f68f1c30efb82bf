"""待办 of those who look over the whole district: what to coordinate, and who cannot come in."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlmodel import Session, col

from daxing_safety import prefill
from daxing_safety.models import Problem, Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.reports import coordination, scoped
from daxing_safety.reports.todo.items import Item, Kind, Link, Urgency
from daxing_safety.vocabulary import RectificationStatus, Role, Severity
from daxing_safety.wording import day_of_year, gist, listing

TO_OVERVIEW = Link("overview", "看总览", {})


def matters(session: Session, viewer: User, now: datetime) -> list[Item]:
    """需要协调的事, of which 总览 has the whole text."""
    found = coordination.matters(session, viewer=viewer, today=now.date())
    if not found:
        return []
    named = "、".join(matter.heading for matter in found)
    return [
        Item(
            Kind.MATTERS,
            f"{len(found)} 件事需要协调：{named}",
            TO_OVERVIEW,
            f"{found[0].heading}：{found[0].text}",
        )
    ]


def listed_overdue(session: Session, viewer: User, now: datetime) -> list[Item]:
    """重大挂牌 problems past their time limit, a line each."""
    query = (
        select(Problem, col(Unit.name))
        .join(Unit, col(Unit.code) == col(Problem.unit_code))
        .where(
            col(Problem.status) != RectificationStatus.CLOSED,
            col(Problem.due_on) < now.date(),
            col(Problem.severity) == Severity.LISTED,
        )
        .order_by(col(Problem.due_on), col(Problem.id))
    )
    return [
        Item(
            Kind.LISTED_OVERDUE,
            f"重大挂牌问题 {problem.number} 逾期：{unit}，{gist(problem.site, 20)}",
            TO_OVERVIEW,
            f"{gist(problem.description, 40)}。整改时限{day_of_year(problem.due_on)}，"
            f"现在{problem.status.value}。",
            unit,
            due_on=problem.due_on,
            urgency=Urgency.OVERDUE,
        )
        for problem, unit in session.execute(scoped(query, viewer, Problem.unit_code))
    ]


def units_without_account(session: Session, viewer: User, now: datetime) -> list[Item]:
    require(viewer, Permission.SEE_ACCOUNTS)
    usable = exists().where(
        col(User.unit_code) == col(Unit.code),
        col(User.role) == Role.UNIT,
        ~col(User.is_disabled),
    )
    reporting = {unit.code for unit in prefill.reporting_units(session)}
    without = session.scalars(select(Unit).where(~usable).order_by(col(Unit.position)))
    names = [unit.name for unit in without if unit.code in reporting]
    if not names:
        return []
    return [
        Item(
            Kind.ACCOUNTS,
            f"{len(names)} 个责任单位没有可用的填报账号",
            Link("accounts", "看账号", {}),
            listing(names, most=8),
        )
    ]
