"""待办 of who looks after the server: a disk that fills up, backups and checks that went wrong."""

import json
from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlmodel import Session
from todo_lines import kinds, line

from daxing_safety import disks, settings
from daxing_safety.actions import audit, upkeep
from daxing_safety.disks import GB, MB, Space
from daxing_safety.log_chain import Head
from daxing_safety.models import Preference, User
from daxing_safety.reports.todo.items import Kind, Urgency
from daxing_safety.verification import Difference, Verification

NOW = settings.clock()
TERABYTE = 1000 * GB


@pytest.fixture(autouse=True)
def plenty_of_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disks, "space", lambda _: Space(50 * GB, 100 * GB))


def waits(session: Session, admin: User) -> bool:
    return Kind.SERVER in kinds(session, admin)


def test_a_server_that_is_well_asks_for_nothing(session: Session, admin: User) -> None:
    assert not waits(session, admin)


@pytest.mark.parametrize(
    ("space", "urgency"),
    [
        (Space(9 * GB, 100 * GB), Urgency.NORMAL),
        (Space(40 * GB, TERABYTE), Urgency.NORMAL),
        (Space(499 * MB, 100 * GB), Urgency.TODAY),
    ],
)
def test_a_disk_that_fills_up_is_told_before_it_is_full(
    session: Session,
    admin: User,
    monkeypatch: pytest.MonkeyPatch,
    space: Space,
    urgency: Urgency,
) -> None:
    monkeypatch.setattr(disks, "space", lambda _: space)
    assert line(session, admin, Kind.SERVER).urgency is urgency


def test_of_a_very_large_disk_a_tenth_is_still_plenty(
    session: Session, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disks, "space", lambda _: Space(60 * GB, TERABYTE))
    assert not waits(session, admin)


def test_a_backup_that_failed_is_told(session: Session, admin: User) -> None:
    upkeep.note_failed_backup(session, reason="磁盘已满。", by=audit.SYSTEM, now=NOW)
    told = line(session, admin, Kind.SERVER)
    assert told.title == "最近一次备份没有做好"
    assert "磁盘已满" in told.detail


def noted(session: Session, *, days_ago: int) -> None:
    last = upkeep.Outcome(NOW - timedelta(days=days_ago), True, "好")
    value = json.dumps(asdict(last), ensure_ascii=False, default=str)
    session.merge(Preference(name=upkeep.LAST_BACKUP, value=value))


def test_daily_backups_that_stopped_coming_are_told(session: Session, admin: User) -> None:
    noted(session, days_ago=1)
    assert not waits(session, admin)
    noted(session, days_ago=3)
    assert line(session, admin, Kind.SERVER).title == "每日备份已经停了"
    upkeep.set_schedule(session, at="", keep=7, by=admin)
    assert not waits(session, admin)


def test_a_check_that_found_something_is_told(session: Session, admin: User) -> None:
    lost = Difference("files", "文件丢失：佐证材料 规划.pdf")
    found = Verification([lost], [], 1, 1, Head(1, ""))
    upkeep.note_check(session, found=found, by=audit.SYSTEM, now=NOW)
    told = line(session, admin, Kind.SERVER)
    assert told.title == "最近一次核对有不符"
    assert "规划.pdf" in told.detail


def test_nobody_else_hears_of_the_server(session: Session, office: User, clerk: User) -> None:
    upkeep.note_failed_backup(session, reason="磁盘已满。", by=audit.SYSTEM, now=NOW)
    assert Kind.SERVER not in kinds(session, office) + kinds(session, clerk)
