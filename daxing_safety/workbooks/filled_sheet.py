"""Writes one of the three sheets that a unit fills: head, rows, lists, limits, hints, print.

Figures that formulas count are stored beside the formulas, so that a reader that does not
calculate shows the right ones too.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from daxing_safety.vocabulary import Comparison, Finding, RectificationStatus, RuleKind, Sheet
from daxing_safety.wording import plain
from daxing_safety.workbooks.columns import COLUMNS, RULE_LIST, TOTAL, Column, Filled, Kind
from daxing_safety.workbooks.content import FindingRow, WorkbookContent
from daxing_safety.workbooks.figures import (
    NOTHING,
    UNSEEN,
    by_indicator,
    deduction,
    open_counts,
    standard_of,
    total_deduction,
)
from daxing_safety.workbooks.styles import (
    BAND,
    DATE_FORMAT,
    LEAST_HEIGHT,
    GrowingSheet,
    Styles,
    height_of,
    lay_out_for_print,
)

TITLE_ROW, HOW_TO_ROW, HEADER_ROW, FIRST_ROW = range(4)
SPARE_ROWS = 40  # blank rows of 问题整改 with lines
OPEN_ROWS = 2000  # rows of 问题整改 that can be filled and are counted

HOW_TO = {
    Sheet.PROGRESS: (
        "请填写黄色表头的各列，带*的必填，其余各列已锁定。填了之后仍是橙色的格子表示还缺内容。"
    ),
    Sheet.SELF_ASSESSMENT: (
        "请填写黄色表头的各列，带*的必填。“存在问题”的请到《问题整改》表逐个登记，问题数和扣分"
        "自动算出。橙色格子表示与《问题整改》表还对不上。"
    ),
    Sheet.RECTIFICATION: (
        "已有问题只更新整改情况；新问题填在后面的空行，问题编号不用填。带*的必填，橙色格子表示"
        "还缺内容。改完的选“申请销号”，不要删除整行。"
    ),
}
FROZEN_COLUMNS = {Sheet.PROGRESS: 1, Sheet.SELF_ASSESSMENT: 1, Sheet.RECTIFICATION: 2}
CENTRED = {Kind.CODE, Kind.WORD, Kind.PERCENT, Kind.COUNT, Kind.DATE, Kind.POINTS, Kind.FORMULA}
# A code typed into a text cell stays as typed; Excel would make a date of “4-1”.
NUMBER_FORMATS = {Kind.CODE: "@", Kind.DATE: DATE_FORMAT}
PROTECTION = {"format_columns": True, "format_rows": True, "autofilter": True}

# The cells that turn orange, and when; a column's key stands for its cell in the same row.
MISSING = {
    Sheet.PROGRESS: (
        ("status", '{status}=""'),
        ("done_on", 'AND({status}="已完成",{done_on}="")'),
        ("remark", 'AND({status}="不属本单位职责",{remark}="")'),
    ),
    Sheet.SELF_ASSESSMENT: (
        ("finding", 'OR({finding}="",AND({finding}<>"存在问题",{open_count}>0))'),
        ("open_count", 'AND({finding}="存在问题",{open_count}=0)'),
    ),
    Sheet.RECTIFICATION: (
        *(
            (column.key, f'AND(COUNTA({{row}})>0,{{{column.key}}}="")')
            for column in COLUMNS[Sheet.RECTIFICATION]
            if column.is_required
        ),
        ("done_on", 'AND({status}="申请销号",{done_on}="")'),
        ("remark", 'AND({status}="申请销号",{remark}="")'),
    ),
}


def write_filled_sheet(
    book: Workbook, styles: Styles, content: WorkbookContent, sheet: Sheet
) -> None:
    _SheetWriter(book, styles, content, sheet).write()


def letter_of(sheet: Sheet, key: str) -> str:
    """The letter of a column; our sheets never reach beyond Z."""
    keys = [column.key for column in COLUMNS[sheet]]
    return chr(ord("A") + keys.index(key))


def whole_column(content: WorkbookContent, sheet: Sheet, key: str) -> str:
    """All cells of a column that a formula of another sheet counts."""
    letter = letter_of(sheet, key)
    last = _last_row(content, sheet) + 1
    return f"'{sheet.value}'!${letter}${FIRST_ROW + 1}:${letter}${max(last, FIRST_ROW + 1)}"


def total_cell(content: WorkbookContent) -> str:
    """The cell of 自评打分 that holds the whole 扣分."""
    sheet = Sheet.SELF_ASSESSMENT
    row = FIRST_ROW + len(content.findings) + 1
    return f"'{sheet.value}'!${letter_of(sheet, 'deduction')}${row}"


def _last_row(content: WorkbookContent, sheet: Sheet) -> int:
    """The last row that can hold an entry."""
    count = len(rows_of(content, sheet))
    return FIRST_ROW + count - 1 + (OPEN_ROWS if sheet is Sheet.RECTIFICATION else 0)


def rows_of(content: WorkbookContent, sheet: Sheet) -> Sequence[Any]:
    return {
        Sheet.PROGRESS: content.progress,
        Sheet.SELF_ASSESSMENT: content.findings,
        Sheet.RECTIFICATION: content.problems,
    }[sheet]


class _SheetWriter:
    def __init__(
        self, book: Workbook, styles: Styles, content: WorkbookContent, sheet: Sheet
    ) -> None:
        self.styles, self.content, self.sheet = styles, content, sheet
        self.page: Worksheet = book.add_worksheet(sheet.value, GrowingSheet)
        self.columns, self.rows = COLUMNS[sheet], rows_of(content, sheet)
        self.counts = open_counts(content.problems)
        self.takes_new_rows = sheet is Sheet.RECTIFICATION
        self.after_rows = FIRST_ROW + len(self.rows)
        self.last_lined = self.after_rows - 1 + (SPARE_ROWS if self.takes_new_rows else 0)
        self.last_row = _last_row(content, sheet)

    def write(self) -> None:
        self._set_up_page()
        self._write_head()
        for position, row in enumerate(self.rows):
            self._write_row(FIRST_ROW + position, row)
        for at in range(self.after_rows, self.last_lined + 1):
            self._write_spare_row(at)
        if self.sheet is Sheet.SELF_ASSESSMENT and self.rows:
            self._write_total()
        if self.last_row >= FIRST_ROW:
            self._limit_entries()
            self._mark_what_is_missing()

    def _set_up_page(self) -> None:
        page = self.page
        for place, column in enumerate(self.columns):
            # What lies below the lined rows can be filled too.
            below = self._style(column, locked=not self.takes_new_rows, border=0)
            page.set_column(place, place, column.width, below)
        page.freeze_panes(FIRST_ROW, FROZEN_COLUMNS[self.sheet])
        page.autofilter(HEADER_ROW, 0, max(self.last_lined, FIRST_ROW), len(self.columns) - 1)
        page.protect("", PROTECTION)
        lay_out_for_print(page, self.content.cover.unit_full_name, self.content.cover.round_name)
        page.repeat_rows(HEADER_ROW)
        if not self.takes_new_rows:  # rows that are added later are to print as well
            page.print_area(0, 0, self.after_rows, len(self.columns) - 1)

    def _write_head(self) -> None:
        cover, page, last = self.content.cover, self.page, len(self.columns) - 1
        title = f"{cover.unit_name}　{self.sheet.value}（{cover.round_name}）"
        page.merge_range(TITLE_ROW, 0, TITLE_ROW, last, title, self.styles("title"))
        page.merge_range(HOW_TO_ROW, 0, HOW_TO_ROW, last, HOW_TO[self.sheet], self.styles("how_to"))
        page.set_row(TITLE_ROW, 32)
        page.set_row(HOW_TO_ROW, 22)
        page.set_row(HEADER_ROW, 32)
        for place, column in enumerate(self.columns):
            look = "header" if column.filled is Filled.BY_US else "header_filled"
            page.write_string(HEADER_ROW, place, column.written_header, self.styles(look))

    def _write_row(self, at: int, row: Any) -> None:
        self.page.set_row(at, self._height_of(row))
        more = {"bg_color": BAND} if (at - FIRST_ROW) % 2 else {}
        for place, column in enumerate(self.columns):
            style = self._style(column, locked=_is_locked(column, row), **more)
            if column.kind is Kind.FORMULA:
                self.page.write_formula(at, place, *self._formula(column, at, row, style))
            else:
                write_value(self.page, at, place, _content(column, row), style)

    def _height_of(self, row: Any) -> float:
        texts = (column for column in self.columns if column.kind is Kind.TEXT)
        return max(height_of(_content(column, row), column.width) for column in texts)

    def _write_spare_row(self, at: int) -> None:
        self.page.set_row(at, LEAST_HEIGHT)
        for place, column in enumerate(self.columns):
            style = self._style(column, locked=column.filled is Filled.BY_US)
            self.page.write_blank(at, place, None, style)

    def _style(self, column: Column, *, locked: bool, **more: Any) -> Any:
        if column.kind in NUMBER_FORMATS:
            more["num_format"] = NUMBER_FORMATS[column.kind]
        return self.styles("centred" if column.kind in CENTRED else "text", locked=locked, **more)

    # ---- what 自评打分 counts -----------------------------------------------------------------

    def _formula(self, column: Column, at: int, row: FindingRow, style: Any) -> tuple:
        count = self.counts[row.rule_code]
        if column.key == "open_count":
            return self._open_count_formula(at, count), style, count
        return self._deduction_formula(at, row), style, float(deduction(row, count))

    def _open_count_formula(self, at: int, count: int) -> str:
        if Sheet.RECTIFICATION not in self.content.cover.sheets:
            return f"={count}"
        code, status, many = (
            whole_column(self.content, Sheet.RECTIFICATION, key)
            for key in ("rule_code", "status", "count")
        )
        # Not SUMIFS: its criterion would take the codes “4-1” and “21-4” for the same date.
        own, fixed = self._cell("rule_code", at), RectificationStatus.CLAIMED_FIXED.value
        return f'=SUMPRODUCT(({code}={own})*({status}<>"{fixed}"),{many})'

    def _deduction_formula(self, at: int, row: FindingRow) -> str:
        finding, measured, count = (
            self._cell(key, at) for key in ("finding", "measured", "open_count")
        )
        deduct = plain(row.deduct)
        if row.kind is RuleKind.PER_FINDING:
            return f"=ROUND(MIN({count}*{deduct},{plain(row.cap)}),2)"
        if row.kind is RuleKind.ONCE:
            return f'=IF({finding}="{Finding.HAS_PROBLEM.value}",{deduct},0)'
        sign = "<=" if row.comparison is Comparison.NOT_ABOVE else "<"
        unseen = ",".join(f'{finding}="{word.value}"' for word in UNSEEN)
        loses = f"IF({measured}{sign}{plain(row.threshold or NOTHING)},{deduct},0)"
        return f"=IF(OR(NOT(ISNUMBER({measured})),{unseen}),0,{loses})"

    def _write_total(self) -> None:
        at, page = self.after_rows, self.page
        for place in range(len(self.columns)):
            page.write_blank(at, place, None, self.styles("total_text"))
        note = "按本单位所报计算。同一三级指标各条扣分之和以该指标分值为限。"
        page.write_string(at, 0, TOTAL, self.styles("total"))
        page.set_row(at, height_of(note, self.columns[3].width))
        page.write_string(
            f"{letter_of(self.sheet, 'condition')}{at + 1}", note, self.styles("total_text")
        )
        letter = letter_of(self.sheet, "open_count")
        own_count = sum(self.counts[row.rule_code] for row in self.rows)
        page.write_formula(
            f"{letter}{at + 1}",
            f"=SUM({letter}{FIRST_ROW + 1}:{letter}{at})",
            self.styles("total"),
            own_count,
        )
        page.write_formula(
            f"{letter_of(self.sheet, 'deduction')}{at + 1}",
            self._total_formula(),
            self.styles("total"),
            float(total_deduction(self.rows, self.counts)),
        )

    def _total_formula(self) -> str:
        letter, start, parts = letter_of(self.sheet, "deduction"), FIRST_ROW + 1, []
        for points, rows in by_indicator(self.rows):
            end = start + len(rows) - 1
            parts.append(f"MIN(SUM({letter}{start}:{letter}{end}),{plain(points)})")
            start = end + 1
        return f"=ROUND({'+'.join(parts)},2)"

    def _cell(self, key: str, at: int) -> str:
        return f"${letter_of(self.sheet, key)}{at + 1}"

    # ---- what may be entered ------------------------------------------------------------------

    def _limit_entries(self) -> None:
        """A list, a limit and a hint on every cell that is filled in."""
        for place, column in enumerate(self.columns):
            if column.filled is Filled.BY_US:
                continue
            rule = {
                **self._limit_of(column),
                "input_title": column.header,
                "input_message": column.hint,
                "error_title": column.header,
                "error_message": column.hint,
            }
            for first, last in self._ranges_filled(column):
                self.page.data_validation(first, place, last, place, rule)

    def _ranges_filled(self, column: Column) -> list[tuple[int, int]]:
        if column.key == "measured":
            rated = (at for at, row in enumerate(self.rows, FIRST_ROW) if row.kind is RuleKind.RATE)
            return [(at, at) for at in rated]
        is_for_new = column.filled is Filled.ON_NEW_ROWS
        return [(self.after_rows if is_for_new else FIRST_ROW, self.last_row)]

    def _limit_of(self, column: Column) -> dict[str, Any]:
        cover = self.content.cover
        if column.kind is Kind.CODE:
            last = max(len(self.content.findings), 1)
            return {"validate": "list", "source": f"={RULE_LIST}!$A$1:$A${last}"}
        if column.kind is Kind.WORD:
            return {"validate": "list", "source": [word.value for word in column.words]}
        if column.kind is Kind.DATE:
            return between("date", cover.starts_on, cover.ends_on)
        if column.kind is Kind.TEXT:
            return between("length", 0, column.most)
        if column.kind is Kind.COUNT:
            return between("integer", 1, column.most)
        return between("decimal", 0, column.most)

    def _mark_what_is_missing(self) -> None:
        cells = {column.key: self._cell(column.key, FIRST_ROW) for column in self.columns}
        last_letter = letter_of(self.sheet, self.columns[-1].key)
        cells["row"] = f"$A{FIRST_ROW + 1}:${last_letter}{FIRST_ROW + 1}"
        for key, formula in MISSING[self.sheet]:
            letter = letter_of(self.sheet, key)
            self.page.conditional_format(
                f"{letter}{FIRST_ROW + 1}:{letter}{self.last_row + 1}",
                {
                    "type": "formula",
                    "criteria": "=" + formula.format(**cells),
                    "format": self.styles("notice"),
                },
            )


def _content(column: Column, row: Any) -> Any:
    """What stands in a cell that no formula fills."""
    if column.key == "standard":
        return standard_of(row)
    value = getattr(row, column.key)
    return value.value if isinstance(value, Enum) else value


def _is_locked(column: Column, row: Any) -> bool:
    if column.key == "measured" and row.kind is not RuleKind.RATE:
        return True
    return column.filled is not Filled.BY_UNIT


def between(kind: str, least: Any, most: Any) -> dict[str, Any]:
    return {"validate": kind, "criteria": "between", "minimum": least, "maximum": most}


def write_value(page: Worksheet, at: int, place: int, value: Any, style: Any) -> None:
    """Text is always written as text, whatever it begins with."""
    if value is None or value == "":
        page.write_blank(at, place, None, style)
    elif isinstance(value, date):
        page.write_datetime(at, place, datetime.combine(value, time()), style)
    elif isinstance(value, str):
        page.write_string(at, place, value, style)
    else:
        page.write_number(at, place, value, style)
