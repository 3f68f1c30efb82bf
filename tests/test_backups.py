"""Backup and restore: whole while others write, refused in a sentence, nothing changed."""

import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from kept_work import PDF, do_some_work
from older_databases import set_back

from daxing_safety import backups, database, files, settings
from daxing_safety.actions import audit
from daxing_safety.backups.manifest import DATABASE, MANIFEST
from daxing_safety.cli import main
from daxing_safety.database import transaction
from daxing_safety.errors import BadInput, Conflict, NotFound, UserFacingError
from daxing_safety.models import LoginSession, Preference

NOW = datetime(2021, 5, 20, 10, 0)
Output = pytest.CaptureFixture[str]
Settle = Callable[..., Path]

WRITER = """
import sys
from daxing_safety import database, files
from daxing_safety.actions import audit
from daxing_safety.models import Preference
number = 0
while True:
    number += 1
    digest = files.keep(f"file {number}".encode())
    with database.transaction() as session:
        session.merge(Preference(name="written", value=str(number)))
        audit.record(session, "报送", number, by="区水务局", after={"sha256": digest})
    print(number, flush=True)
"""


@pytest.fixture
def backup(data_dir: Path, tmp_path: Path) -> Path:
    do_some_work()
    path = tmp_path / "backup.zip"
    backups.create(path, now=NOW)
    return path


@pytest.fixture
def elsewhere(tmp_path: Path, settle: Settle) -> Path:
    """From here on the settings point at an empty place."""
    return settle(tmp_path / "elsewhere")


