"""How a workbook looks: fonts every office computer has, few colours, thin lines.

Made for paper as much as for the screen: nothing is said by colour alone. Imported only where
a workbook is written, because it brings XlsxWriter along.
"""

import unicodedata
from math import ceil
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

A3, A4 = 8, 9
SONG, HEI = "宋体", "黑体"
INK, FAINT_INK, LINE = "#1F2933", "#5F6B7A", "#B8C2CC"
HEAD_OURS, HEAD_FILLED = "#E3E9F0", "#FFF3D1"
BAND, NOTICE = "#F5F7FA", "#FBE3D6"
DATE_FORMAT = "yyyy-mm-dd"

BASE: dict[str, Any] = {
    "font_name": SONG,
    "font_size": 10.5,
    "font_color": INK,
    "valign": "vcenter",
    "text_wrap": True,
}
BOXED = {"border": 1, "border_color": LINE}
HEADER = {"font_name": HEI, "align": "center", **BOXED}

LOOKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "title": {"font_name": HEI, "font_size": 18, "align": "center", "text_wrap": False},
    "how_to": {"font_size": 10, "font_color": FAINT_INK},
    "header": {**HEADER, "bg_color": HEAD_OURS},
    "header_filled": {**HEADER, "bg_color": HEAD_FILLED},
    "text": {**BOXED, "indent": 1},
    "centred": {**BOXED, "align": "center"},
    "total": {**BOXED, "bold": True, "align": "center", "bg_color": HEAD_OURS},
    "total_text": {**BOXED, "indent": 1, "bg_color": HEAD_OURS, "font_color": FAINT_INK},
    "heading": {"font_name": HEI, "font_size": 12},
    "label": {**HEADER, "bg_color": HEAD_OURS},
    "notice": {"bg_color": NOTICE},
}


LINE_HEIGHT, LEAST_HEIGHT = 14.5, 21.0


class GrowingSheet(Worksheet):
    """A sheet whose rows have a height and still grow with what is typed into them.

    XlsxWriter marks every height as fixed by hand; Excel, WPS and LibreOffice then let text
    disappear below the edge of the cell.
    """

    def _xml_start_tag_unencoded(self, tag: str, attributes: Any = ()) -> None:
        kept = [each for each in attributes if each[0] != "customHeight"]
        super()._xml_start_tag_unencoded(tag, kept)


def height_of(text: str, width: float) -> float:
    """How high a cell must be for its text; a Chinese character is two columns wide."""
    lines = (_columns_of(line) / (width - 2) for line in text.split("\n"))
    return max(LINE_HEIGHT * sum(max(ceil(line), 1) for line in lines) + 6, LEAST_HEIGHT)


def _columns_of(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WFA" else 1 for each in text)


class Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple, Format] = {}

    def __call__(self, look: str, **more: Any) -> Format:
        key = (look, *sorted(more.items()))
        if key not in self._made:
            # A difference for a conditional format must not bring the base font along.
            base = {} if look == "notice" else BASE
            self._made[key] = self._book.add_format({**base, **LOOKS[look], **more})
        return self._made[key]


def lay_out_for_print(
    page: Worksheet, left: str, right: str, *, is_landscape: bool = True, paper: int = A4
) -> None:
    """One page wide, whose it is and of when at the top, the page's number at the bottom."""
    if is_landscape:
        page.set_landscape()
    page.set_paper(paper)
    page.fit_to_pages(1, 0 if is_landscape else 1)
    page.center_horizontally()
    page.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.7)
    left, right = (text.replace("&", "&&") for text in (left, right))
    page.set_header(f'&L&9&"{SONG}"{left}&R&9&"{SONG}"{right}')
    page.set_footer(f'&C&9&"{SONG}"第 &P 页，共 &N 页')
