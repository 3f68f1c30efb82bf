"""A whole round's workbooks read, previewed and stored, against the floor for the same files."""

import hashlib
import io
import os
import shutil
import sqlite3
from math import ceil
from pathlib import Path

from python_calamine import CalamineWorkbook

from benchmarks.importing import bytes_of, with_problems
from benchmarks.timing import Result, medians_ms, nothing
from daxing_safety import database, garbage, prefill, settings
from daxing_safety.actions import rounds, submissions
from daxing_safety.errors import UserFacingError
from daxing_safety.permissions import operator
from daxing_safety.reports import previews
from daxing_safety.vocabulary import Role, Sheet
from daxing_safety.workbooks.reading import read_workbook

NEW_PROBLEMS = 10_000
RUNS = 7
WIDTH = 14  # of the widest sheet


def results(folder: Path) -> list[Result]:
    """Needs a database with an open round in `folder`/data."""
    files = _files()
    garbage.settle()  # as the server does when it has started
    with _Copy(folder) as copy:
        floor, whole = medians_ms(
            (lambda: _floor(files, folder / "floor.db"), nothing),
            (lambda: _whole(files), copy.renew),
            times=RUNS,
        )
    name = f"{len(files)} workbooks, {NEW_PROBLEMS:,} new problems: read, check, preview, store"
    return [Result(name, whole, "calamine + one executemany a file", floor, 3)]


def _files() -> list[bytes]:
    """The workbooks of all units that have rules to find problems under."""
    with database.reading() as session:
        round_ = rounds.the_open_round(session)
        assert round_ is not None
        every = [prefill.content(session, round_, u) for u in prefill.reporting_units(session)]
    contents = [content for content in every if content.findings]
    each = ceil(NEW_PROBLEMS / len(contents))
    return [bytes_of(with_problems(content, each)) for content in contents]


def _floor(files: list[bytes], path: Path) -> None:
    """The three sheets' cells as texts into one table, a transaction a file."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        columns = ", ".join(f"c{number}" for number in range(WIDTH))
        connection.execute(f"CREATE TABLE rows ({columns})")
        for data in files:
            connection.executemany(
                f"INSERT INTO rows VALUES ({', '.join('?' * WIDTH)})", _rows_of(data)
            )
            connection.commit()
    connection.close()


def _rows_of(data: bytes) -> list[tuple[str, ...]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets = [book.get_sheet_by_name(sheet.value) for sheet in Sheet]
    rows = (row for sheet in sheets for row in sheet.to_python(skip_empty_area=False))
    return [tuple([str(cell) for cell in row[:WIDTH]]) + ("",) * (WIDTH - len(row)) for row in rows]


class _Copy:
    """A copy of the data for each run, because a file can be stored only once."""

    def __init__(self, folder: Path) -> None:
        self._original, self._copy = folder / "data", folder / "copy"

    def __enter__(self) -> "_Copy":
        return self

    def renew(self) -> None:
        database.engines(settings.database_url()).dispose()
        shutil.rmtree(self._copy, ignore_errors=True)
        shutil.copytree(self._original, self._copy)
        os.environ["DAXING_DATA_DIR"] = str(self._copy)

    def __exit__(self, *_: object) -> None:
        database.engines(settings.database_url()).dispose()
        os.environ["DAXING_DATA_DIR"] = str(self._original)


def _whole(files: list[bytes]) -> None:
    """What the office's batch costs, workers' part included: all looked at, then all stored."""
    by, now = operator(Role.OFFICE), settings.now()
    read = [(read_workbook(data), hashlib.sha256(data).hexdigest()) for data in files]
    with database.reading() as session:
        seen = previews.preview_all(session, files=read, by=by, now=now)
    incoming = [
        submissions.Incoming("bench.xlsx", data, raw, _clean(preview).compared)
        for data, (raw, _), preview in zip(files, read, seen, strict=True)
    ]
    with database.transaction() as session:
        outcomes = submissions.submit_all(session, files=incoming, by=by, now=now)
    assert all(isinstance(each, submissions.Receipt) for each in outcomes), outcomes


def _clean(preview: previews.Preview | UserFacingError) -> previews.Preview:
    assert isinstance(preview, previews.Preview) and preview.effect is not None, preview
    return preview
