"""常用视图: a screen's filters under a name of the viewer's own choosing.

No permission beyond being oneself: a view holds an address, and what that shows is decided anew
by who opens it. Nobody sees or deletes another's.
"""

from sqlmodel import Session, col, func, select

from daxing_safety.actions import audit
from daxing_safety.errors import BadInput, NotFound
from daxing_safety.models import SavedView, User

LONGEST_NAME = 20
MOST = 20  # on one screen


def save(session: Session, *, page: str, name: str, query: str, by: User) -> None:
    """A view that already goes by the name on that screen is replaced."""
    name = _require_name(name)
    own = select(SavedView).where(
        col(SavedView.username) == by.username, col(SavedView.page) == page
    )
    view = session.scalars(own.where(col(SavedView.name) == name)).one_or_none()
    if view is None:
        _require_room(session, page, by)
        view = SavedView(username=by.username, page=page, name=name, query=query)
    view.query = query
    session.add(view)
    audit.record(session, "保存视图", f"{page}：{name}", by=by, after={"query": query})


def _require_name(name: str) -> str:
    if not name.strip():
        raise BadInput("请给这个视图起个名字，如“本周到期”。")
    if len(name.strip()) > LONGEST_NAME:
        raise BadInput(f"视图的名字最多 {LONGEST_NAME} 个字，请改短。")
    return name.strip()


def _require_room(session: Session, page: str, by: User) -> None:
    kept = select(func.count()).where(
        col(SavedView.username) == by.username, col(SavedView.page) == page
    )
    if session.scalars(kept).one() >= MOST:
        raise BadInput(f"一个页面最多保存 {MOST} 个视图，请先删去不用的。")


def delete(session: Session, *, view_id: int, by: User) -> None:
    view = session.get(SavedView, view_id)
    if view is None or view.username != by.username:
        raise NotFound("没有这个视图，可能已经删除。")
    session.delete(view)
    audit.record(session, "删除视图", f"{view.page}：{view.name}", by=by)
