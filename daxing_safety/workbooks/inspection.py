"""What the checks of one workbook share: the cells as read, the rows made of them, the verdicts.

A cell is told one fault, the first that is found. A row with a cell that cannot be read is no
entry and takes no part in what is asked of rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from daxing_safety.vocabulary import Sheet
from daxing_safety.workbooks.cells import (
    Fault,
    Setting,
    Understood,
    are_plain_texts,
    reader_for,
    shown,
)
from daxing_safety.workbooks.columns import Column, Kind
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

    raw: RawSheet
    all_columns: tuple[Column, ...]
    values: dict[str, list[Any]] = field(default_factory=dict)  # by column key
    skipped: set[int] = field(default_factory=set)  # blank lines, the total, closed problems
    unreadable: set[int] = field(default_factory=set)  # rows with a cell that cannot be read
    faulty: set[int] = field(default_factory=set)  # rows of which something else was told
    stored: dict[int, Any] = field(default_factory=dict)  # what was stored of each known row
    entries: list[Entry] = field(default_factory=list)

    @property
    def columns(self) -> Iterator[Column]:
        return (column for column in self.all_columns if column.is_read)

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


class CellInspection:
    """The cells of a workbook of any kind; the three lists are the outcome."""

    def __init__(self, raw: RawWorkbook, setting: Setting, today: date) -> None:
        self.raw, self.setting, self.today = raw, setting, today
        self.tables: dict[Any, Table] = {}  # by the sheet, as its kind of workbook knows it
        self.errors: list[CellError] = []
        self.warnings: list[CellError] = []
        self.readings: list[CellError] = []
        self.is_over = False  # nothing more is worth asking

    def refuse(self, message: str, cure: str, sheet: str = "", cell: str = "") -> None:
        """A fault of the file or of how a sheet is laid out."""
        self.errors.append(CellError(sheet, cell, message, cure))

    def remark(self, message: str, cure: str, sheet: str = "") -> None:
        """A warning about the file or a whole sheet."""
        self.warnings.append(CellError(sheet, "", message, cure))

    def fault(self, table: Table, key: str, at: int, message: str, cure: str) -> None:
        if table.values[key][at] is INVALID:
            return
        found = table.found(key, at)
        table.values[key][at] = INVALID
        table.faulty.add(at)
        self.errors.append(CellError(table.raw.name, table.cell(key, at), message, cure, found))

    def fault_empty(self, table: Table, column: Column, rows: Sequence[int]) -> None:
        """The same fault in many cells of a column."""
        sheet, letter, message = (
            table.raw.name,
            table.raw.letters[column.key],
            f"{column.header}没有填",
        )
        cure = "请从下拉列表中选择。" if column.words else f"请填写。{column.hint}"
        numbers, values = table.raw.numbers, table.values[column.key]
        for at in rows:
            values[at] = INVALID
            self.errors.append(CellError(sheet, f"{letter}{numbers[at]}", message, cure, ""))

    def warn(self, table: Table, key: str, at: int, message: str, cure: str) -> None:
        found = table.found(key, at)
        self.warnings.append(CellError(table.raw.name, table.cell(key, at), message, cure, found))

    def note(self, table: Table, key: str, at: int, meaning: str) -> None:
        """已识别为: something was understood that was not written as asked."""
        cell, found = table.cell(key, at), table.found(key, at)
        message = f"{_header(table, key)}已识别为“{meaning}”"
        self.readings.append(CellError(table.raw.name, cell, message, IF_WRONG, found))

    def read_column(self, table: Table, column: Column) -> None:
        """Turns cells into values. Equal cells are looked at once: columns repeat themselves."""
        cells = table.raw.cells[column.key]
        if column.kind is Kind.TEXT and are_plain_texts(cells, column.most):
            table.values[column.key] = list(cells)
            return
        read = reader_for(column, self.setting)
        meanings = {cell: read(cell) for cell in set(cells)}
        odd = {cell: it for cell, it in meanings.items() if isinstance(it, Fault | Understood)}
        for cell, it in odd.items():
            meanings[cell] = INVALID if isinstance(it, Fault) else it.value
        table.values[column.key] = [meanings[cell] for cell in cells]
        if odd:
            self._tell(table, column, odd)

    def _tell(self, table: Table, column: Column, odd: dict[Any, Fault | Understood]) -> None:
        sheet, letter, numbers = table.raw.name, table.raw.letters[column.key], table.raw.numbers
        words = {
            cell: (*it, shown(cell))
            if isinstance(it, Fault)
            else (f"{column.header}已识别为“{it.meaning}”", IF_WRONG, shown(cell))
            for cell, it in odd.items()
        }
        faulty = {cell for cell, it in odd.items() if isinstance(it, Fault)}
        for at, cell in enumerate(table.raw.cells[column.key]):
            if cell in words and at not in table.skipped:
                error = CellError(sheet, f"{letter}{numbers[at]}", *words[cell])
                if cell in faulty:
                    self.errors.append(error)
                    table.unreadable.add(at)
                else:
                    self.readings.append(error)


class Inspection(CellInspection):
    """One unit's 填报表 under inspection."""

    def __init__(
        self, raw: RawWorkbook, identity: Identity, expected: WorkbookContent, today: date
    ) -> None:
        rules = {row.rule_code for row in expected.findings}
        setting = Setting(
            round_year=expected.cover.due_at.year,
            starts_on=expected.cover.starts_on,
            ends_on=expected.cover.ends_on,
            rule_codes=frozenset(rules | {row.rule_code for row in expected.problems}),
            work_point_codes=frozenset(row.work_point_code for row in expected.progress),
            problem_numbers=frozenset(row.number for row in expected.problems),
        )
        super().__init__(raw, setting, today)
        self.identity, self.expected = identity, expected

    def entries(self, sheet: Sheet) -> Iterator[tuple[Table, Entry]]:
        """The rows of a sheet that could be read; none if the sheet is not there."""
        table = self.tables.get(sheet)
        return ((table, entry) for entry in table.entries) if table else iter(())

    def disagree(self, table: Table, key: str, entry: Entry, message: str, cure: str) -> None:
        """A fault in what the unit says; where it said nothing new, no more than a warning.

        A workbook that nobody has touched is a valid one, whatever has happened meanwhile.
        """
        tell = self.fault if entry.is_touched else self.warn
        tell(table, key, entry.at, message, cure)


def _header(table: Table, key: str) -> str:
    return next(column.header for column in table.all_columns if column.key == key)
