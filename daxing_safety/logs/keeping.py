"""The file: opened anew for every line, since several processes write it and any may rotate it.

There are few lines (starts and stops, warnings, errors), so that costs nothing that matters.
"""

import json
import logging
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from daxing_safety import settings
from daxing_safety.logs.lines import LEFT_OUT, NUMBER, JsonLine, ShortLine, failure, is_told_again

NAME, OLDER = "daxing.log", "daxing-*.log"
LARGEST = 10 * 2**20
KEPT = 10  # older files besides
REPEATED_S = 60.0
DAY_S = 86400.0


class LogFile(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        line = (self.format(record) + "\n").encode()
        try:
            _append(file(), line)
        except OSError as fault:
            sys.stderr.write(f"运行日志写不进 {file()}：{fault.strerror}\n")


class Repeats(logging.Filter):
    """A disk that is full fails every two seconds: the same is written once a minute, with how
    often it came meanwhile. What somebody was told a number for always stands by itself."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if hasattr(record, NUMBER):
            return True
        if is_told_again(record):
            return False
        tick = time.monotonic()
        kind = record.name, record.levelno, record.getMessage()
        since, times = self._seen.get(kind, (tick - REPEATED_S, 0))
        if tick - since < REPEATED_S:
            self._seen[kind] = since, times + 1
            return False
        self._seen = {each: told for each, told in self._seen.items() if tick - told[0] < DAY_S}
        self._seen[kind] = tick, 0
        if times:
            setattr(record, LEFT_OUT, times)
        return True


class Terminal(logging.StreamHandler[Any]):
    """On a service's terminal, or in the system's journal."""


def file() -> Path:
    return settings.logs_dir() / NAME


def set_up() -> None:
    """From here on, in this process, what is logged and what nobody caught goes to the file."""
    root = logging.getLogger()
    if any(isinstance(each, LogFile) for each in root.handlers):
        return
    for handler, line, level in (
        (LogFile(), JsonLine(), logging.INFO),
        (Terminal(sys.stderr), ShortLine(), logging.WARNING),
    ):
        handler.setFormatter(line)
        handler.addFilter(Repeats())
        handler.setLevel(level)
        root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in ("alembic", "fontTools", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def find(number: str) -> dict[str, Any] | None:
    """What was logged under the number that somebody was told; None if it is not there any more."""
    for path in (file(), *reversed(_older())):
        for line in _lines_with(path, number):
            try:
                told = json.loads(line)
            except ValueError:  # cut off by a crash
                continue
            if told.get(NUMBER) == number:
                return told
    return None


def _lines_with(path: Path, text: str) -> list[str]:
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            return [line for line in lines if text in line]
    except FileNotFoundError:
        return []


def _append(path: Path, line: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _size(path) + len(line) > LARGEST:
        _rotate(path)
    with open(path, "ab", buffering=0, opener=_private) as target:
        target.write(line)  # at once, so that lines of two processes do not mix


def _size(path: Path) -> int:
    """None written yet is 0; asked in one go, since another process may rotate it meanwhile."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _rotate(path: Path) -> None:
    """By a name of its own, so that two processes that do it at once undo nothing."""
    with suppress(FileNotFoundError):
        path.rename(path.with_name(f"daxing-{time.time_ns()}-{os.getpid()}.log"))
    for old in _older()[:-KEPT]:
        old.unlink(missing_ok=True)


def _older() -> list[Path]:
    """The oldest first."""
    return sorted(settings.logs_dir().glob(OLDER))


def _uncaught(kind: type[BaseException], error: BaseException, track: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, track)
        return
    sys.stderr.write(f"系统出错了，编号 {failure(error)}，详细情况见 {file()}。\n")


def _uncaught_in_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is not None:
        failure(found.exc_value)
