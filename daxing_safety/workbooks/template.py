"""Writes one unit's workbook of one round from its content. Knows no database.

Made for Excel, WPS and LibreOffice alike: only plain functions, lists and protection are used.
"""

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from daxing_safety.workbooks.columns import META, RULE_LIST
from daxing_safety.workbooks.content import Cover, WorkbookContent
from daxing_safety.workbooks.identity import meta_entries

if TYPE_CHECKING:
    from xlsxwriter import Workbook

UNSAFE_IN_A_FILE_NAME = re.compile(r'[\\/:*?"<>|\s\x00-\x1f]+')


def file_name(cover: Cover) -> str:
    """大兴创安填报表_区教委_2021年第二季度.xlsx, in characters any file system takes."""
    stem = f"大兴创安填报表_{cover.unit_name}_{cover.round_name}"
    return UNSAFE_IN_A_FILE_NAME.sub("-", stem)[:100] + ".xlsx"


def workbook_bytes(content: WorkbookContent) -> bytes:
    """For the worker: what is made there comes back as bytes."""
    out = io.BytesIO()
    write_workbook(content, out)
    return out.getvalue()


def write_workbook(content: WorkbookContent, out: BinaryIO | Path) -> None:
    """The same content always gives the same bytes."""
    # Imported here: many modules know this one, few write.
    from xlsxwriter import Workbook

    from daxing_safety.workbooks.filled_sheet import write_filled_sheet
    from daxing_safety.workbooks.leaflet import write_instructions, write_sign_off
    from daxing_safety.workbooks.styles import Styles

    book = Workbook(
        str(out) if isinstance(out, Path) else out,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    styles = Styles(book)
    _describe(book, content.cover)
    write_instructions(book, styles, content.cover)
    for sheet in content.cover.sheets:
        write_filled_sheet(book, styles, content, sheet)
    write_sign_off(book, styles, content)
    _write_rule_list(book, content)
    _write_meta(book, content)
    book.close()


def _describe(book: "Workbook", cover: Cover) -> None:
    book.set_properties(
        {
            "title": f"{cover.programme}填报表（{cover.unit_name}，{cover.round_name}）",
            "created": cover.due_at,  # not the clock: the same content gives the same bytes
        }
    )


def _write_rule_list(book: "Workbook", content: WorkbookContent) -> None:
    """What the list of 条款编号 in 问题整改 offers."""
    page = book.add_worksheet(RULE_LIST)
    page.very_hidden()
    for at, row in enumerate(content.findings):
        page.write_string(at, 0, row.rule_code)
        page.write_string(at, 1, row.condition)


def _write_meta(book: "Workbook", content: WorkbookContent) -> None:
    page = book.add_worksheet(META)
    page.very_hidden()
    for at, (key, value) in enumerate(meta_entries(content)):
        page.write_string(at, 0, key)
        page.write_string(at, 1, value)
