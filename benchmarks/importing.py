"""Checking and storing a workbook, against the floor: read it with calamine, one executemany."""

import io
import itertools
import sqlite3
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from openpyxl import load_workbook
from python_calamine import CalamineWorkbook
from sqlmodel import Session, col, select

from benchmarks.timing import Result, medians_ms, nothing
from daxing_safety import database, garbage, prefill, settings
from daxing_safety.actions import rounds, submissions
from daxing_safety.models import Round, Unit
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import Discovery, Finding, RectificationStatus, Role, RuleKind, Sheet
from daxing_safety.workbooks.content import ProblemRow, WorkbookContent
from daxing_safety.workbooks.reading import read_workbook
from daxing_safety.workbooks.template import write_workbook

SIZES = (1_000, 10_000)
RUNS = 7
UNIT = "区教委"


def results(folder: Path) -> list[Result]:
    """Needs a database with an open round."""
    garbage.settle()  # as the server does when it has started
    return [result for size in SIZES for result in _of_size(folder, size)]


def _of_size(folder: Path, size: int) -> list[Result]:
    good = filled_in(UNIT, size)
    bad = _every_cell_wrong(good, size)
    floor, whole, refusal = medians_ms(
        (lambda: _floor(good, folder / f"floor-{size}.db"), nothing),
        (lambda: _whole(good), nothing),
        (lambda: _whole(bad), nothing),
        times=RUNS,
    )
    rows = f"{size:,} rows"
    return [
        Result(f"{rows}: read, check, store", whole, "calamine + one executemany", floor, 2.5),
        Result(f"{rows}, every cell wrong: refuse", refusal, "the same file right", whole, 1.2),
    ]


def filled_in(unit_name: str, new_problems: int) -> bytes:
    """The unit's workbook with so many new problems, if it has rules for them."""
    with database.reading() as session:
        unit = session.exec(select(Unit).where(col(Unit.name) == unit_name)).one()
        round_ = rounds.the_open_round(session)
        assert isinstance(round_, Round)
        content = prefill.content(session, round_, unit)
    return bytes_of(with_problems(content, new_problems))


def with_problems(content: WorkbookContent, how_many: int) -> WorkbookContent:
    rules = [row.rule_code for row in content.findings if row.kind is RuleKind.PER_FINDING]
    problems = tuple(
        _problem(rule, number) for number, rule in zip(range(how_many), itertools.cycle(rules))
    )
    said = {row.rule_code for row in problems}
    findings = tuple(
        row._replace(finding=Finding.HAS_PROBLEM) if row.rule_code in said else row
        for row in content.findings
    )
    return replace(content, findings=findings, problems=content.problems + problems)


def _problem(rule_code: str, number: int) -> ProblemRow:
    found_on = date(2021, 4, 1) + timedelta(days=number % 40)
    return ProblemRow(
        number="",
        rule_code=rule_code,
        site=f"第{number}小学东门",
        description=f"校门外第{number}处减速带破损，标线不清",
        count=number % 3 + 1,
        discovery=Discovery.SELF_CHECK,
        found_on=found_on,
        target="交通安全设施齐全",
        measure="补划标线，更换减速带",
        responsible="王科长",
        due_on=found_on + timedelta(days=60),
        status=RectificationStatus.IN_PROGRESS,
        remark=f"第{number}号，已联系施工单位",
    )


def bytes_of(content: WorkbookContent) -> bytes:
    file = io.BytesIO()
    write_workbook(content, file)
    return file.getvalue()


def _every_cell_wrong(data: bytes, size: int) -> bytes:
    """The same file with nonsense in every cell that the unit fills in on 问题整改."""
    book = load_workbook(io.BytesIO(data))
    sheet = book[Sheet.RECTIFICATION.value]
    rows = [row for row in sheet.iter_rows() if str(row[2].value or "").startswith("第")]
    assert len(rows) == size
    for row in rows:
        for cell in row[1:14]:
            cell.value = "？？"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _floor(data: bytes, path: Path) -> None:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(
        Sheet.RECTIFICATION.value
    )
    rows = [row[:14] for row in sheet.to_python(skip_empty_area=False)]
    values = [tuple(str(cell) for cell in row) for row in rows]
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        columns = ", ".join(f"c{number}" for number in range(14))
        connection.execute(f"CREATE TABLE rows ({columns})")
        connection.executemany(f"INSERT INTO rows VALUES ({', '.join('?' * 14)})", values)
    connection.close()


def _whole(data: bytes) -> None:
    """What an upload costs, worker's part included; undone at the end so that each run is alike."""
    raw = read_workbook(data)
    with database.engines(settings.database_url()).writer.connect() as connection:
        transaction = connection.begin()
        with (
            Session(connection, expire_on_commit=False) as session,
            suppress(submissions.RejectedWorkbook),
        ):
            submissions.submit(
                session,
                raw=raw,
                data=data,
                file_name="bench.xlsx",
                by=operator(Role.OFFICE),
                now=settings.now(),
            )
        transaction.rollback()
