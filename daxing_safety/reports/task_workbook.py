"""任务分解表 as an Excel file to print and pass on: the plan alone, without anybody's progress."""

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from daxing_safety.reports.tasks import Point

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

HEADER_ROW = 2
COLUMNS = (
    ("编号", 7),
    ("行动", 13),
    ("重点任务", 20),
    ("工作要点", 38),
    ("牵头单位", 14),
    ("配合单位", 26),
    ("属地", 16),
    ("阶段", 6),
    ("完成时限", 12),
    ("检查节点", 13),
    ("周期", 8),
    ("佐证材料要求", 30),
    ("备注", 22),
)


def build(points: Sequence[Point], title: str, note: str) -> bytes:
    from xlsxwriter import Workbook  # only this download needs it

    out = io.BytesIO()
    book = Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("任务分解表")
    _write_head(book, sheet, title, note)
    cell = book.add_format({"border": 1, "valign": "vcenter", "text_wrap": True, "font_size": 10})
    for at, point in enumerate(points, start=HEADER_ROW + 1):
        for place, text in enumerate(_texts(point)):
            sheet.write_string(at, place, text, cell)
    sheet.autofilter(HEADER_ROW, 0, HEADER_ROW + len(points), len(COLUMNS) - 1)
    _set_up_print(sheet)
    book.close()
    return out.getvalue()


def _texts(point: Point) -> Iterable[str]:
    return (
        point.code,
        point.action,
        f"{point.task_no}. {point.task}",
        point.text,
        point.lead,
        point.support,
        point.local,
        str(point.phase_no),
        point.due_on.isoformat(),
        "\n".join(day.isoformat() for day in point.checkpoints),
        point.cycle,
        point.evidence,
        point.note,
    )


def _write_head(book: "Workbook", sheet: "Worksheet", title: str, note: str) -> None:
    big = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    small = book.add_format({"font_size": 10, "font_color": "#5C6B80"})
    header = book.add_format(
        {
            "bold": True,
            "border": 1,
            "align": "center",
            "valign": "vcenter",
            "text_wrap": True,
            "bg_color": "#E8EEF7",
        }
    )
    sheet.merge_range(0, 0, 0, len(COLUMNS) - 1, title, big)
    sheet.set_row(0, 30)
    sheet.write_string(1, 0, note, small)
    for place, (name, width) in enumerate(COLUMNS):
        sheet.set_column(place, place, width)
        sheet.write_string(HEADER_ROW, place, name, header)


def _set_up_print(sheet: "Worksheet") -> None:
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW)
    sheet.set_footer("&C第 &P 页，共 &N 页")
