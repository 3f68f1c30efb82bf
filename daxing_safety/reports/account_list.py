"""Opening many accounts: what the list to be filled in holds, and what a filled one would do."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlmodel import Session, col, select

from daxing_safety.actions.accounts import NewAccount
from daxing_safety.models import Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.reports.accounts import clerks_of_units
from daxing_safety.workbooks.account_list import Checked, Known, Line, RawList, check

if TYPE_CHECKING:
    import pandas as pd


class Holder(NamedTuple):
    """Whose an account is, as a slip of paper says it: the unit, or for who has none the role."""

    whose: str
    display_name: str
    username: str


def units(session: Session, *, viewer: User) -> tuple[list[str], list[str]]:
    """The names of those that nobody fills in for yet, and of all."""
    require(viewer, Permission.MANAGE_ACCOUNTS)
    clerks = clerks_of_units(session)
    found = session.exec(select(Unit).order_by(col(Unit.position))).all()
    return [each.name for each in found if not clerks[each.code]], [each.name for each in found]


def preview(session: Session, *, viewer: User, raw: RawList, now: datetime) -> Checked:
    require(viewer, Permission.MANAGE_ACCOUNTS)
    names = session.exec(select(Unit.name, Unit.code)).all()
    taken = session.exec(select(User.username)).all()
    return check(raw, Known(dict(names), frozenset(name.casefold() for name in taken), now))


def account(line: Line) -> NewAccount:
    return NewAccount(
        username=line.username,
        display_name=line.display_name,
        role=line.role,
        unit_code=line.unit_code,
        phone=line.phone,
        valid_until=line.valid_until,
    )


def holder(line: Line) -> Holder:
    return Holder(line.unit or line.role.value, line.display_name or line.username, line.username)


def holders(session: Session, *, viewer: User, usernames: Collection[str]) -> list[Holder]:
    require(viewer, Permission.MANAGE_ACCOUNTS)
    query = select(User, Unit.name).outerjoin(Unit).where(col(User.username).in_(usernames))
    rows = session.exec(query.order_by(col(Unit.position), col(User.username)))
    return [
        Holder(unit or user.role.value, user.display_name, user.username) for user, unit in rows
    ]


def table(checked: Checked) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        {
            "row": each.row,
            "unit": each.unit,
            "username": each.username,
            "display_name": each.display_name or each.username,
            "phone": each.phone,
            "role": each.role.value,
            "valid_until": each.valid_until,
        }
        for each in checked.lines
    )
