"""A database file that is damaged, gone or put back: never taken for whole, never written past."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from keeping_count import is_sound, refused_for, write, written
from kept_work import do_some_work

from daxing_safety import backups, database, settings, verification
from daxing_safety.cli import main
from daxing_safety.cli.outcome import FAULTS, STORAGE

PAGE = 4096


@pytest.fixture
def file(data_dir: Path) -> Iterator[Path]:
    """The database's, with all that was done in it, and nobody has it open."""
    do_some_work()
    database.engines(settings.database_url()).dispose()
    yield data_dir / "daxing.db"


def overwrite(file: Path, at: int, data: bytes) -> None:
    with file.open("r+b") as opened:
        opened.seek(at)
        opened.write(data)


def test_an_overwritten_beginning_is_said_and_nothing_is_written_past_it(file: Path) -> None:
    whole = file.read_bytes()
    overwrite(file, 0, b"not a database any more, but a text")
    damaged = file.read_bytes()
    with refused_for("数据库文件已损坏"):
        written()
    with refused_for("数据库文件已损坏，刚才的内容没有保存"):
        write()
    with refused_for("数据库文件已损坏"):
        verification.require_usable()
    assert file.read_bytes() == damaged
    file.write_bytes(whole)
    write()
    assert written() == 1
    assert is_sound()


def middle_of(file: Path) -> int:
    return file.stat().st_size // PAGE // 2 * PAGE


@pytest.mark.parametrize("garbage", [bytes(PAGE), b"\xff" * PAGE], ids=["zeros", "ones"])
def test_a_spoilt_page_keeps_a_server_from_starting(file: Path, garbage: bytes) -> None:
    overwrite(file, middle_of(file), garbage)
    with refused_for("数据库文件已损坏"):
        verification.require_usable()
    assert {each.part for each in verification.verify().differences} == {"database"}


def test_a_file_cut_short_keeps_a_server_from_starting(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(middle_of(file))
    with refused_for("数据库文件已损坏"):
        verification.require_usable()


def test_the_server_says_so_instead_of_starting(file: Path) -> None:
    overwrite(file, middle_of(file), bytes(PAGE))
    started = subprocess.run(
        [sys.executable, "-m", "daxing_safety", "serve", "--host", "127.0.0.1", "--port", "0"],
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert started.returncode == STORAGE
    assert started.stderr.splitlines()[-1].startswith("数据库文件已损坏，没有启动，数据没有改动")
    assert "从最近的备份恢复" in started.stderr


@pytest.mark.parametrize("command", [["score"], ["verify"], ["template", "--all", "--out", "x"]])
def test_no_command_ends_in_anything_but_a_sentence(
    file: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    overwrite(file, 0, bytes(100))
    assert main(command) in (STORAGE, FAULTS)
    said = capsys.readouterr()
    assert "数据库" in said.err + said.out


def test_a_damaged_database_is_not_backed_up_as_if_it_were_whole(file: Path) -> None:
    overwrite(file, 0, bytes(100))
    with refused_for("数据库文件已损坏，备份没有做成"):
        backups.create(file.parent / "backup.zip", now=settings.clock())
    assert list(file.parent.glob("*.zip")) == []


def test_one_letter_changed_in_the_file_is_found_and_named(file: Path) -> None:
    before = file.read_bytes()
    at = before.index("规划.pdf".encode(), before.index(b'"uses"') - PAGE)
    places = [
        place for place in range(len(before)) if before.startswith("上传佐证材料".encode(), place)
    ]
    assert places, at
    overwrite(file, places[-1], "下".encode())
    verification.require_usable()  # to SQLite it is as good as any other
    (found,) = verification.verify().differences
    assert found.part == "log"
    assert "从这一条起校验码不符" in found.text and "下传佐证材料" in found.text


def test_a_database_that_is_gone_does_not_come_back_empty(file: Path, tmp_path: Path) -> None:
    write()  # connections are open and waiting to be used again
    shutil.move(file, tmp_path / "elsewhere.db")
    with refused_for("打不开数据库"):
        written()
    with refused_for("打不开数据库或数据文件夹，刚才的内容没有保存"):
        write()
    assert not file.exists()
    shutil.move(tmp_path / "elsewhere.db", file)
    write()
    assert written() == 2


def test_what_is_written_goes_into_the_file_that_was_put_in_the_old_ones_place(
    file: Path, tmp_path: Path
) -> None:
    shutil.copy(file, tmp_path / "copy.db")
    write()
    database.engines(settings.database_url()).dispose()
    write()
    for each in file.parent.glob("daxing.db*"):
        each.unlink()
    shutil.move(tmp_path / "copy.db", file)  # as who restores by hand would do
    assert written() == 0
    write()
    assert written() == 1
