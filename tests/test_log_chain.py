"""操作日志: only ever added to, each event bound to the one before, clocks set back noticed."""

import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from daxing_safety import log_chain, settings, verification
from daxing_safety.actions import audit
from daxing_safety.database import reading, transaction
from daxing_safety.log_chain import START, Anchor, Checked, Head, hash_of
from daxing_safety.models import AuditEvent, AuditHead

MORNING = datetime(2021, 5, 20, 8, 0)


def chained(many: int) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for number in range(1, many + 1):
        event = {
            "id": number,
            "at": MORNING + timedelta(minutes=number),
            "username": "区水务局",
            "address": "10.1.1.1",
            "action": "报送",
            "subject": f"第 {number} 版",
            "remark": "",
            "before": "",
            "after": '{"progress": 3}',
            "is_set_back": False,
        }
        event["hash"] = hash_of(events[-1]["hash"] if events else START, event)
        events.append(event)
    return events


def checked(events: list[dict[str, Any]], whole: list[dict[str, Any]], *anchors: Anchor) -> Checked:
    return log_chain.check(events, Head(whole[-1]["id"], whole[-1]["hash"]), anchors)


def test_a_chain_that_nobody_touched_holds() -> None:
    assert checked(chained(5), chained(5)) == Checked(5, "", ())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", MORNING),
        ("username", "office"),
        ("address", ""),
        ("action", "销号问题"),
        ("subject", "第 9 版"),
        ("remark", " "),
        ("before", "{}"),
        ("after", '{"progress": 4}'),
        ("is_set_back", True),
        ("hash", "0" * 64),
    ],
)
def test_whatever_is_altered_the_first_broken_link_is_named(field: str, value: object) -> None:
    events = chained(5)
    events[2][field] = value
    found = checked(events, chained(5))
    assert found.events == 2
    assert "第 3 条" in found.fault and "校验码不符" in found.fault


def test_the_named_link_says_when_who_and_what() -> None:
    events = chained(5)
    events[2]["remark"] = "补记"
    fault = checked(events, chained(5)).fault
    assert "第 3 条（2021-05-20 08:03:00，区水务局，报送“第 3 版”）" in fault


def test_an_event_that_was_taken_out_is_missed() -> None:
    events = chained(5)
    del events[2]
    assert "缺少第 3 条" in checked(events, chained(5)).fault


def test_a_log_that_was_cut_short_is_told_by_its_end_kept_apart() -> None:
    found = checked(chained(5)[:3], chained(5))
    assert found.fault == "操作日志末尾被截断：应有 5 条，只剩 3 条"


def test_a_log_that_was_made_anew_is_told_by_what_a_backup_noted() -> None:
    noted = Anchor(3, chained(3)[-1]["hash"], "备份“a.zip”")
    anew = chained(5)
    anew[2]["subject"] = "第 9 版"
    for at in range(2, 5):
        anew[at]["hash"] = hash_of(anew[at - 1]["hash"], anew[at])
    assert checked(anew, anew).fault == ""
    assert "备份“a.zip”" in checked(anew, anew, noted).fault


def test_a_log_cut_short_with_its_end_is_told_by_what_a_backup_noted() -> None:
    noted = Anchor(5, chained(5)[-1]["hash"], "备份“a.zip”")
    assert "已记到第 5 条" in checked(chained(3), chained(3), noted).fault


# ---- in the database ----------------------------------------------------------------------------


def log(session: Session) -> list[AuditEvent]:
    return list(session.exec(select(AuditEvent).order_by(col(AuditEvent.id))))


def chain() -> Checked:
    with reading() as session:
        return verification.check_log(session)[0]


def test_the_head_follows_every_record(data_dir: Path) -> None:
    with transaction() as session:
        for number in range(3):
            audit.record(session, "报送", number, by=audit.SYSTEM)
    with reading() as session:
        last, head = log(session)[-1], session.exec(select(AuditHead)).one()
    assert (head.number, head.hash, head.at) == (last.id, last.hash, last.at)
    assert chain() == Checked(last.id or 0, "", ())


