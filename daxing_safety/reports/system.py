"""系统: backups, what was found of late, versions; for who looks after the server."""

import platform
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from sqlmodel import Session

from daxing_safety import __version__, backups, database, disks, logs, settings
from daxing_safety.actions import upkeep
from daxing_safety.actions.upkeep import Outcome, Schedule
from daxing_safety.backups import Kept
from daxing_safety.disks import Space, in_words
from daxing_safety.models import User
from daxing_safety.permissions import Permission, require

if TYPE_CHECKING:
    import pandas as pd

WHOLE, NOT_WHOLE, LACKING = "完整", "不能使用", "缺文件"
DATA, BACKUPS, BOTH = "数据", "备份", "数据和备份"


class Line(NamedTuple):
    """A backup in the folder."""

    name: str
    kind: str
    made_at: datetime | None
    size: int
    files: int
    state: str


class State(NamedTuple):
    schedule: Schedule
    last_backup: Outcome | None
    last_check: Outcome | None
    lines: list[Line]
    spaces: dict[str, Space]  # by what lies on that disk


def state(session: Session, *, viewer: User) -> State:
    require(viewer, Permission.MANAGE_SYSTEM)
    return State(
        schedule=upkeep.schedule(session),
        last_backup=upkeep.last(session, upkeep.LAST_BACKUP),
        last_check=upkeep.last(session, upkeep.LAST_CHECK),
        lines=[_line(each) for each in backups.kept()],
        spaces=spaces(),
    )


def _line(backup: Kept) -> Line:
    manifest, kind = backup.manifest, _kind(backup.path.name)
    if manifest is None:
        return Line(backup.path.name, kind, None, backup.size, 0, NOT_WHOLE)
    return Line(
        name=backup.path.name,
        kind=kind,
        made_at=manifest.created_at,
        size=backup.size,
        files=len(manifest.members) - 1,
        state=LACKING if manifest.missing else WHOLE,
    )


def spaces() -> dict[str, Space]:
    data, kept = disks.space(settings.data_dir()), disks.space(settings.backups_dir())
    if disks.are_one(settings.data_dir(), settings.backups_dir()):
        return {BOTH: data}
    return {DATA: data, BACKUPS: kept}


def _kind(name: str) -> str:
    kinds = {upkeep.BY_CLOCK: "每日", upkeep.BEFORE_UPGRADE: "升级前"}
    return next((word for kind, word in kinds.items() if f"-{kind}-" in name), "手动")


def failure(number: str, *, viewer: User) -> Mapping[str, str] | None:
    """Of the error whose number somebody was told; None where the log has no such number.

    When, where, who and in which line; what the error said may quote business data and is left
    to the file.
    """
    require(viewer, Permission.MANAGE_SYSTEM)
    found = logs.find(number.strip().lower())
    if found is None:
        return None
    at = datetime.fromisoformat(found["time"])
    facts = {
        "时间": f"{at:%Y-%m-%d %H:%M:%S}",
        "页面": found.get("path", ""),
        "用户": found.get("user", ""),
        "来源地址": found.get("address", ""),
        "原因": found["exception"],
        "位置": found["place"],
    }
    return {name: text for name, text in facts.items() if text}


def versions(session: Session, *, viewer: User) -> Mapping[str, str]:
    require(viewer, Permission.MANAGE_SYSTEM)
    dialect = session.connection().dialect
    number = ".".join(map(str, dialect.server_version_info or ()))
    names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    return {
        "工作台": __version__,
        "数据库结构": database.known_revisions()[0],
        "数据库": f"{names.get(dialect.name, dialect.name)} {number}",
        "Python": platform.python_version(),
        "操作系统": platform.system(),
    }


def line_table(lines: Sequence[Line]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        [
            {
                "name": line.name,
                "made_at": line.made_at,
                "kind": line.kind,
                "size": in_words(line.size),
                "files": line.files,
                "state": [line.state],
                "link": f"/download/backup/{quote(line.name)}",
            }
            for line in lines
        ]
    )
