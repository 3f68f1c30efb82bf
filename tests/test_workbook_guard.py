"""Any file at all may be uploaded: each is refused with a clear sentence, or read whole."""

import io
import re
import struct
import zipfile
from collections.abc import Callable

import pytest

from daxing_safety.errors import BadInput
from daxing_safety.workbooks import container
from daxing_safety.workbooks.guard import check_container, open_package
from daxing_safety.workbooks.reading import read_workbook
from tests.workbook_files import (
    content_of,
    parts_of,
    problem,
    with_part,
    with_problem_sheet,
    workbook,
    zipped,
)

GOOD = workbook(content_of("区教委", problem("DX-2021-0001")))
PARTS = parts_of(GOOD)
SHEET, STRINGS, TYPES = "xl/worksheets/sheet4.xml", "xl/sharedStrings.xml", "[Content_Types].xml"

NOT_EXCEL = "这不是 Excel 工作簿"
OLD_FORMAT = "旧格式的表格"
INCOMPLETE = "文件不完整或已损坏"
ODD = "文件结构异常"
MACROS = "宏、外部链接或嵌入的对象"
TOO_FAR = "超出了填报表的范围"
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def added(name: str, content: bytes = b"x") -> bytes:
    return zipped(PARTS | {name: content})


def without(name: str) -> bytes:
    return zipped({part: content for part, content in PARTS.items() if part != name})


def replaced(part: str, old: bytes, new: bytes) -> bytes:
    assert old in PARTS[part]
    return zipped(PARTS | {part: PARTS[part].replace(old, new, 1)})


def twice(name: str, second: str) -> bytes:
    """Two entries that one reader takes for one file and the next for another."""
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a") as archive, pytest.warns() if second == name else _quiet():
        archive.writestr(second, PARTS[name])
    return out.getvalue()


class _quiet:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


def flipped(data: bytes) -> bytes:
    """One bit of the packed texts turned over."""
    entry = zipfile.ZipFile(io.BytesIO(data)).getinfo(STRINGS)
    at = entry.header_offset + 30 + len(STRINGS) + entry.compress_size // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def lying_about_size() -> bytes:
    """The directory promises fewer bytes than come out."""
    at = GOOD.rindex(b"PK\x01\x02", 0, GOOD.rindex(STRINGS.encode()))
    size = struct.pack("<L", 100)
    return GOOD[: at + 24] + size + GOOD[at + 28 :]


def with_sheet(name: str, part: str) -> bytes:
    """One more sheet in front of 问题整改, of this name and shown by this part."""
    ours = re.search(r'<sheet name="问题整改"[^>]*/>'.encode(), PARTS["xl/workbook.xml"])
    link = b'<Relationship Id="r9" Type="worksheet" Target="worksheets/%s"/>' % part.encode()
    assert ours
    return zipped(
        PARTS
        | {
            "xl/workbook.xml": PARTS["xl/workbook.xml"].replace(
                ours[0], f'<sheet name="{name}" sheetId="99" r:id="r9"/>'.encode() + ours[0]
            ),
            "xl/_rels/workbook.xml.rels": PARTS["xl/_rels/workbook.xml.rels"].replace(
                b"</Relationships>", link + b"</Relationships>"
            ),
            f"xl/worksheets/{part}": PARTS[SHEET],
        }
    )


def encrypted_entry() -> bytes:
    at = GOOD.rindex(b"PK\x01\x02")
    return GOOD[: at + 8] + b"\x01\x00" + GOOD[at + 10 :]


