"""The daily backup: due once a night, made by one server of several, the oldest ones go."""

import json
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from daxing_safety import backups, settings
from daxing_safety.actions import audit, upkeep
from daxing_safety.actions.upkeep import Schedule
from daxing_safety.database import reading, transaction
from daxing_safety.errors import BadInput, NotAllowed, UserFacingError
from daxing_safety.models import AuditEvent, User
from daxing_safety.web import upkeep as server

EVENING = datetime(2026, 5, 20, 20, 0)
NIGHT = datetime(2026, 5, 21, 2, 0, 30)


def claims(session: Session, now: datetime) -> bool:
    return upkeep.claim_daily_backup(session, now=now)


def last_event(session: Session) -> AuditEvent:
    return session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(1)).one()


# ---- when it is due -----------------------------------------------------------------------------


def test_a_new_database_waits_for_its_first_night(session: Session) -> None:
    assert not claims(session, EVENING)
    assert not claims(session, EVENING + timedelta(hours=5))
    assert claims(session, NIGHT)


def test_of_several_servers_one_makes_it(session: Session) -> None:
    claims(session, EVENING)
    assert [claims(session, NIGHT) for _ in range(3)] == [True, False, False]
    assert claims(session, NIGHT + timedelta(days=1))


def test_a_night_that_the_server_slept_through_is_made_up_for(session: Session) -> None:
    claims(session, EVENING)
    assert claims(session, NIGHT.replace(hour=9))


def test_without_a_time_there_is_no_daily_backup(session: Session, admin: User) -> None:
    claims(session, EVENING)
    upkeep.set_schedule(session, at="", keep=7, by=admin)
    assert not claims(session, NIGHT)


@pytest.mark.parametrize("typed", ["2:30", "02:30", "02：30"])
def test_the_time_may_be_written_as_people_do(session: Session, admin: User, typed: str) -> None:
    upkeep.set_schedule(session, at=typed, keep=7, by=admin)
    assert upkeep.schedule(session) == Schedule(time(2, 30), 7)
    assert json.loads(last_event(session).after) == {"at": "02:30", "keep": 7}


@pytest.mark.parametrize(("at", "keep"), [("25:00", 7), ("夜里", 7), ("02:00", 0), ("02:00", 999)])
def test_what_is_no_time_or_number_is_refused(
    session: Session, admin: User, at: str, keep: int
) -> None:
    with pytest.raises(BadInput):
        upkeep.set_schedule(session, at=at, keep=keep, by=admin)
    assert upkeep.schedule(session) == Schedule()


def test_nobody_but_the_administrator_sets_it(session: Session, office: User, clerk: User) -> None:
    for user in (office, clerk):
        with pytest.raises(NotAllowed):
            upkeep.set_schedule(session, at="03:00", keep=7, by=user)


# ---- what the server does ------------------------------------------------------------------------


@pytest.fixture
def at_night(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        claims(session, EVENING)
    monkeypatch.setattr(settings, "clock", lambda: NIGHT)


@pytest.mark.usefixtures("at_night")
def test_the_server_backs_up_rotates_and_checks_once_a_night() -> None:
    for day in range(1, 4):
        name = upkeep.file_name(upkeep.BY_CLOCK, NIGHT - timedelta(days=day))
        backups.create(settings.backups_dir() / name, now=NIGHT)
    by_hand = upkeep.file_name(upkeep.BY_HAND, NIGHT - timedelta(days=9))
    backups.create(settings.backups_dir() / by_hand, now=NIGHT)
    with transaction() as session:
        upkeep.set_schedule(session, at="02:00", keep=2, by=_admin(session))
    assert server.do_what_is_due()
    assert not server.do_what_is_due()
    names = {each.path.name for each in backups.kept()}
    assert len(names) == 3
    assert {by_hand, upkeep.file_name(upkeep.BY_CLOCK, NIGHT)} <= names
    with reading() as session:
        backup = upkeep.last(session, upkeep.LAST_BACKUP)
        check = upkeep.last(session, upkeep.LAST_CHECK)
        told = set(session.exec(select(AuditEvent.action)))
    assert backup and backup.is_good and backup.at == NIGHT
    assert check and check.is_good
    assert {"备份", "删除过期备份", "核对"} <= told


def _admin(session: Session) -> User:
    return session.exec(select(User).where(col(User.username) == "admin")).one()


@pytest.mark.usefixtures("at_night")
def test_a_backup_that_failed_is_told_and_the_check_is_made_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "no folder").write_bytes(b"")
    monkeypatch.setenv("DAXING_BACKUP_DIR", str(tmp_path / "no folder"))
    with pytest.raises(UserFacingError):
        server.do_what_is_due()
    with reading() as session:
        backup = upkeep.last(session, upkeep.LAST_BACKUP)
        assert backup and not backup.is_good and "写不进去" in backup.text
        assert upkeep.last(session, upkeep.LAST_CHECK)


def test_whoever_may_not_is_refused_before_anything_is_written(
    data_dir: Path, office: User
) -> None:
    with pytest.raises(NotAllowed):
        server.back_up(upkeep.BY_HAND, by=office)
    with pytest.raises(NotAllowed):
        server.check(by=office)
    assert backups.kept() == []


def test_a_backup_notes_the_end_of_the_log(data_dir: Path) -> None:
    name = server.back_up(upkeep.BY_HAND, by=audit.SYSTEM)
    log = backups.look(backups.find(name)).log
    with reading() as session:
        assert log.hash in last_event(session).remark
