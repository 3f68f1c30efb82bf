"""What the list of 问题整改 costs the server, with the demo's problems and with ten thousand."""

import shutil
from pathlib import Path

from sqlmodel import func, select

from benchmarks.multiplying import multiply
from benchmarks.timing import Result
from benchmarks.visiting import Server, Visitor, rerun_cost, running
from daxing_safety import database
from daxing_safety.models import Problem

PROBLEMS = 10_000
TURNED = 40  # pages of the list, each asked for the first time: nothing of it is kept


def results(folder: Path, password: str) -> list[Result]:
    with running("server.py", folder / "data") as server:
        visitor = Visitor(server, "office", password)
        empty = rerun_cost(server, visitor, "empty")
        usual = rerun_cost(server, visitor, "problems")
        by_stage = rerun_cost(server, visitor, "problems", "view=board")
        visitor.close()
    with running("server.py", ten_thousand_problems(folder)) as server:
        visitor = Visitor(server, "office", password)
        many = rerun_cost(server, visitor, "problems")
        turned = _cost_of_turning(server, visitor)
        visitor.close()
    return [
        Result("问题整改: rerun", usual, "an empty page", empty, 12),
        Result("台账流转: rerun", by_stage, "an empty page", empty, 12),
        Result("问题整改: rerun with 10,000 problems", many, "on the demo", usual, 2),
        Result("10,000 problems by gain: the next page", turned, "an empty page", empty, 12),
    ]


def ten_thousand_problems(folder: Path) -> Path:
    """The demo in `folder` with so many; made once."""
    large = folder / "ten_thousand"
    if not large.exists():
        shutil.copytree(folder / "data", large)
        multiply(large, -(-PROBLEMS // _number_of_problems()))
    return large


def _number_of_problems() -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Problem)) or 0


def _cost_of_turning(server: Server, visitor: Visitor) -> float:
    before = server.cpu_ms()
    for page in range(1, TURNED + 1):
        visitor.visit("problems", f"sort=gain&page={page}")
    return (server.cpu_ms() - before) / TURNED
