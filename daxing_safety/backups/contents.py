"""What a backup is made of: a copy of the database at one moment, and what it says of itself."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, MetaData, create_engine, insert, inspect, select, text
from sqlalchemy.engine import make_url

from daxing_safety import database, settings
from daxing_safety.errors import NotFound
from daxing_safety.faults import told
from daxing_safety.log_chain import START, Head
from daxing_safety.models import AuditHead

IN_LOG = re.compile(r'"sha256": "([0-9a-f]{64})"')
ROWS_AT_ONCE = 1000
VERSION = "alembic_version"  # the table that says which version the others are


@told("备份没有做成")
def copy_database(path: Path) -> None:
    """All of it as it stands at one moment, into one file of SQLite, while others write."""
    url = settings.database_url()
    if make_url(url).get_backend_name() != "sqlite":
        _copy_rows_into_file(path)
        return
    if not Path(make_url(url).database or "").exists():
        raise NotFound("还没有数据库，没有可备份的内容。")
    with closing(sqlite3.connect(path)) as target:
        with database.engines(url).reader.connect() as source:
            source.connection.driver_connection.backup(target)  # type: ignore[union-attr]
        target.execute("PRAGMA journal_mode=DELETE")  # one file, without one beside it


def _copy_rows_into_file(path: Path) -> None:
    url = f"sqlite:///{path}"
    chosen = database.engines(url)
    reader = database.engines(settings.database_url()).reader
    with reader.connect() as source:
        database.upgrade(url, to=schema_of(source))
        with chosen.writer.begin() as target:
            copy_rows(source, target)
    chosen.dispose()
    with closing(sqlite3.connect(path)) as copied:
        copied.execute("PRAGMA journal_mode=DELETE")


def copy_rows(source: Connection, target: Connection) -> None:
    """Into empty tables of the same version, whichever it is.

    The log's head moves by itself as the log is filled.
    """
    tables, copies = MetaData(), MetaData()
    tables.reflect(source)
    copies.reflect(target)
    for table in tables.sorted_tables:
        if table.name in (AuditHead.__tablename__, VERSION):
            continue
        rows = source.execution_options(yield_per=ROWS_AT_ONCE).execute(
            select(table).order_by(*table.primary_key.columns)
        )
        for some in rows.mappings().partitions():
            target.execute(insert(copies.tables[table.name]), [dict(row) for row in some])


@contextmanager
def opened(path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def schema_of(connection: Connection) -> str:
    if not inspect(connection).has_table(VERSION):
        raise NotFound("还没有数据库，没有可备份的内容。")
    return connection.execute(text(f"SELECT version_num FROM {VERSION}")).scalar_one()


def counts_of(connection: Connection) -> dict[str, int]:
    quote = connection.dialect.identifier_preparer.quote
    return {
        name: connection.exec_driver_sql(f"SELECT count(*) FROM {quote(name)}").scalar_one()
        for name in sorted(inspect(connection).get_table_names())
    }


def head_of(connection: Connection) -> Head:
    """An older database has none."""
    if not inspect(connection).has_table(str(AuditHead.__tablename__)):
        return Head(0, START)
    return Head(*connection.execute(text("SELECT number, hash FROM audit_head")).one())


def named_files(connection: Connection) -> dict[str, str]:
    """The digest of every file that a row names, and the row's table and name for it.

    By the names of columns, so that a database of another version answers, too.
    """
    found: dict[str, str] = {}
    tables = inspect(connection)
    quote = connection.dialect.identifier_preparer.quote
    for table in tables.get_table_names():
        columns = [column["name"] for column in tables.get_columns(table)]
        title = next((name for name in ("name", "file_name") if name in columns), None)
        for column in (name for name in columns if name.endswith("sha256")):
            query = f"SELECT {quote(column)}, {quote(title or column)} FROM {quote(table)}"
            for digest, name in connection.exec_driver_sql(query):
                if digest:
                    found.setdefault(digest, f"{table} {name}")
    logged = text("SELECT id, after FROM audit_event WHERE after LIKE '%\"sha256\"%'")
    for number, after in connection.execute(logged):
        for digest in IN_LOG.findall(after):
            found.setdefault(digest, f"audit_event {number}")
    return found
