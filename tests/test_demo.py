"""The demo: a half-done programme in which every sum agrees and every kind of thing occurs."""

from collections.abc import Iterator

import pytest
from sqlmodel import Session, col, func, select

from daxing_safety import database, ledger, settings
from daxing_safety.actions import preferences
from daxing_safety.demo import build_demo
from daxing_safety.models import Problem, Round, Submission, User
from daxing_safety.vocabulary import Discovery, RectificationStatus, ReviewState, RoundState


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAXING_DATA_DIR", str(tmp_path_factory.mktemp("demo")))
        environment.delenv("DAXING_TODAY", raising=False)
        database.upgrade()
        build_demo(password="Yan-shi-2021-shu")
        with database.reading() as session:
            yield session
        database.engines(settings.database_url()).dispose()


def test_it_is_a_programme_half_done(demo: Session) -> None:
    states = demo.exec(select(Round.state).order_by(col(Round.id))).all()
    assert states == [RoundState.FROZEN] * 3 + [RoundState.OPEN]
    assert preferences.is_demo(demo)


def test_problems_came_from_every_source_and_stand_at_every_stage(demo: Session) -> None:
    assert set(demo.exec(select(Problem.discovery))) == set(Discovery)
    assert set(demo.exec(select(Problem.status))) == set(RectificationStatus)
    overdue = (col(Problem.due_on) < settings.DEMO_DAY) & (
        col(Problem.status) != RectificationStatus.CLOSED
    )
    assert demo.exec(select(func.count()).where(overdue)).one() > 0


def test_submissions_were_accepted_returned_late_and_some_wait(demo: Session) -> None:
    states = set(demo.exec(select(Submission.state)))
    assert {ReviewState.ACCEPTED, ReviewState.RETURNED, ReviewState.PENDING} <= states
    assert True in set(demo.exec(select(Submission.is_late)))


def test_every_unit_and_every_role_has_an_account(demo: Session) -> None:
    names = set(demo.exec(select(User.username)))
    assert {"office", "admin", "auditor", "leader", "expert", "区教委", "黄村镇"} <= names


def test_the_kept_sums_agree_with_the_ledger(demo: Session) -> None:
    with database.transaction() as session:
        assert ledger.differences(session) == []
