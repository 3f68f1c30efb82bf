"""The first and the last sheet: 填报说明 explains the workbook, 签字页 is printed and signed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from daxing_safety.vocabulary import (
    Finding,
    ProgressStatus,
    RectificationStatus,
    Sheet,
)
from daxing_safety.workbooks.columns import INSTRUCTIONS, PROBLEM_COLUMNS, SIGN_OFF
from daxing_safety.workbooks.content import Cover, WorkbookContent
from daxing_safety.workbooks.figures import open_counts, total_deduction
from daxing_safety.workbooks.filled_sheet import rows_of, total_cell, whole_column
from daxing_safety.workbooks.styles import Styles, height_of, lay_out_for_print

STEPS = {
    Sheet.PROGRESS: (
        "《工作进展》：每行是一项由贵单位承担的工作要点。选“进展状态”，填“完成比例”和“进展说明”。"
        "已完成的填“完成日期”，并写出佐证材料名称。表中已带出上次报送的内容，没有变化的不用动。"
    ),
    Sheet.SELF_ASSESSMENT: (
        "《自评打分》：每行是一条扣分条款。对照“扣分条件”自查后选“自查结论”。分数不用填，"
        "“问题数”和“扣分”根据《问题整改》表自动算出。有“实测值”要求的条款，请填百分数。"
    ),
    Sheet.RECTIFICATION: (
        "《问题整改》：一个点位的一个问题填一行。前面是还没有销号的问题，只更新整改情况；新发现的"
        "问题填在后面的空行，“问题编号”由系统给出。整改目标、措施、责任人、时限四项都要填。"
    ),
}
SIGN_OFF_STEP = (
    "《签字页》：填完后打印，由填表人、审核人、单位主要负责人签字并加盖单位公章，按通知要求报送。"
)

MEANINGS = {
    Sheet.PROGRESS: (
        (ProgressStatus.NOT_STARTED.value, "还没有开始。"),
        (ProgressStatus.IN_PROGRESS.value, "已经开始，还没有全部完成。"),
        (ProgressStatus.DONE.value, "全部做完，完成比例为100%，有佐证材料。"),
        (
            ProgressStatus.NOT_OURS.value,
            "这项工作不该由贵单位承担。请在“进展说明”写明理由，由创安办改派或答复。",
        ),
    ),
    Sheet.SELF_ASSESSMENT: (
        (Finding.COMPLIANT.value, "已经自查，没有发现扣分的问题，或者问题都已改完并申请销号。"),
        (Finding.HAS_PROBLEM.value, "已经自查，有问题，并已在《问题整改》表登记。"),
        (Finding.NOT_CHECKED.value, "还没有自查。不算达标，也不算扣分，会计入“自评覆盖率”。"),
        (Finding.NOT_APPLICABLE.value, "贵单位没有这一条所说的对象。请在“自评说明”写明。"),
    ),
    Sheet.RECTIFICATION: (
        (RectificationStatus.NOT_STARTED.value, "还没有动手改。"),
        (RectificationStatus.IN_PROGRESS.value, "正在改。"),
        (
            RectificationStatus.CLAIMED_FIXED.value,
            "已经改完，请创安办核查。须填“完成日期”和“整改说明”；核查通过后销号，分数随之恢复。",
        ),
    ),
}

CHECKED = (
    "带*的是否都填了，日期、数字、下拉选项是否认得出来；",
    "各行是否齐全（请不要删行、改编号，也不要改列名）；",
    "几张表是否对得上：“存在问题”的条款要有问题，“达标”的条款不能有没改完的问题；",
    "“已完成”的要有完成日期，“申请销号”的要有完成日期和整改说明；日期要在创建工作期间之内。",
)
WHEN_WRONG = (
    "有填错的地方，会一次全部指出，并退回一份标好位置的表。在退回的表上改好，再交一次即可。"
)


DECLARATION = "以上内容由本单位填报并经审核，情况属实。"
SIGNATURES = (
    ("填表人", "联系电话"),
    ("审核人", "填报日期"),
    ("单位主要负责人\n（签字）", "单位（盖章）"),
)
UNIT_STATUSES = next(column.words for column in PROBLEM_COLUMNS if column.key == "status")

Line = str | tuple[str, str]  # a paragraph, or a word and what it means


def write_instructions(book: Workbook, styles: Styles, cover: Cover) -> None:
    page = book.add_worksheet(INSTRUCTIONS)
    set_up_leaf(page, cover.unit_full_name, cover.round_name, widths=(15, 30, 15, 30))
    page.merge_range(0, 0, 0, 3, cover.programme, styles("title"))
    page.merge_range(1, 0, 1, 3, f"填报表（{cover.round_name}）", styles("title"))
    page.set_row(0, 34)
    page.set_row(1, 30)
    at = write_facts(page, styles, 3, _facts(cover))
    for heading, lines in _chapters(cover):
        at = write_chapter(page, styles, at + 1, heading, lines)


def _facts(cover: Cover) -> tuple[tuple[str, str], ...]:
    return (
        ("填报单位", cover.unit_full_name),
        ("填报期", cover.round_name),
        (
            "截止时间",
            f"{cover.due_at:%Y}年{cover.due_at.month}月{cover.due_at.day}日{cover.due_at:%H:%M}",
        ),
        ("评价细则", f"{cover.criteria_version}版（修订{cover.criteria_revision}）"),
    )


def _to_the_clock(moment: datetime) -> str:
    return f"{moment.year}年{moment.month}月{moment.day}日{moment:%H:%M}"


def _chapters(cover: Cover) -> Iterator[tuple[str, Iterable[Line]]]:
    steps = [*(STEPS[sheet] for sheet in cover.sheets), SIGN_OFF_STEP]
    yield (
        "一、这是什么",
        (
            f"这是{cover.unit_name}在“{cover.round_name}”要报的全部内容，只含贵单位自己的事项。"
            "黄色表头的列由贵单位填写，其余内容已经填好并锁定。",
        ),
    )
    yield "二、怎样填", [f"{at}. {step}" for at, step in enumerate(steps, 1)]
    yield "三、各种状态的意思", [line for sheet in cover.sheets for line in MEANINGS[sheet]]
    yield (
        "四、交上来以后查什么",
        [f"{at}. {line}" for at, line in enumerate(CHECKED, 1)] + [WHEN_WRONG],
    )
    yield (
        "五、怎样交回",
        (
            "登录大兴创安工作台，在“填报”页上传这个文件；也可以按通知要求发给创安办，由创安办代为上传。"
            f"请在{_to_the_clock(cover.due_at)}前交回。可以多次交，以最后一次为准。",
            "请保存为 .xlsx 格式，不要设打开密码。用 Excel 或 WPS 填写都可以。",
        ),
    )
    if Sheet.SELF_ASSESSMENT in cover.sheets:
        yield (
            "六、关于“待核对”",
            ("标有“待核对”的分值和扣分标准还没有与正式文件逐字核对，以正式文件为准，可能会调整。",),
        )


def set_up_leaf(page: Worksheet, left: str, right: str, *, widths: tuple[float, ...]) -> None:
    """A sheet of text to read and print, not to fill."""
    for place, width in enumerate(widths):
        page.set_column(place, place, width)
    page.hide_gridlines(2)
    lay_out_for_print(page, left, right, is_landscape=False)
    page.protect("")


def write_facts(
    page: Worksheet, styles: Styles, at: int, facts: tuple[tuple[str, str], ...]
) -> int:
    for place, (label, value) in enumerate(facts):
        row, column = at + place // 2, place % 2 * 2
        page.write_string(row, column, label, styles("label"))
        page.write_string(row, column + 1, value, styles("text"))
        page.set_row(row, 34)
    return at + (len(facts) + 1) // 2


def write_chapter(
    page: Worksheet,
    styles: Styles,
    at: int,
    heading: str,
    lines: Iterable[Line],
) -> int:
    page.merge_range(at, 0, at, 3, heading, styles("heading"))
    page.set_row(at, 26)
    for at, line in enumerate(lines, at + 1):  # noqa: B020 - goes on where the heading stands
        if isinstance(line, tuple):
            word, meaning = line
            page.write_string(at, 0, word, styles("label"))
            page.merge_range(at, 1, at, 3, meaning, styles("text"))
            page.set_row(at, height_of(meaning, 77))
        else:
            page.merge_range(at, 0, at, 3, line, styles("plain"))
            page.set_row(at, height_of(line, 92))
    return at + 1


Figure = tuple[str, str, float]  # label, formula, what it gives now


def write_sign_off(book: Workbook, styles: Styles, content: WorkbookContent) -> None:
    cover = content.cover
    figures = {sheet: list(_figures(content, sheet)) for sheet in cover.sheets}
    write_page_to_sign(book, styles, cover, _facts(cover), figures)


def write_page_to_sign(
    book: Workbook,
    styles: Styles,
    cover: Cover,
    facts: tuple[tuple[str, str], ...],
    figures: Mapping[Sheet, list[Figure]],
    note: str = "",
) -> None:
    page = book.add_worksheet(SIGN_OFF)
    set_up_leaf(page, cover.unit_full_name, cover.round_name, widths=(20, 25, 20, 25))
    page.merge_range(0, 0, 0, 3, cover.programme, styles("title"))
    page.merge_range(1, 0, 1, 3, "填报表签字页", styles("title"))
    page.set_row(0, 34)
    page.set_row(1, 30)
    at = write_facts(page, styles, 3, facts)
    for sheet, of_sheet in figures.items():
        page.merge_range(at + 1, 0, at + 1, 3, f"《{sheet.value}》情况", styles("heading"))
        page.set_row(at + 1, 26)
        at = _write_figures(page, styles, at + 2, of_sheet)
    at = _write_signatures(page, styles, at + 1)
    if note:
        page.merge_range(at, 0, at, 3, note, styles("how_to"))
        page.set_row(at, height_of(note, 90) + 8)


def _figures(content: WorkbookContent, sheet: Sheet) -> list[Figure]:
    if sheet is Sheet.PROGRESS:
        return [
            ("工作要点", f"={len(content.progress)}", len(content.progress)),
            *_words(content, sheet, "status", tuple(ProgressStatus)),
        ]
    if sheet is Sheet.SELF_ASSESSMENT:
        total = float(total_deduction(content.findings, open_counts(content.problems)))
        return [
            ("扣分条款", f"={len(content.findings)}", len(content.findings)),
            *_words(content, sheet, "finding", tuple(Finding)),
            ("自评扣分", f"={total_cell(content)}", total),
        ]
    codes = whole_column(content, sheet, "rule_code")
    counts = whole_column(content, sheet, "count")
    return [
        ("问题（项）", f"=COUNTA({codes})", len(content.problems)),
        ("问题（处）", f"=SUM({counts})", sum(row.count for row in content.problems)),
        *_words(content, sheet, "status", UNIT_STATUSES),
    ]


def _words(
    content: WorkbookContent, sheet: Sheet, key: str, words: tuple[Enum, ...]
) -> Iterator[Figure]:
    cells = whole_column(content, sheet, key)
    found = Counter(getattr(row, key) for row in rows_of(content, sheet))
    for word in words:
        yield word.value, f'=COUNTIF({cells},"{word.value}")', found[word]


def _write_figures(page: Worksheet, styles: Styles, at: int, figures: list[Figure]) -> int:
    for place, (label, formula, value) in enumerate(figures):
        row, column = at + place // 2, place % 2 * 2
        page.write_string(row, column, label, styles("label"))
        page.write_formula(row, column + 1, formula, styles("centred"), value)
        page.set_row(row, 24)
    return at + (len(figures) + 1) // 2


def _write_signatures(page: Worksheet, styles: Styles, at: int) -> int:
    page.merge_range(at, 0, at, 3, DECLARATION, styles("plain"))
    page.set_row(at, 40)
    for row, pair in enumerate(SIGNATURES, at + 1):
        for place, label in enumerate(pair):
            page.write_string(row, place * 2, label, styles("label"))
            page.write_blank(row, place * 2 + 1, None, styles("centred", locked=False))
        page.set_row(row, 44)
    return at + 1 + len(SIGNATURES)
