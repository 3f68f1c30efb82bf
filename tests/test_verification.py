"""核对 finds every kind of damage, and says where."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from kept_work import NOW, PDF, do_some_work
from sqlalchemy import create_engine

from daxing_safety import backups, database, files, settings, verification
from daxing_safety.actions import audit
from daxing_safety.cli import main
from daxing_safety.verification import remove_orphans, verify

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def work(data_dir: Path) -> None:
    do_some_work()


@contextmanager
def tampering() -> Iterator[Callable[[str], object]]:
    """As somebody with the database and a tool would."""
    engine = create_engine(settings.database_url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        tell = connection.exec_driver_sql
        if engine.dialect.name == "postgresql":
            for table in ("audit_event", "audit_head"):
                tell(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            triggers = tell("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
            for name in triggers:
                tell(f"DROP TRIGGER {name}")
        yield tell
    engine.dispose()


def found() -> list[tuple[str, str]]:
    return [(each.part, each.text) for each in verify().differences]


def test_what_nobody_touched_agrees() -> None:
    result = verify()
    assert result.differences == []
    assert (result.files, result.events) == (2, result.head.number)


def test_a_changed_sum_is_found_and_put_right() -> None:
    with tampering() as tell:
        tell("UPDATE indicator_score SET confirmed = confirmed + 1")
    assert {part for part, _ in found()} == {"sums"}
    assert found() == []


def test_evidence_that_is_gone_is_named() -> None:
    files.path_of(files.keep(PDF)).unlink()
    assert found() == [("files", "文件丢失：佐证材料 规划.pdf")]


def test_evidence_that_was_changed_is_named() -> None:
    files.path_of(files.keep(PDF)).write_bytes(b"%PDF-1.7 other")
    assert found() == [("files", "文件被改动过或已损坏：佐证材料 规划.pdf")]


def test_a_file_that_no_row_names_is_found() -> None:
    digest = files.keep(b"orphan")
    assert found() == [("files", f"有一个文件不属于任何记录：{digest}")]


def test_an_altered_event_is_named() -> None:
    with tampering() as tell:
        tell("UPDATE audit_event SET username = 'office' WHERE action = '报送'")
    ((part, text),) = found()
    assert part == "log"
    assert "从这一条起校验码不符" in text and "office，报送" in text


def test_a_log_cut_short_is_found() -> None:
    with tampering() as tell:
        tell("DELETE FROM audit_event WHERE id = (SELECT max(id) FROM audit_event)")
    ((part, text),) = found()
    assert part == "log" and "末尾被截断" in text


def test_a_log_cut_short_together_with_its_end_is_told_by_a_backup() -> None:
    backups.create(settings.backups_dir() / "a.zip", now=settings.clock())
    with tampering() as tell:
        tell("DELETE FROM audit_event WHERE id = (SELECT max(id) FROM audit_event)")
        tell(
            "UPDATE audit_head SET (number, hash) ="
            " (SELECT id, hash FROM audit_event ORDER BY id DESC LIMIT 1)"
        )
    ((_, text),) = found()
    assert "备份“a.zip”" in text


def test_a_restored_copy_is_not_held_against_backups_made_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settle: Callable[..., Path]
) -> None:
    shelf = tmp_path / "shelf"
    monkeypatch.setenv("DAXING_BACKUP_DIR", str(shelf))
    backups.create(shelf / "old.zip", now=settings.clock() - timedelta(hours=2))
    with database.transaction() as session:
        for number in range(5):
            audit.record(session, "报送", number, by=audit.SYSTEM)
    backups.create(shelf / "new.zip", now=settings.clock() - timedelta(hours=1))
    settle(tmp_path / "restored")
    assert main(["restore", str(shelf / "old.zip")]) == 0
    assert found() == []


@pytest.mark.sqlite
def test_a_row_that_points_nowhere_is_found() -> None:
    with tampering() as tell:
        tell("UPDATE evidence_use SET evidence_id = 99")
    assert ("database", "evidence_use 表第 1 行所指的 evidence 不存在") in found()


@pytest.mark.sqlite
def test_a_database_with_a_spoilt_page_is_found_in_a_sentence() -> None:
    path = settings.data_dir() / "daxing.db"
    with tampering() as tell:
        tell("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    data[40 * 4096 : 44 * 4096] = b"\xff" * (4 * 4096)
    path.write_bytes(data)
    assert {part for part, _ in found()} == {"database"}


def test_files_of_uploads_that_were_cut_off_go_after_a_day() -> None:
    new, old = files.keep(b"just now"), files.keep(b"long ago")
    now = settings.clock()
    past = (now - timedelta(days=2)).replace(tzinfo=settings.BEIJING).timestamp()
    for digest in (old, files.keep(PDF)):
        os.utime(files.path_of(digest), (past, past))
    assert remove_orphans(now=now) == 1
    assert new in files.on_disk() and old not in files.on_disk()
    assert files.load(files.keep(PDF)) == PDF


def test_the_command_says_it_in_json_and_by_its_exit_code(capsys: Output) -> None:
    assert main(["verify", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["differences"] == []
    assert document["log"]["events"] == document["log"]["number"]
    files.path_of(files.keep(PDF)).unlink()
    assert main(["verify", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["differences"] == ["文件丢失：佐证材料 规划.pdf"]
    assert main(["verify"]) == 1
    assert "文件丢失" in capsys.readouterr().out


def test_a_check_reads_the_clocks_setbacks_but_is_no_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DAXING_TODAY")
    for year in (2031, 2030):
        monkeypatch.setattr(settings, "clock", lambda year=year: NOW.replace(year=year))
        with database.transaction() as session:
            audit.record(session, "报送", year, by=audit.SYSTEM)
    result = verification.verify()
    assert result.differences == []
    assert len(result.set_back) == 1
