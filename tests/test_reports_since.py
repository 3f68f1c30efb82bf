"""What has changed since the last frozen round, told with the same sums that were kept then."""

from decimal import Decimal

from ledger_lines import NOW, TODAY, found
from sqlmodel import Session

from daxing_safety.actions import rounds
from daxing_safety.models import Round, Unit, User
from daxing_safety.reports import since, trend
from daxing_safety.reports.since import Since
from daxing_safety.vocabulary import RectificationStatus


def changes(session: Session, viewer: User) -> Since | None:
    history = trend.trend(session, viewer=viewer, today=TODAY)
    return since.since_last_round(session, viewer=viewer, today=TODAY, history=history)


def test_before_a_round_is_frozen_there_is_nothing_to_compare(
    session: Session, office: User
) -> None:
    assert changes(session, office) is None


def test_points_and_counts_are_told_from_the_freeze_on(
    session: Session, water_bureau: Unit, second_quarter: Round, office: User, clerk: User
) -> None:
    found(session, water_bureau, office)
    rounds.close_round(session, round_=second_quarter, by=office)
    rounds.freeze_round(session, round_=second_quarter, by=office, now=NOW)
    found(session, water_bureau, office, count=2)
    found(session, water_bureau, office, status=RectificationStatus.CLOSED)

    changed = changes(session, office)
    assert changed is not None
    assert (changed.label, changed.on) == (second_quarter.name, TODAY)
    assert (changed.confirmed, changed.claimed) == (Decimal("-0.40"), 0)
    assert (changed.problems, changed.closed, changed.work_points_done) == (2, 1, 0)
    own = changes(session, clerk)
    assert own is not None and (own.problems, own.closed) == (2, 1)


def test_a_neighbour_s_changes_are_the_own_unit_s(
    session: Session, water_bureau: Unit, second_quarter: Round, office: User, neighbour: User
) -> None:
    rounds.close_round(session, round_=second_quarter, by=office)
    rounds.freeze_round(session, round_=second_quarter, by=office, now=NOW)
    found(session, water_bureau, office)
    changed = changes(session, neighbour)
    assert changed is not None
    assert (changed.confirmed, changed.problems) == (0, 0)
