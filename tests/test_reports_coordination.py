"""需要协调的事: each sentence is exact, names units within their group, and no more than five."""

from datetime import date

from ledger_lines import TODAY, found, handed_in, unit
from sqlmodel import Session

from daxing_safety import prefill
from daxing_safety.models import Round, Unit, User
from daxing_safety.reports import coordination

LATE = date(2021, 5, 1)


def said(session: Session, viewer: User) -> dict[str, str]:
    return {
        matter.heading: matter.text
        for matter in coordination.matters(session, viewer=viewer, today=TODAY)
    }


def test_the_dearest_rules_are_named_with_their_lead_unit_and_share(
    session: Session, water_bureau: Unit, office: User
) -> None:
    found(session, water_bureau, office, rule_code="4-1", count=2)
    assert said(session, office)["失分集中"] == (
        "4-1“市政消火栓或消防水鹤损坏、不能用”失 0.40 分，牵头区城管委。没有其他失分。"
    )
    for rule_code in ("7-1", "7-2", "20-2"):
        found(session, water_bureau, office, rule_code=rule_code)
    assert said(session, office)["失分集中"].startswith("7-1“")
    assert said(session, office)["失分集中"].endswith("合计占全部失分的 84.6%。")


def test_overdue_problems_are_named_by_the_worst_of_each_group(
    session: Session, water_bureau: Unit, city_management: Unit, office: User
) -> None:
    for at, number in ((water_bureau, 1), (city_management, 2), (unit(session, "黄村镇"), 1)):
        for _ in range(number):
            found(session, at, office, due_on=LATE)
    assert said(session, office)["整改逾期"] == (
        "4 个问题已过整改时限，最多的：区城管委（部门，2 个）、黄村镇（镇，1 个）。"
    )


def test_who_is_level_is_named_together(
    session: Session, water_bureau: Unit, city_management: Unit, office: User
) -> None:
    for at in (water_bureau, city_management):
        found(session, at, office, due_on=None)
    assert said(session, office)["没有时限"] == (
        "2 个挂账问题还没有整改时限，最多的：区水务局、区城管委（部门，各 1 个）。"
    )


def test_a_unit_that_is_not_ranked_is_counted_but_not_named(session: Session, office: User) -> None:
    discipline = unit(session, "区纪委监委")
    found(session, discipline, office, rule_code=None, due_on=LATE)
    assert said(session, office)["整改逾期"] == "1 个问题已过整改时限。"


def test_the_units_that_have_not_reported_are_named_until_they_have(
    session: Session, office: User, clerk: User, water_bureau: Unit, second_quarter: Round
) -> None:
    expected = prefill.reporting_units(session)
    for each in expected:
        if each.name not in ("区水务局", "黄村镇"):
            handed_in(session, each, second_quarter)
    assert said(session, office)["尚未报送"] == (
        "“2021年第二季度”5月25日17:00截止，2 家还没有报送：区水务局、黄村镇。"
    )
    assert said(session, clerk)["尚未报送"].endswith("本单位还没有报送：区水务局。")
    handed_in(session, water_bureau, second_quarter)
    assert "尚未报送" not in said(session, clerk)


def test_what_others_found_shows_as_a_gap_between_claimed_and_confirmed(
    session: Session, water_bureau: Unit, office: User, clerk: User
) -> None:
    found(session, water_bureau, office, count=2)
    assert said(session, office)["自评偏高"] == (
        "核定失分比自评多 0.40 分，最多的：区水务局（部门，0.40 分）。"
    )
    assert said(session, clerk)["自评偏高"] == "核定失分比自评多 0.40 分。"


def test_there_are_never_more_than_five(
    session: Session, water_bureau: Unit, office: User, second_quarter: Round
) -> None:
    found(session, water_bureau, office, due_on=LATE)
    found(session, water_bureau, office, due_on=None)
    assert list(said(session, office)) == [
        "失分集中",
        "整改逾期",
        "没有时限",
        "尚未报送",
        "自评偏高",
    ]


def test_a_clerk_is_told_of_the_own_unit_alone(
    session: Session, water_bureau: Unit, office: User, clerk: User, neighbour: User
) -> None:
    found(session, water_bureau, office, due_on=LATE)
    assert said(session, clerk)["整改逾期"] == "1 个问题已过整改时限。"
    assert list(said(session, neighbour)) == ["工作滞后"]
    assert said(session, neighbour)["工作滞后"].startswith("本单位承担的工作要点逾期")
