"""Reads an uploaded workbook into plain values. Runs in the worker process; judges nothing.

calamine reads the cells. What it leaves out is looked for in the sheet's XML and only there:
error values, formulas without a stored value, percent formats, doubled cells. No workbook is
refused here for what a clerk filled in; that is said in checks.py.
"""

import io
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from operator import itemgetter

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from daxing_safety.errors import BadInput
from daxing_safety.vocabulary import Sheet
from daxing_safety.workbooks.columns import COLUMNS, FAULT_LIST, META, Column, Kind, plain_header
from daxing_safety.workbooks.container import ODD
from daxing_safety.workbooks.guard import (
    MOST_COLUMNS,
    MOST_ROWS,
    STYLES,
    Package,
    SheetPart,
    open_package,
    split_sheet,
)
from daxing_safety.workbooks.identity import is_problem_list
from daxing_safety.workbooks.problem_list.columns import LIST_COLUMNS, PROBLEM_LIST

HEADER_WITHIN = 15  # rows
PERCENT_FORMATS = {b"9", b"10"}  # built in: 0% and 0.00%
FORMULA_ERROR, NO_RESULT = "公式错误", "公式没有结果"

CELL = re.compile(rb'<c r="([A-Z]+)([0-9]+)"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
ADDRESS = re.compile(rb'<c r="([A-Z]+[0-9]+)"')
FORMULA_IN = re.compile(rb'<c r="([A-Z]+)[0-9]+"[^>]*><f')
STORED_VALUE = re.compile(rb"<v(?:>| [^>]*>)([^<]+)</v>")
STYLE = re.compile(rb'\bs="([0-9]+)"')
HIDDEN_ROW = re.compile(rb' hidden="(?:1|true)"')
MERGED = re.compile(rb'<mergeCell ref="([A-Z]+[0-9]+:[A-Z]+([0-9]+))"')
NUMBER_FORMAT = re.compile(rb'<numFmt [^>]*?numFmtId="([0-9]+)"[^>]*?formatCode="([^"]*)"')
LITERAL = re.compile(rb"&quot;.*?&quot;|\\\\.")
FORMAT_OF_STYLE = re.compile(rb'<xf [^>]*?numFmtId="([0-9]+)"')


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands in the place of a cell that has no usable value."""

    reason: str
    shown: str


Cell = str | float | date | datetime | time | timedelta | Unreadable


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet's rows that are not blank; columns by their key in columns.COLUMNS."""

    name: str
    state: str
    header_row: int = 0  # 1 is the first row; 0: no header was found
    headers: tuple[tuple[str, str], ...] = ()  # letter and text of the header row's cells
    letters: dict[str, str] = field(default_factory=dict)  # of our columns that were found
    numbers: tuple[int, ...] = ()  # of the rows
    cells: dict[str, tuple[Cell, ...]] = field(default_factory=dict)
    formulas: frozenset[str] = frozenset()  # addresses of cells that a formula gives
    merged: tuple[str, ...] = ()  # ranges below the header
    has_hidden_rows: bool = False
    has_pictures: bool = False  # kept in cells


@dataclass(frozen=True, slots=True)
class RawWorkbook:
    meta: tuple[tuple[str, str], ...]
    sheets: dict[str, RawSheet] = field(default_factory=dict)
    sheet_names: tuple[str, ...] = ()
    has_pictures: bool = False
    has_comments: bool = False


def read_workbook(data: bytes) -> RawWorkbook:
    """Raises BadInput when the file cannot be read at all."""
    package = open_package(data)
    ours = {sheet.value for sheet in Sheet} | {META, PROBLEM_LIST}
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(package.only(ours)))
        return _read(book, package)
    except CalamineError as broken:
        raise BadInput(ODD) from broken


def _read(book: CalamineWorkbook, package: Package) -> RawWorkbook:
    percent_styles = _percent_styles(package.parts.get(STYLES, b""))
    found = {sheet.name: sheet for sheet in package.sheets}
    meta = _meta(book) if META in found else ()
    sheets = {}
    for name, columns in _columns_by_sheet(meta).items():
        part = found.get(name)
        if part is not None:
            page = book.get_sheet_by_name(part.name)
            content = package.parts[part.path]
            reader = _SheetReader(page, content, columns, percent_styles)
            sheets[part.name] = reader.read(part)
    return RawWorkbook(
        meta=meta,
        sheets=sheets,
        sheet_names=tuple(found),
        has_pictures=any(name.startswith("xl/media/") for name in package.parts)
        or any(sheet.has_pictures for sheet in sheets.values()),
        has_comments=FAULT_LIST not in found and any("comments" in each for each in package.parts),
    )


