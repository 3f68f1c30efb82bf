"""What screens cost the server, against an empty page; on the demo and on a hundred of it."""

import shutil
import statistics
from pathlib import Path

from benchmarks.multiplying import multiply
from benchmarks.timing import Result
from benchmarks.visiting import Server, Visitor, rerun_cost, running

# Every screen of the navigation is measured, by the first of these who has it there.
VIEWERS = ("leader", "office", "admin", "auditor")
SLOWEST = 3
TIMES = 100


def results(folder: Path, password: str) -> list[Result]:
    demo = folder / "data"
    with running("server.py", demo) as server:
        first = _first_page(server, password)
        bare, empty, pages = _costs(server, password)
    with running("nothing.py") as server:
        first_of_nothing = _first_page(server, "")
    large = folder / "large"
    shutil.copytree(demo, large)
    multiply(large, TIMES)
    with running("server.py", large) as server:
        visitor = Visitor(server, "leader", password)
        overview_large = rerun_cost(server, visitor, "overview")
        visitor.close()
    median = statistics.median(pages.values())
    overview = pages["overview"]
    slowest = sorted(pages, key=lambda page: -pages[page])[:SLOWEST]
    return [
        Result("总览: rerun", overview, "an empty page", empty, 6),
        Result(f"the median of {len(pages)} pages: rerun", median, "an empty page", empty, 4),
        *(
            Result(f"among the slowest ({page}): rerun", pages[page], "an empty page", empty, 12)
            for page in slowest
        ),
        Result("an empty page: rerun", empty, "a bare Streamlit script", bare, 4),
        Result(
            f"总览: rerun with {TIMES} × the rows", overview_large, "on the demo", overview, 1.2
        ),
        Result("first page after a start", first, "an empty app's", first_of_nothing, 3),
    ]


def _first_page(server: Server, password: str) -> float:
    visitor = Visitor(server, "leader" if password else "", password)
    before = server.cpu_ms()
    visitor.visit("overview" if password else "")
    cost = server.cpu_ms() - before
    visitor.close()
    return cost


def _costs(server: Server, password: str) -> tuple[float, float, dict[str, float]]:
    visitors = {name: Visitor(server, name, password) for name in VIEWERS}
    bare = rerun_cost(server, visitors["leader"], "", "bare=1")
    empty = rerun_cost(server, visitors["leader"], "empty")
    pages = {
        page: rerun_cost(server, visitors[who], page) for page, who in _screens(visitors).items()
    }
    for visitor in visitors.values():
        visitor.close()
    return bare, empty, pages


def _screens(visitors: dict[str, Visitor]) -> dict[str, str]:
    """Each screen but the empty one, and who looks at it."""
    found: dict[str, str] = {}
    for name, visitor in visitors.items():
        visitor.visit("help")
        for screen in visitor.screens:
            found.setdefault(screen, name)
    found.pop("empty", None)
    return found
