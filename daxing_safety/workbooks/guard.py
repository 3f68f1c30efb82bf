"""Stands before every reader of an uploaded workbook: is it a plain .xlsx within bounds?

Looks at bytes, not at contents, and is cheap beside reading. It inflates, so it runs in the
worker process. What passes is what Excel, WPS and LibreOffice write; rarer ways of writing the
same are refused with the advice to save the file anew, because readers differ on them.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NoReturn
from xml.parsers import expat

from daxing_safety.errors import BadInput
from daxing_safety.workbooks.container import (
    NOT_EXCEL,
    ODD,
    SAVE_AS,
    TOO_BIG_INSIDE,
    Part,
    pack,
    unpack,
)

MOST_ROWS, MOST_COLUMNS = 20_000, 200
MOST_SHEETS = 60
MOST_STYLES = 64_000  # Excel's own limit
MOST_TEXTS = 500_000
MOST_MARKUP = 2 * 2**20  # of a part that is not rows or texts
MUCH_MARKUP = 16 * 2**20  # more is looked at twice
DEEPEST = 40

ROOT_LINKS = "_rels/.rels"
WORKBOOK, WORKBOOK_LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
SHARED_STRINGS, STYLES = "xl/sharedStrings.xml", "xl/styles.xml"

FORBIDDEN = re.compile(
    r"vbaproject|externallinks?/|embeddings/|oleobject|connections\.xml|querytables?/"
    r"|activex|macrosheets?/|dialogsheets?/|customui",
    re.IGNORECASE,
)
HAS_MACROS = "文件中含有宏、外部链接或嵌入的对象，不能上传。请把内容填到原来的填报表里再上传。"
ZIPPED_WORKBOOK = "这是一个压缩包，请解压后上传里面的填报表。"

NO_XML = bytes({*range(0x20)} - {*b"\t\n\r"})  # characters that no XML may hold
# The first cell beyond column GZ (208) or not written as spreadsheets write it. Readers set room
# aside up to the furthest cell.
STRANGE_CELL = re.compile(rb'<c(?! r="[A-G]?[A-Z][1-9])')
ADDRESS = re.compile(rb'<c r="([A-Z]{1,3}([1-9][0-9]{0,9}))"')
AREA = re.compile(r"(?:[A-Z]{1,3}[0-9]{1,7}:)?([A-Z]{1,3})([0-9]{1,7})")
CLAIMED_COUNT = re.compile(rb'(?:unique)?[cC]ount="([0-9]+)"')
PROLOGUE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*"
    rb"(?:<\?xml(?:[^>]*?encoding=[\"']([^\"']*)[\"'])?[^>]*\?>)?\s*"
    rb"(?:<\?[^>]*\?>\s*|<!--[^>]*-->\s*)*<([A-Za-z]+)"
)


@dataclass(frozen=True, slots=True)
class SheetPart:
    name: str
    state: str  # visible, hidden or veryHidden
    path: str


@dataclass(frozen=True, slots=True)
class Package:
    """A workbook that passed: its parts as bytes, and its sheets in order."""

    entries: dict[str, Part]
    parts: dict[str, bytes]
    sheets: tuple[SheetPart, ...]

    def only(self, names: Collection[str]) -> bytes:
        """These sheets and what they need: whoever reads it sees the very bytes that passed."""
        needed = {ROOT_LINKS, WORKBOOK, WORKBOOK_LINKS, SHARED_STRINGS, STYLES}
        needed |= {sheet.path for sheet in self.sheets if sheet.name in names}
        return pack((name, part) for name, part in self.entries.items() if name in needed)


def check_container(data: bytes) -> None:
    """Raises BadInput with the sentence the user is shown."""
    open_package(data)


def open_package(data: bytes) -> Package:
    entries = unpack(data)
    parts = {name: entry.content for name, entry in entries.items()}
    _check_kind(parts)
    for name, content in parts.items():
        if name.endswith((".xml", ".rels", ".vml")):
            _check_markup(content)
    sheets = _sheets(parts)
    _check_texts(parts.get(SHARED_STRINGS, b""))
    if parts.get(STYLES, b"").count(b"<xf ") > MOST_STYLES:
        raise BadInput(ODD)
    for sheet in sheets:
        if _root(parts[sheet.path]) != b"chartsheet":  # a chart of its own has no cells
            check_sheet(sheet.name, parts[sheet.path])
    return Package(entries, parts, sheets)


def _check_kind(parts: dict[str, bytes]) -> None:
    types = parts.get("[Content_Types].xml", b"")
    if any(FORBIDDEN.search(name) for name in parts):
        raise BadInput(HAS_MACROS)
    if b"macroEnabled" in types or b".template." in types:
        raise BadInput(f"这是含宏的工作簿或模板，不是普通的 .xlsx 工作簿。{SAVE_AS}")
    if "xl/workbook.bin" in parts or b"opendocument" in parts.get("mimetype", b""):
        raise BadInput(f"这不是 .xlsx 格式的工作簿。{SAVE_AS}")
    if any(name.lower().endswith((".xlsx", ".xls", ".et")) for name in parts):
        raise BadInput(ZIPPED_WORKBOOK)
    if not any(name.startswith("xl/") for name in parts):
        raise BadInput(NOT_EXCEL)
    _check_required(parts)


def _check_required(parts: dict[str, bytes]) -> None:
    for name in ("[Content_Types].xml", ROOT_LINKS, WORKBOOK, WORKBOOK_LINKS):
        if name not in parts:
            raise BadInput(f"文件中缺少 {name}，无法读取。{SAVE_AS}")
    main = [link for _, link in elements(parts[ROOT_LINKS]) if _is_main(link)]
    if [link.get("Target", "").lstrip("/") for link in main] != [WORKBOOK]:
        raise BadInput(ODD)


def _is_main(link: dict[str, str]) -> bool:
    return link.get("Type", "").endswith("/officeDocument")


def _check_markup(content: bytes) -> None:
    # A document type, and with it entities, could only stand before the first element; UTF-16
    # would hide the rest from this look.
    start = PROLOGUE.match(content)
    if start is None or (start[1] or b"utf-8").lower() != b"utf-8":
        raise BadInput(ODD)
    if len(content.translate(None, NO_XML)) < len(content):  # one reader passes it on, one stops
        raise BadInput(ODD)
    if len(content) > MUCH_MARKUP and content.count(b"<") * 1000 < len(content):
        raise BadInput(ODD)  # megabytes of blanks or one endless attribute


def _root(content: bytes) -> bytes:
    start = PROLOGUE.match(content)
    return start[2] if start else b""


def _check_texts(strings: bytes) -> None:
    """Readers set room aside for as many texts as it says there are."""
    claimed = [int(count) for count in CLAIMED_COUNT.findall(strings[:1000])]
    if any(count > max(len(strings), 10_000_000) for count in claimed):
        raise BadInput(ODD)
    if strings.count(b"<si") > MOST_TEXTS:
        raise BadInput(TOO_BIG_INSIDE)


def _sheets(parts: dict[str, bytes]) -> tuple[SheetPart, ...]:
    links = {
        link["Id"]: link
        for tag, link in elements(parts[WORKBOOK_LINKS])
        if tag == "Relationship" and "Id" in link
    }
    if any(link.get("TargetMode") == "External" for link in links.values()):
        raise BadInput(HAS_MACROS)
    found = [each for tag, each in elements(parts[WORKBOOK]) if tag == "sheet"]
    sheets = tuple(
        SheetPart(
            name=sheet.get("name", ""),
            state=sheet.get("state", "visible"),
            path=_path(links.get(sheet.get("r:id", ""), {}).get("Target", "")),
        )
        for sheet in found
    )
    _check_sheets(sheets, parts)
    return sheets


def _check_sheets(sheets: tuple[SheetPart, ...], parts: dict[str, bytes]) -> None:
    names = {sheet.name.casefold() for sheet in sheets}
    paths = {sheet.path for sheet in sheets}
    if not sheets or len(sheets) > MOST_SHEETS:
        raise BadInput(ODD)
    if len(names) < len(sheets) or len(paths) < len(sheets):  # one reader takes the first of two
        raise BadInput(ODD)
    for sheet in sheets:
        if sheet.path not in parts:
            raise BadInput(f"文件中缺少工作表“{sheet.name}”的内容，无法读取。{SAVE_AS}")


def _path(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl", target))


def check_sheet(name: str, content: bytes) -> None:
    """Refuses a sheet that reaches too far or is not written as spreadsheets write it."""
    head, rows, tail = split_sheet(content)
    for position, (tag, attributes) in enumerate(elements(head + tail)):
        if (position == 0) != (tag == "worksheet") or tag in ("row", "c"):
            raise BadInput(ODD)
        if tag in ("mergeCell", "hyperlink"):  # openpyxl makes an object for each cell
            _check_area(name, attributes.get("ref", ""))
    strange = STRANGE_CELL.search(rows)
    if strange:
        _refuse_cell(name, rows[strange.start() :][:40])
    # Rows stand in order; where they do not, the limits of the worker process hold.
    last = ADDRESS.match(rows, max(rows.rfind(b"<c "), 0))
    if last and int(last[2]) > MOST_ROWS:
        _refuse_cell(name, last[0])
    if b't="s"><v>-' in rows:  # a text counted from the end
        raise BadInput(ODD)


def require_single_cells(package: Package) -> None:
    """Of a cell that stands in a sheet twice one reader takes the first and the next the other.

    For what is read without a look at its markup (reading.py has one of its own, which costs less).
    """
    for sheet in package.sheets:
        addresses = ADDRESS.findall(package.parts[sheet.path])
        if len(set(addresses)) < len(addresses):
            raise BadInput(ODD)


def _check_area(name: str, area: str) -> None:
    last = AREA.fullmatch(area)
    if last is None:
        raise BadInput(ODD)
    if len(last[1]) > 2 or int(last[2]) > MOST_ROWS:
        _refuse(name, area)


def _refuse_cell(name: str, cell: bytes) -> None:
    address = ADDRESS.match(cell)
    if address is None:
        raise BadInput(ODD)
    _refuse(name, address[1].decode())


def _refuse(name: str, area: str) -> NoReturn:
    raise BadInput(
        f"工作表“{name}”一直用到了 {area} 单元格，超出了填报表的范围"
        f"（最多{MOST_ROWS}行、{MOST_COLUMNS}列）。请删去多余的行和列，保存后再上传。"
    )


def split_sheet(content: bytes) -> tuple[bytes, bytes, bytes]:
    """What stands before, in and after the rows of a sheet."""
    start = content.find(b"<sheetData")
    first = content.find(b">", start) + 1
    if start < 0 or not first:
        raise BadInput(ODD)
    if content[first - 2 : first] == b"/>":  # no rows at all
        return content[:start], b"", content[first:]
    end = content.find(b"</sheetData>", first)
    if end < 0:
        raise BadInput(ODD)
    return content[:start], content[first:end], content[end + len(b"</sheetData>") :]


def elements(markup: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """The start tags of a small part, in order; BadInput if it is not well-formed."""
    if len(markup) > MOST_MARKUP:
        raise BadInput(ODD)
    found: list[tuple[str, dict[str, str]]] = []
    ended: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(found) - len(ended) >= DEEPEST:
            raise BadInput(ODD)
        found.append((tag, attributes))

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, ended.append
    try:
        parser.Parse(markup, True)
    except expat.ExpatError as broken:
        raise BadInput(ODD) from broken
    return iter(found)
