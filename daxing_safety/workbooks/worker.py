"""Processes of their own for what must not hold up the server: reading uploads, large outputs.

A child takes one job after another over its pipes. Uploads are hostile until read: a file that
crashes the reader, eats memory or never ends takes only the child with it, and is refused. Memory
and CPU are limited where the system can (not on Windows, where the wall clock alone does).
"""

import logging
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from daxing_safety import garbage, logs, settings
from daxing_safety.errors import BadInput, UserFacingError

if TYPE_CHECKING:
    from daxing_safety.workbooks.account_list import RawList
    from daxing_safety.workbooks.hotline import Export
    from daxing_safety.workbooks.reading import RawWorkbook

MEMORY_BYTES = 600 * 2**20  # above what the child needs to start
POLITENESS = 10  # of 19: a tenth of the time where another process wants all of it
JOBS_OF_A_CHILD = 500  # then a fresh one: memory once taken is not given back


@dataclass(frozen=True)
class Limits:
    """Of one job, in seconds."""

    wall_s: float
    cpu_s: int


READING = Limits(wall_s=15, cpu_s=10)
WRITING = Limits(wall_s=120, cpu_s=100)

log = logging.getLogger(__name__)

START = "from daxing_safety.workbooks.worker import serve; serve()"


class ChildDied(Exception):
    """The child crashed, or was killed for taking too long or too much."""


class Child:
    """One process that runs functions by name, one at a time."""

    def __init__(self) -> None:
        environment = os.environ | {"PYTHONPATH": str(settings.ROOT)}
        self._process = subprocess.Popen(
            [sys.executable, "-c", START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self.jobs = 0

    def run(self, function: Callable[..., Any], arguments: tuple[Any, ...], limits: Limits) -> Any:
        """The function's result, or the UserFacingError it raised. Raises ChildDied."""
        assert self._process.stdin and self._process.stdout
        self.jobs += 1
        alarm = threading.Timer(limits.wall_s, self._process.kill)
        alarm.start()
        try:
            job = (function, arguments, limits.cpu_s)
            pickle.dump(job, self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
            return pickle.load(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as silence:
            raise ChildDied from silence
        finally:
            alarm.cancel()

    def kill(self) -> None:
        """Whoever waits for it gets ChildDied."""
        self._process.kill()

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


class Pool:
    """So many children at most; a caller waits until one is free."""

    def __init__(self, size: int, limits: Limits) -> None:
        self._limits = limits
        self._places: queue.Queue[Child | None] = queue.Queue()
        self._busy: set[Child] = set()
        for _ in range(size):
            self._places.put(None)

    def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        child = self._places.get() or Child()
        kept: Child | None = None
        self._busy.add(child)
        try:
            result = child.run(function, arguments, self._limits)
            kept = child if child.jobs < JOBS_OF_A_CHILD else None
        except ChildDied:
            log.warning("A worker process died over %s", function.__name__)
            raise
        finally:
            self._busy.discard(child)
            if kept is None:
                child.stop()
            self._places.put(kept)
        if isinstance(result, UserFacingError):
            raise result
        return result

    def warm(self) -> None:
        """Starts every child now, so that nobody's upload waits for it."""
        children = [self._places.get() or Child() for _ in range(self._places.qsize())]
        for child in children:
            child.run(_ready, (), self._limits)
            self._places.put(child)

    def stop(self) -> None:
        for busy in tuple(self._busy):
            busy.kill()
        for _ in range(self._places.qsize()):
            child = self._places.get()
            if child:
                child.stop()
            self._places.put(None)


# Two pools: large outputs must not keep uploads waiting.
_readers = Pool(2, READING)
_writers = Pool(1, WRITING)


def read_in_worker(data: bytes) -> "RawWorkbook":
    """What stands in an uploaded workbook. Raises BadInput for a file that cannot be taken."""
    from daxing_safety.workbooks.reading import read_workbook  # the child's, not the server's

    try:
        return _readers.run(read_workbook, data)
    except ChildDied as crash:
        raise BadInput(
            "文件结构异常，无法读取。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传；"
            "仍不行请重新下载填报表填写。"
        ) from crash


def unpack_in_worker(data: bytes) -> list[tuple[str, bytes]]:
    """Names and bytes of the workbooks in an uploaded zip. Raises BadInput."""
    from daxing_safety.workbooks.bundles import unpack  # the child's, not the server's

    try:
        return _readers.run(unpack, data)
    except ChildDied as crash:
        raise BadInput("压缩包结构异常，无法读取。请重新压缩后再上传。") from crash


def read_hotline_in_worker(data: bytes) -> "Export":
    """The rows of an export of the 12345 hotline, csv or xlsx. Raises BadInput."""
    from daxing_safety.workbooks.hotline import read_export  # the child's, not the server's

    try:
        return _readers.run(read_export, data)
    except ChildDied as crash:
        raise BadInput("文件结构异常，无法读取。请用 Excel 或 WPS 另存为 .xlsx 再导入。") from crash


def read_account_list_in_worker(data: bytes) -> "RawList":
    """The rows of a list of accounts to be opened. Raises BadInput."""
    from daxing_safety.workbooks.account_list import read_account_list  # the child's

    try:
        return _readers.run(read_account_list, data)
    except ChildDied as crash:
        raise BadInput("文件结构异常，无法读取。请重新下载账号表填写。") from crash


def run_in_worker(function: Callable[..., Any], *arguments: Any) -> Any:
    """A module-level function's result, made where it holds nobody up. For large outputs."""
    return _writers.run(function, *arguments)


def warm() -> None:
    _readers.warm()


def shutdown() -> None:
    _readers.stop()
    _writers.stop()


# ---- in the child ------------------------------------------------------------------------------


def serve() -> None:
    """Runs jobs until the pipe closes. A bug ends the child, with its traceback in the log."""
    jobs, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever a library prints must not mix with the answers
    logs.set_up()
    from daxing_safety.workbooks import reading  # noqa: F401  # warm: what every upload needs

    for number in (signal.SIGINT, signal.SIGTERM):  # for the server, which ends its children
        signal.signal(number, signal.SIG_IGN)
    garbage.settle()
    _let_others_go_first()
    _limit_memory()
    while True:
        job = _next_job(jobs)
        if job is None:
            return
        function, arguments, cpu_s = job
        _limit_cpu(cpu_s)
        try:
            answer = function(*arguments)
        except UserFacingError as refusal:
            answer = refusal
        except MemoryError:
            answer = BadInput("文件展开后太大，无法读取。请删去多余的行、列和工作表后再上传。")
        pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


def _next_job(jobs: BinaryIO) -> tuple[Callable[..., Any], tuple[Any, ...], int] | None:
    try:
        return pickle.load(jobs)
    except EOFError:  # the server is gone
        return None


def _ready() -> None:
    """Answers when the child has come up."""


def _let_others_go_first() -> None:
    """Whoever clicks goes before whoever's file is read."""
    if sys.platform != "win32":
        os.nice(POLITENESS)


def _limit_memory() -> None:
    if sys.platform == "linux":
        import resource

        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        used = pages * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, used + MEMORY_BYTES))


def _limit_cpu(seconds: int) -> None:
    if sys.platform != "win32":
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        used = int(usage.ru_utime + usage.ru_stime) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, hard))
