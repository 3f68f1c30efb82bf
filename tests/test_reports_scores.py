"""The points as reports give them: they add up, they are exact, and each sees only its own."""

from decimal import Decimal

import pytest
from ledger_lines import NOW, TODAY, found, unit
from sqlmodel import Session

from daxing_safety.actions import preferences, rounds
from daxing_safety.criteria import Criteria
from daxing_safety.errors import NotAllowed
from daxing_safety.models import Round, Unit, User
from daxing_safety.reports import scores, sections, trend
from daxing_safety.reports.losses import shares as losses
from daxing_safety.scoring import Range
from daxing_safety.vocabulary import RectificationStatus, ScopePolicy

CLAIMED_FIXED = RectificationStatus.CLAIMED_FIXED


def test_the_district_loses_what_its_units_lose(
    session: Session, water_bureau: Unit, city_management: Unit, office: User, leader: User
) -> None:
    found(session, water_bureau, office, count=2)
    found(session, city_management, office, rule_code="6-1", status=CLAIMED_FIXED)
    confirmed = scores.district(session, viewer=leader).confirmed
    units = scores.by_unit(session, viewer=leader)
    assert confirmed.score == Decimal("99.40")
    assert confirmed.high == Decimal("99.60")
    assert 100 - confirmed.score == sum(row.confirmed_lost for row in units)


def test_a_leader_may_see_the_district_and_a_clerk_may_not(
    session: Session, leader: User, clerk: User, admin: User
) -> None:
    assert scores.district(session, viewer=leader).coverage == 0
    for other in (clerk, admin):
        with pytest.raises(NotAllowed):
            scores.district(session, viewer=other)


def test_a_clerk_gets_the_own_unit_and_nobody_elses(
    session: Session, water_bureau: Unit, office: User, clerk: User, neighbour: User, admin: User
) -> None:
    found(session, water_bureau, office, count=2)
    (own,) = scores.by_unit(session, viewer=clerk)
    assert (own.unit.name, own.confirmed_lost, own.claimed_lost) == ("区水务局", Decimal("0.40"), 0)
    assert own.gap == Decimal("0.40")
    assert own.confirmed_rate == Decimal("97.33")  # 0.4 of the 15 points in its duty
    assert [row.unit.name for row in scores.by_unit(session, viewer=neighbour)] == ["区城管委"]
    assert losses.by_rule(session, viewer=neighbour) == []
    assert scores.by_unit(session, viewer=admin) == []


def test_the_sections_add_up_to_the_district(
    session: Session, water_bureau: Unit, office: User, leader: User
) -> None:
    found(session, water_bureau, office, count=2)
    parts = sections.sections(session, viewer=leader)
    assert [part.points for part in parts] == [18, 32, 14, 16, 15, 5]
    assert sum(part.confirmed for part in parts) == Decimal("99.60")
    assert (parts[0].lost, parts[0].claimed) == (Decimal("0.40"), 18)


@pytest.mark.parametrize(("policy", "points"), [(ScopePolicy.FULL, 32), (ScopePolicy.RESCALE, 30)])
def test_what_does_not_apply_counts_in_its_section_as_it_does_in_the_total(
    session: Session, office: User, leader: User, policy: ScopePolicy, points: int
) -> None:
    preferences.set_scope_policy(session, policy=policy, by=office)
    preferences.leave_out(session, indicator_code="12", reason="本区没有尾矿库", by=office, now=NOW)
    session.expire_all()
    assert sections.sections(session, viewer=leader)[1].points == points
    assert scores.basis(session).left_out == ("尾矿库、渣土受纳场运行安全风险",)
    assert scores.district(session, viewer=leader).confirmed.score == 100


