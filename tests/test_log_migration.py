"""An older log is chained as it stands, in order, and without the gaps a sequence may leave."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from daxing_safety import database, settings, verification
from daxing_safety.actions import audit


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database from before the chain, with three events."""
    monkeypatch.setenv("DAXING_DATA_DIR", str(tmp_path))
    config = Config()
    config.set_main_option("script_location", str(database.MIGRATIONS))
    with database.engines(settings.database_url()).writer.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.exec_driver_sql(
            "INSERT INTO audit_event (id, at, username, action, subject, remark, before, after)"
            " VALUES (1, '2021-03-01 09:00:00.000000', 'office', '登录', 'office', '', '', ''),"
            " (2, '2021-03-02 09:00:00.000000', '区水务局', '报送', '第 1 版', '', '', '{}'),"
            " (5, '2021-03-03 09:00:00.000000', 'office', '审核通过', '第 1 版', '好', '', '')"
        )
    return tmp_path / "daxing.db"


def test_old_events_get_numbers_without_gaps_and_their_hashes(older: Path) -> None:
    database.upgrade()
    with database.transaction() as session:
        audit.record(session, "报送", "第 2 版", by="区水务局")
    with database.reading() as session:
        found, head = verification.check_log(session)
    assert (found.events, found.fault, head.number) == (4, "", 4)
    with closing(sqlite3.connect(older)) as connection:
        assert connection.execute("SELECT id, subject FROM audit_event").fetchall() == [
            (1, "office"),
            (2, "第 1 版"),
            (3, "第 1 版"),
            (4, "第 2 版"),
        ]
    database.engines(settings.database_url()).dispose()
