"""Clerks of a district with an open round, who hand in through the product's own action.

Each has two workbooks that say different things, and hands them in by turns; a comment in the
file makes every one a file of its own.
"""

import hashlib
import io
import os
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from benchmarks.importing import bytes_of
from daxing_safety import database, files, prefill, settings
from daxing_safety.actions import installation, rounds, submissions
from daxing_safety.errors import UserFacingError
from daxing_safety.models import Round, Unit
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import Role
from daxing_safety.workbooks.content import WorkbookContent
from daxing_safety.workbooks.reading import RawWorkbook, read_workbook

SAID = ("按计划推进", "已完成阶段任务")


@dataclass(frozen=True)
class Acknowledged:
    unit: str
    version: int
    sha256: str


@dataclass(frozen=True)
class Clerk:
    unit: str
    rows: int  # of a workbook
    workbooks: tuple[tuple[bytes, RawWorkbook], ...]

    def file(self, number: int) -> bytes:
        """No two numbers give the same file."""
        data, _ = self.workbooks[number % len(self.workbooks)]
        marked = io.BytesIO(data)
        with zipfile.ZipFile(marked, "a") as archive:
            archive.comment = f"{self.unit} {number}".encode()
        return marked.getvalue()

    def hand_in(self, number: int) -> Acknowledged:
        """As the screen does it; raises UserFacingError."""
        data, (_, raw) = self.file(number), self.workbooks[number % len(self.workbooks)]
        files.keep(data)
        incoming = [submissions.Incoming(f"{number}.xlsx", data, raw, is_kept=True)]
        with database.transaction() as session:
            (outcome,) = submissions.submit_all(
                session, files=incoming, by=operator(Role.OFFICE), now=settings.now()
            )
        if isinstance(outcome, UserFacingError):
            raise outcome
        return Acknowledged(self.unit, outcome.submission.version, sha256_of(data))


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def open_district(folder: Path) -> None:
    """From here on the settings point at it; DAXING_DATABASE_URL may name an empty database."""
    os.environ["DAXING_DATA_DIR"] = str(folder)
    os.environ["DAXING_TODAY"] = "2021-05-20"
    database.upgrade()
    with database.transaction() as session:
        installation.install(session)
        rounds.open_round(
            session,
            name="2021年第二季度",
            due_at=datetime(2021, 5, 25, 17, 0),
            by=operator(Role.OFFICE),
            now=settings.now(),
        )


def clerks(most: int) -> list[Clerk]:
    """One of each unit that has anything to report, in the plan's order."""
    with database.reading() as session:
        round_ = _open_round(session)
        units = list(prefill.reporting_units(session))[:most]
        return [_clerk(unit, prefill.content(session, round_, unit)) for unit in units]


def _open_round(session: Session) -> Round:
    round_ = rounds.the_open_round(session)
    assert round_ is not None
    return round_


def _clerk(unit: Unit, content: WorkbookContent) -> Clerk:
    made = [bytes_of(_saying(content, word)) for word in SAID]
    workbooks = tuple((data, read_workbook(data)) for data in made)
    return Clerk(unit.code, len(content.progress) + len(content.findings), workbooks)


def _saying(content: WorkbookContent, words: str) -> WorkbookContent:
    return replace(
        content,
        progress=tuple(row._replace(remark=words) for row in content.progress),
        findings=tuple(row._replace(remark=words) for row in content.findings),
    )


def gaps(acknowledged: Iterable[Acknowledged]) -> int:
    """Versions that were given twice, or left out, of any unit."""
    versions: dict[str, list[int]] = {}
    for each in acknowledged:
        versions.setdefault(each.unit, []).append(each.version)
    return sum(
        len(set(range(1, len(given) + 1)) ^ set(given)) + len(given) - len(set(given))
        for given in versions.values()
    )
