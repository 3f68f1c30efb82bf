"""待办 of those who look over the whole district: what to coordinate, and who cannot come in."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlmodel import Session, col

from daxing_safety import prefill
from daxing_safety.models import Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.reports import coordination
from daxing_safety.reports.todo.items import Item, Kind, Link
from daxing_safety.vocabulary import Role
from daxing_safety.wording import listing

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
