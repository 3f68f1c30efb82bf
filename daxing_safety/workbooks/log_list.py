"""操作日志 as an Excel file: every cell is text, whatever it begins with."""

import io
from collections.abc import Iterable, Sequence

COLUMNS = (
    ("序号", 9),
    ("时间", 20),
    ("用户名", 14),
    ("姓名", 12),
    ("来源地址", 16),
    ("操作", 16),
    ("对象", 28),
    ("说明", 40),
    ("改动", 50),
    ("标记", 14),
    ("校验码", 68),
)
HEADER_ROW = 1


def list_bytes(title: str, rows: Sequence[Iterable[str]]) -> bytes:
    from xlsxwriter import Workbook  # only this download needs it

    out = io.BytesIO()
    book = Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("操作日志")
    header = book.add_format({"bold": True, "border": 1, "bg_color": "#E8EEF7"})
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    for place, (name, width) in enumerate(COLUMNS):
        sheet.set_column(place, place, width)
        sheet.write_string(HEADER_ROW, place, name, header)
    for at, texts in enumerate(rows, start=HEADER_ROW + 1):
        for place, text in enumerate(texts):
            sheet.write_string(at, place, text)
    sheet.autofilter(HEADER_ROW, 0, HEADER_ROW + len(rows), len(COLUMNS) - 1)
    sheet.freeze_panes(HEADER_ROW + 1, 2)
    book.close()
    return out.getvalue()
