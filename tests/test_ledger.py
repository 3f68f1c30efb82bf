"""Problems cost points, whoever found them; the kept sums always equal the ledger's."""

from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from daxing_safety import ledger
from daxing_safety.actions import closings, preferences, problems, rounds
from daxing_safety.models import IndicatorScore, Loss, Problem, Round, Unit, UnitSummary, User
from daxing_safety.vocabulary import Discovery, RectificationStatus, RoundState

NOW = datetime(2021, 5, 20, 10, 0)


def found(
    session: Session, unit: Unit, by: User, *, rule_code: str = "4-1", count: int = 1
) -> Problem:
    return problems.register(
        session,
        unit=unit,
        rule_code=rule_code,
        site="黄村西大街12号院北门",
        description="消火栓无水",
        count=count,
        discovery=Discovery.EXPERT,
        found_on=date(2021, 5, 18),
        by=by,
        now=NOW,
    )


def score_of(session: Session, code: str) -> IndicatorScore:
    query = select(IndicatorScore).where(
        col(IndicatorScore.indicator_code) == code, col(IndicatorScore.round_id) == 0
    )
    return session.exec(query.execution_options(populate_existing=True)).one()


def test_what_an_expert_finds_lowers_the_confirmed_score_only(
    session: Session, water_bureau: Unit, office: User
) -> None:
    found(session, water_bureau, office, count=2)
    score = score_of(session, "4")
    assert (score.claimed, score.confirmed) == (Decimal("2.00"), Decimal("1.60"))


def test_closing_brings_the_points_back(session: Session, water_bureau: Unit, office: User) -> None:
    problem = found(session, water_bureau, office, count=2)
    problem.status = RectificationStatus.CLAIMED_FIXED
    session.add(problem)
    ledger.refresh(session, {water_bureau.code})
    assert score_of(session, "4").confirmed == Decimal("1.60")
    assert score_of(session, "4").confirmed_high == Decimal("2.00")
    closings.close(session, problem=problem, remark="现场复查已修复", by=office, now=NOW)
    assert score_of(session, "4").confirmed == Decimal("2.00")


def test_where_the_cap_bites_a_neighbours_share_shrinks(
    session: Session, water_bureau: Unit, city_management: Unit, office: User
) -> None:
    def lost(unit: Unit) -> Decimal:
        query = select(UnitSummary).where(
            col(UnitSummary.unit_code) == unit.code, col(UnitSummary.round_id) == 0
        )
        return session.exec(query.execution_options(populate_existing=True)).one().confirmed_lost

    found(session, water_bureau, office, count=5)
    assert lost(water_bureau) == Decimal("1.00")
    found(session, city_management, office, count=5)
    assert (lost(water_bureau), lost(city_management)) == (Decimal("0.50"), Decimal("0.50"))


def test_the_kept_sums_equal_the_ledgers_after_any_write(
    session: Session, water_bureau: Unit, city_management: Unit, office: User
) -> None:
    found(session, water_bureau, office, count=7)
    found(session, city_management, office, rule_code="17-1", count=3)
    preferences.leave_out(session, indicator_code="12", reason="本区没有尾矿库", by=office, now=NOW)
    assert ledger.differences(session) == []


def test_a_sum_that_was_tampered_with_is_named(
    session: Session, water_bureau: Unit, office: User
) -> None:
    found(session, water_bureau, office)
    loss = session.exec(select(Loss)).one()
    loss.confirmed = Decimal("0.10")
    session.add(loss)
    session.flush()
    named = ledger.differences(session)
    assert any(line.startswith("loss:") and "4-1" in line for line in named)


def test_a_frozen_round_keeps_its_figures_when_things_move_on(
    session: Session, water_bureau: Unit, office: User, second_quarter: Round
) -> None:
    found(session, water_bureau, office, count=2)
    rounds.close_round(session, round_=second_quarter, by=office)
    rounds.freeze_round(session, round_=second_quarter, by=office, now=NOW)
    found(session, water_bureau, office, count=2)
    frozen = session.exec(
        select(IndicatorScore).where(
            col(IndicatorScore.indicator_code) == "4",
            col(IndicatorScore.round_id) == second_quarter.id,
        )
    ).one()
    assert second_quarter.state is RoundState.FROZEN
    assert frozen.confirmed == Decimal("1.60")
    assert score_of(session, "4").confirmed == Decimal("1.20")
