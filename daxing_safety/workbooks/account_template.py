"""The list of accounts to be opened, empty or with a row for every unit that still has none."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from daxing_safety.vocabulary import Role
from daxing_safety.workbooks.account_list import (
    HEADERS,
    NAME,
    PHONE,
    ROLE,
    ROLES,
    SHEET,
    UNIT,
    USERNAME_HEADER,
    VALID_UNTIL,
)

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from daxing_safety.workbooks.styles import Styles

LISTS = "选项"
HEADER_ROW = 2
SPARE_ROWS = 60  # to write on
WIDTHS = {UNIT: 24, USERNAME_HEADER: 24, NAME: 14, PHONE: 18, ROLE: 14, VALID_UNTIL: 18}
OPTIONAL = {NAME, PHONE, VALID_UNTIL}
HOW_TO = (
    "一行一个账号。已为还没有填报人的单位各填好一行，用户名可以改，姓名和电话请补上；不开通的删去"
    "整行，其他人员接着往下填。填好后在“单位与账号”的“批量开通”上传，核对无误后一次开通，"
    "初始密码印成密码条分发。"
)


def template_bytes(missing: Sequence[str], units: Sequence[str], made_at: datetime) -> bytes:
    """`missing` are the units that get a row, `units` all that may be chosen."""
    from xlsxwriter import Workbook  # only this download needs it

    from daxing_safety.workbooks.styles import Styles, lay_out_for_print

    out = io.BytesIO()
    book = Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": "账号开通表", "created": made_at})
    styles, page = Styles(book), book.add_worksheet(SHEET)
    _write_head(page, styles)
    _write_rows(page, styles, missing)
    _offer_choices(book, page, units, last=HEADER_ROW + len(missing) + SPARE_ROWS)
    page.freeze_panes(HEADER_ROW + 1, 0)
    lay_out_for_print(page, "账号开通表", f"{made_at:%Y-%m-%d}")
    book.close()
    return out.getvalue()


def _write_head(page: "Worksheet", styles: "Styles") -> None:
    last = len(HEADERS) - 1
    page.merge_range(0, 0, 0, last, "账号开通表", styles("title"))
    page.set_row(0, 30)
    page.merge_range(1, 0, 1, last, HOW_TO, styles("how_to"))
    page.set_row(1, 48)
    page.set_row(HEADER_ROW, 24)
    for place, name in enumerate(HEADERS):
        page.set_column(place, place, WIDTHS[name])
        note = "（选填）" if name in OPTIONAL else ""
        page.write_string(HEADER_ROW, place, f"{name}{note}", styles("header_filled"))


def _write_rows(page: "Worksheet", styles: "Styles", missing: Sequence[str]) -> None:
    """As text throughout: telephone numbers keep their noughts."""
    text, day = styles("text", num_format="@"), styles("text", num_format="yyyy-mm-dd")
    for at in range(len(missing) + SPARE_ROWS):
        filled = at < len(missing)
        unit = missing[at] if filled else ""
        known = {UNIT: unit, USERNAME_HEADER: unit, ROLE: Role.UNIT.value if filled else ""}
        for place, name in enumerate(HEADERS):
            look = day if name == VALID_UNTIL else text
            page.write_string(HEADER_ROW + 1 + at, place, known.get(name, ""), look)


def _offer_choices(book: "Workbook", page: "Worksheet", units: Sequence[str], *, last: int) -> None:
    hidden = book.add_worksheet(LISTS)
    hidden.very_hidden()
    for column, (name, choices) in enumerate(((UNIT, units), (ROLE, list(ROLES)))):
        hidden.write_column(0, column, choices)
        letter, place = "AB"[column], HEADERS.index(name)
        page.data_validation(
            HEADER_ROW + 1,
            place,
            last,
            place,
            {
                "validate": "list",
                "source": f"={LISTS}!${letter}$1:${letter}${len(choices)}",
                "error_title": "请从列表中选",
                "error_message": f"{name}请从下拉列表中选择。",
            },
        )
