"""系统: backups, what was found of late, versions; for who looks after the server."""

import platform
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from sqlmodel import Session

from daxing_safety import __version__, backups, database
from daxing_safety.actions import upkeep
from daxing_safety.actions.upkeep import Outcome, Schedule
from daxing_safety.backups import Kept
from daxing_safety.models import User
from daxing_safety.permissions import Permission, require

if TYPE_CHECKING:
    import pandas as pd

GB = 10**9
MB = 10**6
WHOLE, NOT_WHOLE, LACKING = "完整", "不能使用", "缺文件"
LITTLE_SPACE = GB  # below it, a warning


class Line(NamedTuple):
    """A backup in the folder."""

    name: str
    is_by_clock: bool
    made_at: datetime | None
    size: int
    files: int
    state: str


class State(NamedTuple):
    schedule: Schedule
    last_backup: Outcome | None
    last_check: Outcome | None
    lines: list[Line]
    space_left: int


def state(session: Session, *, viewer: User) -> State:
    require(viewer, Permission.MANAGE_SYSTEM)
    return State(
        schedule=upkeep.schedule(session),
        last_backup=upkeep.last(session, upkeep.LAST_BACKUP),
        last_check=upkeep.last(session, upkeep.LAST_CHECK),
        lines=[_line(each) for each in backups.kept()],
        space_left=backups.space_left(),
    )


def _line(backup: Kept) -> Line:
    manifest, is_by_clock = backup.manifest, f"-{upkeep.BY_CLOCK}-" in backup.path.name
    if manifest is None:
        return Line(backup.path.name, is_by_clock, None, backup.size, 0, NOT_WHOLE)
    return Line(
        name=backup.path.name,
        is_by_clock=is_by_clock,
        made_at=manifest.created_at,
        size=backup.size,
        files=len(manifest.members) - 1,
        state=LACKING if manifest.missing else WHOLE,
    )


def in_words(size: int) -> str:
    """Bytes for people: 8.8 MB, 1.24 GB."""
    return f"{size / GB:.2f} GB" if size >= GB else f"{size / MB:.1f} MB"


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
                "kind": "每日" if line.is_by_clock else "手动",
                "size": in_words(line.size),
                "files": line.files,
                "state": [line.state],
                "link": f"/download/backup/{quote(line.name)}",
            }
            for line in lines
        ]
    )
