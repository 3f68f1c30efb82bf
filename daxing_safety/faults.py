"""What a disk or a database that fails comes to: one sentence for the user, all of it for the log.

The operating system and the databases say by numbers what is wrong. What stands in none of these
tables is no fault of storage but a bug, and passes as it is.
"""

import errno
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from daxing_safety.errors import Interrupted, StorageFault

PATIENCE_S = 30  # how long a write waits for others to let go of the database

NOT_STORED = "刚才的内容没有保存，原有数据不受影响"
NOT_READ = "这次没有读出来"
NOT_OPENED = "没有继续下去，数据没有改动"
OUTCOME_UNKNOWN = "还不能确定刚才的内容是否已保存，重做之前请先刷新页面看清楚"

log = logging.getLogger(__name__)


class Cause(Enum):
    """What is wrong, and what to do."""

    FULL = "服务器磁盘已满", "请告诉系统管理员清出磁盘空间，之后再做一次，不用重启服务。"
    BUSY = (
        f"数据库正被占用，等了 {PATIENCE_S} 秒以上仍没有轮到",
        "请过一会儿再做一次；连续出现的，请告诉系统管理员。",
    )
    READ_ONLY = (
        "数据文件夹或数据库现在只能读、不能写",
        "请告诉系统管理员检查文件夹权限和磁盘状态，恢复后再做一次，不用重启服务。",
    )
    OUT_OF_REACH = (
        "打不开数据库或数据文件夹",
        "请告诉系统管理员检查数据文件夹是否还在、服务账号有没有权限，恢复后再试，不用重启服务。",
    )
    AWAY = (
        "数据库服务器连接不上，可能正在重新启动",
        "请过一会儿再做一次；一直不行的，请告诉系统管理员。",
    )
    DAMAGED = (
        "数据库文件已损坏",
        "请先停止填报，马上告诉系统管理员：运行 verify 核对，并从最近的备份恢复。",
    )
    BROKEN_DISK = (
        "服务器磁盘读写出错",
        "请马上告诉系统管理员检查磁盘，恢复后再试，不用重启服务。",
    )

    def sentence(self, outcome: str) -> str:
        what, cure = self.value
        if self is Cause.BROKEN_DISK and outcome == NOT_STORED:
            outcome = OUTCOME_UNKNOWN  # it may have reached the disk all the same
        return f"{what}，{outcome}。{cure}"


OF_SYSTEM = {
    errno.ENOSPC: Cause.FULL,
    errno.EDQUOT: Cause.FULL,
    errno.EFBIG: Cause.FULL,  # a limit on how large this process may make a file
    errno.EROFS: Cause.READ_ONLY,
    errno.EACCES: Cause.OUT_OF_REACH,
    errno.EPERM: Cause.OUT_OF_REACH,
    errno.EIO: Cause.BROKEN_DISK,
}
OF_SQLITE = {
    sqlite3.SQLITE_FULL: Cause.FULL,
    sqlite3.SQLITE_BUSY: Cause.BUSY,
    sqlite3.SQLITE_LOCKED: Cause.BUSY,
    sqlite3.SQLITE_PROTOCOL: Cause.BUSY,
    sqlite3.SQLITE_READONLY: Cause.READ_ONLY,
    sqlite3.SQLITE_PERM: Cause.OUT_OF_REACH,
    sqlite3.SQLITE_CANTOPEN: Cause.OUT_OF_REACH,
    sqlite3.SQLITE_CORRUPT: Cause.DAMAGED,
    sqlite3.SQLITE_NOTADB: Cause.DAMAGED,
    sqlite3.SQLITE_IOERR: Cause.BROKEN_DISK,
}
OF_POSTGRESQL = {  # by SQLSTATE
    "53100": Cause.FULL,
    "53300": Cause.BUSY,  # too many connections
    "55P03": Cause.BUSY,
    "25006": Cause.READ_ONLY,  # a standby
    "58030": Cause.BROKEN_DISK,
    "XX001": Cause.DAMAGED,
    "XX002": Cause.DAMAGED,
    "57P01": Cause.AWAY,
    "57P02": Cause.AWAY,
    "57P03": Cause.AWAY,
}


@contextmanager
def told(outcome: str) -> Iterator[None]:
    """Raises a StorageFault for what the disk or the database could not do in the block."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        cause = cause_of(error)
        if cause is None:
            raise
        reason = getattr(error, "orig", None) or error  # without the statement and its values
        log.error("Storage failed, %s: %s", cause.name, reason, exc_info=error)
        is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
        raise (Interrupted if is_lost else StorageFault)(cause.sentence(outcome)) from error


def cause_of(error: BaseException) -> Cause | None:
    if isinstance(error, NoConnectionFree):
        return Cause.BUSY
    if isinstance(error, DBAPIError):
        if hasattr(error.orig, "sqlstate"):
            return _of_postgresql(error)
        return cause_of(error.orig) if error.orig else None
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0)  # the module's own errors have none
        return OF_SQLITE.get(code & 0xFF)
    if isinstance(error, OSError):
        return OF_SYSTEM.get(error.errno or 0)
    return None


def _of_postgresql(error: DBAPIError) -> Cause | None:
    """Whoever finds no server, or loses its connection, hears no number."""
    state = getattr(error.orig, "sqlstate", None)
    is_away = error.connection_invalidated or (
        state is None and isinstance(error, OperationalError)
    )
    return Cause.AWAY if is_away else OF_POSTGRESQL.get(str(state))
