"""The unit file that is handed out: systemd takes it, and it says what the program says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from daxing_safety import settings
from daxing_safety.cli import _parser
from daxing_safety.web import stop

UNIT = settings.ROOT / "docs" / "operations" / "daxing-workbench.service"
PLACE = "/opt/daxing/current"


def value_of(name: str) -> str:
    (value,) = re.findall(rf"^{name}=(.*)$", UNIT.read_text("utf-8"), re.MULTILINE)
    return value


def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    # Where it is installed; here only the Python is another.
    here = UNIT.read_text("utf-8").replace(f"{PLACE}/.venv/bin/python", sys.executable)
    (tmp_path / UNIT.name).write_text(here.replace(PLACE, str(settings.ROOT)), "utf-8")
    verify = ["systemd-analyze", "verify", "--man=no", str(tmp_path / UNIT.name)]
    found = subprocess.run(verify, capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")


def test_it_starts_the_server_with_options_that_there_are() -> None:
    python, *arguments = value_of("ExecStart").split()
    assert (python, arguments[:2]) == (f"{PLACE}/.venv/bin/python", ["-m", "daxing_safety"])
    assert _parser().parse_args(arguments[2:]).host == "127.0.0.1"


def test_it_gives_a_stop_the_time_that_a_stop_may_take() -> None:
    longest = stop.WRITES_END_WITHIN_S + stop.ANSWERS_TAKE_S + stop.ANSWERS_END_WITHIN_S
    assert int(value_of("TimeoutStopSec")) > longest


def test_data_and_log_go_where_systemd_makes_room_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in re.findall(r"(DAXING_\w+)=(\S+)", UNIT.read_text("utf-8")):
        monkeypatch.setenv(name, value)
    assert settings.data_dir() == Path("/var/lib") / value_of("StateDirectory")
    assert settings.logs_dir() == Path("/var/log") / value_of("LogsDirectory")
