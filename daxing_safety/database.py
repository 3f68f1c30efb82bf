"""The engine and the two ways to use it: `transaction()` writes, `reading()` reads.

SQLite: WAL, every commit synced (synchronous=FULL), writers begin IMMEDIATE so that what they
read cannot change before they write, and take turns in the order they came: SQLite's own waiting
is not fair. PostgreSQL: one advisory lock gives the same order. Reads see one consistent state
and cannot write.
"""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, Table, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlmodel import Session

from daxing_safety import settings
from daxing_safety.errors import UserFacingError
from daxing_safety.models import Base

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_S = 30
WRITERS_TURN = 20200501  # the advisory lock's number on PostgreSQL: the month of the plan


class FairLock:
    """A lock that is handed over in the order in which it was asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._is_held = False

    def __enter__(self) -> None:
        with self._guard:
            if not self._is_held:
                self._is_held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_held = False


@dataclass(frozen=True)
class Engines:
    writer: Engine
    reader: Engine
    turn: FairLock

    def dispose(self) -> None:
        self.writer.dispose()
        self.reader.dispose()


@cache
def engines(url: str) -> Engines:
    if make_url(url).get_backend_name() == "sqlite":
        return Engines(_sqlite(url, "IMMEDIATE"), _sqlite(url, "DEFERRED"), FairLock())
    return Engines(_postgresql(url, is_reader=False), _postgresql(url, is_reader=True), FairLock())


def _sqlite(url: str, begin: str) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}, pool_size=16
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would be a deferred one
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA temp_store=MEMORY")  # what a savepoint would take back
        if begin == "DEFERRED":
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine


def _postgresql(url: str, *, is_reader: bool) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, pool_size=16)
    if is_reader:
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @event.listens_for(engine, "begin")
    def wait_for_turn(connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": WRITERS_TURN})

    return engine


@contextmanager
def transaction() -> Iterator[Session]:
    """Everything in the block is stored at its end, or nothing of it if it raises."""
    chosen = engines(settings.database_url())
    with chosen.turn, Session(chosen.writer, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """One consistent state to read from; writing in it fails."""
    with Session(engines(settings.database_url()).reader) as session:
        yield session


def table_of(model: type[Base]) -> Table:
    return Base.metadata.tables[str(model.__tablename__)]


def insert_rows(session: Session, model: type[Base], rows: Sequence[tuple[Any, ...]]) -> None:
    """Stores many rows in one call of the driver, forty times as fast as objects one by one.

    A row has a value for each column in the table's order, an automatic `id` left out. Values
    stand as the tables keep them: enumerations by name, hundredths as int, dates and times in
    ISO form.
    """
    if rows:
        connection = session.connection()
        connection.exec_driver_sql(_insertion(model, connection.dialect), list(rows))


@cache
def _insertion(model: type[Base], dialect: Dialect) -> str:
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    table = table_of(model)
    names = [c.name for c in table.columns if c is not table.autoincrement_column]
    marks = ", ".join([mark] * len(names))
    quoted = ", ".join(map(dialect.identifier_preparer.quote, names))
    return f"INSERT INTO {table.name} ({quoted}) VALUES ({marks})"


def known_revisions() -> list[str]:
    """Of the tables, the newest first."""
    from alembic.script import ScriptDirectory  # as rarely as an upgrade

    return [each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]


def upgrade(url: str = "") -> bool:
    """Creates the tables, or brings older ones to this version; refuses those of a newer one.

    True where tables that held data were changed: the kept sums are to be rebuilt.
    """
    from alembic import command  # a quarter of a second that only a start pays
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.util import CommandError

    url = url or settings.database_url()
    if make_url(url).get_backend_name() == "sqlite":
        settings.data_dir().mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    chosen = engines(url)
    with chosen.turn, chosen.writer.begin() as connection:
        config.attributes["connection"] = connection
        tables = MigrationContext.configure(connection)
        before = tables.get_current_revision()
        try:
            command.upgrade(config, "head")
        except CommandError as unknown:
            raise UserFacingError(
                "这个数据库是由更新版本的工作台建立的，本版本不能使用。请先升级程序，再启动。"
            ) from unknown
        return before is not None and before != tables.get_current_revision()
