"""What must hold when things go wrong or happen all at once; counts, where other lines are costs.

`python -m benchmarks.faults` prints all lines, with a word after it only those: kills, writers or
backups. The writers may work on a database server: DAXING_DATABASE_URL names an empty database.
"""

import logging
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import backing_up, clerks, killing, writing
from benchmarks.timing import Result, as_table
from daxing_safety import database, settings

KILLS, SEED = 100, 20200501


def kills(folder: Path) -> list[Result]:
    clerk = clerks.clerks(most=10)[-1]
    toll = killing.kill_again_and_again(clerk, folder, times=KILLS, seed=SEED)
    return [*toll.results(), killing.server_killed(settings.data_dir())]


def writers(_: Path) -> list[Result]:
    return writing.results()


PARTS: dict[str, Callable[[Path], list[Result]]] = {
    "kills": kills,
    "writers": writers,
    "backups": backing_up.results,
}


def results(*wanted: str) -> list[Result]:
    return [result for name in wanted or PARTS for result in _in_a_new_district(PARTS[name])]


def _in_a_new_district(part: Callable[[Path], list[Result]]) -> list[Result]:
    with tempfile.TemporaryDirectory() as folder:
        clerks.open_district(Path(folder) / "data")
        try:
            return part(Path(folder))
        finally:
            database.engines(settings.database_url()).dispose()


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    print(as_table(results(*sys.argv[1:])))
