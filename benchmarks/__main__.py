"""Runs all benchmarks on a demo made for them and prints the table for README."""

import logging
import os
import platform
import tempfile
from pathlib import Path

from benchmarks import browsing, collecting, crowding, importing, ledger_list, marking, screens
from benchmarks.timing import as_table
from daxing_safety import database
from daxing_safety.demo import build_demo

PASSWORD = "benchmarks-only-2021"


def main() -> None:
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        os.environ["DAXING_DATA_DIR"] = str(data_dir)
        os.environ["DAXING_TODAY"] = "2021-05-20"
        database.upgrade()
        build_demo(password=PASSWORD)
        results = [
            *importing.results(Path(folder)),
            *collecting.results(Path(folder)),
            *marking.results(),
            *screens.results(Path(folder), PASSWORD),
            *ledger_list.results(Path(folder), PASSWORD),
            *browsing.results(Path(folder), PASSWORD),
            *crowding.results(Path(folder), PASSWORD),
            *crowding.results_of_making(Path(folder), PASSWORD),
        ]
    print(as_table(results))
    print(f"\n{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")


main()
