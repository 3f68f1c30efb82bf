"""A record as a line: of JSON for the file, short for the terminal."""

import json
import logging
import re
import traceback
import uuid
from datetime import datetime
from pathlib import Path
from types import TracebackType

from daxing_safety import settings
from daxing_safety.logs.masking import masked
from daxing_safety.logs.scene import present

LONGEST = 20_000  # characters of a text; an error may quote a whole file
# What a record may bring besides.
BESIDES = NUMBER, PATH, LEFT_OUT = "number", "path", "left_out"
# JSON lets these stand as they are, but some programs break a line there, or turn it around.
BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
TOLD = "_daxing_number"  # on an error that has its number

log = logging.getLogger(__name__)


def failure(error: BaseException, *, path: str = "") -> str:
    """Logs what went wrong and returns the number under which it is found again."""
    number = uuid.uuid4().hex[:8]
    extra = {NUMBER: number} | ({PATH: path} if path else {})
    log.error("Unexpected error", exc_info=error, extra=extra)
    setattr(error, TOLD, number)
    return number


def is_told_again(record: logging.LogRecord) -> bool:
    """The web server reports anew what has been answered with a number."""
    return bool(record.exc_info) and hasattr(record.exc_info[1], TOLD)  # type: ignore[index]


class JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, str | int] = {
            "time": _moment(record).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process or 0,
            "message": record.getMessage(),
        }
        told |= present()
        told |= {name: getattr(record, name) for name in BESIDES if hasattr(record, name)}
        told |= _error(record)
        safe = {name: _safe(value) for name, value in told.items()}
        return BREAKS.sub(_escaped, json.dumps(safe, ensure_ascii=False))


class ShortLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        error = _error(record)
        said = masked(record.getMessage()).strip().splitlines()  # uvicorn says whole tracebacks
        told = [f"{_moment(record):%H:%M:%S} {record.levelname}", *said[-1:]]
        if hasattr(record, NUMBER):
            told.append(getattr(record, NUMBER))
        if error:
            told.append(f"({error['exception']}, {error['place']})")
        return BREAKS.sub(_escaped, " ".join(told))


def _moment(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, settings.BEIJING)


def _error(record: logging.LogRecord) -> dict[str, str]:
    if not record.exc_info or record.exc_info[1] is None:
        return {}
    error = record.exc_info[1]
    return {
        "exception": type(error).__name__,
        "place": place_of(error.__traceback__),
        "traceback": "".join(traceback.format_exception(error)),
    }


def place_of(track: TracebackType | None) -> str:
    """The innermost line of ours: most errors are raised in a library that we asked wrongly."""
    ours = ""
    for frame in traceback.extract_tb(track):
        path = Path(frame.filename)
        if path.is_relative_to(settings.ROOT) and "site-packages" not in path.parts:
            ours = f"{path.relative_to(settings.ROOT).as_posix()}:{frame.lineno}"
    return ours


def _safe(value: str | int) -> str | int:
    if not isinstance(value, str):
        return value
    text = masked(value)
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return f"{text[:half]} … {len(text) - LONGEST} more … {text[-half:]}"


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"
