"""单位画像 on paper: the same figures as on the screen, as sentences and tables."""

from datetime import datetime

from daxing_safety import wording
from daxing_safety.documents.paper import Block, Column, Heading, Note, Paper, Paragraph, Table
from daxing_safety.reports import portrait_words as words
from daxing_safety.reports.portrait import Portrait
from daxing_safety.reports.public_report_rates import Rates
from daxing_safety.vocabulary import Light
from daxing_safety.wording import plain, points

NUMERALS = "一二三四五六七"
BASIS = (
    "说明：到期完成率、整改率、得分率和哪些单位参加比较，按红黑榜公布的规则；自查覆盖率为应自查"
    "条款中已查的比例；只在组内比较。得分率为承担的指标中没有失去的分值（核定）所占的比例，与其他"
    "单位共担的失分按各自扣分分摊。"
)


def paper(found: Portrait, rates: Rates | None, *, is_demo: bool, now: datetime) -> Paper:
    """`rates` are those of 接诉即办, where the unit has any."""
    sections = [
        ("总体情况", _overall(found)),
        ("任务进展", _tasks(found)),
        ("失分与追回", _points(found)),
        ("问题整改", _problems(found)),
        ("报送情况", _reported(found)),
        ("佐证材料", _proofs(found)),
    ]
    if rates:
        sections.append(("接诉即办", [_facts(words.report_facts(rates))]))
    blocks: list[Block] = []
    for numeral, (name, parts) in zip(NUMERALS, sections, strict=False):
        blocks += [Heading(f"{numeral}、{name}"), *parts]
    invented = "演示数据，数字均为虚构，" if is_demo else ""
    return Paper(
        title=f"{found.unit.name}创安工作画像",
        note=f"{invented}截至{wording.day(found.today)}",
        blocks=(*blocks, Note(BASIS)),
        made_at=now,
    )


def _overall(found: Portrait) -> list[Block]:
    score = found.score
    sentence = (
        f"{found.unit.full_name}属{found.group.value}组，承担评价指标共 "
        f"{plain(score.points_in_duty)} 分、扣分条款 {score.pairs} 条，"
        f"核定失 {points(score.confirmed_lost)} 分，自评失 {points(score.claimed_lost)} 分。"
    )
    columns = (
        Column("指标", 20),
        Column("本单位", 14, "center"),
        Column("数量", 18, "center"),
        Column("组内中位数", 20, "center"),
        Column("组内位次", 25, "center"),
        Column("备注", 24),
    )
    rows = tuple(
        (
            each.name,
            words.rate(each.rate.value),
            words.sample(each) or words.NONE,
            words.rate(each.median),
            words.place(each),
            each.remark,
        )
        for each in found.compared
    )
    return [Paragraph(sentence), Table(columns, rows)]


def _tasks(found: Portrait) -> list[Block]:
    said = Paragraph(f"{words.work_in_words(found)}。")
    if not found.tasks:
        return [said]
    columns = (
        Column("任务", 44),
        Column("职责", 10, "center"),
        Column("要点", 9, "center"),
        Column("到期", 9, "center"),
        Column("完成", 9, "center"),
        *(Column(light.value, 9, "center") for light in (Light.OVERDUE, Light.BEHIND)),
    )
    rows = tuple(
        (
            f"{each.no}. {each.title}",
            each.duty.value if each.duty else "",
            str(each.work.points),
            str(each.work.due),
            str(each.work.done),
            str(each.work.late),
            str(each.work.lights[Light.BEHIND]),
        )
        for each in found.tasks
    )
    return [said, Table(columns, rows)]


def _points(found: Portrait) -> list[Block]:
    blocks: list[Block] = [Paragraph(f"{words.loss_in_words(found)}。")]
    lines = sorted(found.bill.lines, key=lambda each: -each.lost)
    if lines:
        columns = (
            Column("扣分条款", 52),
            Column("失分", 10, "right"),
            Column("全部销号加分", 17, "right"),
            Column("问题编号", 21),
        )
        rows = tuple(
            (
                f"{line.rule.code} {line.rule.condition}",
                points(line.lost),
                words.regained(line),
                "、".join(each.number for each in line.problems if each.number),
            )
            for line in lines
        )
        blocks.append(Table(columns, rows))
    return [*blocks, *(Paragraph(f"{words.turn_in_words(each)}。") for each in found.turns)]


def _problems(found: Portrait) -> list[Block]:
    counted = [*found.stages, *found.pressing]
    columns = tuple(Column(each.name, 1, "center") for each in counted)
    numbers = tuple(str(each.number) for each in counted)
    kept = words.promise_facts(found.promises)
    return [
        Paragraph(f"{words.problems_in_words(found)}。"),
        Table(columns, (numbers,)),
        _facts(kept) if kept else Paragraph("守诺还没有可以统计的。"),
    ]


def _facts(facts: dict[str, str]) -> Paragraph:
    return Paragraph("；".join(f"{name}：{text}" for name, text in facts.items()) + "。")


def _reported(found: Portrait) -> list[Block]:
    if not found.reported:
        return [Paragraph("本单位没有要填报的内容。")]
    columns = (
        Column("填报期", 30),
        Column("报送时间", 28, "center"),
        Column("时效", 12, "center"),
        Column("版本", 12, "center"),
        Column("状态", 18, "center"),
    )
    rows = tuple(
        (
            each.round.name,
            words.sent_at(each),
            words.punctuality(each),
            f"第{each.version.number}版" if each.version else words.NONE,
            words.state_of(each),
        )
        for each in found.reported
    )
    return [Paragraph(f"{words.reported_in_words(found.reported)}。"), Table(columns, rows)]


def _proofs(found: Portrait) -> list[Block]:
    said = Paragraph(f"{words.proof_in_words(found)}。")
    if not found.lacking:
        return [said]
    columns = (Column("事项", 16, "center"), Column("编号", 14, "center"), Column("内容", 70))
    rows = tuple((each.of.value, each.code, each.about) for each in found.lacking)
    return [said, Table(columns, rows)]
