"""Makes the sample workbooks beside this file: `python -m tests.workbooks.make`.

Each file is named after what is odd or wrong in it, and made here by what a clerk, another program
or an attacker does to the unit's workbook. What is to become of it stands in expected.csv. Run
again when the template changes; the same run gives the same bytes, except for what LibreOffice
varies. A zip bomb is too big to keep and is made by the test itself.
"""

import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.drawing.image import Image
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image as Picture

from daxing_safety.vocabulary import Sheet
from daxing_safety.workbooks.annotate import annotate
from daxing_safety.workbooks.checks import check
from daxing_safety.workbooks.reading import read_workbook
from tests.libreoffice import converted
from tests.workbook_files import (
    FIRST_ROW,
    HEADER_ROW,
    TODAY,
    Edit,
    Formula,
    add_problem,
    content_of,
    fill,
    on_sheet,
    parts_of,
    place_of,
    with_part,
    with_problem_sheet,
    workbook,
    zipped,
)
from tests.workbooks.sample import (
    DONE_WORK_POINT,
    HANDED_OUT,
    NEW_ROW,
    RATE_RULE,
    RULE,
    STORED,
    WORK_POINT,
    filled,
    handed_out,
)

HERE = Path(__file__).parent
PROGRESS, FINDINGS, PROBLEMS = Sheet
Make = Callable[[], bytes]

# ---- by whom it was saved ---------------------------------------------------------------------


def by_a_clerk(*edits: Edit) -> Make:
    return lambda: workbook(HANDED_OUT, *edits)


def by_libreoffice(*edits: Edit, via: tuple[str, ...] = ("xlsx",)) -> Make:
    return partial(_saved_by_libreoffice, by_a_clerk(*edits), via)


