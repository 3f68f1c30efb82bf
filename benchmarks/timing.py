"""CPU time and memory, and the middle of several runs."""

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Result:
    """One line of the table: a cost over the cost it is held against, and the goal."""

    name: str
    cost: float
    against: str
    against_cost: float
    goal: float
    unit: str = "ms CPU"

    @property
    def ratio(self) -> float:
        return self.cost / self.against_cost


def process_cpu_ms(pid: int) -> float:
    """User and system time so far of another process (Linux)."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123
        fields = stat.read().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory_mb(pid: int) -> float:
    """The most memory a process has held so far (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    line = next(each for each in status.splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def memory_mb(pid: int) -> float:
    """What a process and its children hold now, what they share counted more than once (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return sum(_resident_mb(each) for each in (str(pid), *children))


def _resident_mb(pid: str) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def nothing() -> None:
    """Needs no preparation."""


def median_ms(
    run: Callable[[], object], times: int, prepare: Callable[[], object] = nothing
) -> float:
    """The median CPU time of a call, after one that does not count; `prepare` never counts."""
    (median,) = medians_ms((run, prepare), times=times)
    return median


def medians_ms(*runs: tuple[Callable[[], object], Callable[[], object]], times: int) -> list[float]:
    """`median_ms` of several by turns: what slows the machine down for a while slows them all."""
    costs = [[_cpu_ms(*each) for each in runs] for _ in range(times + 1)]
    return [statistics.median(of_one) for of_one in zip(*costs[1:], strict=True)]


def _cpu_ms(run: Callable[[], object], prepare: Callable[[], object]) -> float:
    prepare()
    before = time.process_time()
    run()
    return 1000 * (time.process_time() - before)


def as_table(results: list[Result]) -> str:
    lines = [
        "| what | cost | held against | cost | ratio | goal |",
        "|---|---:|---|---:|---:|---:|",
    ]
    lines += [
        f"| {each.name} | {each.cost:.1f} {each.unit}"
        f" | {each.against} | {each.against_cost:.1f} {each.unit}"
        f" | **{each.ratio:.2f}** | ≤ {each.goal} |"
        for each in results
    ]
    return "\n".join(lines)
