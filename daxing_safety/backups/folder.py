"""The folder that the server puts its backups into."""

from pathlib import Path
from typing import NamedTuple

from daxing_safety import settings
from daxing_safety.backups.manifest import Manifest, look
from daxing_safety.errors import NotFound, UserFacingError


class Kept(NamedTuple):
    """A file in the folder of backups; `fault` says why it cannot be used."""

    path: Path
    size: int
    manifest: Manifest | None
    fault: str


def kept() -> list[Kept]:
    """The newest first."""
    found = sorted(settings.backups_dir().glob("*.zip"), key=_written_at, reverse=True)
    return [_kept(path) for path in found]


def _written_at(path: Path) -> float:
    return path.stat().st_mtime


def _kept(path: Path) -> Kept:
    size = path.stat().st_size
    try:
        return Kept(path, size, look(path), "")
    except UserFacingError as fault:
        return Kept(path, size, None, str(fault))


def find(name: str) -> Path:
    """One in the folder, by its name."""
    for each in kept():
        if each.path.name == name:
            return each.path
    raise NotFound("没有这份备份，可能已按保留份数删除。")
