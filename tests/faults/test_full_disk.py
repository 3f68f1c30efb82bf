"""A disk that is full: said, nothing stored in part, and all goes on once there is room."""

from pathlib import Path

from filling import work_points
from keeping_count import files_in, is_sound, refused_for, report, versions, write, written
from kept_work import do_some_work
from scenes import full, on_small_disk

from daxing_safety import backups, files
from daxing_safety.cli import main


def write_until_full(data_dir: Path) -> None:
    write()
    acknowledged = 1
    with full(data_dir.parent), refused_for("服务器磁盘已满，刚才的内容没有保存"):
        while acknowledged < 10_000:
            write("一行日志" * 200)
            acknowledged += 1
    assert written() == acknowledged
    assert is_sound()
    write()
    assert written() == acknowledged + 1


def test_a_full_disk_is_said_and_keeps_all_that_was_acknowledged(
    installed: Path, tmp_path: Path
) -> None:
    on_small_disk(write_until_full, tmp_path, installed)


def upload_until_nearly_full(data_dir: Path) -> None:
    do_some_work()
    before = files_in(data_dir / "files")
    with full(data_dir.parent):
        with refused_for("暂不接收文件，刚才的内容没有保存"):
            report(work_points(_1_05={"remark": "磁盘满时报送"}))
        assert versions() == [1]
    assert files_in(data_dir / "files") == before
    assert is_sound()
    assert report(work_points(_1_05={"remark": "清理以后报送"})) == 2


def test_uploads_are_refused_before_the_database_runs_out_of_room(
    installed: Path, tmp_path: Path
) -> None:
    on_small_disk(upload_until_nearly_full, tmp_path, installed)


def keep_without_a_name_left(data_dir: Path) -> None:
    kept = files.keep(b"before")
    names = data_dir / "names"
    names.mkdir()
    number = 0
    try:
        while True:
            (names / str(number)).touch()
            number += 1
    except OSError:
        pass
    before = files_in(data_dir / "files")
    with refused_for("服务器磁盘已满"):
        files.keep(b"one file too many")
    assert files_in(data_dir / "files") == before
    assert files.load(kept) == b"before"
    for name in names.iterdir():
        name.unlink()
    assert files.load(files.keep(b"one file too many")) == b"one file too many"


def test_a_file_that_finds_no_room_leaves_no_part_of_itself(
    installed: Path, tmp_path: Path
) -> None:
    on_small_disk(keep_without_a_name_left, tmp_path, installed, options="size=16m,nr_inodes=400")


def back_up_without_room(data_dir: Path) -> None:
    target = data_dir / "backup.zip"
    with full(data_dir.parent):
        assert main(["backup", str(target)]) != 0
    assert not list(data_dir.glob("**/*.zip")) and not list(data_dir.glob(f"{backups.STAGE}*"))
    assert main(["backup", str(target)]) == 0


def test_a_backup_that_finds_no_room_leaves_nothing_behind(installed: Path, tmp_path: Path) -> None:
    on_small_disk(back_up_without_room, tmp_path, installed)
