"""A Word document set out like an official paper (GB/T 9704): plain values in, .docx out.

Only names of fonts stand in it: 仿宋_GB2312, 黑体 and 方正小标宋 are on the readers' computers and
may not be passed on.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from xml.sax.saxutils import escape

from daxing_safety.texts import legible

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle

TITLE, HEADING, BODY, LATIN = "方正小标宋简体", "黑体", "仿宋_GB2312", "Times New Roman"
TEXT_WIDTH_MM = 156
TWIPS_PER_MM = 1440 / 25.4
TABLE_STYLE, NOTE_STYLE = "表格文字", "说明文字"
GAP = '<w:p {namespace}><w:pPr><w:pStyle w:val="{style}"/><w:spacing w:line="160"/></w:pPr></w:p>'


class Heading(NamedTuple):
    text: str


class Paragraph(NamedTuple):
    text: str


class Note(NamedTuple):
    """In small print: what the figures rest on."""

    text: str


class Column(NamedTuple):
    """`share` is its part of the width beside the others' parts."""

    name: str
    share: int
    align: Literal["left", "center", "right"] = "left"


class Table(NamedTuple):
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Note | Table


@dataclass(frozen=True, slots=True)
class Paper:
    """`note` stands under the title, in brackets: as of when."""

    title: str
    note: str
    blocks: tuple[Block, ...]
    made_at: datetime


def write_paper(paper: Paper) -> bytes:
    from docx import Document  # the worker's, not the server's

    document = Document()
    _set_up_page(document)
    _set_up_styles(document)
    _write_head(document, paper)
    for block in paper.blocks:
        match block:
            case Heading(text):
                document.add_paragraph(legible(text), style="Heading 1")
            case Paragraph(text):
                document.add_paragraph(legible(text))
            case Note(text):
                document.add_paragraph(legible(text), style=NOTE_STYLE)
            case Table():
                _write_table(document, block)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _write_head(document: "Document", paper: Paper) -> None:
    known = document.core_properties
    title, note = legible(paper.title), legible(paper.note)
    known.title, known.author, known.comments = title, "", ""
    known.created = known.modified = paper.made_at
    document.add_paragraph(title, style="Title")
    document.add_paragraph(f"（{note}）", style="Subtitle")


# ---- page and styles ----------------------------------------------------------------------------


def _set_up_page(document: "Document") -> None:
    """A4 with a text area of 156 × 225 mm; the page's number outside, 7 mm below the text."""
    from docx.shared import Mm

    document.settings.odd_and_even_pages_header_footer = True
    (section,) = document.sections
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(23)
    _number_page(section.footer, "right")
    _number_page(section.even_page_footer, "left")


def _number_page(footer: Any, side: Literal["left", "right"]) -> None:
    """— 3 —, one character away from the edge."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import parse_xml
    from docx.shared import Pt

    paragraph = footer.paragraphs[0]
    paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, side.upper())
    setattr(paragraph.paragraph_format, f"{side}_indent", Pt(14))
    paragraph.add_run("— ")
    paragraph._p.append(
        parse_xml(
            f'<w:fldSimple {_namespace()} w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        )
    )
    paragraph.add_run(" —")


def _set_up_styles(document: "Document") -> None:
    from docx.enum.style import WD_STYLE_TYPE

    styles: Any = document.styles
    for name in (TABLE_STYLE, NOTE_STYLE):
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    #                        font     size line  indent, align
    _style(styles["Normal"], BODY, 16, 28, 32, "JUSTIFY")
    _style(styles["Title"], TITLE, 22, 32, 0, "CENTER")
    _style(styles["Subtitle"], BODY, 16, 28, 0, "CENTER", after=14)
    _style(styles["Heading 1"], HEADING, 16, 28, 32, "LEFT")
    _style(styles["Footer"], "宋体", 14, 16, 0, "LEFT")
    _style(styles[TABLE_STYLE], BODY, 11, 15, 0, "LEFT")
    _style(styles[NOTE_STYLE], BODY, 12, 20, 24, "JUSTIFY")
    styles["Heading 1"].paragraph_format.keep_with_next = True


def _style(
    style: "ParagraphStyle",
    font: str,
    size: int,
    line: int,
    indent: int,
    align: str,
    *,
    after: int = 0,
) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.shared import Pt, RGBColor

    _set_fonts(style, font)
    style.font.size = Pt(size)
    style.font.bold = style.font.italic = False
    style.font.color.rgb = RGBColor(0, 0, 0)
    layout = style.paragraph_format
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    layout.space_before, layout.space_after = Pt(0), Pt(after)
    layout.first_line_indent = Pt(indent)
    layout.alignment = getattr(WD_ALIGN_PARAGRAPH, align)


def _set_fonts(style: "ParagraphStyle", font: str) -> None:
    """Word takes the theme's fonts where its attributes are left."""
    from docx.oxml.ns import qn

    properties: Any = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for kind in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{kind}"), LATIN)
    fonts.set(qn("w:eastAsia"), font)
    for spacing in properties.findall(qn("w:spacing")):  # Title is set wide in Word's own template
        properties.remove(spacing)
    paragraph: Any = style.element.get_or_add_pPr()
    for border in paragraph.findall(qn("w:pBdr")):
        paragraph.remove(border)


# ---- tables -------------------------------------------------------------------------------------


def _namespace() -> str:
    from docx.oxml.ns import nsdecls

    return nsdecls("w")


def _write_table(document: "Document", table: Table) -> None:
    """As one piece of XML: cell by cell the time grows with the square of the rows."""
    from docx.oxml import parse_xml

    widths = _widths(table.columns)
    style = document.styles[TABLE_STYLE].style_id
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    header = _row([each.name for each in table.columns], table.columns, widths, style, is_head=True)
    rows = "".join(_row(row, table.columns, widths, style) for row in table.rows)
    xml = (
        f"<w:tbl {_namespace()}>{_table_look(sum(widths))}<w:tblGrid>{grid}</w:tblGrid>"
        f"{header}{rows}</w:tbl>"
    )
    body: Any = document.element.body
    gap = GAP.format(namespace=_namespace(), style=style)
    for piece in (gap, xml, gap):
        body.insert_element_before(parse_xml(piece), "w:sectPr")


def _widths(columns: Sequence[Column]) -> list[int]:
    whole = sum(each.share for each in columns)
    return [round(TEXT_WIDTH_MM * TWIPS_PER_MM * each.share / whole) for each in columns]


def _table_look(width: int) -> str:
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="000000"/>' for side in sides)
    return (
        f'<w:tblPr><w:tblW w:w="{width}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="80" w:type="dxa"/>'
        '<w:bottom w:w="40" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    )


def _row(
    texts: Iterable[str],
    columns: Sequence[Column],
    widths: Sequence[int],
    style: str,
    *,
    is_head: bool = False,
) -> str:
    """Never broken over two pages; the head stands on each."""
    repeat = "<w:tblHeader/>" if is_head else ""
    cells = "".join(
        _cell(text, "center" if is_head else column.align, width, style)
        for text, column, width in zip(texts, columns, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{repeat}</w:trPr>{cells}</w:tr>"


def _cell(text: str, align: str, width: int, style: str) -> str:
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/><w:jc w:val="{align}"/></w:pPr>'
        f'<w:r><w:t xml:space="preserve">{escape(legible(text))}</w:t></w:r></w:p></w:tc>'
    )
