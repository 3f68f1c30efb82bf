"""CPU time, and the middle of several runs."""

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One line of the table: a cost over the cost it is held against, and the goal."""

    name: str
    cost_ms: float
    against: str
    against_ms: float
    goal: float

    @property
    def ratio(self) -> float:
        return self.cost_ms / self.against_ms


def process_cpu_ms(pid: int) -> float:
    """User and system time so far of another process (Linux)."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123
        fields = stat.read().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def median_ms(run: Callable[[], object], times: int) -> float:
    """The median CPU time of a call, after one that does not count."""
    run()
    costs = []
    for _ in range(times):
        before = time.process_time()
        run()
        costs.append(1000 * (time.process_time() - before))
    return statistics.median(costs)


def as_table(results: list[Result]) -> str:
    lines = [
        "| what | CPU ms | held against | CPU ms | ratio | goal |",
        "|---|---:|---|---:|---:|---:|",
    ]
    lines += [
        f"| {each.name} | {each.cost_ms:.1f} | {each.against} | {each.against_ms:.1f}"
        f" | **{each.ratio:.2f}** | ≤ {each.goal} |"
        for each in results
    ]
    return "\n".join(lines)
