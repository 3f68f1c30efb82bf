"""整改 in numbers: what is open, waiting, overdue or without a deadline."""

from datetime import date

from ledger_lines import TODAY, found
from sqlmodel import Session

from daxing_safety.models import Unit, User
from daxing_safety.reports.problems import counts as problems
from daxing_safety.reports.problems.counts import Rectification
from daxing_safety.vocabulary import RectificationStatus


def of_viewer(session: Session, viewer: User) -> Rectification:
    return problems.total(problems.by_unit(session, viewer=viewer, today=TODAY))


def test_a_problem_is_overdue_from_the_day_after_its_deadline(
    session: Session, water_bureau: Unit, office: User
) -> None:
    found(session, water_bureau, office, due_on=TODAY)
    assert of_viewer(session, office).overdue == 0
    found(session, water_bureau, office, due_on=date(2021, 5, 19))
    assert of_viewer(session, office).overdue == 1


def test_what_is_closed_is_neither_open_nor_overdue(
    session: Session, water_bureau: Unit, office: User
) -> None:
    found(session, water_bureau, office, due_on=date(2021, 5, 1), status=RectificationStatus.CLOSED)
    counts = of_viewer(session, office)
    assert (counts.problems, counts.closed, counts.open, counts.overdue) == (1, 1, 0, 0)
    assert counts.rate == 1


def test_open_problems_without_a_deadline_and_those_waiting_for_the_office_are_counted(
    session: Session, water_bureau: Unit, office: User
) -> None:
    found(session, water_bureau, office, due_on=None)
    found(session, water_bureau, office, status=RectificationStatus.CLAIMED_FIXED)
    counts = of_viewer(session, office)
    assert (counts.open, counts.undated, counts.pending) == (2, 1, 1)


def test_where_nothing_was_found_there_is_no_closing_rate(session: Session, office: User) -> None:
    assert of_viewer(session, office).rate is None


def test_a_clerk_counts_the_own_problems_only(
    session: Session, water_bureau: Unit, office: User, clerk: User, neighbour: User
) -> None:
    found(session, water_bureau, office)
    assert of_viewer(session, clerk).open == 1
    assert of_viewer(session, neighbour).open == 0
