"""A disk or a database that cannot be written: said, and all goes on once it can."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from keeping_count import is_sound, refused_for, write, written
from scenes import on_small_disk, read_only, without_privileges

from daxing_safety import database, files, settings, verification
from daxing_safety.errors import StorageFault

WRITE_AND_DIE = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("INSERT INTO preference (name, value) VALUES ('read_only', '1')")
connection.commit()
os._exit(1)
"""


def mount_read_only(data_dir: Path) -> None:
    write()
    with read_only(data_dir.parent):
        with pytest.raises(StorageFault, match="系统管理员"):  # SQLite cannot even make its index
            written()
        with pytest.raises(StorageFault, match="刚才的内容没有保存"):
            write()
        with refused_for("只能读"):
            files.keep(b"evidence")
        with refused_for("没有启动，数据没有改动"):
            verification.require_usable()
    write()
    assert written() == 2
    assert is_sound()


def test_a_disk_that_turned_read_only_is_said(installed: Path, tmp_path: Path) -> None:
    on_small_disk(mount_read_only, tmp_path, installed)


def mount_read_only_while_in_use(data_dir: Path) -> None:
    write()
    database.engines(settings.database_url()).dispose()
    # Who died with the database open has left SQLite's own files behind.
    subprocess.run([sys.executable, "-c", WRITE_AND_DIE, str(data_dir / "daxing.db")], check=False)
    assert (data_dir / "daxing.db-wal").exists()
    with read_only(data_dir.parent):
        assert written() == 1
        with refused_for("只能读、不能写，刚才的内容没有保存"):
            write()
        assert written() == 1
    write()
    assert written() == 2


def test_what_is_there_can_still_be_read(installed: Path, tmp_path: Path) -> None:
    on_small_disk(mount_read_only_while_in_use, tmp_path, installed)


def lock_out(data_dir: Path) -> None:
    assert os.access(data_dir, os.W_OK)
    write()
    database.engines(settings.database_url()).dispose()
    file = data_dir / "daxing.db"
    file.chmod(0o444)
    data_dir.chmod(0o555)
    with pytest.raises(StorageFault, match="刚才的内容没有保存"):
        write()
    with refused_for("没有启动，数据没有改动"):
        verification.require_usable()
    data_dir.chmod(0o755)
    file.chmod(0o000)
    with refused_for("打不开数据库"):
        written()
    file.chmod(0o644)
    write()
    assert written() == 2
    assert is_sound()


def test_missing_permissions_are_said(data_dir: Path) -> None:
    without_privileges(lock_out, data_dir)


def lock_files_away(data_dir: Path) -> None:
    digest = files.keep(b"evidence")
    path = files.path_of(digest)
    path.chmod(0o000)
    with refused_for("打不开"):
        files.load(digest)
    path.chmod(0o600)
    assert files.load(digest) == b"evidence"
    folder = data_dir / "files"
    for each in (folder, *folder.iterdir()):
        each.chmod(0o555)
    with refused_for("刚才的内容没有保存"):
        files.keep(b"another")
    for each in (folder, *folder.iterdir()):
        each.chmod(0o755)
    assert files.load(files.keep(b"another")) == b"another"


def test_files_that_may_not_be_read_or_written_are_said(data_dir: Path) -> None:
    without_privileges(lock_files_away, data_dir)
