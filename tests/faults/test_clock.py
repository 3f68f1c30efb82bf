"""A clock that is moved: order is by number, no sign-in lasts longer, and the log notices.

The scenes live by the system's clock, which libfaketime moves for their process alone.
"""

import os
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from filling import work_points
from keeping_count import report
from kept_work import user
from scenes import play
from sqlmodel import col, select

from daxing_safety import settings, verification
from daxing_safety.actions import rounds, sessions, upkeep
from daxing_safety.actions.sessions import TooManyAttempts, Visitor
from daxing_safety.database import reading, transaction
from daxing_safety.errors import Conflict
from daxing_safety.models import AuditEvent, Submission

LIBRARY = "faketime/libfaketime.so.1"
VISITOR = Visitor(address="10.0.0.7", browser="", token="")
MOVED = "MOVED_CLOCK"


@pytest.fixture
def moved_clock(data_dir: Path, tmp_path: Path) -> dict[str, str]:
    """What a scene's process needs so that `move` moves its clock."""
    found = sorted(Path("/usr/lib").glob(f"*/{LIBRARY}"))
    if not found:
        pytest.skip("libfaketime is not installed")
    (tmp_path / "moved").write_text("+0")
    return {
        "LD_PRELOAD": str(found[0]),
        "FAKETIME_TIMESTAMP_FILE": str(tmp_path / "moved"),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",
        MOVED: str(tmp_path / "moved"),
        "DAXING_TODAY": "",
    }


def move(**by: float) -> None:
    """The clock, from where it really stands."""
    seconds = timedelta(**by).total_seconds()
    Path(os.environ[MOVED]).write_text(f"{seconds:+.0f}")


def sign_in() -> str:
    with transaction() as session:
        return sessions.start(session, username="office", visitor=VISITOR, now=settings.clock())


def is_signed_in(token: str) -> bool:
    with reading() as session:
        return sessions.look_up(session, token=token, now=settings.clock()) is not None


def sign_in_and_move(_: Path) -> None:
    token = sign_in()
    move(minutes=25)
    assert is_signed_in(token)
    move(minutes=-20)
    assert not is_signed_in(token)
    move(hours=13)
    assert not is_signed_in(token)


def test_no_sign_in_lasts_longer_because_the_clock_was_moved(
    data_dir: Path, moved_clock: dict[str, str]
) -> None:
    play(sign_in_and_move, data_dir, [], **moved_clock)


def guess_while_ahead(_: Path) -> None:
    move(days=1)
    for _ in range(8):
        try:
            with transaction() as session:
                sessions.admit(session, username="office", address="10.0.0.8", now=settings.clock())
        except TooManyAttempts:
            break
    else:
        raise AssertionError("so many guesses are let in")
    move()
    with transaction() as session:
        sessions.admit(session, username="office", address="10.0.0.9", now=settings.clock())


def test_nobody_stays_locked_out_until_a_wrong_clock_would_have_caught_up(
    data_dir: Path, moved_clock: dict[str, str]
) -> None:
    play(guess_while_ahead, data_dir, [], **moved_clock)


def open_round(due_at: datetime) -> None:
    with transaction() as session:
        office = user(session, "office")
        rounds.open_round(session, name="本期", due_at=due_at, by=office, now=settings.now())


def hand_in_and_set_back(_: Path) -> None:
    open_round(settings.now() + timedelta(days=2))
    first = report(work_points(_1_05={"remark": "第一次"}))
    move(hours=-1)
    second = report(work_points(_1_05={"remark": "第二次"}))
    assert (first, second) == (1, 2)
    with reading() as session:
        latest = session.exec(select(Submission.version).where(col(Submission.is_latest))).one()
        set_back = session.exec(select(AuditEvent.id).where(col(AuditEvent.is_set_back))).all()
    assert latest == 2
    assert len(set_back) == 1
    found = verification.verify()
    assert found.differences == []
    assert len(found.set_back) == 1


def test_versions_and_log_are_in_the_order_of_their_numbers_and_the_step_is_noticed(
    data_dir: Path, moved_clock: dict[str, str]
) -> None:
    play(hand_in_and_set_back, data_dir, [], **moved_clock)


def hand_in_late_by_the_clock(_: Path) -> None:
    open_round(settings.now() + timedelta(minutes=30))
    move(minutes=31)
    with pytest.raises(Conflict, match="截止"):
        report()
    move(minutes=29)
    assert report() == 1


def test_the_deadline_is_by_the_servers_clock_at_the_moment_of_storing(
    data_dir: Path, moved_clock: dict[str, str]
) -> None:
    play(hand_in_late_by_the_clock, data_dir, [], **moved_clock)


def claims() -> bool:
    with transaction() as session:
        return upkeep.claim_daily_backup(session, now=settings.clock())


def back_up_while_ahead(_: Path) -> None:
    assert not claims()
    move(days=400)
    assert claims()
    move()
    assert not claims()
    move(days=1)
    assert claims()
    assert not claims()


def test_a_clock_that_was_ahead_does_not_end_the_daily_backups(
    data_dir: Path, moved_clock: dict[str, str]
) -> None:
    play(back_up_while_ahead, data_dir, [], **moved_clock)


def look_at_the_clock(_: Path) -> None:
    today = settings.today()
    assert today > date(2022, 1, 1)  # the real one, not the tests' business day
    move(days=3)
    assert settings.today() == today + timedelta(days=3)


def test_the_scenes_do_live_by_a_clock_that_is_moved(
    data_dir: Path, moved_clock: dict[str, str]
) -> None:
    play(look_at_the_clock, data_dir, [], **moved_clock)
