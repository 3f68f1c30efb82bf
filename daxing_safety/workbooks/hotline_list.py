"""The list of public reports as an Excel file: texts stay texts, whatever they begin with."""

import io
from collections.abc import Iterable, Sequence

COLUMNS = (
    ("诉求编号", 10),
    ("状态", 9),
    ("热线编号", 20),
    ("受理时间", 16),
    ("诉求内容", 46),
    ("地址", 24),
    ("属地", 12),
    ("承办单位", 14),
    ("难易", 7),
    ("办理期限", 16),
    ("答复时间", 16),
    ("时效", 12),
    ("答复", 40),
    ("联系诉求人", 11),
    ("是否解决", 10),
    ("满意度", 10),
    ("条款", 8),
    ("问题编号", 10),
)
HEADER_ROW = 1


def list_bytes(title: str, rows: Sequence[Iterable[str]]) -> bytes:
    from xlsxwriter import Workbook  # only this download needs it

    out = io.BytesIO()
    book = Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("接诉即办")
    header = book.add_format(
        {"bold": True, "border": 1, "align": "center", "text_wrap": True, "bg_color": "#E8EEF7"}
    )
    cell = book.add_format({"border": 1, "valign": "top", "text_wrap": True, "font_size": 10})
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    for place, (name, width) in enumerate(COLUMNS):
        sheet.set_column(place, place, width)
        sheet.write_string(HEADER_ROW, place, name, header)
    for at, texts in enumerate(rows, start=HEADER_ROW + 1):
        for place, text in enumerate(texts):
            sheet.write_string(at, place, text, cell)
    sheet.autofilter(HEADER_ROW, 0, HEADER_ROW + len(rows), len(COLUMNS) - 1)
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    book.close()
    return out.getvalue()
