"""常用视图 of a viewer on one screen: a name, and the address that it stands for."""

from typing import NamedTuple
from urllib.parse import parse_qsl

from sqlmodel import Session, col, select

from daxing_safety.models import SavedView, User


class View(NamedTuple):
    id: int
    name: str
    query: dict[str, str]


def of_page(session: Session, *, viewer: User, page: str) -> list[View]:
    """The viewer's own, the oldest first."""
    query = (
        select(col(SavedView.id), col(SavedView.name), col(SavedView.query))
        .where(col(SavedView.username) == viewer.username, col(SavedView.page) == page)
        .order_by(col(SavedView.id))
    )
    return [
        View(number, name, dict(parse_qsl(asked))) for number, name, asked in session.execute(query)
    ]