def _saved_by_libreoffice(make: Make, kinds: tuple[str, ...]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return converted(make(), Path(folder), *kinds)


def by_a_program(change: Callable[[bytes], bytes], *edits: Edit) -> Make:
    """Something that is done to the package, not to the cells."""
    return lambda: change(workbook(HANDED_OUT, *edits))


def in_sheet(pattern: str, replacement: str) -> Callable[[bytes], bytes]:
    """The XML of 问题整改 with the first match replaced."""
    return lambda data: with_problem_sheet(data, pattern, replacement)


def in_part(name: str, change: Callable[[bytes], bytes | None]) -> Callable[[bytes], bytes]:
    return lambda data: with_part(data, name, change)


# ---- what clerks do ---------------------------------------------------------------------------


def cell(sheet: Sheet, address: str, value: Any) -> Edit:
    return on_sheet(sheet, lambda page: setattr(page[address], "value", value))


def shown_as(sheet: Sheet, address: str, number_format: str) -> Edit:
    return on_sheet(sheet, lambda page: setattr(page[address], "number_format", number_format))


def header(sheet: Sheet, key: str, text: str) -> Edit:
    return lambda book: setattr(
        book[sheet.value].cell(HEADER_ROW, place_of(sheet, key)), "value", text
    )


def hidden_column(sheet: Sheet, letter: str) -> Edit:
    return on_sheet(sheet, lambda page: setattr(page.column_dimensions[letter], "hidden", True))


def deleted_row(sheet: Sheet, row: int) -> Edit:
    return on_sheet(sheet, lambda page: page.delete_rows(row))


def swapped(sheet: Sheet, one: str, other: str) -> Edit:
    """Two columns that have changed places."""

    def swap(page: Worksheet) -> None:
        for row in range(HEADER_ROW, page.max_row + 1):
            first, second = page[f"{one}{row}"], page[f"{other}{row}"]
            first.value, second.value = second.value, first.value
            first.number_format, second.number_format = second.number_format, first.number_format

    return on_sheet(sheet, swap)


def own_column_in_front(book: Workbook) -> None:
    page = book[PROBLEMS.value]
    page.insert_cols(1)
    page.cell(HEADER_ROW, 1).value = "责任科室"
    page.cell(FIRST_ROW, 1).value = "市容科"


def own_column_behind(book: Workbook) -> None:
    page = book[PROGRESS.value]
    page.cell(HEADER_ROW, page.max_column + 1).value = "备忘"
    page.cell(FIRST_ROW, page.max_column).value = "记得问张工"


def own_chart(book: Workbook) -> None:
    chart = BarChart()
    chart.add_data(Reference(book[FINDINGS.value], min_col=12, min_row=4, max_row=8))
    book.create_chartsheet("图").add_chart(chart)


def picture(book: Workbook) -> None:
    file = io.BytesIO()
    Picture.new("RGB", (8, 8), "red").save(file, "png")
    book[PROBLEMS.value].add_image(Image(file), "P4")


def in_1904(book: Workbook) -> None:
    book.epoch = CALENDAR_MAC_1904


def meta(key: str, value: str) -> Edit:
    def edit(book: Workbook) -> None:
        for row in book["_meta"].iter_rows(max_col=2):
            if row[0].value == key:
                row[1].value = value

    return edit


def mended_return() -> bytes:
    """A workbook that came back marked, mended in the marked file and sent again."""
    wrong = workbook(HANDED_OUT, *filled(going_on={"status": "快好了"}))
    marked = annotate(wrong, check(read_workbook(wrong), HANDED_OUT, TODAY))
    return _edited(marked, fill(WORK_POINT, status="推进中"))


def _edited(data: bytes, edit: Edit) -> bytes:
    from openpyxl import load_workbook

    book, out = load_workbook(io.BytesIO(data)), io.BytesIO()
    edit(book)
    book.save(out)
    return out.getvalue()


def of_another_unit() -> bytes:
    return workbook(content_of("区教委"))


def of_the_last_round() -> bytes:
    cover = replace(HANDED_OUT.cover, round_id=1, round_name="2021年第一季度")
    return workbook(replace(HANDED_OUT, cover=cover))


def of_older_criteria() -> bytes:
    return workbook(replace(HANDED_OUT, cover=replace(HANDED_OUT.cover, criteria_revision=0)))


def any_table() -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.active.append(["姓名", "电话"])
    book.save(out)
    return out.getvalue()


def only_problems() -> bytes:
    return workbook(handed_out(PROBLEMS))


# ---- hostile ones, as small as they come ------------------------------------------------------

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OF_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def package(rows: str = "", before: str = "", after: str = "", **parts: str) -> bytes:
    """A workbook of one sheet called 问题整改, with nothing in it but these rows."""
    book = f'<sheets><sheet name="{PROBLEMS.value}" sheetId="1" r:id="rId1"/></sheets>'
    texts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'content-types"><Override PartName="/xl/workbook.xml" ContentType="{MAIN_TYPE}"/></Types>',
        "_rels/.rels": _link("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{NAMESPACE}" xmlns:r="{OF_OFFICE}">{book}</workbook>',
        "xl/_rels/workbook.xml.rels": _link("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'{before}<worksheet xmlns="{NAMESPACE}">'
        f"<sheetData>{rows}</sheetData>{after}</worksheet>",
        **parts,
    }
    return zipped({name: (DECLARATION + text).encode() for name, text in texts.items()})


def _link(kind: str, target: str) -> str:
    link = f'<Relationship Id="rId1" Type="{OF_OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{RELATIONS}">{link}</Relationships>'


def texts_that_are_not_there() -> bytes:
    lie = f'<sst xmlns="{NAMESPACE}" count="4294967295" uniqueCount="4294967295"><si/></sst>'
    return package(**{"xl/sharedStrings.xml": lie})


def entities() -> bytes:
    nested = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return package(before=f'<!DOCTYPE x [<!ENTITY a0 "哈哈">{nested}]>')


def doubled_entry() -> bytes:
    """One reader takes the first of the two for the sheet, the next the second."""
    name = "xl/worksheets/sheet1.xml"
    return with_part(package(), name.upper(), lambda _: b"<worksheet/>")


def with_macros(data: bytes) -> bytes:
    macros = with_part(data, "xl/vbaProject.bin", lambda _: OLE2 + bytes(504))
    return with_part(
        macros,
        "[Content_Types].xml",
        lambda xml: xml.replace(b".sheet.main+xml", b".sheet.macroEnabled.main+xml"),
    )


def linked_to_another_workbook(data: bytes) -> bytes:
    link = f'<externalLink xmlns="{NAMESPACE}"/>'.encode()
    return with_part(data, "xl/externalLinks/externalLink1.xml", lambda _: link)


def with_a_password() -> bytes:
    """The shell that Excel puts around an encrypted workbook."""
    return OLE2 + bytes(1016) + "EncryptedPackage".encode("utf-16-le") + bytes(2016)


def word_document() -> bytes:
    return zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})


