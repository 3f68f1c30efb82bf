"""核对: whether all that is kept is what was stored: database, sums, files, log.

Each part reads in a transaction of its own, so that nobody waits while files are read; only the
sums are made anew in one that writes (and stay so).
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import Any, Literal

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety import backups, files, ledger, settings
from daxing_safety.database import reading, sqlite_file, table_of, transaction
from daxing_safety.errors import StorageFault
from daxing_safety.faults import Cause, told
from daxing_safety.log_chain import Anchor, Checked, Head, check
from daxing_safety.models import AuditEvent, AuditHead, Preference

Part = Literal["database", "sums", "files", "log"]

RESTORED = "restored"  # the preference that says where a restored copy began
ROWS_AT_ONCE = 1000
ORPHANS_WAIT = timedelta(days=1)
NEVER = datetime.min.isoformat()
HEAD = [table_of(AuditHead).c[name] for name in Head._fields]
KINDS = {"evidence": "佐证材料", "submission": "填报表", "audit_event": "导入的清单，日志第"}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Difference:
    part: Part
    text: str


@dataclass(frozen=True)
class Verification:
    differences: list[Difference]
    set_back: list[str]  # events before which the clock had been set back: to know, no damage
    files: int
    events: int
    head: Head

    def document(self) -> dict[str, Any]:
        return {
            "differences": [each.text for each in self.differences],
            "parts": [asdict(each) for each in self.differences],
            "clock_set_back": self.set_back,
            "files": self.files,
            "log": {
                "events": self.events,
                "number": self.head.number,
                "hash": self.head.hash,
            },
        }


def require_usable() -> None:
    """Before a server starts: its folder can be written, its database is whole.

    Raises StorageFault. On a database server this is for its own tools.
    """
    path, unchanged = sqlite_file(settings.database_url()), "没有启动，数据没有改动"
    with told(f"{unchanged}（数据文件夹 {settings.data_dir()}）"):
        files.folder().mkdir(parents=True, exist_ok=True)
        for folder in (settings.data_dir(), files.folder()):
            TemporaryFile(dir=folder).close()
        if path is None or not path.exists():
            return
        with reading() as session:
            found = session.connection().exec_driver_sql("PRAGMA quick_check").scalars().all()
    if found != ["ok"]:
        log.error("The database is damaged: %s", "; ".join(found))
        raise StorageFault(Cause.DAMAGED.sentence(f"{unchanged}（{path}）"))


def verify() -> Verification:
    found = [Difference("database", text) for text in _faults_of_database()]
    if found:  # what a damaged database says of the rest is worth nothing
        return Verification(found, [], 0, 0, Head(0, ""))
    with transaction() as session:
        sums = ledger.differences(session)
    found += [Difference("sums", f"汇总与台账不符，已按台账重算：{line}") for line in sums]
    number, faults = _faults_of_files()
    found += [Difference("files", text) for text in faults]
    with reading() as session:
        chain, head = check_log(session)
    if chain.fault:
        found.append(Difference("log", chain.fault))
    return Verification(found, list(chain.set_back), number, chain.events, head)


def _faults_of_database() -> list[str]:
    """PostgreSQL keeps its foreign keys itself, and its pages are for its own tools."""
    try:
        with reading() as session:
            connection = session.connection()
            if connection.dialect.name != "sqlite":
                return []
            broken = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            if broken != ["ok"]:
                return [f"数据库文件损坏：{line}" for line in broken]
            orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    except StorageFault as fault:
        return [f"数据库读不出来：{getattr(fault.__cause__, 'orig', fault.__cause__)}"]
    return [f"{table} 表第 {row} 行所指的 {parent} 不存在" for table, row, parent, _ in orphans]


def _faults_of_files() -> tuple[int, list[str]]:
    on_disk = files.on_disk()  # first: a file is there before its row
    with reading() as session:
        named = backups.named_files(session.connection())
    faults = [f"文件丢失：{_in_words(named[digest])}" for digest in named.keys() - on_disk.keys()]
    for digest, path in on_disk.items():
        if digest not in named:
            faults.append(f"有一个文件不属于任何记录：{digest}")
        elif files.digest_of(path) != digest:
            faults.append(f"文件被改动过或已损坏：{_in_words(named[digest])}")
    return len(on_disk), sorted(faults)


def _in_words(name: str) -> str:
    table, _, title = name.partition(" ")
    return f"{KINDS.get(table, table)} {title}"


def check_log(session: Session) -> tuple[Checked, Head]:
    """The whole chain, against its end kept apart and what backups have noted."""
    head = Head(*session.execute(select(*HEAD)).one())
    rows = select(table_of(AuditEvent)).order_by(col(AuditEvent.id))
    events = session.execute(rows.execution_options(yield_per=ROWS_AT_ONCE)).mappings()
    return check((dict(event) for event in events), head, _anchors(session)), head


def _anchors(session: Session) -> Iterator[Anchor]:
    """What backups know of the log; not those made, before a restoration, of what it left out."""
    kept = session.get(Preference, RESTORED)
    told: dict[str, Any] = json.loads(kept.value) if kept else {}
    began, restored_at = told.get("number", 0), datetime.fromisoformat(told.get("at", NEVER))
    for backup in backups.kept():
        if backup.manifest is None:
            continue
        log, made = backup.manifest.log, backup.manifest.created_at
        if log.number and (made >= restored_at or log.number <= began):
            yield Anchor(log.number, log.hash, f"备份“{backup.path.name}”")


def remove_orphans(*, now: datetime) -> int:
    """Files whose row never came: an upload was cut off between the two. Returns how many.

    In a transaction, so that no row comes for one of them meanwhile.
    """
    limit = (now - ORPHANS_WAIT).replace(tzinfo=settings.BEIJING).timestamp()
    with transaction() as session:
        return files.sweep(named=backups.named_files(session.connection()), before=limit)
