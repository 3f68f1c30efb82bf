"""Writes a 问题整改清单 from its content. Made for Excel, WPS and LibreOffice alike."""

import io
from datetime import date
from typing import TYPE_CHECKING

from daxing_safety.workbooks.columns import META, RULE_LIST
from daxing_safety.workbooks.problem_list.content import WHOLE_DISTRICT, ListContent
from daxing_safety.workbooks.problem_list.identity import meta_entries
from daxing_safety.workbooks.template import UNSAFE_IN_A_FILE_NAME

if TYPE_CHECKING:
    from xlsxwriter import Workbook


def file_name(unit_name: str, today: date) -> str:
    """问题整改清单_区水务局_20210520.xlsx"""
    whose = "" if unit_name == WHOLE_DISTRICT else f"{unit_name}_"
    return UNSAFE_IN_A_FILE_NAME.sub("-", f"问题整改清单_{whose}{today:%Y%m%d}") + ".xlsx"


def list_bytes(content: ListContent) -> bytes:
    """The same content always gives the same bytes."""
    # Imported here: many modules know this one, few write.
    from xlsxwriter import Workbook

    from daxing_safety.workbooks.problem_list.leaflet import write_instructions
    from daxing_safety.workbooks.problem_list.sheet import ListWriter
    from daxing_safety.workbooks.styles import Styles

    out = io.BytesIO()
    book = Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    cover = content.cover
    title = f"{cover.programme}问题整改清单（{cover.unit_name}）"
    book.set_properties({"title": title, "created": cover.exported_at})
    styles = Styles(book)
    ListWriter(book, styles, content).write()
    write_instructions(book, styles, content)
    _write_lists(book, content)
    _write_meta(book, content)
    book.close()
    return out.getvalue()


def _write_lists(book: "Workbook", content: ListContent) -> None:
    from daxing_safety.workbooks.problem_list.sheet import LISTS, offered

    page = book.add_worksheet(RULE_LIST)
    page.very_hidden()
    for key, letter in LISTS.items():
        for at, text in enumerate(offered(content, key), 1):
            page.write_string(f"{letter}{at}", text)


def _write_meta(book: "Workbook", content: ListContent) -> None:
    page = book.add_worksheet(META)
    page.very_hidden()
    for at, (key, value) in enumerate(meta_entries(content)):
        page.write_string(at, 0, key)
        page.write_string(at, 1, value)
