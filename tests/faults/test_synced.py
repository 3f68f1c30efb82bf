"""What the system is asked to put on the disk for good, and in which order, before an answer."""

import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from filling import work_points
from keeping_count import files_in, is_sound, refused_for, report, write, written
from kept_work import do_some_work
from scenes import play

from daxing_safety import database, files, settings

CALLS = "fsync,fdatasync,rename,renameat,renameat2,write"
ANSWER = "the clerk is answered"
ONCE = "error=EIO:when=1"


@pytest.fixture
def tracer() -> list[str]:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    words = ["strace", "-f", "-o"]
    if subprocess.run([*words, "/dev/null", "true"], check=False).returncode:
        pytest.skip("nobody may be traced here")
    return words


def hand_in(data_dir: Path) -> None:
    report(work_points(_1_05={"remark": "停电以前"}))
    print(ANSWER, flush=True)


def test_file_folder_and_database_are_on_the_disk_before_the_answer(
    data_dir: Path, tmp_path: Path, tracer: list[str]
) -> None:
    do_some_work()
    database.engines(settings.database_url()).dispose()
    watched = ["-y", "-s", "64", "-e", f"trace={CALLS}"]
    play(hand_in, data_dir, [*tracer, str(tmp_path / "calls"), *watched])
    calls = (tmp_path / "calls").read_text("utf-8", errors="replace")
    files = re.escape(f"{data_dir}/files/")
    in_order = [
        rf"fsync\(\d+<{files}../tmp\w+>\)\s+= 0",
        rf'rename\("{files}../tmp\w+", "{files}../[0-9a-f]+',
        rf"fsync\(\d+<{files}..>\)\s+= 0",
        r"f(data)?sync\(\d+<[^>]*daxing\.db-wal>\)\s+= 0",
        rf'write\(1<[^>]*>, "{ANSWER}',
    ]
    assert re.search(".*".join(in_order), calls, re.DOTALL), calls[-4000:]


def write_on_a_failing_disk(_: Path) -> None:
    with refused_for("服务器磁盘读写出错，还不能确定刚才的内容是否已保存"):
        write()
    assert is_sound()
    before = written()
    write()
    assert written() == before + 1


def test_what_the_disk_did_not_confirm_is_not_acknowledged(
    data_dir: Path, tracer: list[str]
) -> None:
    failing = ["/dev/null", "-e", f"inject=fdatasync:{ONCE}"]
    play(write_on_a_failing_disk, data_dir, [*tracer, *failing])


def keep_on_a_failing_disk(data_dir: Path) -> None:
    with refused_for("服务器磁盘读写出错"):
        files.keep(b"evidence")
    assert files_in(data_dir / "files") == 0
    assert files.load(files.keep(b"evidence")) == b"evidence"


def test_a_file_that_the_disk_did_not_confirm_is_not_kept(
    data_dir: Path, tracer: list[str]
) -> None:
    (data_dir / "files" / sha256(b"evidence").hexdigest()[:2]).mkdir(parents=True)
    failing = ["/dev/null", "-e", f"inject=fsync:{ONCE}"]
    play(keep_on_a_failing_disk, data_dir, [*tracer, *failing])