def _columns_by_sheet(meta: tuple[tuple[str, str], ...]) -> dict[str, tuple[Column, ...]]:
    """What a workbook of this kind is read for."""
    if is_problem_list(meta):
        return {PROBLEM_LIST: LIST_COLUMNS}
    return {sheet.value: COLUMNS[sheet] for sheet in Sheet}


def _meta(book: CalamineWorkbook) -> tuple[tuple[str, str], ...]:
    rows = _rows_of(book.get_sheet_by_name(META))
    return tuple((str(row[0]), str(row[1])) for row in rows if len(row) > 1 and row[0])


def _rows_of(sheet: CalamineSheet) -> list[list]:
    if sheet.total_height >= MOST_ROWS + HEADER_WITHIN or sheet.total_width >= MOST_COLUMNS:
        raise BadInput(
            f"工作表“{sheet.name}”超出了填报表的范围（最多{MOST_ROWS}行、{MOST_COLUMNS}列）。"
            "请删去多余的行和列，保存后再上传。"
        )
    return sheet.to_python(skip_empty_area=False)


def _percent_styles(styles: bytes) -> frozenset[bytes]:
    """The numbers of the cell formats that show 0.8 as 80%."""
    percents = PERCENT_FORMATS | {
        number
        for number, code in NUMBER_FORMAT.findall(styles)
        if b"%" in LITERAL.sub(b"", code)  # not where the sign is only drawn behind the number
    }
    start = styles.find(b"<cellXfs")
    formats = FORMAT_OF_STYLE.findall(styles, start, styles.find(b"</cellXfs>", start))
    return frozenset(b"%d" % at for at, number in enumerate(formats) if number in percents)


