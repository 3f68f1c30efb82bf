"""An export of the 12345 hotline, csv or xlsx: its rows as they stand, and what is which column.

`read_export` runs in the worker process and judges nothing. Its columns are named by people who
are not ours: `guess` proposes, the office decides, hotline_rows.py says what the rows mean.
Columns that say who called are never taken.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from daxing_safety.errors import BadInput
from daxing_safety.hotline import without_personal_data
from daxing_safety.workbooks.cells import clean_text, shown, squeezed
from daxing_safety.workbooks.container import EMPTY, MOST_BYTES, ODD, OLE2, TOO_BIG, ZIP
from daxing_safety.workbooks.guard import (
    MOST_COLUMNS,
    MOST_ROWS,
    open_package,
    require_single_cells,
)
from daxing_safety.workbooks.reading import Cell


class Field(Enum):
    """What is taken of a row; the value is what the screen calls it."""

    SOURCE_NUMBER = "热线编号"
    RECEIVED_AT = "受理时间"
    CONTENT = "诉求内容"
    SITE = "地址"
    TOWN = "属地"
    CATEGORY = "类别"
    DUE_AT = "办理期限"
    COMPLEXITY = "难易程度"


REQUIRED = (Field.SOURCE_NUMBER, Field.RECEIVED_AT, Field.CONTENT)

# How exports call them, the surest first. A further way of calling one: enter it here.
HEADERS: dict[Field, tuple[str, ...]] = {
    Field.SOURCE_NUMBER: (
        "工单编号", "工单号", "热线编号", "诉求编号", "受理编号", "案件编号", "来电编号", "流水号",
        "编号", "单号",
    ),
    Field.RECEIVED_AT: (
        "受理时间", "来电时间", "诉求时间", "反映时间", "登记时间", "创建时间", "受理日期",
        "来电日期", "派单时间",
    ),
    Field.CONTENT: (
        "诉求内容", "主要内容", "工单内容", "反映内容", "来电内容", "问题描述", "事件描述",
        "具体内容", "内容", "标题",
    ),
    Field.SITE: (
        "问题地址", "诉求地址", "事发地址", "事发地点", "发生地址", "发生地点", "被反映地址",
        "具体地址", "详细地址", "地址", "地点", "点位",
    ),
    Field.TOWN: (
        "属地", "街镇", "镇街", "街乡镇", "所属街镇", "所属镇街", "属地街镇", "属地镇街",
        "所属街道", "街道乡镇", "乡镇街道", "属地/街镇",
    ),
    Field.CATEGORY: (
        "类别", "问题分类", "诉求分类", "诉求类别", "问题类别", "问题类型", "诉求类型", "分类",
        "二级分类", "一级分类",
    ),
    Field.DUE_AT: (
        "办理期限", "办理时限", "答复期限", "反馈期限", "办结期限", "截止时间", "截止日期",
        "到期时间",
    ),
    Field.COMPLEXITY: ("难易程度", "复杂程度", "办件类型", "简单复杂"),
}  # fmt: skip
PERSONAL_HEADER = re.compile(r"来电人|诉求人|反映人|投诉人|举报人|联系人|姓名|电话|手机|号码|证件")

HEADER_WITHIN = 15  # rows
DECORATION = re.compile(r"[*＊:：（(].*$|^\*+")
AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)  # how exports keep Excel from rounding long numbers


@dataclass(frozen=True, slots=True)
class Export:
    """The rows of a file that are not blank, under the headers as they are written."""

    sheet: str  # "" of a csv
    headers: tuple[str, ...]
    numbers: tuple[int, ...]  # of the rows, 1 is the file's first
    rows: tuple[tuple[Cell, ...], ...]


# ---- reading, in the worker ----------------------------------------------------------------------


def read_export(data: bytes) -> Export:
    """Raises BadInput when the file cannot be read at all."""
    if not data:
        raise BadInput(EMPTY)
    if len(data) > MOST_BYTES:
        raise BadInput(TOO_BIG)
    if data.startswith((ZIP, OLE2)):
        sheets = _sheets_of_workbook(data)
    else:
        sheets = [("", _rows_of_csv(_decoded(data)))]
    return _export(*max(sheets, key=lambda sheet: _likeness(sheet[1])))


def _sheets_of_workbook(data: bytes) -> list[tuple[str, list[list[Cell]]]]:
    package = open_package(data)
    visible = [sheet.name for sheet in package.sheets if sheet.state == "visible"]
    require_single_cells(package)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(package.only(visible)))
        return [(name, _cells(book.get_sheet_by_name(name))) for name in visible]
    except CalamineError as broken:
        raise BadInput(ODD) from broken


def _cells(sheet: CalamineSheet) -> list[list[Cell]]:
    _check_extent(sheet.name, sheet.total_height, sheet.total_width)
    # TRUE equals the number 1 to Python, and is a word here.
    rows = sheet.to_python(skip_empty_area=False)
    return [[str(it).upper() if isinstance(it, bool) else it for it in row] for row in rows]


def _check_extent(name: str, height: int, width: int) -> None:
    if height > MOST_ROWS or width > MOST_COLUMNS:
        where = f"工作表“{name}”" if name else "文件"
        raise BadInput(
            f"{where}太大（最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列），请分成几个文件导入。"
        )


def _decoded(data: bytes) -> str:
    """utf-8 with or without its mark, or gb18030, in which Excel saves csv."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadInput("这不是 csv 或 xlsx 文件，或文字编码不常见。请用 Excel 或 WPS 另存为 .xlsx。")