def test_a_clerks_sections_hold_only_what_is_in_the_units_duty(
    session: Session, water_bureau: Unit, office: User, clerk: User, criteria: Criteria
) -> None:
    found(session, water_bureau, office, count=2)
    parts = sections.sections(session, viewer=clerk)
    duty = [each for each in criteria.indicators if "区水务局" in dict(each.duties)]
    assert sum(part.points for part in parts) == sum(each.points for each in duty)
    assert sum(part.lost for part in parts) == Decimal("0.40")


def test_the_dearest_rule_stands_first_with_its_findings_and_lead_unit(
    session: Session, water_bureau: Unit, city_management: Unit, office: User, leader: User
) -> None:
    found(session, water_bureau, office, rule_code="4-1", count=1)
    found(session, water_bureau, office, rule_code="7-1", count=1)
    found(session, city_management, office, rule_code="7-1", count=2)
    first, second = losses.by_rule(session, viewer=leader)
    assert (first.rule.code, first.confirmed, first.units, first.found) == (
        "7-1",
        Decimal("1.5"),
        2,
        3,
    )
    assert first.indicator.lead_unit == "区水务局"
    assert (second.rule.code, second.confirmed) == ("4-1", Decimal("0.20"))


def test_the_trend_has_each_frozen_round_and_now(
    session: Session, water_bureau: Unit, office: User, clerk: User, leader: User,
    second_quarter: Round,
) -> None:  # fmt: skip
    found(session, water_bureau, office, count=2)
    rounds.close_round(session, round_=second_quarter, by=office)
    rounds.freeze_round(session, round_=second_quarter, by=office, now=NOW)
    found(session, water_bureau, office, count=1)
    then, now = trend.trend(session, viewer=leader, today=TODAY)
    assert (then.label, then.on, then.scores.confirmed) == (
        "2021年第二季度",
        TODAY,
        Decimal("99.60"),
    )
    assert (now.label, now.scores.confirmed, now.scores.claimed) == ("当前", Decimal("99.40"), 100)
    assert isinstance(now.scores.range, Range)
    own_then, own_now = trend.trend(session, viewer=clerk, today=TODAY)
    assert (own_then.scores.confirmed, own_now.scores.confirmed) == (Decimal("97.33"), 96)
    assert own_now.scores.range is None


# ---- the document of `score --json` ----------------------------------------------------------


def test_the_document_has_the_points_as_strings_and_the_losses_with_their_problems(
    session: Session, water_bureau: Unit, office: User
) -> None:
    first = found(session, water_bureau, office, count=2)
    second = found(session, water_bureau, office, count=1)
    found(session, water_bureau, office, count=1, status=RectificationStatus.CLOSED)
    document = scores.score_document(session, as_of=TODAY)
    assert document["as_of"] == "2021-05-20"
    assert document["criteria"] == "2019"
    assert document["claimed"] == {"score": "100.00", "low": "1.00", "high": "100.00"}
    assert document["confirmed"]["score"] == "99.40"
    assert document["indicators"][3] == {
        "code": "4",
        "points": "2.00",
        "claimed": "2.00",
        "confirmed": "1.40",
        "coverage": "0.0385",
    }
    assert document["losses"] == [
        {
            "indicator": "4",
            "rule": "4-1",
            "unit": "区水务局",
            "lead_unit": "区城管委",
            "points": "0.60",
            "problems": [first.number, second.number],
        }
    ]


def test_the_documents_indicators_and_losses_add_up(
    session: Session, water_bureau: Unit, city_management: Unit, office: User
) -> None:
    for at, rule_code, count in (
        (water_bureau, "4-1", 9),
        (city_management, "4-1", 4),
        (unit(session, "黄村镇"), "6-3", 3),
    ):
        found(session, at, office, rule_code=rule_code, count=count)
    document = scores.score_document(session, as_of=TODAY)
    score = Decimal(document["confirmed"]["score"])
    assert sum(Decimal(each["confirmed"]) for each in document["indicators"]) == score
    assert sum(Decimal(each["points"]) for each in document["losses"]) == 100 - score
