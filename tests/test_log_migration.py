"""An older log is chained as it stands, in order, and without the gaps a sequence may leave."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from daxing_safety import database, settings, verification
from daxing_safety.actions import audit


@pytest.fixture
def older(tmp_path: Path, settle: Callable[..., Path]) -> None:
    """A database from before the chain, with three events."""
    settle(tmp_path)
    database.upgrade(to="0003")
    with database.engines(settings.database_url()).writer.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO audit_event (id, at, username, action, subject, remark, before, after)"
            " VALUES (1, '2021-03-01 09:00:00.000000', 'office', '登录', 'office', '', '', ''),"
            " (2, '2021-03-02 09:00:00.000000', '区水务局', '报送', '第 1 版', '', '', '{}'),"
            " (5, '2021-03-03 09:00:00.000000', 'office', '审核通过', '第 1 版', '好', '', '')"
        )


def test_old_events_get_numbers_without_gaps_and_their_hashes(older: None) -> None:
    database.upgrade()
    with database.transaction() as session:
        audit.record(session, "报送", "第 2 版", by="区水务局")
    with database.reading() as session:
        found, head = verification.check_log(session)
    assert (found.events, found.fault, head.number) == (4, "", 4)
    with database.reading() as session:
        told = session.execute(text("SELECT id, subject FROM audit_event ORDER BY id"))
        assert told.all() == [
            (1, "office"),
            (2, "第 1 版"),
            (3, "第 1 版"),
            (4, "第 2 版"),
        ]
