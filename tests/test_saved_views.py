"""常用视图: kept under a name, opened, replaced, deleted; one's own and nobody else's."""

import pytest
from sqlmodel import Session, select

from daxing_safety.actions import saved_views
from daxing_safety.errors import BadInput, NotFound
from daxing_safety.models import AuditEvent, User
from daxing_safety.reports.saved_views import View, of_page

DUE_SOON = "due=week&sort=gain"


def kept(session: Session, viewer: User, page: str = "problems") -> list[View]:
    return of_page(session, viewer=viewer, page=page)


def save(session: Session, by: User, name: str = "本周到期", query: str = DUE_SOON) -> View:
    saved_views.save(session, page="problems", name=name, query=query, by=by)
    return kept(session, by)[-1]


def test_a_view_brings_back_what_it_was_saved_with(session: Session, office: User) -> None:
    saved = save(session, office, " 本周到期 ", "q=%E9%BB%84%E6%9D%91+%26&due=week")
    assert saved.name == "本周到期"
    assert saved.query == {"q": "黄村 &", "due": "week"}


def test_everybody_keeps_their_own_and_sees_no_others(
    session: Session, office: User, leader: User
) -> None:
    own = save(session, office)
    assert kept(session, leader) == []
    with pytest.raises(NotFound):
        saved_views.delete(session, view_id=own.id, by=leader)
    assert kept(session, office) == [own]


def test_a_view_belongs_to_its_screen(session: Session, office: User) -> None:
    save(session, office)
    assert kept(session, office, page="hotline") == []


def test_the_same_name_replaces_the_view(session: Session, office: User) -> None:
    first = save(session, office)
    second = save(session, office, query="only=unplanned")
    assert (second.id, second.query) == (first.id, {"only": "unplanned"})
    assert len(kept(session, office)) == 1


def test_a_deleted_view_is_gone_and_the_log_tells_of_it(session: Session, office: User) -> None:
    saved_views.delete(session, view_id=save(session, office).id, by=office)
    assert kept(session, office) == []
    told = [(event.action, event.subject) for event in session.scalars(select(AuditEvent))]
    assert told[-2:] == [("保存视图", "problems：本周到期"), ("删除视图", "problems：本周到期")]
    with pytest.raises(NotFound):
        saved_views.delete(session, view_id=1, by=office)


@pytest.mark.parametrize("name", ["", "  ", "长" * (saved_views.LONGEST_NAME + 1)])
def test_a_name_is_asked_for_and_short(session: Session, office: User, name: str) -> None:
    with pytest.raises(BadInput):
        save(session, office, name)
    assert kept(session, office) == []


def test_there_is_room_for_so_many_and_no_more(session: Session, office: User) -> None:
    for number in range(saved_views.MOST):
        save(session, office, f"视图 {number}")
    with pytest.raises(BadInput, match="请先删去不用的"):
        save(session, office, "再来一个")
    save(session, office, "视图 0", "due=none")  # replacing one takes no room
    assert len(kept(session, office)) == saved_views.MOST
