"""单位与账号: who is who, for the office and the administrators; and who one is oneself."""

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from sqlmodel import Session, col, func, select

from daxing_safety.actions import preferences
from daxing_safety.models import LoginSession, Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import GROUP_OF, Role

if TYPE_CHECKING:
    import pandas as pd


class AccountState(Enum):
    NONE = "未开通"
    DISABLED = "已停用"
    NEW = "待首次登录"
    USABLE = "正常"


@dataclass(frozen=True)
class Badge:
    """What the frame around every page shows of its viewer."""

    name: str
    unit: str
    is_demo: bool


def badge(session: Session, *, viewer: User) -> Badge:
    unit = session.get(Unit, viewer.unit_code) if viewer.unit_code else None
    return Badge(
        name=viewer.display_name,
        unit=unit.name if unit else "",
        is_demo=preferences.is_demo(session),
    )


def units(session: Session, *, viewer: User) -> "pd.DataFrame":
    """A row a unit, in the plan's order: who fills in for it and whether they can come in."""
    import pandas as pd  # only where a frame is made

    require(viewer, Permission.SEE_ACCOUNTS)
    clerks: dict[str, list[User]] = defaultdict(list)
    for user in session.exec(select(User).order_by(col(User.username))):
        if user.unit_code and user.role is Role.UNIT:
            clerks[user.unit_code].append(user)
    return pd.DataFrame(
        {
            "unit_code": unit.code,
            "unit": unit.name,
            "group": GROUP_OF[unit.kind].value,
            "clerks": "、".join(clerk.display_name for clerk in clerks[unit.code]),
            "phones": "、".join(clerk.phone for clerk in clerks[unit.code] if clerk.phone),
            "state": _state_of(clerks[unit.code]).value,
        }
        for unit in session.exec(select(Unit).order_by(col(Unit.position)))
    )


def accounts(session: Session, *, viewer: User) -> "pd.DataFrame":
    """A row an account, with when it was last used while a sign-in of it still stands."""
    import pandas as pd  # only where a frame is made

    require(viewer, Permission.SEE_ACCOUNTS)
    seen = (
        select(LoginSession.user_id, func.max(LoginSession.seen_at).label("seen_at"))
        .group_by(col(LoginSession.user_id))
        .subquery()
    )
    rows = session.exec(
        select(User, Unit.name, seen.c.seen_at)
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
            "state": _state_of([user]).value,
            "seen_at": seen_at,
        }
        for user, unit, seen_at in rows
    )


def state_of(session: Session, *, username: str, viewer: User) -> AccountState:
    require(viewer, Permission.SEE_ACCOUNTS)
    return _state_of(list(session.exec(select(User).where(User.username == username))))


def _state_of(users: list[User]) -> AccountState:
    """Of those who share a unit, the one best able to work counts."""
    if not users:
        return AccountState.NONE
    usable = [user for user in users if not user.is_disabled]
    if not usable:
        return AccountState.DISABLED
    if all(user.must_change_password for user in usable):
        return AccountState.NEW
    return AccountState.USABLE
