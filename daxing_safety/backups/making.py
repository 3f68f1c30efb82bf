"""Making a backup, while others write."""

import os
import sqlite3
import zipfile
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from daxing_safety import __version__, files
from daxing_safety.backups.contents import (
    copy_database,
    counts_of,
    head_of,
    named_files,
    opened,
    schema_of,
)
from daxing_safety.backups.manifest import DATABASE, MANIFEST, Manifest, Member, check, copied
from daxing_safety.errors import Conflict, UserFacingError

STAGE = ".daxing-backup-"  # how the folder begins in which one is made


class BackupFailed(UserFacingError):
    """The disk is full, or cannot be written."""


def create(path: Path, *, now: datetime) -> Manifest:
    """Writes a whole backup, reads it back and only then gives it its name."""
    _refuse_existing(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=STAGE) as folder:
            copy, part = Path(folder) / DATABASE, Path(folder) / "part.zip"
            copy_database(copy)
            manifest = _pack(part, copy, now)
            check(part)
            _refuse_existing(path)
            part.rename(path)
            files.sync_folder(path.parent)
    except (OSError, sqlite3.OperationalError) as error:
        raise BackupFailed(
            f"备份没有写成：{path.parent} 写不进去或磁盘已满。请清出空间、检查权限后再试。"
        ) from error
    return manifest


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise Conflict(f"“{path.name}”已经存在，备份不会覆盖它。请换一个文件名。")


def _pack(path: Path, copy: Path, now: datetime) -> Manifest:
    with opened(copy) as connection:
        schema, counts, log = schema_of(connection), counts_of(connection), head_of(connection)
        named = named_files(connection)
    members: dict[str, Member] = {}
    missing = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        members[DATABASE] = _add(archive, DATABASE, copy, zipfile.ZIP_DEFLATED)
        for digest in sorted(named):
            if not files.path_of(digest).exists():
                missing.append(digest)
                continue
            name = f"files/{digest[:2]}/{digest}"
            members[name] = _add(archive, name, files.path_of(digest), zipfile.ZIP_STORED)
            if members[name].sha256 != digest:  # as it is: what is left may still be of use
                missing.append(digest)
        manifest = Manifest(__version__, schema, now, counts, log, members, missing)
        archive.writestr(MANIFEST, manifest.document())
    with path.open("rb") as done:
        os.fsync(done.fileno())
    return manifest


def _add(archive: zipfile.ZipFile, name: str, path: Path, compression: int) -> Member:
    entry = zipfile.ZipInfo(name, datetime.now().timetuple()[:6])
    entry.compress_type = compression
    with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
        return copied(source, target)
