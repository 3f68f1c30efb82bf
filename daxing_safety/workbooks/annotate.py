"""Gives a workbook back marked: faulty cells coloured and commented, a list of them in front.

Nothing else is touched, and the marked workbook can be mended and uploaded again: the list is
not read, colours and comments are harmless, marks of an earlier return are taken off first.
Runs in the worker process, on bytes that reading has let through.
"""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from daxing_safety.errors import BadInput
from daxing_safety.workbooks.cells import clean_text
from daxing_safety.workbooks.columns import FAULT_LIST
from daxing_safety.workbooks.content import CellError, CheckedWorkbook
from daxing_safety.workbooks.problem_list.content import CheckedList

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

AUTHOR = "大兴创安工作台"
FAULTY, HEADER, LINE, LINK = "FFF8CBAD", "FFE3E9F0", "FFB8C2CC", "FF1F4E79"
FONT = "宋体"
LIST_COLUMNS = (
    ("序号", 6),
    ("工作表", 12),
    ("单元格", 10),
    ("现在的内容", 30),
    ("哪里不对", 46),
    ("怎样改", 46),
)
TITLE_STYLE, HEAD_STYLE, TEXT_STYLE, LINK_STYLE = "清单标题", "清单表头", "清单内容", "清单链接"
HOW_TO = "点“单元格”一列可以跳到填错的地方。全部改好后保存，把这个文件重新上传即可，本页不用删除。"


def annotate(data: bytes, checked: CheckedWorkbook | CheckedList) -> bytes:
    """Raises BadInput for the rare file that can be read but not written again."""
    from openpyxl import load_workbook  # slow to import, and few need it

    try:
        book = load_workbook(io.BytesIO(data))
        _take_old_marks_off(book)
        for error in checked.errors:
            if error.cell and error.sheet in book.sheetnames:
                _mark(book[error.sheet][error.cell], error)
        _write_list(book, checked.errors)
        marked = io.BytesIO()
        book.save(marked)
    except (LookupError, ValueError, TypeError, SyntaxError, OSError) as odd:
        raise BadInput("无法在这个文件上做标记，请按屏幕上列出的错误逐条改正后重新上传。") from odd
    return marked.getvalue()


def _take_old_marks_off(book: "Workbook") -> None:
    from openpyxl.styles import PatternFill

    if FAULT_LIST not in book.sheetnames:
        return
    del book[FAULT_LIST]
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment and cell.comment.author == AUTHOR:
                    cell.comment = None
                    cell.fill = PatternFill()


def _mark(cell: "Cell", error: CellError) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill, Protection

    text = clean_text(f"{error.message}。\n{error.cure}")
    lines = 2 + len(text) // 18
    cell.comment = Comment(text, AUTHOR, width=280, height=24 + 18 * lines)
    cell.fill = PatternFill("solid", fgColor=FAULTY)
    cell.protection = Protection(locked=False)


def _write_list(book: "Workbook", errors: Iterable[CellError]) -> None:
    _add_styles(book)
    page = book.create_sheet(FAULT_LIST, 0)
    _write_list_head(page)
    for number, error in enumerate(errors, 1):
        _write_list_row(page, number, error)
    # Exactly one sheet is selected, or typing would go into two at once.
    book.active = 0
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet is page


def _add_styles(book: "Workbook") -> None:
    from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side

    border = Border(*[Side("thin", color=LINE)] * 4)
    alignment = Alignment(vertical="center", wrap_text=True)
    centred = Alignment(horizontal="center", vertical="center")
    head = PatternFill("solid", fgColor=HEADER)
    styles = (
        NamedStyle(TITLE_STYLE, font=Font(FONT, 16, bold=True)),
        NamedStyle(HEAD_STYLE, Font(FONT, 10.5, bold=True), head, border, centred),
        NamedStyle(TEXT_STYLE, font=Font(FONT, 10.5), border=border, alignment=alignment),
        NamedStyle(
            LINK_STYLE,
            font=Font(FONT, 10.5, color=LINK, underline="single"),
            border=border,
            alignment=alignment,
        ),
    )
    for style in styles:
        if style.name not in book.named_styles:
            book.add_named_style(style)


def _write_list_head(page: "Worksheet") -> None:
    page["A1"], page["A2"] = FAULT_LIST, HOW_TO
    page["A1"].style = TITLE_STYLE
    for place, (header, width) in enumerate(LIST_COLUMNS, 1):
        cell = page.cell(3, place, header)
        cell.style = HEAD_STYLE
        page.row_dimensions[3].height = 24
        page.column_dimensions[cell.column_letter].width = width
    page.freeze_panes = "A4"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "3:3"


def _write_list_row(page: "Worksheet", number: int, error: CellError) -> None:
    from openpyxl.worksheet.hyperlink import Hyperlink

    from daxing_safety.workbooks.styles import height_of

    row = number + 3
    page.cell(row, 1, number).style = TEXT_STYLE
    texts = (error.sheet, error.cell, error.found, error.message, error.cure)
    widths = [width for _, width in LIST_COLUMNS[1:]]
    page.row_dimensions[row].height = max(map(height_of, texts, widths))
    for place, text in enumerate(texts, 2):
        cell = page.cell(row, place, clean_text(text))
        cell.style = TEXT_STYLE
        if cell.data_type == "f":
            cell.data_type = "s"  # a text, whatever it begins with
    if error.cell:
        page.cell(row, 3).hyperlink = Hyperlink("C1", location=f"'{error.sheet}'!{error.cell}")
        page.cell(row, 3).style = LINK_STYLE
