"""签字页 of a stored version: its own figures and a short code, to be printed, signed and returned.

The code ties the paper to the version: it is made of the stored file itself.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from daxing_safety.vocabulary import Sheet
from daxing_safety.wording import moment
from daxing_safety.workbooks.content import Cover

DIGITS = 6
Figures = Mapping[Sheet, tuple[tuple[str, int | Decimal], ...]]  # labels and numbers


@dataclass(frozen=True, slots=True)
class SignedPage:
    cover: Cover
    version: int
    code: str
    submitted_at: datetime
    figures: Figures


def code_of(*, round_id: int, version: int, sha256: str) -> str:
    """SW-2-1-7F3A9C: of round 2, version 1, and the file whose SHA-256 begins so."""
    return f"SW-{round_id}-{version}-{sha256[:DIGITS].upper()}"


def write_signed_page(page: SignedPage) -> bytes:
    """An .xlsx of one sheet, which looks like the one in the workbook."""
    # Imported here: they bring XlsxWriter along, and many modules know this one.
    from xlsxwriter import Workbook

    from daxing_safety.workbooks.leaflet import write_page_to_sign
    from daxing_safety.workbooks.styles import Styles

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(out, options)
    book.set_properties({"title": f"签字页 {page.code}", "created": page.submitted_at})
    figures = {
        sheet: [(label, f"={value}", float(value)) for label, value in of_sheet]
        for sheet, of_sheet in page.figures.items()
    }
    write_page_to_sign(book, Styles(book), page.cover, _facts(page), figures, _note(page))
    book.close()
    return out.getvalue()


def _facts(page: SignedPage) -> tuple[tuple[str, str], ...]:
    cover = page.cover
    return (
        ("填报单位", cover.unit_full_name),
        ("填报期", cover.round_name),
        ("版本", f"第{page.version}版"),
        ("版本编码", page.code),
        ("报送时间", moment(page.submitted_at)),
        ("评价细则", f"{cover.criteria_version}版（修订{cover.criteria_revision}）"),
    )


def _note(page: SignedPage) -> str:
    return (
        f"本页只对应系统中存档的第{page.version}版，编码 {page.code}。签字盖章后拍照或扫描，"
        "在“佐证材料”页的“签字页”中交回到这一版；报送了新的一版，请重新打印签字。"
    )
