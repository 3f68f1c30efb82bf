"""单位与账号: who is who, for the office and the administrators; and who one is oneself."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session, col, func, select

from daxing_safety.models import LoginSession, Preference, Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import GROUP_OF

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Badge:
    """What the frame around every page shows of its viewer."""

    name: str
    unit: str
    is_demo: bool


def badge(session: Session, *, viewer: User) -> Badge:
    unit = session.get(Unit, viewer.unit_code) if viewer.unit_code else None
    marked = session.get(Preference, "is_demo")
    return Badge(
        name=viewer.display_name,
        unit=unit.name if unit else "",
        is_demo=marked is not None and marked.value == "1",
    )


def units(session: Session, *, viewer: User) -> "pd.DataFrame":
    """A row a unit, in the plan's order: who fills in for it and whether they can come in."""
    import pandas as pd  # only where a table is drawn

    require(viewer, Permission.SEE_ACCOUNTS)
    clerks: dict[str, list[User]] = {}
    for clerk in session.exec(
        select(User).where(col(User.unit_code).is_not(None)).order_by(User.username)
    ):
        clerks.setdefault(clerk.unit_code or "", []).append(clerk)
    return pd.DataFrame(
        [
            {
                "编号": unit.code,
                "单位": unit.name,
                "分组": GROUP_OF[unit.kind].value,
                "类别": unit.kind.value,
                "联系人": "、".join(clerk.display_name for clerk in clerks.get(unit.code, ())),
                "电话": "、".join(c.phone for c in clerks.get(unit.code, ()) if c.phone),
                "账号状态": _state_of(clerks.get(unit.code, [])),
            }
            for unit in session.exec(select(Unit).order_by(col(Unit.position)))
        ]
    )


def _state_of(clerks: list[User]) -> str:
    if not clerks:
        return "未开通"
    if all(clerk.is_disabled for clerk in clerks):
        return "已停用"
    if all(clerk.must_change_password for clerk in clerks if not clerk.is_disabled):
        return "待首次登录"
    return "正常"


def accounts(session: Session, *, viewer: User) -> "pd.DataFrame":
    """A row an account, with when it was last seen."""
    import pandas as pd  # only where a table is drawn

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
        .order_by(col(User.role), col(User.username))
    )
    return pd.DataFrame(
        [
            {
                "用户名": user.username,
                "姓名": user.display_name,
                "角色": user.role.value,
                "单位": unit_name or "",
                "状态": _state_of([user]),
                "最近使用": seen_at,
                "建立时间": user.created_at,
            }
            for user, unit_name, seen_at in rows
        ]
    )
