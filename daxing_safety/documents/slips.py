"""密码条: initial passwords on paper, eight to a page, to be cut along the dashed lines."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.sax.saxutils import escape

from daxing_safety.documents.paper import TWIPS_PER_MM
from daxing_safety.wording import day

if TYPE_CHECKING:
    from docx.document import Document

COLUMNS, ROWS_ON_A_PAGE = 2, 4
MARGIN_MM, WIDTH_MM, HEIGHT_MM = 13, 92, 66
SONG, HEI, MONO = "宋体", "黑体", "Consolas"  # in which 0 and O, 1 and l differ


class Slip(NamedTuple):
    """`whose` is the unit, or for who has none the role."""

    whose: str
    display_name: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Slips:
    """`contact` is whom to ask where it does not work."""

    slips: tuple[Slip, ...]
    address: str
    good_until: date
    contact: str
    made_at: datetime


def write_slips(found: Slips) -> bytes:
    """A Word document; nothing of it is kept anywhere else."""
    from docx import Document  # the worker's, not the server's
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    document = Document()
    _set_up_page(document, found)
    last: Any = document.add_paragraph()
    last._p.addprevious(parse_xml(_table(found, nsdecls("w"))))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _set_up_page(document: "Document", found: Slips) -> None:
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Mm, Pt

    known = document.core_properties
    known.title, known.author, known.comments = "密码条", "", ""
    known.created = known.modified = found.made_at
    (section,) = document.sections
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(MARGIN_MM)
    section.top_margin = section.bottom_margin = Mm(MARGIN_MM)
    # The paragraph that Word wants after a table must not open a page of its own.
    layout = document.styles["Normal"].paragraph_format
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(1)
    layout.space_after = Pt(0)


def _table(found: Slips, namespace: str) -> str:
    width = round(WIDTH_MM * TWIPS_PER_MM)
    grid = f'<w:gridCol w:w="{width}"/>'
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(f'<w:{side} w:val="dashed" w:sz="4" w:color="808080"/>' for side in sides)
    rows = (found.slips[at : at + COLUMNS] for at in range(0, len(found.slips), COLUMNS))
    return (
        f'<w:tbl {namespace}><w:tblPr><w:tblW w:w="{width * COLUMNS}" w:type="dxa"/>'
        f'<w:jc w:val="center"/><w:tblBorders>{borders}</w:tblBorders>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="170" w:type="dxa"/>'
        '<w:left w:w="260" w:type="dxa"/><w:right w:w="220" w:type="dxa"/></w:tblCellMar>'
        f"</w:tblPr><w:tblGrid>{grid * COLUMNS}</w:tblGrid>"
        f"{''.join(_row(row, found, width) for row in rows)}</w:tbl>"
    )


def _row(slips: Sequence[Slip], found: Slips, width: int) -> str:
    height = round(HEIGHT_MM * TWIPS_PER_MM)
    cells = [_cell(_lines(slip, found), width) for slip in slips]
    cells += [_cell("<w:p/>", width)] * (COLUMNS - len(slips))
    return (
        f'<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="{height}" w:hRule="exact"/></w:trPr>'
        f"{''.join(cells)}</w:tr>"
    )


def _cell(content: str, width: int) -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{content}</w:tc>'


def _lines(slip: Slip, found: Slips) -> str:
    until = f"{day(found.good_until)}前有效"
    return "".join(
        (
            _line([("大兴创安工作台　账号通知", HEI, 13, False)], after=100),
            _line([("单位：", SONG, 10.5, False), (slip.whose, SONG, 10.5, True)]),
            _line([("姓名：", SONG, 10.5, False), (slip.display_name, SONG, 10.5, False)]),
            _line([("地址：", SONG, 10.5, False), (found.address, MONO, 10, False)]),
            _line([("用户名：", SONG, 10.5, False), (slip.username, SONG, 12, True)]),
            _line(
                [("初始密码：", SONG, 10.5, False), (slip.password, MONO, 14, True)],
                after=80,
            ),
            _line(
                [(f"一、首次登录须修改密码；初始密码{until}，过期请申请重置。", SONG, 8.5, False)]
            ),
            _line(
                [
                    (
                        "二、密码分大小写，连字符“-”也要输入；多次输错会暂停登录，请稍后再试。",
                        SONG,
                        8.5,
                        False,
                    )
                ]
            ),
            _line(
                [(f"三、只交本人，登录后销毁。登录不了请联系{found.contact}。", SONG, 8.5, False)]
            ),
        )
    )


def _line(runs: Iterable[tuple[str, str, float, bool]], *, after: int = 30) -> str:
    """Runs are texts with their font, size in points, and whether they are bold."""
    return (
        f'<w:p><w:pPr><w:spacing w:before="0" w:after="{after}" w:line="240" w:lineRule="auto"/>'
        f"</w:pPr>{''.join(_run(*run) for run in runs)}</w:p>"
    )


def _run(text: str, font: str, size: float, is_bold: bool) -> str:
    half_points = round(size * 2)
    return (
        f'<w:r><w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}"/>'
        f'{"<w:b/>" if is_bold else ""}<w:sz w:val="{half_points}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    )