def _rows_of_csv(text: str) -> list[list[Cell]]:
    head = text[:4000].split("\n", 1)[0]
    delimiter = max(",\t;", key=head.count)
    rows: list[list[Cell]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append([*row])
            _check_extent("", len(rows), len(row))
    except csv.Error as broken:
        raise BadInput("csv 文件的格式读不懂，请用 Excel 或 WPS 另存为 .xlsx 再导入。") from broken
    return rows


def _likeness(rows: Sequence[Sequence[Cell]]) -> int:
    """How many of our fields the best header row of a sheet seems to name."""
    return max((len(guess(_texts(row))) for row in rows[:HEADER_WITHIN]), default=0)


def _export(sheet: str, rows: Sequence[Sequence[Cell]]) -> Export:
    """Under the row that names most of our fields, or else the first with two texts."""
    if not any(map(_is_header, rows[:HEADER_WITHIN])):
        raise BadInput("没有找到表头：前 15 行里没有列的名称。请核对是不是 12345 的导出文件。")
    at = max(
        range(min(len(rows), HEADER_WITHIN)),
        key=lambda place: (len(guess(_texts(rows[place]))), _is_header(rows[place]), -place),
    )
    filled = [(n, tuple(row)) for n, row in enumerate(rows[at + 1 :], at + 2) if any(_texts(row))]
    if not filled:
        raise BadInput("表头下面没有内容，没有可以导入的诉求。")
    return Export(
        sheet=sheet,
        headers=tuple(_texts(rows[at])),
        numbers=tuple(number for number, _ in filled),
        rows=tuple(row for _, row in filled),
    )


def _is_header(row: Sequence[Cell]) -> bool:
    return sum(isinstance(cell, str) and bool(cell.strip()) for cell in row) >= 2


def _texts(row: Sequence[Cell]) -> list[str]:
    return [text_of(cell) for cell in row]


def text_of(cell: Cell) -> str:
    """As who exported it saw it, without what only keeps Excel from rounding."""
    text = clean_text(shown(cell))
    kept = AS_TEXT.fullmatch(text)
    return kept[1].strip() if kept else text.removeprefix("'")


# ---- which column is which -----------------------------------------------------------------------


def guess(headers: Iterable[str]) -> dict[Field, str]:
    """The header that seems to be meant for each field; a field that nothing seems to be is out."""
    plain = {_plain(header): header for header in reversed(list(headers)) if header}
    found: dict[Field, str] = {}
    for field, names in HEADERS.items():
        match = next((plain[name] for name in names if name in plain), None)
        if match is None:
            match = next((header for name, header in plain.items() if _ends(name, names)), None)
        if match is not None and match not in found.values():
            found[field] = match
    return found


def _plain(header: str) -> str:
    return DECORATION.sub("", squeezed(header).lstrip("*"))


def _ends(header: str, names: tuple[str, ...]) -> bool:
    """市民诉求内容; but never what says who called, or two characters that end anything."""
    is_ours = header.endswith(tuple(name for name in names if len(name) > 2))
    return is_ours and not is_personal(header)


def is_personal(header: str) -> bool:
    return bool(PERSONAL_HEADER.search(header))


def categories(export: Export, columns: Mapping[Field, str]) -> list[str]:
    """What stands in the column of categories, each once."""
    if Field.CATEGORY not in columns:
        return []
    place = export.headers.index(columns[Field.CATEGORY])
    return sorted({text_of(row[place]) for row in export.rows if place < len(row)} - {""})


def samples(export: Export, header: str, most: int = 2) -> str:
    """What stands below a header, without personal data."""
    place = export.headers.index(header)
    found = (text_of(row[place]) for row in export.rows if place < len(row))
    texts = [without_personal_data(text).text[:24] for text in found if text]
    return "；".join(list(dict.fromkeys(texts))[:most])
