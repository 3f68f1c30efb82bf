"""A 抽查 as Excel: results, 可信度, and the record of the draw with which it can be repeated."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from daxing_safety import wording
from daxing_safety.documents.sheet import Cell, Column, Sheet, workbook_of
from daxing_safety.models import User
from daxing_safety.reports.spot_checks import checks, items, trust
from daxing_safety.reports.spot_checks.checks import Head, Redrawn
from daxing_safety.reports.spot_checks.items import Row
from daxing_safety.reports.spot_checks.trust import Trust
from daxing_safety.vocabulary import SpotVerdict

RESULTS = (
    Column("序号", 6),
    Column("单位", 14),
    Column("来源", 10),
    Column("条款/问题", 11),
    Column("核查事项", 36),
    Column("单位说明", 26),
    Column("产生方式", 14),
    Column("专家", 10),
    Column("结论", 10),
    Column("核查情况", 36),
    Column("点位", 20),
    Column("处数", 6),
    Column("建议", 26),
    Column("处理", 8),
    Column("处理说明", 22),
)
TRUST = (
    Column("可信度（%）", 12),
    Column("核查项", 9),
    *(Column(verdict.value, 10) for verdict in SpotVerdict),
)
DRAW = (
    Column("次序", 7),
    Column("摇号值（SHA-256）", 68),
    Column("摇号的文字", 34),
    Column("单位", 14),
    Column("来源", 10),
    Column("条款/问题", 11),
    Column("抽给", 12),
)


def workbook(session: Session, *, viewer: User, check_id: int, today: date) -> tuple[str, bytes]:
    """The check's name, and its file."""
    head = checks.head(session, viewer=viewer, check_id=check_id, today=today)
    rows = items.rows(session, viewer=viewer, today=today, check_id=check_id)
    found = trust.of_rows(rows)
    draw = checks.redrawn(session, viewer=viewer, check_id=check_id, today=today)
    sheets = [
        _results(head, rows),
        _trust("各单位可信度", Column("单位", 16), found.units, head),
        _trust("各条款可信度", Column("条款", 60), found.rules, head),
        _draw(head, draw),
    ]
    return head.name, workbook_of(sheets)


def _results(head: Head, rows: Iterable[Row]) -> Sheet:
    note = (
        f"{head.state} · 交回期限 {head.until} · "
        f"随机抽取 {head.drawn} 项，指定 {head.designated} 项 · 没有交回的结论不列出"
    )
    return Sheet(
        "抽查结果",
        f"{head.name}结果",
        note,
        RESULTS,
        [(place, *_result(row)) for place, row in enumerate(rows, start=1)],
        is_filtered=True,
    )


def _result(row: Row) -> tuple[Cell, ...]:
    answer, handled = row.answer, row.handled
    said: tuple[Cell, ...] = (row.state, "", "", None, "")
    if answer:
        said = (
            *(answer.verdict.value, answer.found, answer.site, answer.count),
            answer.suggestion,
        )
    return (
        *(row.unit, row.source.value, row.code, row.gist, row.known.get("单位说明", "")),
        f"指定：{row.designated_because}" if row.designated_because else "随机抽取",
        row.expert,
        *said,
        handled.handling.value if handled else "",
        (handled.problem_number or handled.reason) if handled else "",
    )


def _trust(name: str, first: Column, found: Iterable[Trust], head: Head) -> Sheet:
    rows = [(each.name, *_numbers(each)) for each in found]
    note = "可信度 = 属实 ÷（属实 + 部分属实 + 不属实）；无法核实的不计。"
    return Sheet(name, f"{head.name}{name}", note, (first, *TRUST), rows)


def _numbers(each: Trust) -> tuple[Cell, ...]:
    share = each.share * Decimal(100) if each.share is not None else None
    return (share, each.checked, *(each.verdicts[verdict] for verdict in SpotVerdict))


def _draw(head: Head, draw: Redrawn) -> Sheet:
    result = "与名单一致" if draw.is_same else "与名单不一致，请查操作日志"
    note = (
        f"{wording.moment(head.drawn_at)}由{head.drawn_by}抽取。范围：{head.scope}，"
        f"共 {head.population} 项，抽 {head.drawn} 项。种子：{head.seed}。\n"
        "方法：每一项的摇号值是“种子/摇号的文字”（UTF-8）的 SHA-256，从小到大取前若干项；"
        "专家按“种子/用户名”的 SHA-256 从小到大排队，依次轮流分派。"
        f"任何人可以照此重算。导出时按种子重抽：{result}。"
    )
    rows = [
        (place, each.lot, each.candidate.key, each.unit, *_drawn(each))
        for place, each in enumerate(draw.lots, start=1)
    ]
    return Sheet("抽取记录", f"{head.name}抽取记录", note, DRAW, rows)


def _drawn(each: checks.Lot) -> tuple[Cell, ...]:
    return each.candidate.source.value, each.candidate.code, each.expert
