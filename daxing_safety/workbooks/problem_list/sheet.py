"""Writes 问题清单, the one sheet that is filled: head, rows, lists, limits, hints, print."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from daxing_safety.vocabulary import OPEN_STATUSES, RectificationStatus
from daxing_safety.workbooks.columns import RULE_LIST, Column, Filled, Kind
from daxing_safety.workbooks.filled_sheet import (
    CENTRED,
    NUMBER_FORMATS,
    PROTECTION,
    between,
    write_value,
)
from daxing_safety.workbooks.problem_list.columns import (
    PROBLEM_LIST,
    UNIT_STATUSES,
    Audience,
    columns_for,
)
from daxing_safety.workbooks.problem_list.content import ListContent, ListRow
from daxing_safety.workbooks.problem_list.leaflet import as_of
from daxing_safety.workbooks.reading import letter_of
from daxing_safety.workbooks.styles import (
    A3,
    BAND,
    LEAST_HEIGHT,
    GrowingSheet,
    Styles,
    height_of,
    lay_out_for_print,
)

TITLE_ROW, HOW_TO_ROW, HEADER_ROW, FIRST_ROW = range(4)
SPARE_ROWS, OPEN_ROWS = 20, 500  # with lines; that can be filled: of the office's lists
FROZEN_COLUMNS = 2
LISTS = {"rule_code": "A", "unit": "B", "town": "C"}  # columns of the hidden sheet of lists
FORMATS = NUMBER_FORMATS | {Kind.POINTS: "0.00"}

HOW_TO = {
    Audience.OFFICE: (
        "黄色表头的列可以改，改哪行算哪行，没有改的不动。新发现的问题填在后面的空行，问题编号不用填；"
        "填了整改时限的，上传后即交办。时限往后推的写延期原因。销号不在表里办。"
    ),
    Audience.UNIT: (
        "请填黄色表头的列，没有变化的不用动。整改时限往后推的，写明延期原因，由创安办答复；"
        "改完的选“申请销号”，填完成日期和整改说明，并先在系统里上传整改后的照片。"
    ),
}
# The cells that turn orange, and when; a column's key stands for its cell in the same row.
MISSING = {
    Audience.OFFICE: tuple(
        (column.key, f'AND({{number}}="",COUNTA({{row}})>0,{{{column.key}}}="")')
        for column in columns_for(Audience.OFFICE)
        if column.is_required
    ),
    Audience.UNIT: (
        *(
            (key, f'AND({{status}}="整改中",{{{key}}}="")')
            for key in ("target", "measure", "responsible", "due_on")
        ),
        ("done_on", 'AND({status}="申请销号",{done_on}="")'),
        ("remark", 'AND({status}="申请销号",{remark}="")'),
    ),
}


def offered(content: ListContent, key: str) -> Sequence[str]:
    return {
        "rule_code": content.rule_codes,
        "unit": content.unit_names,
        "town": content.towns,
    }[key]


class ListWriter:
    def __init__(self, book: Workbook, styles: Styles, content: ListContent) -> None:
        self.styles, self.content, self.audience = styles, content, content.cover.audience
        self.page: Worksheet = book.add_worksheet(PROBLEM_LIST, GrowingSheet)
        self.columns = columns_for(self.audience)
        takes_new = self.audience is Audience.OFFICE
        self.after_rows = FIRST_ROW + len(content.rows)
        self.last_lined = self.after_rows - 1 + (SPARE_ROWS if takes_new else 0)
        self.last_row = self.after_rows - 1 + (OPEN_ROWS if takes_new else 0)

    def write(self) -> None:
        self._set_up_page()
        self._write_head()
        for at, row in enumerate(self.content.rows, FIRST_ROW):
            self._write_row(at, row)
        for at in range(self.after_rows, self.last_lined + 1):
            self._write_spare_row(at)
        if self.last_row >= FIRST_ROW:
            self._limit_entries()
            self._mark_what_is_missing()

    def _set_up_page(self) -> None:
        page, takes_new = self.page, self.audience is Audience.OFFICE
        for place, column in enumerate(self.columns):
            is_locked = not takes_new or column.filled is Filled.BY_US
            page.set_column(place, place, column.width, self._style(column, is_locked, border=0))
        page.freeze_panes(FIRST_ROW, FROZEN_COLUMNS)
        page.autofilter(HEADER_ROW, 0, max(self.last_lined, FIRST_ROW), len(self.columns) - 1)
        page.protect("", PROTECTION)
        lay_out_for_print(page, self.content.cover.unit_name, as_of(self.content), paper=A3)
        page.repeat_rows(HEADER_ROW)

    def _write_head(self) -> None:
        page, last = self.page, len(self.columns) - 1
        title = f"问题整改清单（{self.content.cover.unit_name}）"
        page.merge_range(TITLE_ROW, 0, TITLE_ROW, last, title, self.styles("title"))
        how_to = HOW_TO[self.audience]
        page.merge_range(HOW_TO_ROW, 0, HOW_TO_ROW, last, how_to, self.styles("how_to"))
        page.set_row(TITLE_ROW, 32)
        page.set_row(HOW_TO_ROW, 22)
        page.set_row(HEADER_ROW, 32)
        for place, column in enumerate(self.columns):
            look = "header" if column.filled is Filled.BY_US else "header_filled"
            page.write_string(HEADER_ROW, place, column.written_header, self.styles(look))

    def _write_row(self, at: int, row: ListRow) -> None:
        texts = (column for column in self.columns if column.kind is Kind.TEXT)
        height = max(height_of(getattr(row, column.key), column.width) for column in texts)
        self.page.set_row(at, height)
        more = {"bg_color": BAND} if (at - FIRST_ROW) % 2 else {}
        may_change = self._may_change(row)
        for place, column in enumerate(self.columns):
            is_locked = not may_change or column.filled is not Filled.BY_UNIT
            value = getattr(row, column.key)
            shown = value.value if isinstance(value, Enum) else value
            write_value(self.page, at, place, shown, self._style(column, is_locked, **more))

    def _may_change(self, row: ListRow) -> bool:
        is_told = row.status is not RectificationStatus.UNASSIGNED
        return row.status in OPEN_STATUSES and (is_told or self.audience is Audience.OFFICE)

    def _write_spare_row(self, at: int) -> None:
        self.page.set_row(at, LEAST_HEIGHT)
        for place, column in enumerate(self.columns):
            style = self._style(column, column.filled is Filled.BY_US)
            self.page.write_blank(at, place, None, style)

    def _style(self, column: Column, is_locked: bool, **more: Any) -> Any:
        if column.kind in FORMATS:
            more["num_format"] = FORMATS[column.kind]
        look = "centred" if column.kind in CENTRED else "text"
        return self.styles(look, locked=is_locked, **more)

    # ---- what may be entered ------------------------------------------------------------------

    def _limit_entries(self) -> None:
        for place, column in enumerate(self.columns):
            first = FIRST_ROW if column.filled is Filled.BY_UNIT else self.after_rows
            if column.filled is Filled.BY_US or first > self.last_row:
                continue
            rule = {
                **self._limit_of(column),
                "input_title": column.header,
                "input_message": column.hint,
                "error_title": column.header,
                "error_message": column.hint,
            }
            self.page.data_validation(first, place, self.last_row, place, rule)

    def _limit_of(self, column: Column) -> dict[str, Any]:
        if column.key in LISTS:
            letter, count = LISTS[column.key], max(len(offered(self.content, column.key)), 1)
            source = f"={RULE_LIST}!${letter}$1:${letter}${count}"
            return {"validate": "list", "source": source}
        if column.kind is Kind.WORD:
            words = UNIT_STATUSES if column.key == "status" else column.words
            return {"validate": "list", "source": [word.value for word in words]}
        if column.kind is Kind.DATE:
            return between("date", self.content.cover.starts_on, self.content.cover.ends_on)
        if column.kind is Kind.COUNT:
            return between("integer", 1, column.most)
        return between("length", 0, column.most)

    def _mark_what_is_missing(self) -> None:
        letters = {column.key: letter_of(place) for place, column in enumerate(self.columns)}
        first, last = FIRST_ROW + 1, self.last_row + 1
        cells = {key: f"${letter}{first}" for key, letter in letters.items()}
        # What is shown of a problem needs no entry.
        cells["row"] = f"{cells['unit']}:{cells['extension_reason']}"
        for key, formula in MISSING[self.audience]:
            look = {
                "type": "formula",
                "criteria": "=" + formula.format(**cells),
                "format": self.styles("notice"),
            }
            self.page.conditional_format(f"{letters[key]}{first}:{letters[key]}{last}", look)
