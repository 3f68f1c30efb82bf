"""What the checks of one workbook share: the cells as read, the rows made of them, the verdicts.

A cell is told one fault, the first that is found. A row with a cell that cannot be read is no
entry and takes no part in what is asked of rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from daxing_safety.vocabulary import Sheet
from daxing_safety.workbooks.cells import Fault, Setting, Understood, reader_for, shown
from daxing_safety.workbooks.columns import COLUMNS, Column
from daxing_safety.workbooks.content import CellError, WorkbookContent
from daxing_safety.workbooks.identity import Identity
from daxing_safety.workbooks.reading import RawSheet, RawWorkbook

INVALID = object()  # the value of a cell that could not be read
IF_WRONG = "如果不对，请改正后重新上传。"


class Entry(NamedTuple):
    """A row as filled in, and what was stored of it before; None where it is new."""

    at: int  # its position among the rows that were read
    row: Any
    was: Any

    @property
    def is_touched(self) -> bool:
        return self.row != self.was


@dataclass(slots=True)
class Table:
    """One sheet's rows; all lists are aligned with the rows' numbers."""

    sheet: Sheet
    raw: RawSheet
    values: dict[str, list[Any]] = field(default_factory=dict)  # by column key
    skipped: set[int] = field(default_factory=set)  # blank lines, the total, closed problems
    unreadable: set[int] = field(default_factory=set)  # rows with a cell that cannot be read
    entries: list[Entry] = field(default_factory=list)

    @property
    def columns(self) -> Iterator[Column]:
        return (column for column in COLUMNS[self.sheet] if column.is_read)

    def positions(self) -> Iterator[int]:
        """Of the rows that count."""
        return (at for at in range(len(self.raw.numbers)) if at not in self.skipped)

    def rows(self, *keys: str) -> Iterator[tuple]:
        """Position and values of the rows in which every cell can be read."""
        columns = [self.values[key] for key in keys]
        left_out = self.skipped | self.unreadable
        every = zip(range(len(self.raw.numbers)), *columns, strict=True)
        return (row for row in every if row[0] not in left_out) if left_out else every

    def cell(self, key: str, at: int) -> str:
        return f"{self.raw.letters[key]}{self.raw.numbers[at]}"

    def found(self, key: str, at: int) -> str:
        return shown(self.raw.cells[key][at])


class Inspection:
    """One workbook under inspection; its three lists are the outcome."""

    def __init__(
        self, raw: RawWorkbook, identity: Identity, expected: WorkbookContent, today: date
    ) -> None:
        self.raw, self.identity, self.expected, self.today = raw, identity, expected, today
        self.tables: dict[Sheet, Table] = {}
        self.errors: list[CellError] = []
        self.warnings: list[CellError] = []
        self.readings: list[CellError] = []
        self._told: set[tuple[Sheet, str, int]] = set()
        rules = {row.rule_code for row in expected.findings}
        self.setting = Setting(
            round_year=expected.cover.due_at.year,
            starts_on=expected.cover.starts_on,
            ends_on=expected.cover.ends_on,
            rule_codes=frozenset(rules | {row.rule_code for row in expected.problems}),
            work_point_codes=frozenset(row.work_point_code for row in expected.progress),
            problem_numbers=frozenset(row.number for row in expected.problems),
        )

    def refuse(self, message: str, cure: str, sheet: str = "", cell: str = "") -> None:
        """A fault of the file or of how a sheet is laid out."""
        self.errors.append(CellError(sheet, cell, message, cure))

    def remark(self, message: str, cure: str, sheet: str = "") -> None:
        """A warning about the file or a whole sheet."""
        self.warnings.append(CellError(sheet, "", message, cure))

    def fault(self, table: Table, key: str, at: int, message: str, cure: str) -> None:
        place = (table.sheet, key, at)
        if place in self._told or table.values[key][at] is INVALID:
            return
        self._told.add(place)
        found = table.found(key, at)
        self.errors.append(CellError(table.raw.name, table.cell(key, at), message, cure, found))

    def warn(self, table: Table, key: str, at: int, message: str, cure: str) -> None:
        found = table.found(key, at)
        self.warnings.append(CellError(table.raw.name, table.cell(key, at), message, cure, found))

    def disagree(self, table: Table, key: str, entry: Entry, message: str, cure: str) -> None:
        """A fault in what the unit says; where it said nothing new, no more than a warning.

        A workbook that nobody has touched is a valid one, whatever has happened meanwhile.
        """
        tell = self.fault if entry.is_touched else self.warn
        tell(table, key, entry.at, message, cure)

    def note(self, table: Table, key: str, at: int, meaning: str) -> None:
        """已识别为: something was understood that was not written as asked."""
        cell, found = table.cell(key, at), table.found(key, at)
        message = f"{_header(table, key)}已识别为“{meaning}”"
        self.readings.append(CellError(table.raw.name, cell, message, IF_WRONG, found))

    def read_column(self, table: Table, column: Column) -> None:
        """Turns cells into values. Equal cells are looked at once: columns repeat themselves."""
        cells = table.raw.cells[column.key]
        read = reader_for(column, self.setting)
        meanings = {cell: read(cell) for cell in set(cells)}
        verdicts = {}
        for cell, meaning in meanings.items():
            if isinstance(meaning, Fault):
                meanings[cell] = INVALID
                verdicts[cell] = (True, *meaning, shown(cell))
            elif isinstance(meaning, Understood):
                meanings[cell] = meaning.value
                message = f"{column.header}已识别为“{meaning.meaning}”"
                verdicts[cell] = (False, message, IF_WRONG, shown(cell))
        table.values[column.key] = [meanings[cell] for cell in cells]
        if verdicts:
            self._tell(table, column.key, verdicts)

    def _tell(self, table: Table, key: str, verdicts: dict[Any, tuple]) -> None:
        sheet, letter, numbers = table.raw.name, table.raw.letters[key], table.raw.numbers
        for at, cell in enumerate(table.raw.cells[key]):
            if cell in verdicts and at not in table.skipped:
                is_fault, message, cure, found = verdicts[cell]
                error = CellError(sheet, f"{letter}{numbers[at]}", message, cure, found)
                if is_fault:
                    self.errors.append(error)
                    table.unreadable.add(at)
                else:
                    self.readings.append(error)


def _header(table: Table, key: str) -> str:
    return next(column.header for column in COLUMNS[table.sheet] if column.key == key)
