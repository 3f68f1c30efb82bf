"""A problem of 区水务局 at four places of its way."""

import pytest
from problem_lives import (
    NOW,
    claim,
    register,
)
from sqlmodel import Session

from daxing_safety.actions import (
    closings,
    problems,
)
from daxing_safety.models import (
    Problem,
    Unit,
    User,
)


@pytest.fixture
def problem(session: Session, water_bureau: Unit, office: User) -> Problem:
    """Found by an expert, 待交办."""
    return register(session, water_bureau, office)


@pytest.fixture
def assigned(session: Session, problem: Problem, office: User) -> Problem:
    problems.assign(session, problem=problem, by=office, now=NOW)
    return problem


@pytest.fixture
def claimed(session: Session, assigned: Problem, clerk: User) -> Problem:
    claim(session, assigned, clerk)
    return assigned


@pytest.fixture
def closed(session: Session, claimed: Problem, office: User) -> Problem:
    closings.close(session, problem=claimed, remark="看过照片", by=office, now=NOW)
    return claimed