def changed(path: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """The backup with other content, packed anew."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def state_of(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---- making one ---------------------------------------------------------------------------------


def test_a_backup_holds_the_database_and_every_file_it_names(backup: Path) -> None:
    manifest = backups.check(backup)
    names = {name.rsplit("/", 1)[-1] for name in manifest.members}
    assert names == {DATABASE, *files.on_disk()}
    assert manifest.counts["submission"] == 1
    assert manifest.log.number == manifest.counts["audit_event"]
    assert manifest.schema == database.known_revisions()[0]
    assert manifest.missing == []


def test_what_is_compressed_already_is_not_compressed_again(backup: Path) -> None:
    with zipfile.ZipFile(backup) as archive:
        kinds = {entry.filename: entry.compress_type for entry in archive.infolist()}
    assert kinds.pop(DATABASE) == zipfile.ZIP_DEFLATED
    assert set(kinds.values()) == {zipfile.ZIP_STORED}


def test_a_backup_never_overwrites_anything(backup: Path) -> None:
    before = backup.read_bytes()
    with pytest.raises(Conflict, match="已经存在"):
        backups.create(backup, now=NOW)
    assert backup.read_bytes() == before


def test_a_backup_that_fails_leaves_nothing_behind(data_dir: Path, tmp_path: Path) -> None:
    place = tmp_path / "a file, not a folder"
    place.write_bytes(b"")
    with pytest.raises(backups.BackupFailed, match="写不进去"):
        backups.create(place / "b.zip", now=NOW)
    assert place.read_bytes() == b""


def test_without_a_database_there_is_nothing_to_back_up(elsewhere: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="没有数据库"):
        backups.create(tmp_path / "b.zip", now=NOW)
    assert not (tmp_path / "b.zip").exists()
    assert not elsewhere.exists()


def test_a_lost_file_is_named_and_the_rest_is_kept(data_dir: Path, tmp_path: Path) -> None:
    do_some_work()
    digest = files.keep(PDF)
    files.path_of(digest).unlink()
    manifest = backups.create(tmp_path / "b.zip", now=NOW)
    assert manifest.missing == [digest]
    assert len(manifest.members) == 2


def test_twenty_of_twenty_are_whole_while_another_process_writes(
    data_dir: Path, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER], stdout=subprocess.PIPE, text=True, cwd=settings.ROOT
    ) as writer:
        assert writer.stdout
        written = 0
        try:
            for number in range(20):
                written = int(writer.stdout.readline())
                path = tmp_path / f"{number}.zip"
                manifest = backups.create(path, now=NOW)
                assert backups.check(path) == manifest
                assert manifest.missing == []
                assert _last_written(path, tmp_path) >= written
        finally:
            writer.kill()
    assert written >= 20


def _last_written(path: Path, folder: Path) -> int:
    """What the copy says was written last; its log and its files agree with it."""
    copy = folder / "copy.db"
    with zipfile.ZipFile(path) as archive:
        copy.write_bytes(archive.read(DATABASE))
        kept = {name.rsplit("/", 1)[-1] for name in archive.namelist()}
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (last,) = connection.execute(
            "SELECT value FROM preference WHERE name = 'written'"
        ).fetchone()
        (subject,) = connection.execute(
            "SELECT subject FROM audit_event ORDER BY id DESC LIMIT 1"
        ).fetchone()
        logged = connection.execute("SELECT after FROM audit_event WHERE after LIKE '%sha256%'")
        assert {json.loads(after)["sha256"] for (after,) in logged} <= kept
    assert subject == last
    return int(last)


# ---- restoring ----------------------------------------------------------------------------------


def test_a_restored_copy_holds_what_was_there(backup: Path, elsewhere: Path) -> None:
    before = backups.look(backup)
    assert main(["restore", str(backup)]) == 0
    with database.reading() as session:
        events = session.connection().exec_driver_sql("SELECT count(*) FROM audit_event").scalar()
        number = session.connection().exec_driver_sql("SELECT number FROM problem").scalar()
    assert events == before.log.number + 1  # it tells of the restoration
    assert number == "P00001"
    assert PDF in state_of(elsewhere / "files").values()
    assert main(["verify"]) == 0


def test_nobody_is_signed_in_in_a_restored_copy(
    data_dir: Path, tmp_path: Path, settle: Settle
) -> None:
    sign_in = LoginSession(
        token_hash="x", user_id=1, started_at=NOW, seen_at=NOW, address="", browser=""
    )
    with transaction() as session:
        session.add(sign_in)
    backups.create(tmp_path / "b.zip", now=NOW)
    settle(tmp_path / "new")
    assert main(["restore", str(tmp_path / "b.zip")]) == 0
    with database.reading() as session:
        assert session.get(LoginSession, "x") is None


@pytest.fixture
def before_the_chain(data_dir: Path, tmp_path: Path, settle: Settle) -> None:
    """From here on the settings point at what was done in a database of an earlier version."""
    do_some_work()
    newer = settings.database_url()
    shutil.copytree(data_dir / "files", tmp_path / "older" / "files")
    settle(tmp_path / "older")
    set_back(newer, "0003")


@pytest.mark.usefixtures("before_the_chain")
def test_an_older_backup_is_brought_to_this_version(tmp_path: Path, settle: Settle) -> None:
    manifest = backups.create(tmp_path / "old.zip", now=NOW)
    assert (manifest.schema, manifest.log.number, manifest.counts["problem"]) == ("0003", 0, 1)
    settle(tmp_path / "new")
    assert main(["restore", str(tmp_path / "old.zip")]) == 0
    assert main(["verify"]) == 0


def test_a_backup_that_the_disk_cannot_hold_is_refused_before_anything_is_written(
    backup: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 1))  # type: ignore[attr-defined]
    with pytest.raises(backups.BackupFailed, match="放不下"):
        backups.restore(backup)
    assert not elsewhere.exists()


def test_restoring_beside_the_data_leaves_them_alone(
    backup: Path, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    before = state_of(data_dir)
    monkeypatch.setenv("DAXING_DATA_DIR", str(data_dir))  # and back again after the test
    assert main(["restore", str(backup), "--into", str(tmp_path / "beside")]) == 0
    assert (tmp_path / "beside" / "daxing.db").exists()
    assert state_of(data_dir) == before
    assert "已恢复到" in capsys.readouterr().out


def test_nothing_is_ever_restored_over_data(backup: Path, data_dir: Path, capsys: Output) -> None:
    before = state_of(data_dir)
    assert main(["restore", str(backup)]) == 1
    assert "恢复不会覆盖" in capsys.readouterr().err
    assert state_of(data_dir) == before


def test_what_a_stopped_server_left_beside_its_database_is_data_too(
    backup: Path, elsewhere: Path
) -> None:
    elsewhere.mkdir()
    (elsewhere / "daxing.db-wal").write_bytes(b"x")
    with pytest.raises(Conflict):
        backups.restore(backup)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)


def _with_manifest(path: Path, **values: object) -> None:
    def change(members: dict[str, bytes]) -> None:
        members[MANIFEST] = json.dumps(json.loads(members[MANIFEST]) | values).encode()

    changed(path, change)


def _swap_a_file(path: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        name = next(name for name in members if name.startswith("files/"))
        members[name] = b"x" * len(members[name])

    changed(path, change)


def _swap_the_database(path: Path) -> None:
    """An older database with a manifest made to fit its bytes, but not its rows."""

    def change(members: dict[str, bytes]) -> None:
        told = json.loads(members[MANIFEST])
        told["counts"]["submission"] += 1
        members[MANIFEST] = json.dumps(told).encode()

    changed(path, change)


def _with_member(name: str) -> Callable[[Path], None]:
    """Listed in the manifest as if it belonged there."""

    def add(path: Path) -> None:
        def change(members: dict[str, bytes]) -> None:
            told = json.loads(members[MANIFEST])
            told["members"][name] = told["members"][DATABASE] | {"size": 4}
            members[MANIFEST] = json.dumps(told).encode()
            members[name] = b"evil"

        changed(path, change)

    return add


DAMAGES: dict[str, Callable[[Path], object]] = {
    "truncated": _truncate,
    "a byte flipped": _flip_a_byte,
    "not a zip": lambda path: path.write_bytes(b"hello"),
    "empty": lambda path: path.write_bytes(b""),
    "a foreign zip": lambda path: changed(path, lambda members: members.pop(MANIFEST)),
    "another format": lambda path: _with_manifest(path, format="other-1"),
    "a manifest that is no JSON": lambda path: changed(
        path, lambda members: members.update({MANIFEST: b"{"})
    ),
    "without the database": lambda path: changed(path, lambda members: members.pop(DATABASE)),
    "a file changed": _swap_a_file,
    "other rows than it says": _swap_the_database,
    "of a newer version": lambda path: _with_manifest(path, schema="9999"),
    "a name above the folder": _with_member("../../evil.txt"),
    "a name from the root": _with_member("/evil.txt"),
    "a name of Windows": _with_member("files\\..\\..\\evil.txt"),
    "a name beside the files": _with_member("files/ab/evil.txt"),
    "something that is not listed": lambda path: changed(
        path, lambda members: members.update({"files/ab/" + "ab" * 32: b"x"})
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_no_whole_backup_of_ours_is_refused_and_nothing_changes(
    damage: str, backup: Path, elsewhere: Path, tmp_path: Path
) -> None:
    DAMAGES[damage](backup)
    before = state_of(tmp_path)
    with pytest.raises(UserFacingError) as refusal:
        backups.restore(backup)
    assert str(refusal.value).endswith("。")
    assert state_of(tmp_path) == before
    assert not elsewhere.exists()


def test_a_file_that_is_not_there_is_said_so(elsewhere: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="没有"):
        backups.restore(tmp_path / "nothing.zip")


def test_a_name_that_stands_twice_is_refused(backup: Path, elsewhere: Path) -> None:
    with pytest.warns(UserWarning), zipfile.ZipFile(backup, "a") as archive:
        archive.writestr(DATABASE, b"x")
    with pytest.raises(BadInput):
        backups.restore(backup)


def test_the_command_prints_the_end_of_the_log(
    data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    assert main(["backup", str(tmp_path / "b.zip")]) == 0
    log = backups.look(tmp_path / "b.zip").log
    assert f"操作日志至第 {log.number} 条，校验码 {log.hash}" in capsys.readouterr().out


def test_the_folder_of_backups_tells_whole_ones_from_others(data_dir: Path) -> None:
    folder = settings.backups_dir()
    backups.create(folder / "good.zip", now=NOW)
    (folder / "bad.zip").write_bytes(b"PK")
    found = {each.path.name: each.manifest is not None for each in backups.kept()}
    assert found == {"good.zip": True, "bad.zip": False}
    with pytest.raises(NotFound):
        backups.find("../daxing.db")
    with transaction() as session:
        session.merge(Preference(name="x", value="y"))
        audit.record(session, "修改设置", "x", by=audit.SYSTEM)
