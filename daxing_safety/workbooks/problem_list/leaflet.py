"""填报说明 of a 问题整改清单: how it is filled, and what is looked at when it is back."""

from xlsxwriter import Workbook

from daxing_safety.workbooks.columns import INSTRUCTIONS
from daxing_safety.workbooks.leaflet import set_up_leaf, write_chapter, write_facts
from daxing_safety.workbooks.problem_list.columns import Audience
from daxing_safety.workbooks.problem_list.content import ListContent
from daxing_safety.workbooks.styles import Styles

STEPS = {
    Audience.OFFICE: (
        "1. 更正：直接改属地、条款编号、点位、问题描述、处数、严重程度、整改目标、整改措施、"
        "责任人。改了什么会记入办理记录，责任单位看得到。",
        "2. 交办：“待交办”的问题填上整改时限，上传后即交办给责任单位。",
        "3. 延期：把整改时限改成更晚的日期，并在“延期原因”写明为什么。首次时限保留不变。",
        "4. 登记：新发现的问题填在后面的空行，责任单位、点位、问题描述、处数、发现方式、发现日期"
        "必填；填了整改时限的登记后随即交办，不填的列为“待交办”。",
        "5. 改派、复查、销号、退回、误报、合并不在表里办，请在系统的“问题整改”页办理。",
    ),
    Audience.UNIT: (
        "1. 整改目标、整改措施、责任人、整改时限四项都要填。整改时限可以提前；要推迟的改成新的"
        "日期并填“延期原因”，上传后成为延期申请，创安办同意以前原时限不变。",
        "2. 整改状态：动手改了选“整改中”；改完了选“申请销号”，填完成日期和整改说明。申请销号以前，"
        "请先在系统里给这个问题上传整改后的照片或其他材料。",
        "3. 申请销号后发现没有改好的，改回“整改中”，清空完成日期，并在整改说明里写明原因。",
        "4. 问题登记有误的，请联系创安办更正；新发现的问题请在填报表的《问题整改》里登记。",
    ),
}
CHECKED = (
    "上传后逐格核对，有一处错就整份不入库，并一次列出全部错处：哪一格、哪里不对、怎样改。"
    "可以下载标好错的表，在原表上改。",
    "导出以后别人办理过的问题，表里又改了的，不会覆盖别人的办理，请重新导出再改。",
    "同一份文件上传两次，第二次不会有变化。从表里删掉一行，不会删掉或销掉那个问题。",
    "请保存为 .xlsx 格式，不要设打开密码，不要改表头和工作表的名字。用 Excel 或 WPS 都可以。",
)
POINTS = (
    "“现失分”是这个问题现在让核定分少了多少，“可挽回”是销号后能回来多少（扣完为止的，"
    "可能为0）。是非类、比率类条款的失分随核定结论变化，“可挽回”留空。",
)


def as_of(content: ListContent) -> str:
    return f"{content.cover.exported_at:%Y-%m-%d %H:%M} 导出"


def write_instructions(book: Workbook, styles: Styles, content: ListContent) -> None:
    cover, page = content.cover, book.add_worksheet(INSTRUCTIONS)
    set_up_leaf(page, cover.unit_name, as_of(content), widths=(15, 30, 15, 30))
    page.merge_range(0, 0, 0, 3, "问题整改清单", styles("title"))
    page.set_row(0, 34)
    facts = (
        ("范围", cover.unit_name),
        ("问题", f"{len(content.rows)} 个"),
        ("导出时间", f"{cover.exported_at:%Y-%m-%d %H:%M}"),
        ("导出人", cover.exported_by),
    )
    at = write_facts(page, styles, 2, facts)
    at = write_chapter(page, styles, at + 1, "一、怎样填", STEPS[cover.audience])
    at = write_chapter(page, styles, at + 1, "二、上传后查什么", CHECKED)
    write_chapter(page, styles, at + 1, "三、关于分数", POINTS)