def png() -> bytes:
    file = io.BytesIO()
    Picture.new("RGB", (8, 8), "red").save(file, "png")
    return file.getvalue()


def comma_separated() -> bytes:
    return "条款编号,点位,处数\n6-1,第二小学,2\n".encode("gbk")


STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
DEADLY_ROW = '<row r="44"><c r="GZ99999999"><v>1</v></c><c r="A44"/></row></sheetData>'
LAST_ROW = '<row r="1048576"/></sheetData>'
COMPUTED = {"site": Formula('=CONCATENATE("第二","小学")'), "count": Formula("=1+1")}
DISPIMG = r'<c r="N5" t="str"><f>_xlfn.DISPIMG("ID_1",1)</f><v>=DISPIMG("ID_1",1)</v></c>'

# ---- the files --------------------------------------------------------------------------------

SHOULD_PASS: dict[str, Make] = {
    # nothing was said: as handed out
    "原样交回": by_a_clerk(),
    "LibreOffice另存": by_libreoffice(),
    "LibreOffice存成xls再存回": by_libreoffice(via=("xls", "xlsx")),
    "LibreOffice存成ods再存回": by_libreoffice(via=("ods", "xlsx")),
    "1904日期系统": by_a_clerk(in_1904),
    "删了标题行": by_a_clerk(on_sheet(PROGRESS, lambda page: page.delete_rows(1))),
    "表头上面加了一行": by_a_clerk(on_sheet(PROBLEMS, lambda page: page.insert_rows(2))),
    "取消了标题的合并": by_a_clerk(on_sheet(PROBLEMS, lambda page: page.unmerge_cells("A1:N1"))),
    "加了自己的图表": by_a_clerk(own_chart),
    "加了自己的工作表": by_a_clerk(lambda book: book.create_sheet("草稿").append(["随手记"])),
    "插了图片": by_a_clerk(picture),
    "隐藏了工作表和行": by_a_clerk(
        on_sheet(PROGRESS, lambda page: setattr(page, "sheet_state", "hidden")),
        on_sheet(PROBLEMS, lambda page: setattr(page.row_dimensions[4], "hidden", True)),
    ),
    "严格OpenXML格式": by_a_program(
        lambda data: zipped(
            {
                name: content.replace(NAMESPACE.encode(), STRICT)
                for name, content in parts_of(data).items()
            }
        )
    ),
    "空行到最后一行": by_a_program(in_sheet("</sheetData>", LAST_ROW)),
    # all was said, each time in another way
    "照样填写": by_a_clerk(*filled()),
    "LibreOffice填写": by_libreoffice(*filled()),
    "LibreOffice挪列加列隐藏列": by_libreoffice(
        *filled(),
        swapped(PROBLEMS, "C", "D"),
        own_column_behind,
        own_column_in_front,
        hidden_column(PROBLEMS, "G"),
    ),
    "LibreOffice全角数字": by_libreoffice(
        *filled(going_on={"percent": "８０％"}, rate={"measured": "８５．５"}, new={"count": "２"})
    ),
    "LibreOffice各种日期": by_libreoffice(
        *filled(
            done={"done_on": "4月30日"},
            claimed={"done_on": "2021.5.10"},
            new={"found_on": "2021年4月12日", "due_on": "20210630"},
        )
    ),
    "LibreOffice公式算出": by_libreoffice(*filled(new=COMPUTED)),
    "LibreOffice标错后改好": partial(_saved_by_libreoffice, mended_return, ("xlsx",)),
    "挪动了列": by_a_clerk(*filled(), swapped(PROBLEMS, "C", "D"), swapped(PROGRESS, "G", "K")),
    "前面加了列": by_a_clerk(*filled(), own_column_in_front),
    "后面加了列": by_a_clerk(*filled(), own_column_behind),
    "隐藏了列": by_a_clerk(*filled(), hidden_column(PROBLEMS, "E")),
    "表头写成全角": by_a_clerk(*filled(), header(PROGRESS, "percent", "完成比例（％）＊")),
    "新问题填在下面": by_a_clerk(
        *filled(), on_sheet(PROBLEMS, lambda page: page.insert_rows(NEW_ROW, 30))
    ),
    "日期写成文字": by_a_clerk(
        *filled(done={"done_on": "2021-04-30"}, claimed={"done_on": "2021-05-10"})
    ),
    "日期带钟点": by_a_clerk(*filled(done={"done_on": datetime(2021, 4, 30, 14, 5)})),
    "日期丢了格式": by_a_clerk(
        *filled(new={"found_on": 44298}), shown_as(PROBLEMS, "G5", "General")
    ),
    "比例写成小数": by_a_clerk(*filled(going_on={"percent": 0.8})),
    "比例用百分比格式": by_a_clerk(
        *filled(going_on={"percent": 0.8}, rate={"measured": 0.855}),
        shown_as(PROGRESS, "H4", "0%"),
        shown_as(FINDINGS, "H6", "0.0%"),
    ),
    "处数带单位": by_a_clerk(*filled(new={"count": "2处"})),
    "空格和换行": by_a_clerk(
        *filled(
            going_on={"status": "推 进 中\n"},
            seen={"finding": " 达标"},
            new={"site": "　第二小学 "},
        )
    ),
    "换了说法": by_a_clerk(
        *filled(done={"status": "已办结"}, seen={"finding": "无问题"}, new={"status": "正在整改"})
    ),
    "编号用了全角和长横线": by_a_clerk(*filled(new={"rule_code": "６—１"})),
    "看不见的字符": by_a_clerk(*filled(new={"site": "第二\u200b小学"})),
    "WPS单元格里的图片": by_a_program(in_sheet('<c r="N5"[^>]*/>', DISPIMG), *filled()),
    "标错后改好": mended_return,
}

