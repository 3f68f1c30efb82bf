"""How much room is left where data are kept: when to warn, and when to take no more files."""

import shutil
from pathlib import Path
from typing import NamedTuple

MB, GB = 10**6, 10**9


class Space(NamedTuple):
    """Bytes on the disk that a folder is on."""

    free: int
    total: int

    @property
    def is_little(self) -> bool:
        """A tenth; of a very large disk, what lasts for months."""
        return self.free < min(self.total // 10, 50 * GB)

    @property
    def reserve(self) -> int:
        """What uploads leave free, so that the database can still write; less on a tiny disk."""
        return min(500 * MB, self.total // 20)


def space(folder: Path) -> Space:
    """Also of a folder that is not there yet."""
    usage = shutil.disk_usage(_nearest(folder))
    return Space(usage.free, usage.total)


def are_one(folder: Path, other: Path) -> bool:
    return _nearest(folder).stat().st_dev == _nearest(other).stat().st_dev


def _nearest(folder: Path) -> Path:
    folder = folder.absolute()
    return next(each for each in (folder, *folder.parents) if each.exists())


def in_words(size: int) -> str:
    """Bytes for people: 8.8 MB, 1.24 GB."""
    return f"{size / GB:.2f} GB" if size >= GB else f"{size / MB:.1f} MB"