def overlapping() -> bytes:
    """Two entries of the directory that share the same bytes."""
    end = GOOD.rindex(b"PK\x05\x06")
    start = struct.unpack_from("<L", GOOD, end + 16)[0]
    entries = re.split(rb"(?=PK\x01\x02)", GOOD[start:end])[1:]
    first = struct.unpack_from("<L", entries[0], 42)[0]
    moved = entries[1][:42] + struct.pack("<L", first) + entries[1][46:]
    return GOOD[:start] + entries[0] + moved + b"".join(entries[2:]) + GOOD[end:]


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    # not a workbook at all
    "an empty file": (lambda: b"", "文件是空的"),
    "one byte": (lambda: b"P", NOT_EXCEL),
    "a csv": (lambda: "条款编号,点位\n18-1,第二小学".encode("gbk"), NOT_EXCEL),
    "a web page": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", NOT_EXCEL),
    "an XML workbook of 2003": (lambda: b'<?xml version="1.0"?><Workbook/>', NOT_EXCEL),
    "a PDF": (lambda: b"%PDF-1.7\n", NOT_EXCEL),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n", NOT_EXCEL),
    "an old .xls or .et": (lambda: OLE2 + bytes(4096), OLD_FORMAT),
    "a workbook with a password": (
        lambda: OLE2 + bytes(512) + "EncryptedPackage".encode("utf-16-le"),
        "文件设置了打开密码",
    ),
    "a Word document": (
        lambda: zipped({TYPES: b"<Types/>", "word/document.xml": b"<w/>"}),
        NOT_EXCEL,
    ),
    "an OpenDocument sheet": (
        lambda: zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
        "不是 .xlsx 格式",
    ),
    "a binary workbook": (lambda: added("xl/workbook.bin"), "不是 .xlsx 格式"),
    "a workbook inside a zip": (lambda: zipped({"填报表.xlsx": GOOD}), "这是一个压缩包"),
    "a zip without entries": (lambda: zipped({}), NOT_EXCEL),
    "a file above the limit": (lambda: GOOD + bytes(container.MOST_BYTES), "文件超过10MB"),
    # the zip
    "half a file": (lambda: GOOD[: len(GOOD) // 2], INCOMPLETE),
    "a file without its end": (lambda: GOOD[:-30], INCOMPLETE),
    "bytes behind the end": (lambda: GOOD + b"<html>", INCOMPLETE),
    "bytes before the start": (lambda: b"<html>" + GOOD, NOT_EXCEL),
    "a bit turned over": (lambda: flipped(GOOD), INCOMPLETE),
    "a size that lies": (lying_about_size, INCOMPLETE),
    "an encrypted entry": (encrypted_entry, "文件设置了打开密码"),
    "overlapping entries": (overlapping, INCOMPLETE),
    "an entry twice": (lambda: twice(SHEET, SHEET), ODD),
    "an entry twice but for its case": (lambda: twice(SHEET, SHEET.upper()), ODD),
    "a path that climbs": (lambda: added("xl/../../etc/passwd"), ODD),
    "an absolute path": (lambda: added("/etc/passwd"), ODD),
    "a Windows path": (lambda: added("C:\\x.xml"), ODD),
    "a rare compression": (lambda: zipped(PARTS, zipfile.ZIP_LZMA), ODD),
    "20,000 entries": (lambda: zipped(PARTS | {f"x/{n}": b"" for n in range(20_000)}), ODD),
    # what a workbook may not hold
    "a macro": (lambda: added("xl/vbaProject.bin"), MACROS),
    "a macro workbook by another name": (
        lambda: replaced(TYPES, b".sheet.main+xml", b".sheet.macroEnabled.main+xml"),
        "含宏的工作簿或模板",
    ),
    "a link to another workbook": (lambda: added("xl/externalLinks/externalLink1.xml"), MACROS),
    "an embedded object": (lambda: added("xl/embeddings/oleObject1.bin"), MACROS),
    "a data connection": (lambda: added("xl/connections.xml", b"<connections/>"), MACROS),
    "a part linked from outside": (
        lambda: replaced(
            "xl/_rels/workbook.xml.rels", b'Target="theme', b'TargetMode="External" Target="http:'
        ),
        MACROS,
    ),
    "no workbook part": (lambda: without("xl/workbook.xml"), "缺少 xl/workbook.xml"),
    "a sheet without its part": (lambda: without(SHEET), "缺少工作表“问题整改”的内容"),
    "two sheets of one name": (lambda: with_sheet("问题整改", "sheet99.xml"), ODD),
    "one part for two sheets": (lambda: with_sheet("草稿", "sheet4.xml"), ODD),
    "1,500 sheets": (
        lambda: replaced(
            "xl/workbook.xml",
            b"</sheets>",
            b"".join(b'<sheet name="s%d" r:id="rId1"/>' % n for n in range(1500)) + b"</sheets>",
        ),
        ODD,
    ),
    "a second workbook behind the first": (
        lambda: replaced("_rels/.rels", b'"xl/workbook.xml"', b'"xl/other.xml"'),
        ODD,
    ),
    # XML
    "an entity bomb": (
        lambda: replaced(
            STRINGS,
            b"<sst",
            b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><sst',
        ),
        ODD,
    ),
    "an outside entity": (
        lambda: replaced(
            SHEET,
            b"<worksheet",
            b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><worksheet',
        ),
        ODD,
    ),
    "a sheet in UTF-16": (
        lambda: zipped(PARTS | {SHEET: PARTS[SHEET].decode().encode("utf-16")}),
        ODD,
    ),
    "a sheet declared in GBK": (lambda: replaced(SHEET, b'"UTF-8"', b'"GBK"'), ODD),
    "texts in another encoding than declared": (
        lambda: zipped(PARTS | {STRINGS: PARTS[STRINGS].decode().encode("gbk")}),
        ODD,
    ),
    "a sheet cut off": (lambda: zipped(PARTS | {SHEET: PARTS[SHEET][:-200]}), ODD),
    "a sheet cut off in its rows": (
        lambda: zipped(PARTS | {SHEET: PARTS[SHEET][: PARTS[SHEET].index(b'<row r="5"')]}),
        ODD,
    ),
    "an end tag missing among the cells": (lambda: replaced(SHEET, b"</c>", b""), ODD),
    "tags nested a thousand deep": (
        lambda: replaced(SHEET, b"<sheetData>", b"<a>" * 1000 + b"</a>" * 1000 + b"<sheetData>"),
        ODD,
    ),
    "rows outside the table of rows": (
        lambda: replaced(SHEET, b"<sheetData>", b'<sheetData><row r="1"/></sheetData><sheetData>'),
        ODD,
    ),
    "tags with prefixes": (
        lambda: zipped(
            PARTS
            | {
                SHEET: re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", PARTS[SHEET]).replace(
                    b"xmlns=", b"xmlns:x="
                )
            }
        ),
        ODD,
    ),
    "a count of texts that lies": (
        lambda: zipped(
            PARTS | {STRINGS: re.sub(rb'Count="\d+"', b'Count="4294967295"', PARTS[STRINGS])}
        ),
        ODD,
    ),
    "a text from before the first": (
        lambda: with_problem_sheet(GOOD, r'(<c r="C4"[^>]*)><v>\d+', r"\1><v>-1"),
        ODD,
    ),
    "a text behind the last": (
        lambda: with_problem_sheet(GOOD, r'(<c r="C4"[^>]*)><v>\d+', r"\1><v>999999"),
        ODD,
    ),
    "70,000 cell formats": (
        lambda: with_part(
            GOOD,
            "xl/styles.xml",
            lambda xml: xml.replace(b"<cellXfs", b"<cellXfs " + b"<xf />" * 70_000),
        ),
        ODD,
    ),
    "a bomb of blanks": (
        lambda: replaced(SHEET, b"<sheetData>", b" " * (20 * 2**20) + b"<sheetData>"),
        ODD,
    ),
    "a bomb beyond any workbook": (lambda: added("xl/x.xml", bytes(70 * 2**20)), "文件展开后过大"),
    "a control character in a text": (lambda: replaced(STRINGS, b"<t>", b"<t>\x07"), ODD),
    "NUL as a reference": (lambda: replaced(STRINGS, b"<t>", b"<t>&#0;"), ODD),
    "three million texts": (
        lambda: replaced(STRINGS, b"</sst>", b"<si><t>a</t></si>" * 3_000_000 + b"</sst>"),
        "文件展开后过大",
    ),
    "one text of 40 MB": (
        lambda: replaced(STRINGS, b"</sst>", b"<si><t>" + b"a" * (40 * 2**20) + b"</t></si></sst>"),
        ODD,
    ),
    "a picture of 190 MB": (
        lambda: added("xl/media/image1.png", bytes(190 * 2**20)),
        "文件展开后过大",
    ),
    "200,000 empty cells with a look": (
        lambda: with_problem_sheet(
            GOOD,
            "</sheetData>",
            "".join(f'<row r="{n}"><c r="A{n}" s="1"/></row>' for n in range(50, 200_050))
            + "</sheetData>",
        ),
        TOO_FAR,
    ),
    "an endless attribute": (
        lambda: replaced(SHEET, b"<worksheet ", b'<worksheet a="' + b"a" * (3 * 2**20) + b'" '),
        ODD,
    ),
    # extents
    "a value in the grid's last cell": (
        lambda: with_problem_sheet(
            GOOD,
            "</sheetData>",
            '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
        ),
        "XFD1048576 单元格，" + TOO_FAR,
    ),
    "a value in the grid's last row": (
        lambda: with_problem_sheet(
            GOOD, "</sheetData>", '<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'
        ),
        "A1048576 单元格，" + TOO_FAR,
    ),
    "a row number beyond any grid": (
        lambda: with_problem_sheet(
            GOOD, "</sheetData>", '<row r="1"><c r="A4294967295"><v>1</v></c></row></sheetData>'
        ),
        TOO_FAR,
    ),
    "a column that does not exist": (
        lambda: with_problem_sheet(GOOD, 'r="A44"', 'r="XFE44"'),
        TOO_FAR,
    ),
    "row 0": (lambda: with_problem_sheet(GOOD, 'r="A44"', 'r="A0"'), ODD),
    "a cell without a place": (lambda: with_problem_sheet(GOOD, 'r="A44"', 'r="!!"'), ODD),
    "a cell twice": (lambda: with_problem_sheet(GOOD, 'r="D4"', 'r="C4"'), ODD),
    "a merge to the grid's end": (
        lambda: with_problem_sheet(GOOD, 'ref="A1:N1"', 'ref="A20:XFD1048576"'),
        TOO_FAR,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("make", "sentence"), REFUSED.values(), ids=REFUSED)
def test_refused(make: Callable[[], bytes], sentence: str) -> None:
    with pytest.raises(BadInput, match=re.escape(sentence)):
        read_workbook(make())


ACCEPTED: dict[str, Callable[[], bytes]] = {
    "entries that are not packed": lambda: zipped(PARTS, zipfile.ZIP_STORED),
    "a dimension that says too little": lambda: with_problem_sheet(
        GOOD, 'dimension ref="[^"]*"', 'dimension ref="A1:A1"'
    ),
    "a dimension that says too much": lambda: with_problem_sheet(
        GOOD, 'dimension ref="[^"]*"', 'dimension ref="A1:XFD1048576"'
    ),
    "an empty row at the grid's end, as LibreOffice writes it": lambda: with_problem_sheet(
        GOOD, "</sheetData>", '<row r="1048576"/></sheetData>'
    ),
    "rows with a look down to the grid's end": lambda: with_problem_sheet(
        GOOD,
        "</sheetData>",
        "".join(f'<row r="{n}" s="1" customFormat="1"/>' for n in range(50, 1_048_577))
        + "</sheetData>",
    ),
    "no theme": lambda: without("xl/theme/theme1.xml"),
    "absolute targets": lambda: with_part(
        GOOD,
        "xl/_rels/workbook.xml.rels",
        lambda xml: xml.replace(b'Target="worksheets', b'Target="/xl/worksheets'),
    ),
    "strict Open XML": lambda: zipped(
        {
            name: content.replace(
                b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                b"http://purl.oclc.org/ooxml/spreadsheetml/main",
            )
            for name, content in PARTS.items()
        }
    ),
    "a comment and an instruction before the first element": lambda: added(
        "customXml/item1.xml", b'<?xml version="1.0"?><?mso-contentType?><!-- x --><x/>'
    ),
    "an unknown part": lambda: added("customXml/item1.xml", b"<x/>"),
    "a picture": lambda: added("xl/media/image1.png", b"\x89PNG"),
    "20,000 cell formats": lambda: with_part(
        GOOD,
        "xl/styles.xml",
        lambda xml: xml.replace(b"</cellXfs>", b"<xf />" * 20_000 + b"</cellXfs>"),
    ),
}


@pytest.mark.parametrize("make", ACCEPTED.values(), ids=ACCEPTED)
def test_odd_but_legal_files_are_read_whole(make: Callable[[], bytes]) -> None:
    assert read_workbook(make()).sheets == read_workbook(GOOD).sheets


def test_the_guard_alone_passes_a_good_file() -> None:
    check_container(GOOD)


def test_pictures_are_noticed() -> None:
    assert read_workbook(added("xl/media/image1.png", b"\x89PNG")).has_pictures
    assert not read_workbook(GOOD).has_pictures


def test_what_is_read_is_an_honest_zip_of_the_very_bytes_that_passed() -> None:
    package = open_package(GOOD)
    with zipfile.ZipFile(io.BytesIO(package.only({"工作进展"}))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()}.items() <= (
            package.parts.items()
        )
        assert sum(name.startswith("xl/worksheets/") for name in archive.namelist()) == 1
