"""运行日志: a line is a line, says who and where, keeps no secrets, and is found by its number."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from log_lines import broken, kept, lines

from daxing_safety import logs, settings
from daxing_safety.cli import main
from daxing_safety.logs import keeping
from daxing_safety.logs.lines import JsonLine, ShortLine
from daxing_safety.logs.masking import masked
from daxing_safety.logs.scene import Scene, _scene
from daxing_safety.workbooks import worker

Output = pytest.CaptureFixture[str]
log = logging.getLogger("a module")

TOKEN = "Zq3_hV9sWkT0aYb7LxCe2RfUj8mNpD4oGi1HvKsQtBw"
SESSION = "0b6a7c9e-55d0-4a2f-9b7e-3f1d2c4b5a69"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where this test's log lies; what is logged goes there."""
    monkeypatch.setenv("DAXING_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DAXING_LOG_DIR", raising=False)
    with kept():
        yield tmp_path / "logs"


def test_a_record_is_one_line_of_json_in_beijing_time(folder: Path) -> None:
    log.warning("磁盘只剩 %s", "1.0 GB")
    (line,) = lines()
    assert (line["level"], line["logger"], line["message"]) == (
        "WARNING",
        "a module",
        "磁盘只剩 1.0 GB",
    )
    assert line["time"].endswith("+08:00")


@pytest.mark.parametrize("text", ["\n", "\r\n", "\x0b", "\x85", "\u2028", "\u2029"])
def test_no_text_forges_a_second_line(folder: Path, text: str) -> None:
    forged = f'区水务局{text}{{"level": "INFO", "message": "all is well"}}'
    log.warning("No such unit: %s", forged)
    written = (folder / "daxing.log").read_text("utf-8")
    assert len(written.splitlines()) == 1
    assert json.loads(written)["message"] == f"No such unit: {forged}"


def test_nothing_turns_a_line_around_or_breaks_the_file(folder: Path) -> None:
    said = "\u202etxt.exe \x1b[2J half a character: \ud83d"
    # Past pytest's own record of the log: half a character cannot be sent from process to process.
    file = keeping.LogFile()
    file.setFormatter(JsonLine())
    file.handle(logging.makeLogRecord({"msg": said, "levelname": "WARNING"}))
    written = (folder / "daxing.log").read_text("utf-8")
    assert not any(mark in written for mark in "\u202e\x1b\ud83d")


SECRETS = {
    "an identity card": ("居民 11010519491231002X 反映", "11010519491231002X"),
    "a mobile phone": ("联系电话13800138000。", "13800138000"),
    "a phone as people write it": ("请拨 +86 138-0013-8000", "138-0013-8000"),
    "a sign-in's token": (f"looked up {TOKEN} in vain", TOKEN),
    "a Streamlit session": (f"Session {SESSION} not found", SESSION),
    "an upload": (f"PUT /_stcore/upload_file/{SESSION}/{SESSION}", SESSION),
    "a cookie header": (f"Cookie: daxing_session={TOKEN}; a=b", "a=b"),
    "a password": ("password='Lin-hai-7788', again", "Lin-hai-7788"),
    "a password in Chinese": ("密码：Lin-hai-7788", "Lin-hai-7788"),
    "a form's guard": ("csrf=abc123&username=office", "abc123"),
    "a database address": ("postgresql+psycopg://daxing:s3cret@db/daxing", "s3cret"),
    "a password's hash": ("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", "c2FsdA"),
    "a statement's values": ("no such table\n[parameters: ('区水务局', 7)]\n(more)", "区水务局"),
    "a row of PostgreSQL": ("violates\nDETAIL:  Failing row contains (7, 王科长).", "王科长"),
}


@pytest.mark.parametrize(("text", "secret"), SECRETS.values(), ids=list(SECRETS))
def test_what_must_not_stand_in_a_log_does_not(folder: Path, text: str, secret: str) -> None:
    try:
        raise ValueError(text)
    except ValueError as error:
        logs.failure(error)
    log.warning("%s", text)
    assert secret not in ShortLine().format(logging.makeLogRecord({"msg": text}))
    assert secret.encode() not in (folder / "daxing.log").read_bytes()
    assert secret not in (folder / "daxing.log").read_text("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "2021-05-20 10:00, P00012, 4-1, 97.25 of 100",
        "files/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "daxing_safety/reports/problems/a_function_with_a_very_long_name_indeed.py:31",
        "1732300000123 ms, 20261123014007",
    ],
)
def test_what_helps_to_find_a_fault_stays(text: str) -> None:
    assert masked(text) == text


