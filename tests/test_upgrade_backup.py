"""Before its tables change a database is backed up, and changes whole or not at all."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kept_work import do_some_work
from older_databases import set_back
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from daxing_safety import backups, database, ledger, settings, verification
from daxing_safety.actions import installation
from daxing_safety.cli import main
from daxing_safety.models import AuditEvent

pytestmark = pytest.mark.sqlite

BEFORE = "0003"
OF_THE_DAY = {"alembic_version", "audit_event", "audit_head"}  # tell of the upgrade itself
Output = pytest.CaptureFixture[str]


@pytest.fixture
def older(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of an installation from before the log was a chain, with work in it."""
    do_some_work()
    database.engines(settings.database_url()).dispose()
    folder = tmp_path / "older"
    shutil.copytree(data_dir / "files", folder / "files")
    newer = settings.database_url()
    monkeypatch.setenv("DAXING_DATA_DIR", str(folder))
    set_back(newer, BEFORE)
    yield folder
    database.engines(settings.database_url()).dispose()


def schema_in(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "daxing.db")) as file:
        return file.execute("SELECT version_num FROM alembic_version").fetchone()[0]


def contents_of(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every table but those that tell of the upgrade."""
    with closing(sqlite3.connect(folder / "daxing.db")) as file:
        tables = file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        names = sorted({name for (name,) in tables} - OF_THE_DAY)
        return {name: file.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in names}


def test_an_upgrade_keeps_a_backup_of_what_was_there(older: Path) -> None:
    installation.upgrade()
    (backup,) = backups.kept()
    assert backup.path.name.startswith(f"daxing-upgrade-{BEFORE}-")
    assert backup.manifest
    assert (backup.manifest.schema, backup.manifest.counts["problem"]) == (BEFORE, 1)
    assert not backup.manifest.missing
    assert schema_in(older) == database.known_revisions()[0]
    assert not verification.verify().differences


def test_the_log_names_the_upgrade_and_its_backup(older: Path) -> None:
    installation.upgrade()
    with database.reading() as session:
        event = session.exec(select(AuditEvent).where(col(AuditEvent.action) == "升级数据库")).one()
    assert event.subject == f"{BEFORE} → {database.known_revisions()[0]}"
    assert backups.kept()[0].path.name in event.remark


def test_the_backup_restored_and_upgraded_again_is_the_same(
    older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.upgrade()
    upgraded, (backup,) = contents_of(older), backups.kept()
    monkeypatch.setenv("DAXING_DATA_DIR", str(tmp_path / "again"))
    backups.restore(backup.path)
    assert schema_in(tmp_path / "again") == BEFORE
    installation.upgrade()
    assert contents_of(tmp_path / "again") == upgraded
    assert not verification.verify().differences


def test_nobody_writes_between_the_backup_and_the_new_tables(older: Path) -> None:
    def write(_: str) -> None:
        with (
            closing(sqlite3.connect(older / "daxing.db", timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("DELETE FROM problem")

    assert database.upgrade(before=write)


def test_a_migration_that_fails_on_its_way_leaves_the_old_tables(older: Path) -> None:
    before = contents_of(older)
    with closing(sqlite3.connect(older / "daxing.db")) as file:
        file.execute("CREATE TABLE old_password (id)")  # which a later one of the steps would make
    with pytest.raises(OperationalError, match="already exists"):
        installation.upgrade()
    with closing(sqlite3.connect(older / "daxing.db")) as file:
        file.execute("DROP TABLE old_password")
    assert (schema_in(older), contents_of(older)) == (BEFORE, before)
    installation.upgrade()
    assert not verification.verify().differences


def test_sums_that_cannot_be_made_leave_the_old_tables(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr(ledger, "rebuild", lambda _: 1 // 0)
        installation.upgrade()
    assert schema_in(older) == BEFORE


def test_without_a_backup_there_is_no_upgrade_unless_one_insists(
    older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    (tmp_path / "no folder").touch()
    monkeypatch.setenv("DAXING_BACKUP_DIR", str(tmp_path / "no folder"))
    assert main(["init"]) == 1
    told = capsys.readouterr().err
    assert "没有备份成" in told
    assert "--without-backup" in told
    assert schema_in(older) == BEFORE
    assert main(["init", "--without-backup"]) == 0
    assert schema_in(older) == database.known_revisions()[0]


def test_a_database_of_this_version_or_a_new_one_needs_no_backup(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.upgrade()
    assert backups.kept() == []
    monkeypatch.setenv("DAXING_DATA_DIR", str(tmp_path / "new"))
    installation.upgrade()
    assert backups.kept() == []


def start(folder: Path, *command: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "daxing_safety", *command],
        cwd=settings.ROOT,
        env=os.environ | {"DAXING_DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def test_of_two_that_start_at_once_one_upgrades(older: Path) -> None:
    both = [start(older, "init"), start(older, "init")]
    said = [each.communicate(timeout=120)[1] for each in both]
    assert ([each.returncode for each in both], said) == ([0, 0], ["", ""])
    assert len(backups.kept()) == 1
    assert not verification.verify().differences


@pytest.mark.parametrize("command", [("init",), ("serve", "--port", "0")])
def test_on_a_database_of_a_newer_version_nothing_starts(
    data_dir: Path, command: tuple[str, ...]
) -> None:
    with closing(sqlite3.connect(data_dir / "daxing.db")) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
        file.commit()
    process = start(data_dir, *command)
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 1
    assert said.strip() == (
        "这个数据库是由更新版本的工作台建立的，本版本不能使用。请先升级程序，再启动。"
    )
