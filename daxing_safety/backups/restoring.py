"""Restoring a backup into an empty place; all is unpacked and checked beside it first."""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from daxing_safety import database, disks, files, settings
from daxing_safety.backups.contents import copy_rows, counts_of, head_of, opened, schema_of
from daxing_safety.backups.making import BackupFailed
from daxing_safety.backups.manifest import (
    DATABASE,
    Manifest,
    archive_of,
    compare,
    copied,
    look,
    manifest_in,
)
from daxing_safety.errors import BadInput, Conflict
from daxing_safety.models import Base


def restore(path: Path) -> Manifest:
    """Into the data folder and database of the settings, which must be empty.

    All is unpacked and checked beside its place first; until then nothing is changed.
    """
    manifest = look(path)
    _refuse_newer(manifest)
    _refuse_occupied()
    folder = settings.data_dir()
    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_too_large(path, manifest)
        with TemporaryDirectory(dir=folder, prefix=".restoring-") as stage:
            _unpack(path, Path(stage))
            _check_database(path, Path(stage) / DATABASE, manifest)
            _move_in(Path(stage))
    except OSError as error:
        raise BackupFailed(f"没有恢复：{folder} 写不进去或磁盘已满。") from error
    finally:
        if is_new and folder.exists() and not any(folder.iterdir()):
            folder.rmdir()
    return manifest


def _refuse_newer(manifest: Manifest) -> None:
    if manifest.schema not in database.known_revisions():
        raise BadInput(
            f"这份备份由更新版本的工作台（{manifest.version}）建立，本版本不能恢复。请先升级程序。"
        )


def _refuse_occupied() -> None:
    folder = settings.data_dir()
    occupied = any(folder.glob("daxing.db*")) or any(files.folder().glob("*/*"))
    url = make_url(settings.database_url())
    if url.get_backend_name() != "sqlite":
        with database.engines(settings.database_url()).reader.connect() as connection:
            occupied |= bool(inspect(connection).get_table_names())
    elif url.database:
        occupied |= Path(url.database).exists()
    if occupied:
        raise Conflict(
            f"“{folder}”里已有数据，恢复不会覆盖它。"
            "请用 --into 指定一个空文件夹，核对后再决定用哪一份。"
        )


def _refuse_too_large(path: Path, manifest: Manifest) -> None:
    needed = sum(member.size for member in manifest.members.values())
    if needed > shutil.disk_usage(settings.data_dir()).free:
        raise BackupFailed(f"没有恢复：磁盘放不下“{path.name}”，需要 {disks.in_words(needed)}。")


def _unpack(path: Path, stage: Path) -> None:
    with archive_of(path) as archive:
        manifest = manifest_in(archive, path)
        for name, member in manifest.members.items():
            target = stage / name  # of names that manifest_in has let through
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, target.open("wb") as out:
                compare(path, name, copied(source, out), member)
                out.flush()
                os.fsync(out.fileno())


def _check_database(path: Path, copy: Path, manifest: Manifest) -> None:
    try:
        with opened(copy) as connection:
            is_whole = connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            facts = schema_of(connection), counts_of(connection), head_of(connection)
    except SQLAlchemyError as broken:
        raise BadInput(f"“{path.name}”中的数据库已损坏，没有恢复。") from broken
    if not is_whole or facts != (manifest.schema, manifest.counts, manifest.log):
        raise BadInput(f"“{path.name}”中的数据库与备份清单不符，没有恢复。")


def _move_in(stage: Path) -> None:
    """The files first: a database that is there has all its files."""
    for source in sorted(stage.glob("files/*/*")):
        target = files.path_of(source.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    url = make_url(settings.database_url())
    if url.get_backend_name() == "sqlite":
        shutil.move(stage / DATABASE, str(url.database))
    else:
        _fill_server(stage / DATABASE)


def _fill_server(copy: Path) -> None:
    """A database server's empty tables from the copy."""
    own = f"sqlite:///{copy}"
    database.upgrade(own)
    database.upgrade()
    reader = database.engines(own).reader
    writer = database.engines(settings.database_url()).writer
    with reader.connect() as source, writer.begin() as target:
        copy_rows(source, target)
        for table in Base.metadata.sorted_tables:
            if (column := table.autoincrement_column) is not None:
                following = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
                sequence = func.pg_get_serial_sequence(table.name, column.name)
                target.execute(select(func.setval(sequence, following, False)))
    database.engines(own).dispose()
