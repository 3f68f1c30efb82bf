"""失分台账 as a tree: every level adds up to the one above it, and the whole to the score."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from ledger_lines import NOW, TODAY, found, unit
from sqlmodel import Session, col, select

from daxing_safety import ledger
from daxing_safety.actions import preferences
from daxing_safety.charts.loss_tree import composition, squarified
from daxing_safety.criteria import FULL_POINTS
from daxing_safety.errors import NotAllowed
from daxing_safety.models import FindingConfirmation, Problem, RuleLoss, Unit, UnitSummary, User
from daxing_safety.reports import improvement, scores
from daxing_safety.reports.improvement import Settings
from daxing_safety.reports.losses import bills as loss_bills
from daxing_safety.reports.losses import tables as loss_tables
from daxing_safety.reports.losses import tree as loss_tree
from daxing_safety.reports.losses.tree import Node, ProblemLoss, Side
from daxing_safety.vocabulary import Finding, RectificationStatus, ScopePolicy

CLAIMED_FIXED = RectificationStatus.CLAIMED_FIXED


@pytest.fixture
def losses(session: Session, water_bureau: Unit, city_management: Unit, office: User) -> None:
    """Caps that bite in a rule and in an indicator, several units, a yes/no, what units reported.

    4-1 takes off 0.2 a 处 and no more than a point; 28-2 half a point, indicator 28 two in all.
    """
    for at, count in ((water_bureau, 3), (city_management, 4), (unit(session, "黄村镇"), 1)):
        found(session, at, office, count=count)
    found(session, city_management, office, count=1, status=CLAIMED_FIXED)
    for name in ("区检察院", "荣华街道", "生物医药基地"):
        problem = found(session, unit(session, name), office, rule_code="28-2", count=2)
        problem.is_self_reported = name != "荣华街道"
    confirm(session, city_management, "8-2", office)
    ledger.rebuild(session)
    session.expire_all()


def confirm(session: Session, at: Unit, rule_code: str, office: User) -> None:
    session.add(
        FindingConfirmation(
            unit_code=at.code,
            rule_code=rule_code,
            finding=Finding.HAS_PROBLEM,
            measured=Decimal(10),
            confirmed_at=NOW,
            confirmed_by=office.username,
        )
    )
    session.flush()


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for each in node.children:
        yield from nodes(each)


def pairs(root: Node) -> Iterator[tuple[Node, Node]]:
    """(rule, unit)"""
    for section in root.children:
        for indicator in section.children:
            for rule in indicator.children:
                for at in rule.children:
                    yield rule, at


def problems(
    session: Session, viewer: User, rule: Node, at: Node, side: Side = Side.CONFIRMED
) -> list[ProblemLoss]:
    return loss_tree.problems_of_pair(
        session, viewer=viewer, side=side, rule_code=rule.key, unit_code=at.key
    )


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("policy", ScopePolicy)
def test_every_level_adds_up_to_the_one_above_and_the_whole_to_the_score(
    session: Session, losses: None, office: User, side: Side, policy: ScopePolicy
) -> None:
    preferences.set_scope_policy(session, policy=policy, by=office)
    preferences.leave_out(session, indicator_code="14", reason="没有这类场所", by=office, now=NOW)
    totals = scores.district(session, viewer=office)
    score = (totals.claimed if side is Side.CLAIMED else totals.confirmed).score
    root = loss_tree.tree(session, viewer=office, side=side).root
    assert root.lost == FULL_POINTS - score > 0
    for node in nodes(root):
        if node.children:
            assert node.lost == sum(each.lost for each in node.children), node.name
    for rule, at in pairs(root):
        assert at.lost == sum(each.lost for each in problems(session, office, rule, at, side))


def test_a_pair_s_loss_is_shared_by_the_number_of_places(
    session: Session, losses: None, city_management: Unit, office: User
) -> None:
    root = loss_tree.tree(session, viewer=office, side=Side.CONFIRMED).root
    rule, at = next(
        pair for pair in pairs(root) if pair[0].key == "4-1" and pair[1].key == city_management.code
    )
    assert at.lost == Decimal("0.56")  # five of nine 处, cut to a point: 0.55…
    shared = [(each.number, each.found, each.lost) for each in problems(session, office, rule, at)]
    assert shared == [("P00002", 4, Decimal("0.45")), ("P00004", 1, Decimal("0.11"))]


def test_a_yes_or_no_opens_into_its_finding(
    session: Session, losses: None, city_management: Unit, office: User
) -> None:
    (line,) = loss_tree.problems_of_pair(
        session,
        viewer=office,
        side=Side.CONFIRMED,
        rule_code="8-2",
        unit_code=city_management.code,
    )
    assert (line.number, line.lost, line.gain) == ("", Decimal("0.5"), "随核定结论")


def test_a_clerk_sees_the_own_part_of_each_loss(
    session: Session, losses: None, clerk: User, water_bureau: Unit, city_management: Unit
) -> None:
    tree = loss_tree.tree(session, viewer=clerk, side=Side.CONFIRMED)
    summary = session.get_one(UnitSummary, (0, water_bureau.code))
    assert tree.root.lost == summary.confirmed_lost == Decimal("0.33")
    assert {at.key for _, at in pairs(tree.root)} == {water_bureau.code}
    others = loss_tree.problems_of_pair(
        session,
        viewer=clerk,
        side=Side.CONFIRMED,
        rule_code="4-1",
        unit_code=city_management.code,
    )
    assert others == []


def test_an_address_leads_as_far_down_as_it_is_right(
    session: Session, losses: None, office: User
) -> None:
    root = loss_tree.tree(session, viewer=office, side=Side.CONFIRMED).root
    down = [node.key for node in loss_tree.trail(root, ["1", "4", "4-1", "U99"])]
    assert down == ["", "1", "4", "4-1"]
    assert loss_tree.trail(root, ["<b>", "4"]) == [root]


# ---- the areas ----


@pytest.mark.parametrize("policy", ScopePolicy)
def test_every_node_can_be_drawn(
    session: Session, losses: None, office: User, policy: ScopePolicy
) -> None:
    preferences.set_scope_policy(session, policy=policy, by=office)
    preferences.leave_out(session, indicator_code="14", reason="没有这类场所", by=office, now=NOW)
    tree = loss_tree.tree(session, viewer=office, side=Side.CONFIRMED)
    for node in nodes(tree.root):
        drawn = composition(tree, node, as_of=TODAY)
        losing = [each for each in node.children if each.lost]
        assert len(drawn.wide) == len(drawn.tall) == len(losing)
        assert f"{node.lost:.2f}" in drawn.title or not node.lost


@pytest.mark.parametrize("sizes", [[5.0], [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0], [100.0] + [1.0] * 9])
@pytest.mark.parametrize("shape", [0.5, 1.0, 2.3])
def test_areas_fill_the_whole_and_are_as_large_as_what_they_stand_for(
    sizes: list[float], shape: float
) -> None:
    boxes = squarified(sizes, shape)
    for size, box in zip(sizes, boxes, strict=True):
        assert box.width * box.height / 1e4 == pytest.approx(size / sum(sizes), rel=1e-3)
        assert box.left + box.width <= 100.01 and box.top + box.height <= 100.01


def test_the_title_names_what_costs_most_and_the_day(
    session: Session, losses: None, office: User
) -> None:
    tree = loss_tree.tree(session, viewer=office, side=Side.CONFIRMED)
    drawn = composition(tree, tree.root, as_of=TODAY)
    assert drawn.title == "失 3.50 分，最多的是“城市安全监督管理”，2.00 分，占 57.1%"
    assert drawn.note.startswith("全区，核定失分（分）") and "截至2021年5月20日" in drawn.note
    assert drawn.alt.startswith("城市安全监督管理失 2.00 分；城市安全源头治理失 1.50 分")


def test_units_that_share_a_loss_are_not_ranked(
    session: Session, losses: None, office: User
) -> None:
    tree = loss_tree.tree(session, viewer=office, side=Side.CONFIRMED)
    rule = loss_tree.trail(tree.root, ["1", "4", "4-1"])[-1]
    assert composition(tree, rule, as_of=TODAY).title == "失 1.00 分，由 3 家单位分担"
    assert [each.name for each in loss_tables.in_order(rule)] == ["区水务局", "区城管委", "黄村镇"]


# ---- 丢分账单 ----


def test_a_bill_tells_what_each_closing_brings(
    session: Session, losses: None, office: User, city_management: Unit
) -> None:
    bill = loss_bills.bill(session, viewer=office, unit_code=city_management.code, today=TODAY)
    assert bill.lost == sum(line.lost for line in bill.lines) == Decimal("1.06")
    hydrants, rate = bill.lines
    # Nine 处 are cut to five: one less brings nothing, five less one of them.
    assert [each.gain for each in hydrants.problems] == ["+0.00", "+0.00"]
    assert (hydrants.rule.code, hydrants.regained) == ("4-1", Decimal("0.20"))
    assert (rate.rule.code, rate.regained) == ("8-2", Decimal(0))


def test_what_a_bill_promises_is_what_the_ledger_then_says(
    session: Session, losses: None, office: User, city_management: Unit
) -> None:
    rule = session.get_one(RuleLoss, "4-1")
    before = scores.district(session, viewer=office).confirmed.score
    promised = loss_bills.regained(rule, 5)
    for problem in session.exec(
        select(Problem).where(col(Problem.unit_code) == city_management.code)
    ):
        problem.status = RectificationStatus.CLOSED
    ledger.refresh(session, {city_management.code})
    session.expire_all()
    assert scores.district(session, viewer=office).confirmed.score - before == promised


def test_nobody_reads_a_neighbours_bill(
    session: Session, losses: None, clerk: User, city_management: Unit
) -> None:
    with pytest.raises(NotAllowed):
        loss_bills.bill(session, viewer=clerk, unit_code=city_management.code, today=TODAY)


# ---- 提分路径 and 假设推演 against the ledger ----


def test_the_case_stands_as_the_ledger_does(session: Session, losses: None, office: User) -> None:
    ground = improvement.ground(session, viewer=office, today=TODAY)
    figures = improvement.figures(ground)
    assert figures.score == scores.district(session, viewer=office).confirmed
    root = loss_tree.tree(session, viewer=office, side=Side.CONFIRMED).root
    assert [each.lost for each in figures.sections] == [each.lost for each in root.children]


@pytest.mark.parametrize("policy", ScopePolicy)
def test_what_is_supposed_comes_true_when_it_is_done(
    session: Session, losses: None, office: User, policy: ScopePolicy
) -> None:
    preferences.set_scope_policy(session, policy=policy, by=office)
    preferences.leave_out(session, indicator_code="14", reason="没有这类场所", by=office, now=NOW)
    ground = improvement.ground(session, viewer=office, today=TODAY)
    supposed = improvement.figures(ground, closed=["P00002", "P00005"])
    for problem in session.exec(
        select(Problem).where(col(Problem.number).in_(["P00002", "P00005"]))
    ):
        problem.status = RectificationStatus.CLOSED
    ledger.rebuild(session)
    session.expire_all()
    assert supposed.score == scores.district(session, viewer=office).confirmed


def test_a_new_finding_supposed_is_a_new_finding_made(
    session: Session, losses: None, office: User
) -> None:
    ground = improvement.ground(session, viewer=office, today=TODAY)
    supposed = improvement.figures(ground, added={"6-1": 2}).score.score
    found(session, unit(session, "区交通支队"), office, rule_code="6-1", count=2)
    assert supposed == scores.district(session, viewer=office).confirmed.score


def test_a_path_ends_at_the_score_that_its_closings_bring(
    session: Session, losses: None, office: User
) -> None:
    ground = improvement.ground(session, viewer=office, today=TODAY)
    route = improvement.route(ground, Settings(Decimal("97.5")))
    assert route.path.is_reached and route.path.is_proven
    closed = [step.problem.number for step in route.steps]
    assert route.after == improvement.figures(ground, closed=closed).score.score
    assert route.after >= Decimal("97.5") > route.before
    assert route.before + sum(step.gain for step in route.steps) == route.after


def test_what_is_promised_later_than_the_days_left_is_not_counted_on(
    session: Session, losses: None, office: User
) -> None:
    ground = improvement.ground(session, viewer=office, today=TODAY)
    settings = Settings(Decimal(100), days=28)  # all but one are due in 29
    route = improvement.route(ground, settings)
    assert not route.path.is_reached
    assert [step.problem.number for step in route.steps] == []
    assert len(route.obstacles.late) == 6 and route.obstacles.fixed == 50


def test_assumptions_go_into_an_address_and_come_back() -> None:
    settings = Settings(Decimal("92.5"), improvement.Aim.QUICKEST, 45, 3, 7, 2, 5)
    assert improvement.read_settings(str(settings)) == settings
    for wrong in ("", "90", "90_FEWEST_0_1_0_1_1", "NaN_FEWEST_30_1_0_1_1", "90_X_30_1_0_1_1"):
        with pytest.raises((ValueError, ArithmeticError)):
            improvement.read_settings(wrong)


def test_a_clerk_has_no_path_of_the_district(session: Session, clerk: User) -> None:
    with pytest.raises(NotAllowed):
        improvement.ground(session, viewer=clerk, today=TODAY)
