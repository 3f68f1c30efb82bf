"""Stored whole or not at all; writers take turns; readers cannot write."""

import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, col, func, select

from daxing_safety import database, settings
from daxing_safety.actions import audit
from daxing_safety.database import reading, table_of, transaction
from daxing_safety.errors import UserFacingError
from daxing_safety.models import AuditEvent, Preference


def records(session: Session) -> int:
    return session.exec(select(func.count()).select_from(AuditEvent)).one()


def test_a_failure_in_the_block_undoes_all_of_it(data_dir: Path) -> None:
    with reading() as session:
        before = records(session)
    with pytest.raises(ZeroDivisionError), transaction() as session:
        audit.record(session, "报送", "区水务局", by=audit.SYSTEM)
        raise ZeroDivisionError
    with reading() as session:
        assert records(session) == before


def test_a_record_that_cannot_be_written_undoes_the_write(data_dir: Path) -> None:
    with transaction() as session:
        session.connection().exec_driver_sql("DROP TABLE audit_head")
    with pytest.raises(DBAPIError, match="audit_head"), transaction() as session:
        session.add(Preference(name="target_score", value="1"))
        audit.record(session, "修改设置", "target_score", by=audit.SYSTEM)
    with reading() as session:
        assert session.get(Preference, "target_score") is None


def test_a_reader_cannot_write(data_dir: Path) -> None:
    with reading() as session, pytest.raises(DBAPIError, match=r"read-?only"):
        session.add(Preference(name="target_score", value="1"))
        session.flush()


def test_a_hundred_writers_all_get_their_turn(data_dir: Path) -> None:
    failures: list[BaseException] = []

    def count_up() -> None:
        try:
            for _ in range(5):
                with transaction() as session:
                    kept = session.get(Preference, "count") or Preference(name="count", value="0")
                    kept.value = str(int(kept.value) + 1)
                    session.add(kept)
        except BaseException as failure:  # noqa: BLE001  # a thread's failure must reach the test
            failures.append(failure)

    writers = [threading.Thread(target=count_up) for _ in range(20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    with reading() as session:
        assert session.get_one(Preference, "count").value == "100"


def test_the_lock_is_handed_over_in_the_order_it_was_asked_for() -> None:
    lock, order, waiting = database.FairLock(), [], []

    def take(number: int) -> None:
        with lock:
            order.append(number)

    with lock:
        for number in range(8):
            thread = threading.Thread(target=take, args=(number,))
            thread.start()
            waiting.append(thread)
            while len(lock._waiting) <= number:
                pass
    for thread in waiting:
        thread.join()
    assert order == list(range(8))


@pytest.mark.sqlite
def test_every_commit_is_synced_to_the_disk(data_dir: Path) -> None:
    with transaction() as session:
        connection = session.connection()
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_database_of_a_newer_version_is_refused_in_chinese(data_dir: Path) -> None:
    with transaction() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UserFacingError, match="更新版本"):
        database.upgrade()


def test_the_migrations_make_exactly_the_tables_of_the_models(data_dir: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from daxing_safety.models import Base

    with database.engines(settings.database_url()).writer.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_rows_inserted_in_bulk_read_back_as_the_models_say(session: Session) -> None:
    database.insert_rows(session, Preference, [("target_score", "95"), ("is_demo", "0")])
    names = session.exec(select(Preference.name).order_by(col(Preference.name))).all()
    assert names == ["is_demo", "target_score"]


def test_what_fails_does_not_tell_the_values_to_the_log(data_dir: Path) -> None:
    row = {"name": "target_score", "value": "谁也不该看到"}
    twice = table_of(Preference).insert()
    with pytest.raises(IntegrityError) as failed, transaction() as session:
        session.execute(twice, row)
        session.execute(twice, row)
    assert row["value"] not in str(failed.value)
