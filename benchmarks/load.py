"""Two hundred people at work, then a deadline besides: what they wait for, and nothing is lost.

`python -m benchmarks.load` takes some eight minutes and ends with 1 when a goal is missed. Every
viewer signs in and keeps a session of a real server; generator and server share the machine.
"""

import argparse
import logging
import os
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import uvloop

from benchmarks import handing_in
from benchmarks.crowd import Crowd, Span, Times, Wait
from benchmarks.timing import Result, as_table
from benchmarks.visiting import running
from benchmarks.walks import Person, clerks, viewers
from daxing_safety import database, passwords, prefill
from daxing_safety.actions import installation
from daxing_safety.demo import build_demo

PASSWORD = "benchmarks-only-2021"
DAY = "2021-05-20"
MOST_FAULTS = 20  # that are told
CLERKS = 60  # with 填报 open before the deadline; each hands in several files


def main() -> int:
    options = _options()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        os.environ |= {"DAXING_DATA_DIR": str(data_dir), "DAXING_TODAY": DAY}
        lookers, submitters = _prepare(data_dir, options)
        with database.reading() as session:
            units = prefill.reporting_units(session)
            files = handing_in.workbooks(session, options.submissions, units)
        before = handing_in.versions_before()
        with running("../app.py", data_dir) as server:
            crowd = Crowd(server, PASSWORD, options.think)
            times = Times(options.arrival, options.seconds, options.within)
            uvloop.run(crowd.come_and_go(lookers, submitters, files, times))
        faults = handing_in.faults_of_storing(crowd.seen.acknowledged, before)
    faults += crowd.seen.errors
    results = _results(crowd, options)
    print(as_table(results))
    _tell(crowd, faults)
    return int(bool(faults) or any(each.ratio > each.goal for each in results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=300, help="that they are measured for")
    parser.add_argument("--think", type=float, default=30, help="seconds between two clicks")
    parser.add_argument("--submissions", type=int, default=180)
    parser.add_argument("--arrival", type=float, default=60, help="seconds within which all come")
    parser.add_argument("--within", type=float, default=60, help="seconds, all these are due")
    parser.add_argument("--demo", type=Path, help="a demo's folder to copy; else one is made")
    return parser.parse_args()


def _prepare(data_dir: Path, options: argparse.Namespace) -> tuple[list[Person], list[Person]]:
    """A demo with more accounts."""
    if options.demo:
        shutil.copytree(options.demo, data_dir)
        installation.upgrade()
    else:
        database.upgrade()
        build_demo(password=PASSWORD)
    known = passwords.hash_of(PASSWORD)
    with database.transaction() as session:
        submitters = min(CLERKS, options.submissions)
        return viewers(session, options.viewers, known), clerks(session, submitters, known)


def _results(crowd: Crowd, options: argparse.Namespace) -> list[Result]:
    """Nineteen of twenty waits are no longer than what stands here."""
    seen, calm = crowd.seen, crowd.viewing.of(crowd.seen.reruns)
    who = f"{options.viewers} viewers"
    thinking = f"{who}, think time {options.think:.0f} s"
    hurry = f"{options.submissions} submissions in {options.within:.0f} s"
    return [
        _wait(f"{who} come within {options.arrival:.0f} s: first page", seen.first_pages, 3_000),
        _wait(f"{thinking}: rerun", calm, 1_000),
        _cost(f"{thinking}: rerun", crowd.viewing.cpu_ms / len(calm), 60),
        _wait(f"{hurry} besides: rerun", crowd.deadline.of(seen.reruns), 2_000),
        _wait(f"{hurry}: from upload to receipt", seen.submissions, 10_000),
        _cost("/healthz, the slowest", _ms(max(_seconds(seen.health))), 1_000, "ms"),
        _cost("the server and its workers, at most", max(seen.memory_mb), 1_024, "MB"),
    ]


def _wait(name: str, waits: Sequence[Wait], limit_ms: float) -> Result:
    return _cost(f"{name}, p95", _quantile(waits, 95), limit_ms, "ms")


def _cost(name: str, cost: float, limit: float, unit: str = "ms CPU") -> Result:
    return Result(name, cost, "the limit", limit, 1, unit=unit)


def _tell(crowd: Crowd, faults: Sequence[str]) -> None:
    """Besides the goals: how it went, and by screen."""
    seen, viewing, deadline = crowd.seen, crowd.viewing, crowd.deadline
    received = seen.bytes_of_reruns / len(seen.reruns) / 1000
    print(f"\n{len(seen.acknowledged)} workbooks acknowledged; {len(faults)} faults")
    print(f"{len(seen.first_pages)} sign-ins, {len(seen.reruns)} reruns of {received:.0f} kB each")
    for name, span in (("viewing", viewing), ("the deadline", deadline)):
        _tell_of_span(name, span, span.of(seen.reruns))
    print(f"\n{'':24}reruns  p50 ms  p95 ms  p99 ms")
    for name, waits in _by_name(viewing.of(seen.reruns)).items():
        print(f"{name:24}{_quantiles(waits)}")
    print("", *faults[:MOST_FAULTS], sep="\n")


def _tell_of_span(name: str, span: Span, reruns: Sequence[Wait]) -> None:
    lasted = span.ended - span.begun
    cores, own = (each / 1000 / lasted for each in (span.cpu_ms, span.own_cpu_ms))
    print(
        f"{name}: {lasted:.0f} s, server {cores:.2f} and generator {own:.2f} of a core,"
        f" reruns p50, p95, p99 in ms: {_quantiles(reruns)}"
    )


def _by_name(waits: Sequence[Wait]) -> dict[str, list[Wait]]:
    found = defaultdict(list)
    for each in waits:
        found[each.name].append(each)
    return dict(sorted(found.items()))


def _quantiles(waits: Sequence[Wait]) -> str:
    return f"{len(waits):6}" + "".join(f"{_quantile(waits, part):8.0f}" for part in (50, 95, 99))


def _quantile(waits: Sequence[Wait], part: int) -> float:
    """In ms; `part` of a hundred waits are no longer."""
    found = sorted(_seconds(waits))
    return _ms(found[min(len(found) * part // 100, len(found) - 1)])


def _seconds(waits: Sequence[Wait]) -> list[float]:
    return [each.seconds for each in waits]


def _ms(seconds: float) -> float:
    return 1000 * seconds


if __name__ == "__main__":
    sys.exit(main())
