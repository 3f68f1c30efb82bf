"""Backups made while clerks hand in: whatever was acknowledged before one began is in it.

Each is restored into a folder of its own and checked there by the command line.
"""

import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

from benchmarks.clerks import Acknowledged, Clerk, clerks
from benchmarks.killing import ROOT
from benchmarks.timing import Result
from daxing_safety import backups, settings

BACKUPS, WRITERS = 20, 4


class Writers:
    """Who hand in until they are told to stop."""

    def __init__(self, people: list[Clerk]) -> None:
        self.acknowledged: list[Acknowledged] = []
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(each,)) for each in people]

    def _work(self, clerk: Clerk) -> None:
        number = 0
        while not self._is_over.is_set():
            self.acknowledged.append(clerk.hand_in(number))
            number += 1

    def __enter__(self) -> "Writers":
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for each in self._threads:
            each.join()


def results(folder: Path, *, times: int = BACKUPS) -> list[Result]:
    """Needs the settings to point at a district with an open round."""
    before: list[set[Acknowledged]] = []
    with Writers(clerks(most=WRITERS)) as writers:
        for number in range(times):
            before.append(set(writers.acknowledged))
            backups.create(folder / f"{number}.zip", now=settings.clock())
    whole = [_is_whole(folder / f"{number}.zip", known) for number, known in enumerate(before)]
    name = f"{times} backups while {WRITERS} clerks hand in: not whole"
    return [Result(name, whole.count(False), "made", times, 0, unit="")]


def _is_whole(backup: Path, known: set[Acknowledged]) -> bool:
    place = backup.with_suffix("")
    restored = _command("restore", str(backup), "--into", str(place))
    checked = _command("verify", "--json", place=place)
    with closing(sqlite3.connect(place / "daxing.db")) as copy:
        rows = copy.execute("SELECT unit_code, version, file_sha256 FROM submission").fetchall()
    is_clean = not restored.returncode and not json.loads(checked.stdout)["differences"]
    return is_clean and known <= {Acknowledged(*row) for row in rows}


def _command(*words: str, place: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ)
    if place:
        environment["DAXING_DATA_DIR"] = str(place)
        environment.pop("DAXING_DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "-m", "daxing_safety", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
