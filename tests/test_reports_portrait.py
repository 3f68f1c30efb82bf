"""单位画像: the other reports' figures, a comparison that stays within the group, and one's own."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from filling import dry_hydrant, hand_in, problems, rules, work_points
from ledger_lines import found, unit
from sqlmodel import Session, col, select

from daxing_safety.actions import public_reports as hotline
from daxing_safety.actions import rounds
from daxing_safety.actions.board_rule import set_board_rule
from daxing_safety.errors import NotAllowed, NotFound
from daxing_safety.honour_board import BoardRule
from daxing_safety.models import Round, Unit, User
from daxing_safety.reports import evidence, progress_map, scores, trend
from daxing_safety.reports import portrait_words as words
from daxing_safety.reports.group_comparison import COVERAGE, Compared, Rate, beside
from daxing_safety.reports.honour_board import honour_board
from daxing_safety.reports.losses import bills as loss_bills
from daxing_safety.reports.portrait import Portrait, portrait, public_reports, turn
from daxing_safety.reports.problems import counts as counted
from daxing_safety.reports.problems import listing as problem_list
from daxing_safety.vocabulary import Complexity, Finding, ProgressStatus, RectificationStatus

TODAY = date(2021, 5, 20)
NOW = datetime(2021, 5, 20, 10, 0)
DONE = {"status": ProgressStatus.DONE, "percent": Decimal(100), "done_on": date(2021, 5, 10)}
HAS_PROBLEM = {"finding": Finding.HAS_PROBLEM}


@pytest.fixture
def busy(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, office: User
) -> Unit:
    """区水务局 has reported, done something, lost points; its neighbours have too."""
    hand_in(
        session,
        second_quarter,
        water_bureau,
        work_points(_1_05=DONE),
        rules(_4_1=HAS_PROBLEM),
        problems(dry_hydrant()),
        by=clerk,
    )
    found(session, water_bureau, office, due_on=date(2021, 5, 1))
    found(session, water_bureau, office, status=RectificationStatus.CLOSED)
    found(session, unit(session, "区交通支队"), office, rule_code="6-1")
    return water_bureau


def of(session: Session, viewer: User, unit: Unit) -> Portrait:
    return portrait(session, viewer=viewer, unit_code=unit.code, today=TODAY)


def numbers(shown: Portrait) -> dict[str, int]:
    return {each.name: each.number for each in (*shown.stages, *shown.pressing)}


def compared(shown: Portrait) -> dict[str, Compared]:
    return {each.name: each for each in shown.compared}


def test_every_figure_is_the_one_of_the_screen_it_leads_to(
    session: Session, busy: Unit, leader: User
) -> None:
    shown = of(session, leader, busy)
    (score,) = [s for s in scores.by_unit(session, viewer=leader) if s.unit.code == busy.code]
    assert shown.score == score and score.confirmed_lost
    whole = progress_map.progress_map(session, viewer=leader, today=TODAY)
    assert shown.work == whole.of_unit(busy.code) and shown.work.done == 1
    bill = loss_bills.bill(session, viewer=leader, unit_code=busy.code, today=TODAY)
    assert shown.bill == bill and bill.lines
    (mending,) = [
        row.counts
        for row in counted.by_unit(session, viewer=leader, today=TODAY)
        if row.unit.code == busy.code
    ]
    assert shown.rectification == mending
    assert (mending.problems, mending.closed, mending.overdue) == (3, 1, 1)


def test_each_number_of_problems_is_what_its_link_lists(
    session: Session, busy: Unit, leader: User
) -> None:
    shown = of(session, leader, busy)
    for each in (*shown.stages, *shown.pressing):
        page = problem_list.page(session, viewer=leader, filters=each.filters, today=TODAY)
        assert page.total == each.number, each.name
    assert numbers(shown)["整改中"] == 2
    assert numbers(shown)["已逾期"] == 1
    assert numbers(shown)["失分无整改"] == 1, "the expert's problem has no measure yet"


def test_what_is_called_done_without_a_proof_is_listed(
    session: Session, busy: Unit, leader: User
) -> None:
    shown = of(session, leader, busy)
    subjects = evidence.subjects(session, viewer=leader, unit_code=busy.code)
    assert shown.lacking == tuple(each for each in subjects if each.lacks)
    assert [each.code for each in shown.lacking] == ["1-05"]
    assert words.proof_in_words(shown) == "报完成的 1 项中 1 项缺佐证材料"


def test_rounds_say_when_a_version_came_and_what_became_of_it(
    session: Session, busy: Unit, neighbour: User, leader: User, city_management: Unit
) -> None:
    (sent,) = of(session, leader, busy).reported
    assert (sent.versions, words.punctuality(sent), words.state_of(sent)) == (1, "按时", "待审核")
    (open_round,) = of(session, neighbour, city_management).reported
    assert words.state_of(open_round) == "尚未报送", "the round is still open"


def test_points_are_told_rule_by_rule_since_each_frozen_round(
    session: Session, busy: Unit, second_quarter: Round, leader: User, office: User
) -> None:
    rounds.close_round(session, round_=second_quarter, by=office)
    rounds.freeze_round(session, round_=second_quarter, by=office, now=NOW)
    found(session, busy, office, rule_code="17-2")
    shown = of(session, leader, busy)
    (since,) = shown.turns
    assert since.since == "2021年第二季度" and since.lost_since > 0 and not since.won_back
    assert since.lost_then + since.lost_since - since.won_back == shown.score.confirmed_lost
    assert [each.label for each in shown.history] == ["2021年第二季度", "当前"]
    assert shown.history[-1].scores.confirmed == shown.score.confirmed_rate


def test_a_loss_that_moved_from_one_rule_to_another_is_won_back_and_lost() -> None:
    moved = turn("一季度", TODAY, {"4-1": Decimal("0.4")}, {"4-2": Decimal("0.2")})
    assert (moved.won_back, moved.lost_since) == (Decimal("0.4"), Decimal("0.2"))
    assert words.turn_in_words(moved) == (
        "自一季度封存以来追回 0.40 分，新失 0.20 分，失分由 0.40 分变为 0.20 分"
    )
    still = turn("一季度", TODAY, {"4-1": Decimal("0.4")}, {"4-1": Decimal("0.4")})
    assert words.turn_in_words(still) == "自一季度封存以来没有变化，失 0.40 分"


def test_public_reports_are_the_unit_s_own(
    session: Session, busy: Unit, clerk: User, neighbour: User, office: User
) -> None:
    report = hotline.receive(
        session, received=hotline.Received(received_at=NOW, content="路灯不亮"), by=office, now=NOW
    )
    assert public_reports(session, viewer=office, unit_code=busy.code, now=NOW) is None
    hotline.dispatch(
        session, report=report, unit=busy, complexity=Complexity.SIMPLE, by=office, now=NOW
    )
    rates = public_reports(session, viewer=clerk, unit_code=busy.code, now=NOW)
    assert rates and words.report_facts(rates)["派单"] == "1 件"
    assert public_reports(session, viewer=neighbour, unit_code=busy.code, now=NOW) is None


# ---- beside its group ---------------------------------------------------------------------------


def test_places_are_those_of_the_board_s_measures_within_the_group(
    session: Session, busy: Unit, leader: User
) -> None:
    (board,) = [
        board
        for board in honour_board(session, viewer=leader, today=TODAY).boards
        if busy.code in {place.candidate.code for place in board.placed}
    ]
    (own,) = [place for place in board.placed if place.candidate.code == busy.code]
    shown = compared(of(session, leader, busy))
    for at, name in enumerate(("到期完成率", "整改率", "得分率")):
        rates = [place.rates[at] for place in board.placed]
        measured = [rate for rate in rates if rate is not None]
        mine = own.rates[at]
        assert mine is not None and shown[name].rate.value == mine
        if shown[name].place:
            assert shown[name].place == 1 + sum(rate > mine for rate in measured)
    assert shown["得分率"].place and shown[COVERAGE].place


def test_a_unit_that_is_not_ranked_is_shown_without_a_place(
    session: Session, busy: Unit, leader: User
) -> None:
    court = session.exec(select(Unit).where(col(Unit.is_ranked).is_(False))).first()
    assert court
    for each in of(session, leader, court).compared:
        assert each.place is None
        assert each.remark == "本单位不参加组内排列"


def test_a_small_group_has_neither_middle_nor_places(session: Session, leader: User) -> None:
    base = session.exec(select(Unit).where(col(Unit.name) == "生物医药基地")).one()
    for each in of(session, leader, base).compared:
        assert (each.median, each.place) == (None, None), (
            "two bases would tell each other's figures"
        )


def test_when_the_board_is_switched_off_nobody_has_a_place(
    session: Session, busy: Unit, office: User
) -> None:
    set_board_rule(session, rule=BoardRule(is_on=False), by=office)
    for each in of(session, office, busy).compared:
        assert (each.median, each.place) == (None, None)
        assert each.remark == "排名已由创安办关闭"


VALUES = [Decimal(value) for value in (100, 90, 80, 80, 50)]


@pytest.mark.parametrize(("own", "place"), [(Decimal(100), 1), (Decimal(80), 3), (Decimal(50), 5)])
def test_equal_values_share_a_place(own: Decimal, place: int) -> None:
    among = beside("整改率", Rate(own, 8, 10), VALUES, BoardRule())
    assert (among.place, among.median, among.among) == (place, Decimal(80), 5)


def test_a_small_sample_says_so() -> None:
    few = beside("整改率", Rate(Decimal(100), 1, 1), VALUES, BoardRule())
    assert few.place == 1 and few.remark == "只有 1 项，仅供参考"


def test_what_cannot_be_counted_is_not_in_the_middle() -> None:
    nothing = beside("整改率", Rate(None, 0, 0), [None, *VALUES], BoardRule(), "没有登记问题")
    assert (nothing.median, nothing.place, nothing.among) == (Decimal(80), None, 5)
    assert words.beside_group(nothing, "部门") == ["部门组 5 家，中位数 80.0%", "没有登记问题"]


# ---- whose --------------------------------------------------------------------------------------


def test_a_clerk_sees_the_own_unit_as_the_leader_does(
    session: Session, busy: Unit, clerk: User, leader: User
) -> None:
    assert of(session, clerk, busy) == of(session, leader, busy)


def test_a_clerk_never_sees_a_neighbour(session: Session, busy: Unit, neighbour: User) -> None:
    with pytest.raises(NotAllowed, match="别的单位"):
        of(session, neighbour, busy)
    assert trend.of_unit(session, viewer=neighbour, unit_code=busy.code, today=TODAY) == []


def test_there_is_no_portrait_of_nobody(session: Session, leader: User) -> None:
    with pytest.raises(NotFound):
        portrait(session, viewer=leader, unit_code="U99", today=TODAY)
