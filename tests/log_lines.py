"""运行日志 within a test: what is logged here goes to the file that the settings name."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from daxing_safety import logs
from daxing_safety.logs.keeping import LogFile, Repeats
from daxing_safety.logs.lines import JsonLine


@contextmanager
def kept() -> Iterator[None]:
    root, handler = logging.getLogger(), LogFile()
    level = root.level
    handler.setFormatter(JsonLine())
    handler.addFilter(Repeats())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield
    root.removeHandler(handler)
    root.setLevel(level)


def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in logs.file().read_bytes().splitlines()]


def broken() -> ZeroDivisionError:
    """A bug that was raised."""
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError as error:
        return error
    raise AssertionError
