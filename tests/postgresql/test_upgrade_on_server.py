"""An older database on a server is backed up, as it is, before its tables change."""

import shutil
from pathlib import Path

import pytest
from clusters import Settle, point_at
from kept_work import do_some_work
from sqlalchemy import MetaData, insert, select

from daxing_safety import backups, database, settings, verification
from daxing_safety.actions import installation

BEFORE = "0003"
OF_THE_CHAIN = {"alembic_version", "audit_head"}


@pytest.fixture
def older(data_dir: Path, settle: Settle, tmp_path: Path) -> Path:
    """The tables of an earlier version, with what these hold of an installation of today."""
    do_some_work()
    newer = database.engines(settings.database_url()).reader
    folder = settle(tmp_path / "older")
    shutil.copytree(data_dir / "files", folder / "files")
    database.upgrade(to=BEFORE)
    known = MetaData()
    older = database.engines(settings.database_url()).writer
    with newer.connect() as source, older.begin() as target:
        known.reflect(target)
        for table in known.sorted_tables:
            if table.name not in OF_THE_CHAIN:
                rows = [dict(row) for row in source.execute(select(table)).mappings()]
                if rows:
                    target.execute(insert(table), rows)
    return folder


def problems_by_schema() -> list[tuple[str, int]]:
    return [
        (each.manifest.schema, each.manifest.counts["problem"])
        for each in backups.kept()
        if each.manifest
    ]


def test_the_backup_before_an_upgrade_is_whole_and_restores_into_a_file(
    older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.upgrade()
    assert problems_by_schema() == [(BEFORE, 1)]
    assert verification.verify().differences == []
    (backup,) = backups.kept()
    point_at(tmp_path / "file", monkeypatch, "")
    backups.restore(backup.path)
    installation.upgrade()
    assert problems_by_schema() == [(BEFORE, 1)]
    assert verification.verify().differences == []
    database.engines(settings.database_url()).dispose()
