"""PostgreSQL: its engines, and transactions that outlive a restart of the server.

A block begins when the server is there, and waits for it. A connection lost within the block
loses all of it; what can be done anew from its beginning is (database.through_restarts). One lost
at the very end leaves open whether the block was stored: the server is asked, by its number.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from daxing_safety.errors import StorageFault, UserFacingError
from daxing_safety.faults import OUTCOME_UNKNOWN, PATIENCE_S, Cause, cause_of

WRITERS_TURN = 20200501  # the advisory lock's number: the month of the plan
AWAY_AT_MOST_S = 25.0
ASK_AGAIN_S = 0.2
WRITERS_AT_ONCE = 2  # they take turns in a process; one more asks how a lost one ended
READERS_AT_ONCE = 16
# A server of ours that died or hangs in a block must not keep the writers' turn from the others.
OPTIONS = {
    "lock_timeout": f"{PATIENCE_S}s",
    "idle_in_transaction_session_timeout": "120s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
CONNECT = {
    "connect_timeout": 5,
    "application_name": "daxing",
    "client_encoding": "utf8",
    "options": " ".join(f"-c {name}={value}" for name, value in OPTIONS.items()),
}
OLDEST = 130000  # the first that knows how a transaction ended

TAKE_TURN = text("SELECT pg_advisory_xact_lock(:turn)").bindparams(turn=WRITERS_TURN)
NUMBER = text("SELECT CAST(pg_current_xact_id_if_assigned() AS text)")
HOW_IT_ENDED = text("SELECT pg_xact_status(CAST(CAST(:number AS text) AS xid8))")
# An upgrade waits for its backup, which copies all files.
TAKE_TIME = text("SET LOCAL idle_in_transaction_session_timeout = 0")
MADE_HOW = text(
    "SELECT current_setting('server_version_num')::integer, current_setting('server_encoding'),"
    " 'a' > 'B'"  # by code point, as SQLite orders; no language does
)


def engine(url: str, *, is_reader: bool) -> Engine:
    size = READERS_AT_ONCE if is_reader else WRITERS_AT_ONCE
    made = create_engine(
        url, connect_args=CONNECT, pool_pre_ping=True, pool_size=size, hide_parameters=True
    )
    if is_reader:
        return made.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @event.listens_for(made, "begin")
    def wait_for_turn(connection: Connection) -> None:
        connection.execute(TAKE_TURN)

    return made


def begin_upgrade(connection: Connection) -> None:
    """Refuses a server or a database that would not keep or order texts as the product does."""
    connection.execute(TAKE_TIME)
    version, encoding, is_by_code = connection.execute(MADE_HOW).one()
    if version < OLDEST:
        raise UserFacingError("PostgreSQL 的版本过低，请升级到 13 或更高版本，再启动。")
    if encoding != "UTF8" or not is_by_code:
        raise UserFacingError(
            "这个 PostgreSQL 数据库的编码不是 UTF8，或排序规则不是 C.UTF-8，不能使用。"
            "请照 docs/postgresql.md 重新建库，再启动。"
        )


@contextmanager
def transaction(writer: Engine) -> Iterator[Session]:
    with begun(writer) as session:
        yield session
        session.flush()
        number = session.scalar(NUMBER)
        try:
            session.commit()
        except DBAPIError as error:
            if cause_of(error) is not Cause.AWAY or not _is_stored(writer, number):
                raise


def begun(chosen: Engine) -> Session:
    """A session on a connection that stands, a writer's with its turn; the server may be away."""
    until = time.monotonic() + AWAY_AT_MOST_S
    while True:
        session = Session(chosen, expire_on_commit=False)
        try:
            session.connection()
        except DBAPIError as error:
            session.close()
            if cause_of(error) is not Cause.AWAY or time.monotonic() > until:
                raise
            time.sleep(ASK_AGAIN_S)
        else:
            return session


def _is_stored(writer: Engine, number: str | None) -> bool:
    """Whether a transaction was stored whose end was not heard; None had nothing to store.

    Whoever has the turn knows that it is over, one way or the other.
    """
    if number is None:
        return True
    try:
        with begun(writer) as session:
            return session.scalar(HOW_IT_ENDED, {"number": number}) == "committed"
    except DBAPIError as gone:
        raise StorageFault(Cause.AWAY.sentence(OUTCOME_UNKNOWN)) from gone