SHOULD_FAIL: dict[str, Make] = {
    # sheets and headers
    "工作表改了名": by_a_clerk(on_sheet(FINDINGS, lambda page: setattr(page, "title", "自评"))),
    "工作表删了": by_a_clerk(lambda book: book.remove(book[PROBLEMS.value])),
    "表头改了名": by_a_clerk(header(PROBLEMS, "due_on", "期限")),
    "删了一列": by_a_clerk(on_sheet(PROGRESS, lambda page: page.delete_cols(8))),
    "两列同一个表头": by_a_clerk(cell(PROBLEMS, "O3", "点位")),
    "合并了几行": by_a_clerk(on_sheet(PROBLEMS, lambda page: page.merge_cells("H4:H5"))),
    # keys
    "删了一条工作要点": by_a_clerk(deleted_row(PROGRESS, FIRST_ROW)),
    "删了已登记的问题": by_a_clerk(deleted_row(PROBLEMS, FIRST_ROW)),
    "填了外单位的问题编号": by_a_clerk(add_problem(rule_code="6-1", number="DX-2021-0999")),
    "填了外单位的条款": by_a_clerk(add_problem(rule_code="9-1")),
    "条款编号变成日期": by_a_clerk(add_problem(rule_code=date(2021, 6, 1))),
    "同一问题填了两行": by_a_clerk(add_problem(rule_code="6-1"), add_problem(rule_code="6-1")),
    "改了已登记的点位": by_a_clerk(fill(STORED.number, site="第三小学")),
    # cells
    "状态没有这个词": by_a_clerk(fill(WORK_POINT, status="推迟中")),
    "状态填了已销号": by_a_clerk(fill(STORED.number, status="已销号")),
    "必填的没填": by_a_clerk(*filled(seen={"finding": None}, new={"measure": None})),
    "处数写成汉字": by_a_clerk(*filled(new={"count": "两处"})),
    "处数是零": by_a_clerk(*filled(new={"count": 0})),
    "处数是范围": by_a_clerk(*filled(new={"count": "9-10"})),
    "时限写月底前": by_a_clerk(*filled(new={"due_on": "月底前"})),
    "没有这一天": by_a_clerk(*filled(new={"found_on": "2021-02-30"})),
    "年份只有两位": by_a_clerk(*filled(new={"due_on": "05/06/21"})),
    "比例超过一百": by_a_clerk(*filled(going_on={"percent": 120})),
    "看不出是百分之几": by_a_clerk(*filled(rate={"measured": 0.8})),
    "点位太长": by_a_clerk(*filled(new={"site": "长" * 101})),
    "公式没有结果": by_a_clerk(*filled(new={"responsible": Formula("=A1&B1")})),
    "LibreOffice公式出错": by_libreoffice(*filled(new={"count": Formula("=1/0")})),
    "隐藏的列里有错": by_a_clerk(*filled(new={"count": "若干"}), hidden_column(PROBLEMS, "E")),
    # agreement
    "已完成没填日期": by_a_clerk(*filled(done={"done_on": None})),
    "完成日期在今天之后": by_a_clerk(*filled(done={"done_on": date(2021, 5, 21)})),
    "时限早于发现日期": by_a_clerk(*filled(new={"due_on": date(2021, 4, 1)})),
    "存在问题没有登记": by_a_clerk(fill(RULE, finding="存在问题")),
    "达标却有问题": by_a_clerk(fill("6-1", finding="达标")),
    "申请销号没有说明": by_a_clerk(*filled(claimed={"remark": None})),
    "实测值与结论不符": by_a_clerk(*filled(rate={"measured": 60})),
    "不属本单位没写理由": by_a_clerk(fill(DONE_WORK_POINT, status="不属本单位职责")),
    "一次错了好几处": by_a_clerk(
        fill(WORK_POINT, status="完了"),
        fill(DONE_WORK_POINT, percent="很多"),
        add_problem(rule_code="6-1", count="若干", due_on="尽快", measure=None),
    ),
    "LibreOffice一次错了好几处": by_libreoffice(
        fill(WORK_POINT, status="完了"),
        fill(RATE_RULE, finding="达标", measured=60),
        add_problem(rule_code="6-1", found_on="四月", due_on="尽快"),
    ),
    "LibreOffice挪列后填错": by_libreoffice(
        *filled(new={"count": "两处"}), swapped(PROBLEMS, "C", "E"), own_column_in_front
    ),
    # whose it is
    "别的单位的填报表": of_another_unit,
    "上一期的填报表": of_the_last_round,
    "评价细则修订前的": of_older_criteria,
    "不是填报表": any_table,
    "识别信息被改动": by_a_clerk(meta("unit_code", "U01")),
    "版式太旧": by_a_clerk(meta("template", "0")),
    # not a workbook at all
    "空文件": lambda: b"",
    "csv改名": comma_separated,
    "图片改名": png,
    "Word文档改名": word_document,
    "LibreOffice存成xls改名": partial(_saved_by_libreoffice, only_problems, ("xls",)),
    "LibreOffice存成ods改名": partial(_saved_by_libreoffice, only_problems, ("ods",)),
    "压缩包改名": lambda: zipped({"填报表.xlsx": only_problems()}),
    "设了打开密码": with_a_password,
    "只下载了一半": by_a_program(lambda data: data[: len(data) // 2]),
    # hostile
    "带宏": by_a_program(with_macros),
    "链接了别的工作簿": by_a_program(linked_to_another_workbook),
    "嵌入了对象": by_a_program(in_part("xl/embeddings/oleObject1.bin", lambda _: OLE2)),
    "用到XFD1048576": lambda: package('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "行号4294967295": lambda: package('<row r="1"><c r="A4294967295"><v>1</v></c></row>'),
    "合并到XFD1048576": lambda: package(
        after='<mergeCells count="1"><mergeCell ref="A20:XFD1048576"/></mergeCells>'
    ),
    "行号倒着来": by_a_program(in_sheet("</sheetData>", DEADLY_ROW)),
    "文本个数谎报": texts_that_are_not_there,
    "实体炸弹": entities,
    "嵌套一千层": lambda: package(after="<a>" * 1000 + "</a>" * 1000),
    "同名的两个部件": doubled_entry,
}

# ---- onto the disk ----------------------------------------------------------------------------


def steady(data: bytes) -> bytes:
    """A package without the hour of its making; whatever is not a sound one stays as it is."""
    if not zipfile.is_zipfile(io.BytesIO(data)) or "docProps/core.xml" not in parts_of(data):
        return data
    moment = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
    return with_part(
        data, "docProps/core.xml", lambda xml: moment.sub(b"2021-05-20T10:00:00Z", xml)
    )


def main() -> None:
    for folder, files in (("should_pass", SHOULD_PASS), ("should_fail", SHOULD_FAIL)):
        shutil.rmtree(HERE / folder, ignore_errors=True)
        (HERE / folder).mkdir()
        for name, make in files.items():
            (HERE / folder / f"{name}.xlsx").write_bytes(steady(make()))


if __name__ == "__main__":
    main()
