"""单位与账号: who is who, for the office and the administrators; and who one is oneself."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from sqlmodel import Session, col, func, select

from daxing_safety.actions import preferences, security_rules
from daxing_safety.models import AuditEvent, LoginSession, Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import GROUP_OF, Role
from daxing_safety.wording import day

if TYPE_CHECKING:
    import pandas as pd

WARNED_BEFORE = timedelta(days=7)  # that a password or an account ends


class AccountState(Enum):
    NONE = "未开通"
    DISABLED = "已停用"
    OVER = "已到期"
    NEW = "待首次登录"
    USABLE = "正常"


@dataclass(frozen=True)
class Badge:
    """What the frame around every page shows of its viewer."""

    name: str
    unit: str
    is_demo: bool
    notice: str  # what of the account ends soon


def badge(session: Session, *, viewer: User, today: date) -> Badge:
    unit = session.get(Unit, viewer.unit_code) if viewer.unit_code else None
    return Badge(
        name=viewer.display_name,
        unit=unit.name if unit else "",
        is_demo=preferences.is_demo(session),
        notice=_notice(viewer, security_rules.in_force(session).last_day_of(viewer), today),
    )


def _notice(viewer: User, password_until: date | None, today: date) -> str:
    soon = today + WARNED_BEFORE
    if viewer.valid_until and viewer.valid_until <= soon:
        return f"账号有效期到{day(viewer.valid_until)}为止"
    if password_until and password_until <= soon:
        return f"密码{day(password_until)}后须更换"
    return ""


def units(session: Session, *, viewer: User, today: date) -> "pd.DataFrame":
    """A row a unit, in the plan's order: who fills in for it and whether they can come in."""
    import pandas as pd  # only where a frame is made

    require(viewer, Permission.SEE_ACCOUNTS)
    clerks = clerks_of_units(session)
    return pd.DataFrame(
        {
            "unit_code": unit.code,
            "unit": unit.name,
            "group": GROUP_OF[unit.kind].value,
            "clerks": "、".join(clerk.display_name for clerk in clerks[unit.code]),
            "phones": "、".join(clerk.phone for clerk in clerks[unit.code] if clerk.phone),
            "state": _state_of(clerks[unit.code], today).value,
        }
        for unit in session.exec(select(Unit).order_by(col(Unit.position)))
    )


def clerks_of_units(session: Session) -> defaultdict[str, list[User]]:
    """By the unit's code."""
    clerks: defaultdict[str, list[User]] = defaultdict(list)
    for user in session.exec(select(User).order_by(col(User.username))):
        if user.unit_code and user.role is Role.UNIT:
            clerks[user.unit_code].append(user)
    return clerks


# The last of an account's sign-ins in the log, by which it is found quickly.
LAST_SIGN_IN = (
    select(AuditEvent.at)
    .where(col(AuditEvent.subject) == col(User.username), AuditEvent.action == "登录")
    .order_by(col(AuditEvent.id).desc())
    .limit(1)
    .correlate(User)
    .scalar_subquery()
)


def accounts(session: Session, *, viewer: User, clock: datetime, today: date) -> "pd.DataFrame":
    """A row an account, with when it was last used and what is to be looked at.

    Sign-ins go by the clock, what is in the log by the business day.
    """
    import pandas as pd  # only where a frame is made

    require(viewer, Permission.SEE_ACCOUNTS)
    rules = security_rules.in_force(session)
    seen = (
        select(LoginSession.user_id, func.max(LoginSession.seen_at).label("seen_at"))
        .group_by(col(LoginSession.user_id))
        .subquery()
    )
    rows = session.exec(
        select(User, Unit.name, seen.c.seen_at, LAST_SIGN_IN)
        .select_from(User)
        .outerjoin(Unit)
        .outerjoin(seen, seen.c.user_id == User.id)
        .order_by(col(User.role), col(Unit.position), col(User.username))
    )
    return pd.DataFrame(
        {
            "username": user.username,
            "display_name": user.display_name,
            "role": user.role.value,
            "unit": unit or "",
            "phone": user.phone,
            "state": _state_of([user], clock.date()).value,
            "valid_until": user.valid_until,
            "seen_at": seen_at or signed_in_at,
            "remark": _remark(user, seen_at or signed_in_at, today, rules.unused_days),
        }
        for user, unit, seen_at, signed_in_at in rows
    )


def _remark(user: User, used_at: datetime | None, today: date, most: int) -> str:
    """That an account which could be used is not: who does not need it should not have it."""
    unused = (today - (used_at or user.created_at).date()).days
    if user.is_disabled or unused < most:
        return ""
    return f"{unused} 天没有登录" if used_at else f"开通 {unused} 天没有登录过"


def _state_of(users: Sequence[User], today: date) -> AccountState:
    """Of those who share a unit, the one best able to work counts."""
    if not users:
        return AccountState.NONE
    usable = [user for user in users if not user.is_disabled]
    if not usable:
        return AccountState.DISABLED
    lasting = [user for user in usable if not user.valid_until or user.valid_until >= today]
    if not lasting:
        return AccountState.OVER
    if all(user.must_change_password for user in lasting):
        return AccountState.NEW
    return AccountState.USABLE
