"""Who sees what of a 抽查, when, and what it says of how far units can be trusted."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from spot_check_lives import (
    AFTER,
    NAME,
    NOW,
    PHOTO,
    TODAY,
    UNTIL,
    draw,
    find,
    hand_in_all,
    item_of,
    items_of,
    prepare,
    unit,
    user,
)
from sqlmodel import Session, col, select, update

from daxing_safety import past
from daxing_safety.actions import spot_draws, spot_findings, spot_handling
from daxing_safety.actions.spot_draws import Scope
from daxing_safety.database import transaction
from daxing_safety.errors import NotAllowed, NotFound
from daxing_safety.models import CriteriaRevision, Evidence, SpotCheck, SpotCheckItem, User
from daxing_safety.reports import todo
from daxing_safety.reports.spot_checks import checks, items, trust
from daxing_safety.reports.spot_checks.items import Row
from daxing_safety.reports.todo.items import Kind, Urgency
from daxing_safety.vocabulary import DrawnFrom, SpotVerdict

LAST_DAY, DAY_AFTER = UNTIL, AFTER.date()


@pytest.fixture(autouse=True)
def prepared(request: pytest.FixtureRequest) -> None:
    if "session" in request.fixturenames:
        prepare(request.getfixturevalue("session"))


def rows(session: Session, username: str, on: date = TODAY) -> list[Row]:
    return items.rows(session, viewer=user(session, username), today=on)


def ids(found: list[SpotCheckItem]) -> set[int | None]:
    return {item.id for item in found}


def head(session: Session, check: SpotCheck, on: date = TODAY) -> checks.Head:
    office = user(session, "office")
    return checks.head(session, viewer=office, check_id=check.id or 0, today=on)


def waiting(session: Session, username: str, now: datetime = NOW) -> list[tuple[Kind, str]]:
    found = todo.items(session, viewer=user(session, username), now=now)
    return [(item.kind, item.title) for item in found if "SPOT" in item.kind.name]


# ---- who sees what ------------------------------------------------------------------------------


def test_an_expert_sees_what_was_drawn_for_them_and_nothing_else(session: Session) -> None:
    check = draw(session)
    own, other = items_of(session, check, "expert"), items_of(session, check, "expert2")
    assert {row.id for row in rows(session, "expert")} == ids(own)
    assert {row.id for row in rows(session, "expert2")} == ids(other)
    assert not ids(own) & ids(other)


def test_the_last_day_is_still_in_time_and_after_it_there_is_nothing(session: Session) -> None:
    draw(session)
    assert rows(session, "expert", LAST_DAY)
    expert = user(session, "expert")
    assert rows(session, "expert", DAY_AFTER) == []
    assert checks.heads(session, viewer=expert, today=DAY_AFTER) == []


def test_a_withdrawn_check_is_gone_for_its_experts_and_stays_for_the_office(
    session: Session,
) -> None:
    check, office = draw(session), user(session, "office")
    spot_draws.withdraw(session, check=check, reason="范围选错", by=office, now=NOW)
    session.flush()
    assert rows(session, "expert") == []
    assert head(session, check).state == checks.WITHDRAWN


@pytest.mark.parametrize("username", ["区水务局", "admin", "auditor"])
def test_units_and_those_who_look_after_the_system_see_nothing(
    session: Session, username: str
) -> None:
    check, viewer = draw(session), user(session, username)
    hand_in_all(session, check, **{"7_1": SpotVerdict.FALSE})
    assert rows(session, username) == []
    with pytest.raises(NotFound):
        checks.head(session, viewer=viewer, check_id=check.id or 0, today=TODAY)
    with pytest.raises(NotFound):
        checks.redrawn(session, viewer=viewer, check_id=check.id or 0, today=TODAY)


@pytest.mark.parametrize("username", ["leader", "expert", "区水务局", "admin", "auditor"])
def test_only_the_office_chooses_and_counts_what_may_be_drawn(
    session: Session, username: str
) -> None:
    viewer = user(session, username)
    with pytest.raises(NotAllowed):
        checks.choices(session, viewer=viewer)
    with pytest.raises(NotAllowed):
        checks.preview(session, viewer=viewer, scope=Scope(tuple(DrawnFrom)))


def test_what_an_expert_found_is_for_others_once_it_is_handed_in(session: Session) -> None:
    check = draw(session, experts=["expert"])
    item = item_of(session, check, "7-1")
    find(session, item, SpotVerdict.FALSE)
    session.flush()
    (seen,) = (row for row in rows(session, "office") if row.id == item.id)
    assert (seen.answer, seen.state) == (None, items.ANSWERED)
    (own,) = (row for row in rows(session, "expert") if row.id == item.id)
    assert own.answer and own.answer.verdict is SpotVerdict.FALSE
    hand_in_all(session, check, **{"7_1": SpotVerdict.FALSE})
    (seen,) = (row for row in rows(session, "leader") if row.id == item.id)
    assert seen.answer and (seen.state, seen.waits_for_office) == (items.DOUBTFUL, True)


def test_the_date_closes_what_was_not_handed_in(session: Session) -> None:
    check = draw(session)
    item = item_of(session, check, "7-1")
    find(session, item, SpotVerdict.FALSE)
    session.flush()
    states = {row.id: row.state for row in rows(session, "office", DAY_AFTER)}
    assert states.pop(item.id or 0) == items.DOUBTFUL
    assert set(states.values()) == {items.NOT_LOOKED_AT}


def test_experts_get_no_persons_of_a_unit(session: Session) -> None:
    """王科长 is who answers for the problem; neither he nor who uploaded stands anywhere."""
    check = draw(session, experts=["expert"])
    shown = "\n".join(map(repr, rows(session, "expert")))
    assert item_of(session, check, "P00001").code in shown
    assert "单位说明" in shown and "阀门已换，已试水" in shown
    for name in ("小王", "小刘", "王科长"):
        assert name not in shown


def test_each_thing_comes_with_its_own_files_only(session: Session) -> None:
    draw(session, experts=["expert"])
    found = {row.code: [file.name for file in row.files] for row in rows(session, "expert")}
    assert found["P00001"] == ["整改后P00001.jpg"]
    assert found["P00002"] == ["整改后P00002.jpg"]
    assert found["7-1"] == []


def test_an_expert_gets_the_files_of_the_own_things_until_the_date(session: Session) -> None:
    scope = Scope((DrawnFrom.CLAIMED_FIXED,))
    draw(session, scope=scope, wanted=1, experts=["expert"])
    files = {file.name: file.id or 0 for file in session.exec(select(Evidence))}
    claimed, closed = files["整改后P00001.jpg"], files["整改后P00002.jpg"]

    def got(username: str, number: int, on: date = TODAY) -> str:
        viewer = user(session, username)
        return items.drawn_file(session, viewer=viewer, evidence_id=number, today=on).name

    assert got("expert", claimed) == "整改后P00001.jpg"
    for username, number, on in (
        ("expert", closed, TODAY),
        ("expert", claimed, DAY_AFTER),
        ("expert2", claimed, TODAY),
        ("区城管委", claimed, TODAY),
        ("office", claimed, TODAY),
    ):
        with pytest.raises(NotAllowed):
            got(username, number, on)


def test_an_experts_photo_is_the_experts_until_it_stands(session: Session) -> None:
    check = draw(session)
    item = items_of(session, check, "expert")[0]
    photo = spot_findings.add_photo(
        session, item=item, data=PHOTO, name="现场.jpg", by=user(session, "expert"), now=NOW
    )
    session.flush()
    assert photo

    def may_see(username: str, on: date = TODAY) -> bool:
        viewer = user(session, username)
        try:
            items.photo(session, viewer=viewer, photo_id=photo.id or 0, today=on)
        except NotAllowed:
            return False
        return True

    assert may_see("expert") and not may_see("expert2")
    assert not may_see("office") and not may_see("区水务局")
    assert may_see("office", DAY_AFTER) and not may_see("expert", DAY_AFTER)


# ---- that it was fair ---------------------------------------------------------------------------


def test_the_record_gives_the_same_draw_again(session: Session) -> None:
    check = draw(session, wanted=4)
    again = checks.redrawn(
        session, viewer=user(session, "office"), check_id=check.id or 0, today=TODAY
    )
    assert again.is_same
    about = head(session, check)
    assert (about.population, about.drawn, about.designated) == (7, 4, 0)
    assert [bool(each.expert) for each in again.lots] == [True] * 4 + [False] * 3
    assert [each.lot for each in again.lots] == sorted(each.lot for each in again.lots)


@pytest.mark.parametrize("change", [{"code": "13-1"}, {"designated_because": "悄悄换掉"}])
def test_a_list_that_was_tampered_with_does_not_agree(
    session: Session, change: dict[str, str]
) -> None:
    check = draw(session, wanted=4)
    changed = items_of(session, check)[0]
    session.exec(update(SpotCheckItem).where(col(SpotCheckItem.id) == changed.id).values(change))
    session.expire_all()
    office = user(session, "office")
    assert not checks.redrawn(session, viewer=office, check_id=check.id or 0, today=TODAY).is_same


def test_the_office_sees_how_much_may_be_drawn_before_it_draws(session: Session) -> None:
    office = user(session, "office")
    found = checks.preview(session, viewer=office, scope=Scope(tuple(DrawnFrom)))
    assert (found.size, found.units) == (7, 2)
    assert found.by_source[DrawnFrom.SELF_COMPLIANT] == 5


def test_what_is_left_of_a_unit_may_be_designated(session: Session) -> None:
    check = draw(session, scope=Scope((DrawnFrom.CLOSED,)), wanted=1, experts=["expert"])
    left = checks.left_of_unit(
        session,
        viewer=user(session, "office"),
        check_id=check.id or 0,
        unit_code=unit(session, "区水务局").code,
    )
    assert sorted(each.code for each in left) == ["17-1", "20-1", "7-1", "P00001"]


# ---- 可信度 -------------------------------------------------------------------------------------


def test_trust_is_the_share_that_is_so_of_what_could_be_verified(session: Session) -> None:
    check = draw(session)
    hand_in_all(
        session,
        check,
        P00001=SpotVerdict.FALSE,
        P00002=SpotVerdict.PARTLY,
        **{"20_1": SpotVerdict.UNVERIFIABLE},
    )
    found = trust.found(session, viewer=user(session, "leader"), today=TODAY)
    assert [(each.name, each.share) for each in found.units] == [
        ("区水务局", Decimal(2) / 4),
        ("区城管委", Decimal(1)),
    ]
    by_rule = {each.code: each.share for each in found.rules}
    assert by_rule["4-1"] == 0 and by_rule["7-1"] == 1 and by_rule["20-1"] is None
    assert found.overall.checked == 7


def test_what_does_not_stand_or_was_withdrawn_does_not_count(session: Session) -> None:
    check, office = draw(session), user(session, "office")
    find(session, items_of(session, check)[0], SpotVerdict.FALSE)
    session.flush()
    assert not trust.found(session, viewer=office, today=TODAY).overall.checked
    assert trust.found(session, viewer=office, today=DAY_AFTER).overall.checked == 1
    spot_draws.withdraw(session, check=check, reason="x", by=office, now=NOW)
    session.flush()
    assert not trust.found(session, viewer=office, today=DAY_AFTER).overall.checked


# ---- 待办 ---------------------------------------------------------------------------------------


def test_an_experts_todo_counts_what_is_left_and_says_until_when(session: Session) -> None:
    check = draw(session, experts=["expert"])
    assert waiting(session, "expert") == [(Kind.SPOT_CHECK, "7 项抽查等您核查，共 7 项")]
    assert waiting(session, "expert2") == []
    for item in items_of(session, check):
        find(session, item, SpotVerdict.TRUE)
    session.flush()
    assert waiting(session, "expert") == [(Kind.SPOT_CHECK, "抽查的 7 项已全部填写，请交回")]
    (line,) = todo.items(
        session, viewer=user(session, "expert"), now=datetime.combine(UNTIL, time(9))
    )
    assert line.urgency is Urgency.TODAY
    hand_in_all(session, check)
    assert waiting(session, "expert") == []


def test_the_offices_todo_has_what_is_doubted_until_it_is_handled(session: Session) -> None:
    check, office = draw(session), user(session, "office")
    hand_in_all(session, check, **{"20_1": SpotVerdict.FALSE})
    assert [kind for kind, _ in waiting(session, "office")] == [Kind.SPOT_DOUBTS]
    item = item_of(session, check, "20-1")
    spot_handling.file(session, item=item, reason="证据不足", by=office, now=NOW)
    session.flush()
    assert waiting(session, "office") == []


def test_what_was_not_handed_in_shows_for_two_weeks(session: Session) -> None:
    draw(session)
    assert waiting(session, "office") == []
    assert waiting(session, "office", AFTER) == [
        (Kind.SPOT_NOT_HANDED_IN, f"“{NAME}”已到期，还有 7 项没有核查")
    ]
    assert waiting(session, "office", datetime(2021, 6, 15, 9)) == []


# ---- past days ----------------------------------------------------------------------------------


def test_on_a_past_day_nothing_shows_that_came_later(
    data_dir: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drawn on 20 May, found on 21 May, handled on 22 May."""
    drawn, found, handled = (datetime(2021, 5, day, 10) for day in (20, 21, 22))
    with transaction() as session:
        session.exec(update(CriteriaRevision).values(loaded_at=datetime(2021, 4, 1)))
        prepare(session)
        check = draw(session, now=drawn, experts=["expert"], wanted=1)
        (item,) = items_of(session, check)
        find(session, item, SpotVerdict.FALSE, now=found)
        expert = user(session, "expert")
        spot_findings.hand_in(session, check=check, by=expert, now=found)
        office = user(session, "office")
        spot_handling.file(session, item=item, reason="证据不足", by=office, now=handled)
    monkeypatch.setenv("DAXING_TODAY", "2021-05-23")
    stood = [_stood(day) for day in (19, 20, 21, 22)]
    assert stood == [None, (None, False, None), ("FALSE", True, None), ("FALSE", True, "FILED")]


def _stood(day: int) -> Any:
    """Verdict, whether it was handed in, and handling at the end of that day in May."""
    with past.reading_on(date(2021, 5, day)) as session:
        item = session.exec(select(SpotCheckItem)).one_or_none()
        if item is None:
            assert not session.exec(select(SpotCheck)).all()
            return None
        (taker,) = checks.heads(
            session,
            viewer=session.exec(select(User).where(User.username == "office")).one(),
            today=TODAY,
        )[0].takers
        names = [each and each.name for each in (item.verdict, item.handling)]
        return names[0], taker.handed_in_at is not None, names[1]
