"""The engine and the two ways to use it: `transaction()` writes, `reading()` reads.

SQLite: WAL, every commit synced (synchronous=FULL), writers begin IMMEDIATE so that what they
read cannot change before they write, and take turns in the order they came: SQLite's own waiting
is not fair. PostgreSQL: one advisory lock gives the same order. Reads see one consistent state
and cannot write. What the disk or the database fails to do is told as a StorageFault (faults.py).
"""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection, Dialect, Engine, Table, create_engine, event, literal
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlmodel import Session

from daxing_safety import postgresql, settings
from daxing_safety.errors import Interrupted, StorageFault, UserFacingError
from daxing_safety.faults import NOT_OPENED, NOT_READ, NOT_STORED, PATIENCE_S, Cause, told
from daxing_safety.models import Base
from daxing_safety.texts import legible
from daxing_safety.writes import writes

MIGRATIONS = Path(__file__).parent / "migrations"
QUEUE_S = 120  # in this process, where writes go on: only one that hangs takes so long
LEAST_PATIENCE_S = 2  # left for other processes, however long the queue was
RESTARTS_AT_MOST = 3  # of the database server, under one write

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class FairLock:
    """A lock that is handed over in the order in which it was asked for, or given up in the end."""

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
        if not turn.acquire(timeout=QUEUE_S):
            self._give_up(turn)

    def _give_up(self, turn: threading.Lock) -> None:
        with self._guard:
            if turn in self._waiting:  # else it has been handed over at the last moment
                self._waiting.remove(turn)
                raise StorageFault(Cause.BUSY.sentence(NOT_STORED))

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
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return Engines(_sqlite(address, "IMMEDIATE"), _sqlite(address, "DEFERRED"), FairLock())
    writer, reader = (postgresql.engine(url, is_reader=each) for each in (False, True))
    return Engines(writer, reader, FairLock())