class _SheetReader:
    def __init__(
        self,
        sheet: CalamineSheet,
        content: bytes,
        columns: tuple[Column, ...],
        percent_styles: frozenset[bytes],
    ) -> None:
        self.columns, self.percent_styles = columns, percent_styles
        _, self.markup, self.tail = split_sheet(content)
        self.rows = _rows_of(sheet)
        self._check_nothing_is_lost()
        self.formulas: set[str] = set()
        self.has_pictures = False

    def read(self, part: SheetPart) -> RawSheet:
        header = self._header_position()
        if header is None:
            return RawSheet(part.name, part.state)
        headers = [
            (letter_of(place), text)
            for place, text in enumerate(self.rows[header])
            if isinstance(text, str) and text.strip()
        ]
        letters = self._letters(headers)
        numbers: tuple[int, ...] = ()
        cells: dict[str, tuple[Cell, ...]] = {}
        if len(letters) == len(self.columns):
            self._put_in_what_calamine_leaves_out(letters)
            numbers, cells = self._filled_rows(header, letters)
        return RawSheet(
            name=part.name,
            state=part.state,
            header_row=header + 1,
            headers=tuple(headers),
            letters=letters,
            numbers=numbers,
            cells=cells,
            formulas=frozenset(self.formulas),
            merged=self._merged_below(header + 1),
            has_hidden_rows=b' hidden="' in self.markup and bool(HIDDEN_ROW.search(self.markup)),
            has_pictures=self.has_pictures,
        )

    def _check_nothing_is_lost(self) -> None:
        """Each cell with a value has come; a doubled one would be chosen silently."""
        delivered = sum(len(row) - row.count("") for row in self.rows)
        self.is_complete = delivered >= self.markup.count(b"</c>")
        if not self.is_complete:
            addresses = Counter(ADDRESS.findall(self.markup))
            if addresses and max(addresses.values()) > 1:
                raise BadInput(ODD)

    def _header_position(self) -> int | None:
        """Of the first row with all our headers, or else of the one with most, if with half."""
        ours = {plain_header(column.header) for column in self.columns}
        best, position = 0, None
        for at, row in enumerate(self.rows[:HEADER_WITHIN]):
            found = len(ours & {plain_header(text) for text in row if isinstance(text, str)})
            if found > best:
                best, position = found, at
            if best == len(ours):
                break
        return position if best * 2 >= len(ours) else None

    def _letters(self, headers: list[tuple[str, str]]) -> dict[str, str]:
        """Where our columns stand; the first of two with the same header."""
        where = {plain_header(text): letter for letter, text in reversed(headers)}
        found = ((column.key, where.get(plain_header(column.header))) for column in self.columns)
        return {key: letter for key, letter in found if letter}

    def _filled_rows(
        self, header: int, letters: dict[str, str]
    ) -> tuple[tuple[int, ...], dict[str, tuple[Cell, ...]]]:
        columns = [column for column in self.columns if column.is_read]
        pick = itemgetter(*(place_of(letters[column.key]) for column in columns))
        blank = ("",) * len(columns)
        numbered = [
            (number, cells)
            for number, cells in enumerate(map(pick, self.rows[header + 1 :]), header + 2)
            if cells != blank
        ]
        if not numbered:
            return (), {column.key: () for column in columns}
        numbers, rows = zip(*numbered, strict=True)
        return numbers, {
            column.key: _uniform(cells)
            for column, cells in zip(columns, zip(*rows, strict=True), strict=True)
        }

    def _put_in_what_calamine_leaves_out(self, letters: dict[str, str]) -> None:
        read = {letters[column.key].encode() for column in self.columns if column.is_read}
        if not self.is_complete:
            self._resolve_all(b't="e"', read)
        if b"</f>" in self.markup and self._may_have_formulas_in(read):
            self._resolve_all(b"<f", read)
        if self.percent_styles:
            for column in self.columns:
                if column.kind is Kind.PERCENT:
                    self._write_percents_out(letters[column.key])

    def _may_have_formulas_in(self, read: Collection[bytes]) -> bool:
        """No, where all that there are stand at once behind the start of a cell elsewhere."""
        where = FORMULA_IN.findall(self.markup)
        return len(where) < self.markup.count(b"<f") or not set(where).isdisjoint(read)

    def _resolve_all(self, marker: bytes, read: Collection[bytes]) -> None:
        """Of the columns that are read; the template's own formulas stand in others."""
        for cell in self._cells_with(marker):
            if cell[1] in read:
                self._resolve(cell)

    def _cells_with(self, marker: bytes) -> Iterator[re.Match[bytes]]:
        at = self.markup.find(marker)
        while at >= 0:
            cell = CELL.match(self.markup, self.markup.rfind(b"<c ", 0, at))
            if cell is None:
                raise BadInput(ODD)
            yield cell
            at = self.markup.find(marker, max(cell.end(), at + 1))

    def _resolve(self, cell: re.Match[bytes]) -> None:
        letter, row, attributes, body = cell.groups()
        value = STORED_VALUE.search(body or b"")
        shown = value[1].decode() if value else ""
        address = (letter + row).decode()
        if body and b"DISPIMG" in body:  # a picture that WPS keeps in the cell
            self._put(address, "")
            self.has_pictures = True
        elif b't="e"' in attributes:
            self._put(address, Unreadable(FORMULA_ERROR, shown))
        elif not shown:
            self._put(address, Unreadable(NO_RESULT, ""))
        elif body and b"<f" in body:
            self.formulas.add(address)

    def _write_percents_out(self, letter: str) -> None:
        """A cell that shows 80% holds 0.8; it is taken as what its clerk sees."""
        cells = re.findall(rb'<c r="%b([0-9]+)"([^>]*)>' % letter.encode(), self.markup)
        for row, attributes in cells:
            style = STYLE.search(attributes)
            value = self._at(letter, int(row))
            if style and style[1] in self.percent_styles and isinstance(value, float):
                percent = (Decimal(repr(value)) * 100).normalize()
                self._put(f"{letter}{int(row)}", f"{percent:f}%")

    def _at(self, letter: str, row: int) -> Cell:
        cells = self.rows[row - 1] if row <= len(self.rows) else []
        place = place_of(letter)
        return cells[place] if place < len(cells) else ""

    def _put(self, address: str, value: Cell) -> None:
        letter = address.rstrip("0123456789")
        place, row = place_of(letter), int(address[len(letter) :])
        width = len(self.rows[0]) if self.rows else 0
        if place < width and row <= len(self.rows):
            self.rows[row - 1][place] = value

    def _merged_below(self, header_row: int) -> tuple[str, ...]:
        return tuple(
            merged.decode() for merged, row in MERGED.findall(self.tail) if int(row) > header_row
        )


def _uniform(cells: tuple[Cell | bool, ...]) -> tuple[Cell, ...]:
    """Equal dates become one object: a pickled date costs as much as ten texts.

    TRUE becomes a text, because to Python it equals the number 1.
    """
    types = set(map(type, cells))
    if bool in types:
        cells = tuple(
            [str(cell).upper() if cell is True or cell is False else cell for cell in cells]
        )
    if date in types:
        seen: dict[date, date] = {}
        cells = tuple([seen.setdefault(it, it) if type(it) is date else it for it in cells])
    return cells


def letter_of(place: int) -> str:
    """0 → A, 26 → AA."""
    high, low = divmod(place, 26)
    return (letter_of(high - 1) if high else "") + chr(ord("A") + low)


def place_of(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
