"""A process killed (kill -9) while it hands in workbooks, again and again; then what is left.

The process hands in by the command line's `submit`; an answer counts once it has been printed.
Run as a program, this module is that process.
"""

import contextlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, col, func, select

from benchmarks.clerks import Acknowledged, Clerk, sha256_of
from benchmarks.timing import Result
from benchmarks.visiting import running
from daxing_safety import cli, database, files, settings, verification
from daxing_safety.models import AuditEvent, FindingEntry, ProgressEntry, Submission, Unit

ROOT = Path(__file__).parent.parent
FILES_AT_A_TIME = 40  # more than are handed in before the kill
LONGEST_LIFE_S = 0.8  # after the first answer
READY_WITHIN_S = 15
LONG_AFTER = timedelta(days=2)


@dataclass
class Toll:
    """What so many kills have cost."""

    kills: int = 0
    acknowledged: list[Acknowledged] = field(default_factory=list)
    cut_off: int = 0  # files, or parts of one, whose rows never came
    starts_s: list[float] = field(default_factory=list)
    lost: int = 0
    partial: list[str] = field(default_factory=list)
    left_over: int = 0  # files without a row after the sweep
    differences: list[str] = field(default_factory=list)  # that 核对 finds in the end

    def results(self) -> list[Result]:
        said, answers = f"{self.kills} kills in the middle of a submit", len(self.acknowledged)
        return [
            Result(f"{said}: lost", self.lost, "acknowledged", answers, 0, unit="versions"),
            Result(f"{said}: stored in part", len(self.partial), "kills", self.kills, 0, unit=""),
            Result(
                f"{said}: files without a row after the sweep",
                self.left_over,
                "left by the kills",
                max(self.cut_off, 1),
                0,
                unit="",
            ),
            Result(
                f"{said}: what 核对 finds in the end",
                len(self.differences),
                "kills",
                self.kills,
                0,
                unit="",
            ),
            Result(
                f"{said}: until the first answer again, at most",
                max(self.starts_s),
                "the limit",
                READY_WITHIN_S,
                1,
                unit="s",
            ),
        ]


def kill_again_and_again(clerk: Clerk, folder: Path, *, times: int, seed: int) -> Toll:
    """Needs the settings to point at a district with an open round."""
    toll, chance = Toll(), random.Random(seed)
    for number in range(times):
        waiting = folder / f"waiting-{number}"
        waiting.mkdir()
        first = number * FILES_AT_A_TIME
        for place in range(first, first + FILES_AT_A_TIME):
            (waiting / f"{place:06}.xlsx").write_bytes(clerk.file(place))
        started = time.monotonic()
        toll.acknowledged += _killed_once(waiting, chance.uniform(0, LONGEST_LIFE_S), toll, started)
        toll.kills += 1
        toll.partial += stored_in_part(clerk)
    _settle(toll)
    return toll


def _killed_once(waiting: Path, life_s: float, toll: Toll, started: float) -> list[Acknowledged]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.killing", str(waiting)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # its children go with it
    )
    assert process.stdout is not None
    answers = [process.stdout.readline()]
    toll.starts_s.append(time.monotonic() - started)
    time.sleep(life_s)
    os.killpg(process.pid, signal.SIGKILL)
    answers += process.stdout.readlines()
    process.wait()
    whole = [answer for answer in answers if answer.endswith("\n")]
    return [Acknowledged(**json.loads(answer)) for answer in whole]


def server_killed(folder: Path, *, times: int = 3) -> Result:
    """How long the next server takes until it answers, on what a killed one has left."""
    waits = []
    for _ in range(times):
        with running("server.py", folder) as server:
            os.kill(server.pid, signal.SIGKILL)
        started = time.monotonic()
        with running("server.py", folder):
            waits.append(time.monotonic() - started)
    name = f"the server after kill -9, {times} times: until it answers again, at most"
    return Result(name, max(waits), "the limit", READY_WITHIN_S, 1, unit="s")


def stored_in_part(clerk: Clerk) -> list[str]:
    """Whatever a version lacks that was stored: its rows, its file, its line in the log."""
    with database.reading() as session:
        found = session.exec(select(Submission).where(Submission.unit_code == clerk.unit)).all()
        logged = Counter(_digests_in_log(session))
        rows = _rows_of_each(session)
    faults = [
        f"version {each.version}"
        for each in found
        if rows[each.id] != clerk.rows
        or logged[each.file_sha256] != 1
        or not files.path_of(each.file_sha256).exists()
    ]
    if sorted(each.version for each in found) != list(range(1, len(found) + 1)):
        faults.append("versions left out")
    if sum(each.is_latest for each in found) != 1:
        faults.append("not one latest version")
    return faults


def _rows_of_each(session: Session) -> Counter[int | None]:
    rows: Counter[int | None] = Counter()
    for entry in (ProgressEntry, FindingEntry):
        of = col(entry.submission_id)
        rows.update(dict(session.exec(select(of, func.count()).group_by(of)).all()))
    return rows


def _digests_in_log(session: Session) -> list[str]:
    told = session.exec(select(AuditEvent.after).where(AuditEvent.action == "报送"))
    return [json.loads(each)["sha256"] for each in told]


def _unnamed() -> set[str]:
    with database.reading() as session:
        named = set(session.exec(select(Submission.file_sha256)))
    return {path.name for path in files.folder().glob("??/*")} - named


def _settle(toll: Toll) -> None:
    """What became of all that was answered, and of what was left lying about."""
    toll.cut_off = len(_unnamed())
    verification.remove_orphans(now=settings.clock() + LONG_AFTER)
    toll.left_over = len(_unnamed())
    toll.differences = [each.text for each in verification.verify().differences]
    with database.reading() as session:
        rows = session.exec(
            select(Submission.unit_code, Submission.version, Submission.file_sha256)
        ).all()
    toll.lost = len(set(toll.acknowledged) - {Acknowledged(*row) for row in rows})


def main(waiting: Path) -> None:
    for path in sorted(waiting.iterdir()):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = cli.main(["submit", "--json", str(path)])
        (report,) = json.loads(said.getvalue())
        assert code == 0 and report["stored"], report
        told = {"version": report["version"], "sha256": sha256_of(path.read_bytes())}
        print(json.dumps({"unit": _code_of(report["unit"]), **told}), flush=True)


def _code_of(name: str) -> str:
    with database.reading() as session:
        return session.exec(select(Unit.code).where(Unit.name == name)).one()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
