"""What other people wait for a page while the office has a lot made or read, and what it takes.

Waiting is measured at the browser's end of the websocket, in wall time: who reads, previews and
draws the office's page holds up whoever else is served by the same process.
"""

import itertools
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.importing import bytes_of, with_problems
from benchmarks.ledger_list import ten_thousand_problems
from benchmarks.timing import Result
from benchmarks.visiting import Visitor, running
from benchmarks.walks import account
from daxing_safety import database, passwords, prefill
from daxing_safety.actions import rounds
from daxing_safety.vocabulary import Role

FILES, NEW_PROBLEMS = 60, 20
OFFICES = 40  # accounts that hand in by turns: none may bring more than 120 files a minute
VISITORS, PAUSE_S = 3, 0.2
SAMPLES = 100  # of each visitor
MOST_MB = 400


def results(folder: Path, password: str) -> list[Result]:
    files = _files()
    return [
        _while_read(folder / "data", password, files),
        _memory_meanwhile(folder / "data", password, files),
    ]


def _while_read(data_dir: Path, password: str, files: dict[str, bytes]) -> Result:
    with running("server.py", data_dir) as server:
        visitors = [Visitor(server, "leader", password) for _ in range(VISITORS)]
        offices = [Visitor(server, name, password) for name in _offices(password)]
        turns = itertools.cycle(offices)
        _waits(visitors, 10)
        alone = _waits(visitors, SAMPLES)
        crowded = _waits_while(lambda: _upload(next(turns), files), visitors)
        for each in (*visitors, *offices):
            each.close()
    name = f"总览 while {FILES} files are read: 95 of 100 reruns come within"
    return Result(name, _p95(crowded), "while none are", _p95(alone), 2, unit="ms")


def _memory_meanwhile(data_dir: Path, password: str, files: dict[str, bytes]) -> Result:
    """Of one who chooses them all, twice."""
    with running("server.py", data_dir) as server:
        visitors = [Visitor(server, "leader", password) for _ in range(VISITORS)]
        office = Visitor(server, "office", password)
        _waits(visitors, 10)
        for _ in range(2):
            _upload(office, files)
        for each in (*visitors, office):
            each.close()
        memory = server.peak_memory_mb()
    name = "the server's peak memory meanwhile"
    return Result(name, memory, "the limit", MOST_MB, 1, unit="MB")


def results_of_making(folder: Path, password: str) -> list[Result]:
    """While all workbooks of a round, or ten thousand problems as Excel, are made and fetched."""
    return [
        _while_fetched(folder / "data", password, f"templates/{_open_round()}", "a round's files"),
        _while_fetched(
            ten_thousand_problems(folder), password, "problems/all=1", "10,000 problems as Excel"
        ),
    ]


def _while_fetched(data_dir: Path, password: str, path: str, what: str) -> Result:
    with running("server.py", data_dir) as server:
        visitors = [Visitor(server, "leader", password) for _ in range(VISITORS)]
        office = Visitor(server, "office", password)
        _waits(visitors, 10)
        alone = _waits(visitors, SAMPLES)
        crowded = _waits_while(lambda: office.download(path), visitors)
        for each in (*visitors, office):
            each.close()
    name = f"总览 while {what} are made: 95 of 100 reruns come within"
    return Result(name, _p95(crowded), "while none are", _p95(alone), 2, unit="ms")


def _open_round() -> int:
    with database.reading() as session:
        round_ = rounds.the_open_round(session)
        assert round_ is not None and round_.id is not None
        return round_.id


def _offices(password: str) -> list[str]:
    known, names = passwords.hash_of(password), [f"office-{number}" for number in range(OFFICES)]
    with database.transaction() as session:
        session.add_all(account(name, Role.OFFICE, "", known) for name in names)
    return names


def _files() -> dict[str, bytes]:
    with database.reading() as session:
        round_ = rounds.the_open_round(session)
        assert round_ is not None
        contents = [prefill.content(session, round_, u) for u in prefill.reporting_units(session)]
    made = [bytes_of(with_problems(content, NEW_PROBLEMS)) for content in contents]
    chosen = itertools.islice(itertools.cycle(made), FILES)
    return {f"{number}.xlsx": data for number, data in enumerate(chosen)}


def _upload(office: Visitor, files: dict[str, bytes]) -> None:
    drawn = office.upload("submit", files)
    labels = [each.button.label for each in drawn if each.HasField("button")]
    assert any(label.startswith("入库") for label in labels), "no file was taken"


def _waits_while(work: Callable[[], object], visitors: list[Visitor]) -> list[float]:
    """The work is done again and again until the visitors have seen enough."""
    is_enough = threading.Event()

    def work_on() -> None:
        while not is_enough.is_set():
            work()

    with ThreadPoolExecutor(1) as worker:
        working = worker.submit(work_on)
        waits = _waits(visitors, SAMPLES)
        is_enough.set()
        working.result()
    return waits


def _waits(visitors: list[Visitor], times: int) -> list[float]:
    """How long each rerun of each visitor took, in ms; they look at the page at their own times."""

    def looks(visitor: Visitor) -> list[float]:
        return [_wait(visitor) for _ in range(times)]

    with ThreadPoolExecutor(len(visitors)) as threads:
        return list(itertools.chain.from_iterable(threads.map(looks, visitors)))


def _wait(visitor: Visitor) -> float:
    time.sleep(PAUSE_S)
    before = time.perf_counter()
    visitor.visit("overview")
    return 1000 * (time.perf_counter() - before)


def _p95(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=20)[-1]