def test_a_number_that_somebody_was_told_finds_who_where_and_what(folder: Path) -> None:
    token = _scene.set(None)
    logs.asked_from("10.0.0.7", "/problems")
    logs.asks("office", "OFFICE")
    number = logs.failure(broken())
    _scene.reset(token)
    found = logs.find(number)
    assert found
    assert (found["user"], found["role"]) == ("office", "OFFICE")
    assert (found["address"], found["path"]) == ("10.0.0.7", "/problems")
    assert found["exception"] == "ZeroDivisionError"
    assert found["place"].startswith("tests/log_lines.py:")
    assert "1 / 0" in found["traceback"]
    assert found["took_ms"] >= 0
    assert logs.find("00000000") is None


def test_who_asked_is_forgotten_with_the_next_request(folder: Path) -> None:
    token = _scene.set(Scene(username="office", path="/problems"))
    logs.asked_from("10.0.0.8", "/login")
    log.warning("Something")
    _scene.reset(token)
    (line,) = lines()
    assert (line["address"], line["path"], "user" in line) == ("10.0.0.8", "/login", False)


def test_the_same_over_and_over_is_written_once_but_every_number_is(folder: Path) -> None:
    for _ in range(50):
        log.error("The disk is full")
    numbers = [logs.failure(broken()) for _ in range(3)]
    assert len(lines()) == 4
    assert all(logs.find(number) for number in numbers)


def test_what_has_its_number_is_not_reported_again_by_the_server(folder: Path) -> None:
    error = broken()
    logs.failure(error)
    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=error)
    log.error("Once more", exc_info=error)
    assert len(lines()) == 1


def test_a_log_that_is_large_starts_anew_and_the_oldest_goes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "LARGEST", 2000)
    monkeypatch.setattr(keeping, "KEPT", 3)
    first = logs.failure(broken())
    for number in range(80):
        log.warning("Line %s", number)
    assert lines()[-1]["message"] == "Line 79"
    files = sorted(folder.iterdir())
    assert len(files) == 4
    assert all(path.stat().st_size <= 2000 for path in files)
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert logs.find(first) is None


def test_a_number_in_an_older_file_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number = logs.failure(broken())
    monkeypatch.setattr(keeping, "LARGEST", 100)
    log.warning("This line opens a new file")
    assert len(list(folder.iterdir())) == 2
    assert logs.find(number)


WRITER = """
import logging, sys
from daxing_safety import logs
from daxing_safety.logs import keeping
keeping.LARGEST, keeping.KEPT = 4000, 1000
logs.set_up()
for number in range(200):
    logging.getLogger("writer").info("%s of %s", number, sys.argv[1])
"""


def run(program: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=settings.ROOT,
        env=os.environ | {"PYTHONPATH": str(settings.ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def test_processes_that_share_the_log_lose_no_line(folder: Path) -> None:
    writers = [run(WRITER, name) for name in ("one", "two", "three")]
    assert [writer.communicate()[1] for writer in writers] == ["", "", ""]
    written = [line for path in folder.iterdir() for line in path.read_bytes().splitlines()]
    told = [json.loads(line)["message"] for line in written]
    assert sorted(told) == sorted(
        f"{number} of {name}" for number in range(200) for name in ("one", "two", "three")
    )


def test_what_nobody_caught_is_a_sentence_with_a_number(folder: Path) -> None:
    process = run("from daxing_safety import logs; logs.set_up(); 1 / 0")
    said = process.communicate()[1]
    (line,) = lines()
    assert process.returncode == 1
    assert f"系统出错了，编号 {line['number']}，" in said
    assert "Traceback" not in said
    assert "ZeroDivisionError" in line["traceback"]


def test_what_fails_in_a_thread_is_in_the_log(folder: Path) -> None:
    program = (
        "import threading; from daxing_safety import logs; logs.set_up();"
        "thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()"
    )
    assert "Traceback" not in run(program).communicate()[1]
    assert lines()[0]["exception"] == "ZeroDivisionError"


def test_a_bug_in_a_worker_process_is_in_the_log(folder: Path) -> None:
    pool = worker.Pool(1, worker.READING)
    with pytest.raises(worker.ChildDied):
        pool.run(int, "eleven")
    by_child, by_server = lines()
    assert (by_child["exception"], by_child["process"] != os.getpid()) == ("ValueError", True)
    assert by_server["message"] == "A worker process died over int"


def test_a_log_that_cannot_be_written_stops_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    folder.touch()
    log.error("Something is wrong")
    assert "运行日志写不进" in capsys.readouterr().err


def test_the_command_line_finds_a_number(folder: Path, capsys: Output) -> None:
    number = logs.failure(broken(), path="/problems")
    assert main(["log", "find", number]) == 0
    told = capsys.readouterr().out
    assert f"编号 {number}：" in told
    assert "/problems" in told
    assert "ZeroDivisionError" in told
    assert main(["log", "find", "00000000"]) == 1
    assert "没有编号“00000000”" in capsys.readouterr().err