def _sqlite(url: URL, begin: str) -> Engine:
    path = Path(url.database or "")
    # Only an upgrade makes a database: one that is gone must not come back empty.
    address = f"{path.absolute().as_uri()}?mode=rw"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, PATIENCE_S, uri=True, check_same_thread=False)

    engine = create_engine(url, creator=connect, pool_size=16, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would be a deferred one
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA temp_store=MEMORY")  # what a savepoint would take back
        if begin == "DEFERRED":
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()
        record.info["file"] = _identity(path)

    @event.listens_for(engine, "checkout")
    def require_same_file(_: Any, record: Any, __: Any) -> None:
        if record.info["file"] != _identity(path):  # what went into the old one would be lost
            raise DisconnectionError(f"{path} was replaced")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        if begin == "IMMEDIATE":
            patience_ms = connection.get_execution_options().get("patience_ms", 1000 * PATIENCE_S)
            connection.exec_driver_sql(f"PRAGMA busy_timeout={patience_ms}")
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine


def sqlite_file(url: str) -> Path | None:
    """None where the database is not a file."""
    address = make_url(url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def transaction() -> Iterator[Session]:
    """Everything in the block is stored at its end, or nothing of it if it raises."""
    chosen = engines(settings.database_url())
    asked_at = time.monotonic()
    with writes.one(), told(NOT_STORED), chosen.turn:
        waited = time.monotonic() - asked_at  # for others of this process; the rest for others'
        patience_ms = round(1000 * max(LEAST_PATIENCE_S, PATIENCE_S - waited))
        writer = chosen.writer.execution_options(patience_ms=patience_ms)
        with _writing(writer) as session:
            yield session


@contextmanager
def _writing(writer: Engine) -> Iterator[Session]:
    if writer.dialect.name == "postgresql":
        with postgresql.transaction(writer) as session:
            yield session
        return
    with Session(writer, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """One consistent state to read from; writing in it fails."""
    reader = engines(settings.database_url()).reader
    begun = postgresql.begun if reader.dialect.name == "postgresql" else Session
    with told(NOT_READ), begun(reader) as session:
        yield session


def through_restarts(work: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """For what can be done anew from its beginning: nobody sees the database server restart.

    Nothing is done twice: Interrupted is raised only where nothing was stored.
    """

    @wraps(work)
    def done(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        for _ in range(RESTARTS_AT_MOST):
            try:
                return work(*args, **kwargs)
            except Interrupted:
                continue
        return work(*args, **kwargs)

    return done


@event.listens_for(Session, "before_flush")
def _keep_what_can_be_seen(session: Session, *_: object) -> None:
    """Whoever typed or sent it; what comes out of workbooks has been through cells.clean_text."""
    for row in (*session.new, *session.dirty):
        for name, value in tuple(vars(row).items()):
            if isinstance(value, str) and not value.isprintable():
                setattr(row, name, legible(value))


def table_of(model: type[Base]) -> Table:
    return Base.metadata.tables[str(model.__tablename__)]


def insert_rows(
    session: Session, model: type[Base], rows: Sequence[tuple[Any, ...]], **same: Any
) -> None:
    """Stores many rows in one call of the driver, forty times as fast as objects one by one.

    A row has a value for each column in the table's order; an automatic `id` and the columns that
    are the `same` in all rows are left out. Values stand as the tables keep them: enumerations by
    name, hundredths as int, dates and times in ISO form.
    """
    if rows:
        connection = session.connection()
        statement = _insertion(model, connection.dialect, tuple(same.items()))
        connection.exec_driver_sql(statement, list(rows))


def delete_rows(session: Session, model: type[Base], keys: Sequence[tuple[Any, ...]]) -> None:
    """Removes many rows by their primary keys in one call of the driver; values as above."""
    if keys:
        connection = session.connection()
        connection.exec_driver_sql(_deletion(model, connection.dialect), list(keys))


@cache
def _insertion(model: type[Base], dialect: Dialect, same: tuple[tuple[str, Any], ...]) -> str:
    table, written_out, mark = table_of(model), dict(same), _mark(dialect)
    names = [c.name for c in table.columns if c is not table.autoincrement_column]
    values = [_as_sql(written_out[n], dialect) if n in written_out else mark for n in names]
    quoted = map(dialect.identifier_preparer.quote, names)
    return f"INSERT INTO {table.name} ({', '.join(quoted)}) VALUES ({', '.join(values)})"


@cache
def _deletion(model: type[Base], dialect: Dialect) -> str:
    table = table_of(model)
    keys = " AND ".join(f"{column.name} = {_mark(dialect)}" for column in table.primary_key)
    return f"DELETE FROM {table.name} WHERE {keys}"


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.paramstyle == "qmark" else "%s"


def _as_sql(value: Any, dialect: Dialect) -> str:
    return str(literal(value).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def known_revisions() -> list[str]:
    """Of the tables, the newest first."""
    from alembic.script import ScriptDirectory  # as rarely as an upgrade

    return [each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]


@told(NOT_OPENED)
def upgrade(
    url: str = "",
    *,
    to: str = "",
    before: Callable[[str], object] = lambda _: None,
    after: Callable[[Session, str], object] = lambda _, __: None,
) -> bool:
    """Creates the tables, or brings older ones to this version; refuses those of a newer one.

    Where older tables are there, `before` is told their revision while nobody can write, and
    `after` in the same transaction, when they are new: all of it happens or none. True then.
    """
    from alembic import command  # a quarter of a second that only a start pays
    from alembic.config import Config
    from alembic.migration import MigrationContext

    url = url or settings.database_url()
    path = sqlite_file(url)
    if path and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    chosen = engines(url)
    with chosen.turn, chosen.writer.begin() as connection:
        if connection.dialect.name == "postgresql":
            postgresql.begin_upgrade(connection)
        config.attributes["connection"] = connection
        found = MigrationContext.configure(connection).get_current_revision()
        newest = to or known_revisions()[0]
        if found == newest:
            return False
        if found:
            _require_known(found)
            before(found)
        command.upgrade(config, newest)
        if found:
            with Session(connection) as session:
                after(session, found)
                session.flush()
        return bool(found)


def _require_known(revision: str) -> None:
    if revision not in known_revisions():
        raise UserFacingError(
            "这个数据库是由更新版本的工作台建立的，本版本不能使用。请先升级程序，再启动。"
        )
