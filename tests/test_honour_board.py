"""红黑榜: places follow from the published rule alone, within a group, and can be switched off."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session, col, select

from daxing_safety.actions.board_rule import board_rule, set_board_rule
from daxing_safety.errors import BadInput, NotAllowed
from daxing_safety.honour_board import BoardRule, Candidate, boards, said
from daxing_safety.models import AuditEvent, Unit, User
from daxing_safety.reports.honour_board import honour_board
from daxing_safety.settings import DEMO_DAY
from daxing_safety.vocabulary import Group

RULE = BoardRule(least=3, smallest_group=2, red=1, black=1, floor=85)


def town(name: str, **counts: Any) -> Candidate:
    """A town with ten work points due and ten problems."""
    all_done = Candidate(
        code=name,
        name=name,
        group=Group.TOWNS,
        order=ord(name),
        due=10,
        done=10,
        problems=10,
        closed=10,
        points_rate=Decimal(100),
    )
    return all_done._replace(**counts)


def board_of(*units: Candidate, **changes: Any) -> Any:
    (only,) = boards(units, replace(RULE, **changes))
    return only


def names(places: Any) -> list[str]:
    return [each.candidate.name for each in places]


def test_the_three_rates_are_weighted_as_the_rule_says() -> None:
    unit = town("A", done=5, closed=8, points_rate=Decimal("90.00"))
    board = board_of(unit, town("B"))
    assert [each.score for each in board.placed] == [Decimal("100.0"), Decimal("71.0")]
    assert 5 * 10 * Decimal("0.4") + 8 * 10 * Decimal("0.3") + 90 * Decimal("0.3") == 71


def test_what_has_nothing_to_count_leaves_its_weight_to_the_rest() -> None:
    without_problems = town("A", done=5, problems=0, closed=0)
    (place,) = board_of(without_problems, smallest_group=1).placed
    assert place.rates[1] is None
    assert place.score == Decimal("71.4")  # (40 × 50 + 30 × 100) ÷ 70


def test_equals_share_a_place_and_the_next_one_is_skipped() -> None:
    board = board_of(town("A"), town("B"), town("C", done=1))
    assert [(each.place, each.candidate.name) for each in board.placed] == [
        (1, "A"),
        (1, "B"),
        (3, "C"),
    ]
    assert names(board.red) == ["A", "B"]


def test_the_black_list_is_empty_when_all_reach_the_floor() -> None:
    nearly = town("B", done=9)
    assert board_of(town("A"), nearly).black == ()
    behind = town("B", done=2)
    assert names(board_of(town("A"), behind).black) == ["B"]


def test_whoever_shares_the_last_place_is_on_the_black_list_too() -> None:
    board = board_of(town("A"), town("B", done=2), town("C", done=2), town("D", done=5))
    assert names(board.black) == ["B", "C"]


def test_nobody_is_on_both_lists() -> None:
    board = board_of(town("A", done=1), town("B", done=1), red=2, black=2)
    assert names(board.red) == ["A", "B"]
    assert board.black == ()


def test_too_small_a_sample_is_named_and_not_placed() -> None:
    board = board_of(town("A"), town("B"), town("C", due=1, done=0, problems=1, closed=0))
    assert names(board.placed) == ["A", "B"]
    assert [each.name for each in board.unplaced] == ["C"]


def test_too_small_a_group_has_no_board() -> None:
    board = board_of(town("A"), smallest_group=2)
    assert board.is_too_small
    assert board.red == board.black == ()


def test_groups_are_never_compared_with_each_other() -> None:
    bureau = town("Z", done=0)._replace(group=Group.DEPARTMENTS)
    found = boards([town("A"), town("B"), bureau], replace(RULE, smallest_group=1))
    assert {each.group: names(each.placed) for each in found} == {
        Group.DEPARTMENTS: ["Z"],
        Group.TOWNS: ["A", "B"],
    }


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"weights": (50, 30, 30)}, "合计 100"),
        ({"weights": (120, -20, 0)}, "不小于 0"),
        ({"floor": 101}, "0 到 100"),
        ({"red": -1}, "不能小于 0"),
        ({"least": 0}, "不能小于 1"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        replace(RULE, **change)


def test_the_rule_is_said_in_sentences_with_its_figures() -> None:
    text = "".join(said(replace(RULE, weights=(50, 50, 0), floor=90)))
    assert "到期完成率占 50%、整改率占 50%加权" in text
    assert "达到 90 的不上黑榜" in text


# ---- as the office has set it --------------------------------------------------------------------


def test_courts_procuratorate_and_discipline_commission_are_out_by_default(
    session: Session, leader: User
) -> None:
    found = honour_board(session, viewer=leader, today=DEMO_DAY)
    placed = {
        each.code
        for board in found.boards
        for each in (*(place.candidate for place in board.placed), *board.unplaced)
    }
    unranked = session.exec(select(Unit).where(col(Unit.is_ranked).is_(False))).all()
    assert {"区法院", "区检察院"} <= {unit.name for unit in unranked}
    assert placed.isdisjoint(unit.code for unit in unranked)
    assert set(found.left_out) == {unit.name for unit in unranked}


def test_the_office_changes_the_rule_and_the_log_keeps_both(
    session: Session, office: User, leader: User, water_bureau: Unit
) -> None:
    rule = replace(board_rule(session), floor=60, left_out=frozenset({water_bureau.code}))
    set_board_rule(session, rule=rule, by=office)
    assert board_rule(session) == rule
    assert honour_board(session, viewer=leader, today=DEMO_DAY).left_out == ("区水务局",)
    event = session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc())).first()
    assert event is not None and '"floor": 85' in event.before and '"floor": 60' in event.after


def test_it_can_be_switched_off(session: Session, office: User, leader: User) -> None:
    set_board_rule(session, rule=replace(board_rule(session), is_on=False), by=office)
    assert honour_board(session, viewer=leader, today=DEMO_DAY).boards == ()


def test_only_the_office_sets_the_rule_and_no_clerk_sees_the_others_places(
    session: Session, leader: User, clerk: User
) -> None:
    for by in (leader, clerk):
        with pytest.raises(NotAllowed):
            set_board_rule(session, rule=BoardRule(), by=by)
    with pytest.raises(NotAllowed):
        honour_board(session, viewer=clerk, today=DEMO_DAY)
