"""The programme's clock, and the lights over the work points."""

from datetime import date
from decimal import Decimal

import pytest
from ledger_lines import TODAY
from sqlmodel import Session, col, update

from daxing_safety.models import Unit, User, WorkPointDuty
from daxing_safety.reports import progress
from daxing_safety.vocabulary import Group, Light, ProgressStatus


def say(session: Session, unit: Unit, status: ProgressStatus, percent: int) -> None:
    session.exec(
        update(WorkPointDuty)
        .where(col(WorkPointDuty.unit_code) == unit.code)
        .values(status=status, percent=Decimal(percent))
    )


@pytest.mark.parametrize(
    ("today", "days"),
    [(date(2021, 5, 20), 225), (date(2021, 12, 31), 0), (date(2022, 1, 5), 0)],
)
def test_the_clock_counts_down_to_the_programmes_last_day(
    session: Session, today: date, days: int
) -> None:
    clock = progress.phase_clock(session, today=today)
    assert [phase.no for phase in clock.phases] == [1, 2, 3, 4]
    assert (clock.starts_on, clock.days_left) == (date(2020, 3, 1), days)


def test_what_was_due_and_is_not_done_is_overdue_in_its_group(
    session: Session, office: User
) -> None:
    lights = progress.lights(session, viewer=office, today=TODAY)
    assert lights[Group.TOWNS, Light.OVERDUE] > 0
    assert lights[Group.TOWNS, Light.ON_TRACK] == 0
    assert sum(lights.values()) == 1998


def test_a_clerk_sees_the_lights_of_the_own_duties(
    session: Session, water_bureau: Unit, clerk: User, neighbour: User
) -> None:
    say(session, water_bureau, ProgressStatus.DONE, 100)
    assert set(progress.lights(session, viewer=clerk, today=TODAY)) == {
        (Group.DEPARTMENTS, Light.ON_TRACK)
    }
    others = progress.lights(session, viewer=neighbour, today=TODAY)
    assert (Group.DEPARTMENTS, Light.ON_TRACK) not in others


def test_who_says_it_is_not_theirs_has_no_light(
    session: Session, water_bureau: Unit, clerk: User
) -> None:
    say(session, water_bureau, ProgressStatus.NOT_OURS, 0)
    assert not progress.lights(session, viewer=clerk, today=TODAY)