def test_a_savepoint_that_is_undone_takes_its_records_out_of_the_chain(data_dir: Path) -> None:
    with transaction() as session:
        audit.record(session, "报送", "一", by=audit.SYSTEM)
        savepoint = session.begin_nested()
        audit.record(session, "报送", "二", by=audit.SYSTEM)
        savepoint.rollback()
        audit.record(session, "报送", "三", by=audit.SYSTEM)
    with reading() as session:
        assert [event.subject for event in log(session)][-2:] == ["一", "三"]
    assert chain().fault == ""


def test_eight_writers_at_once_make_one_chain_without_gaps(data_dir: Path) -> None:
    def write(name: int) -> None:
        for number in range(10):
            with transaction() as session:
                audit.record(session, "报送", f"{name}-{number}", by=audit.SYSTEM)
                audit.record(session, "报送", f"{name}-{number} 之二", by=audit.SYSTEM)

    before = chain().events
    writers = [threading.Thread(target=write, args=(name,)) for name in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert chain() == Checked(before + 160, "", ())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET remark = 'x' WHERE id = 1",
        "UPDATE audit_event SET hash = hash",
        "DELETE FROM audit_event WHERE id = 1",
        "DELETE FROM audit_event",
        "UPDATE audit_head SET number = 0",
        "DELETE FROM audit_head",
        "INSERT INTO audit_event (id, at, username, action, subject, remark, before, after, hash,"
        " address, is_set_back) SELECT 99, at, username, action, subject, remark, before, after,"
        " hash, address, is_set_back FROM audit_event WHERE id = 1",
    ],
)
def test_the_database_itself_refuses_to_change_the_log(data_dir: Path, statement: str) -> None:
    before = chain()
    with pytest.raises(DBAPIError, match="the log"), transaction() as session:
        session.connection().execute(text(statement))
    assert chain() == before


@pytest.mark.sqlite
def test_replacing_an_event_on_sqlite_is_no_way_around(data_dir: Path) -> None:
    statement = (
        "INSERT OR REPLACE INTO audit_event (id, at, username, action, subject, remark, before,"
        " after, hash, address, is_set_back) SELECT id, at, 'x', action, subject, remark, before,"
        " after, hash, address, is_set_back FROM audit_event WHERE id = 1"
    )
    with pytest.raises(DBAPIError, match="the log"), transaction() as session:
        session.connection().execute(text(statement))


def test_a_clock_that_was_set_back_is_marked_and_reported(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DAXING_TODAY")
    for at, subject in ((MORNING.replace(year=2031), "早"), (MORNING.replace(year=2030), "晚")):
        monkeypatch.setattr(settings, "clock", lambda at=at: at)
        with transaction() as session:
            audit.record(session, "报送", subject, by=audit.SYSTEM)
    with reading() as session:
        assert [event.is_set_back for event in log(session)][-2:] == [False, True]
    found = chain()
    assert found.fault == ""
    assert len(found.set_back) == 1 and "报送“晚”" in found.set_back[0]


def test_the_address_of_whoever_asks_stands_in_the_record(data_dir: Path) -> None:
    def ask() -> None:
        audit.came_from("10.1.2.3")
        with transaction() as session:
            audit.record(session, "报送", "远处", by=audit.SYSTEM)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    with transaction() as session:
        audit.record(session, "报送", "本机", by=audit.SYSTEM)
    with reading() as session:
        assert [event.address for event in log(session)][-2:] == ["10.1.2.3", ""]


def test_a_text_that_no_database_takes_is_stored_without_it(data_dir: Path) -> None:
    with transaction() as session:
        audit.record(session, "下载未果", "photo/\0", by=audit.SYSTEM, after={"name": "a\0b"})
    assert chain().fault == ""
