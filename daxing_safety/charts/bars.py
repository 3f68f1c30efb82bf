"""Horizontal bars: the sections of the standard, and the rules that cost most."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from daxing_safety import wording
from daxing_safety.charts import Chart, Data, palette, table
from daxing_safety.charts.canvas import BAR, LABEL, bar, hover, label, linked, rows, words
from daxing_safety.reports.losses.shares import RuleLoss
from daxing_safety.reports.sections import Section
from daxing_safety.wording import gist, percent, plain, points

TOP_RULES = 8
SECTION_ROW = LABEL + 2 * BAR + 10
RULE_ROW = LABEL + BAR + 10


def sections(parts: Sequence[Section], *, as_of: date, links: Sequence[str] = ()) -> Chart:
    """Each section's claimed and confirmed points, as parts of what it is worth."""
    note = f"条长为得分占分值的比例，条上为分数（分）· 截至{wording.day(as_of)}"
    if not parts:
        return Chart("没有承担评价指标", "评价细则没有要本单位负责的指标。", None)
    worst = max(parts, key=lambda part: part.lost)
    finding = f"失分最多的一级项是“{worst.name}”，失 {points(worst.lost)} 分"
    return Chart(
        title=finding if worst.lost else "各一级项还没有发现失分",
        note=note,
        figure=_sections_figure(parts, links or [""] * len(parts)),
        alt="；".join(f"{part.name}{_section_facts(part)}" for part in parts),
        data=_sections_data(parts),
    )


def _sections_data(parts: Sequence[Section]) -> Data:
    header = ("一级项", "分值", "自评得分", "核定得分", "核定失分", "自查覆盖率（%）")
    return table(
        header,
        [
            (
                *(part.name, part.points, part.claimed, part.confirmed, part.lost),
                None if part.coverage is None else part.coverage * 100,
            )
            for part in parts
        ],
    )


def _sections_figure(parts: Sequence[Section], links: Sequence[str]) -> dict[str, Any]:
    claimed = [part.claimed / part.points for part in parts]
    confirmed = [part.confirmed / part.points for part in parts]
    whole = [Decimal(1)] * len(parts)
    said = words([f"自评 {points(part.claimed)}" for part in parts], ink=palette.INK_DARK)
    held = words([f"核定 {points(part.confirmed)}" for part in parts], ink=palette.INK_LIGHT)
    labels = [
        (
            linked(f"<b>{label(part.name)}</b>", link) + f"　{plain(part.points)} 分",
            _section_facts(part),
        )
        for part, link in zip(parts, links, strict=True)
    ]
    return {
        "data": [
            bar(whole, palette.TRACK, row_height=SECTION_ROW, thickness=2 * BAR),
            bar(claimed, palette.CLAIMED, row_height=SECTION_ROW) | said,
            bar(confirmed, palette.CONFIRMED, row_height=SECTION_ROW, top=LABEL + BAR) | held,
        ],
        "layout": rows(len(parts), SECTION_ROW, labels),
    }


def _section_facts(part: Section) -> str:
    seen = "无须自查" if part.coverage is None else f"覆盖 {percent(part.coverage)}"
    return f"失 {points(part.lost)} 分 · {seen}"


def losses_by_rule(lost: Sequence[RuleLoss], *, as_of: date, links: Sequence[str] = ()) -> Chart:
    if not lost:
        return Chart("还没有发现失分", "自查或检查发现问题后，这里列出失分最多的条款。", None)
    first, top = lost[0], lost[:TOP_RULES]
    listed = (
        f"{len(lost)} 条中最多的 {len(top)} 条" if len(top) < len(lost) else f"共 {len(lost)} 条"
    )
    return Chart(
        title=f"失分最多的条款是 {first.rule.code}“{gist(first.rule.condition, 24)}”",
        note=f"核定失分（分），{listed} · 截至{wording.day(as_of)}",
        figure=_losses_figure(top, links[:TOP_RULES] or [""] * len(top)),
        alt="；".join(map(_loss_in_words, top)),
        data=_losses_data(lost),
    )


def _losses_data(lost: Sequence[RuleLoss]) -> Data:
    header = ("条款", "扣分条件", "核定失分", "处数", "失分单位（家）", "牵头单位")
    return table(
        header,
        [
            (
                *(loss.rule.code, loss.rule.condition, loss.confirmed),
                *(loss.found, loss.units, loss.indicator.lead_unit),
            )
            for loss in lost
        ],
    )


def _losses_figure(lost: Sequence[RuleLoss], links: Sequence[str]) -> dict[str, Any]:
    lengths = [loss.confirmed / lost[0].confirmed for loss in lost]
    bars = bar(lengths, palette.LOST, row_height=RULE_ROW)
    who = words([label(_who(loss)) for loss in lost], ink=palette.INK_LIGHT)
    labels = [
        (
            linked(label(f"{loss.rule.code} {gist(loss.rule.condition, 60)}"), link),
            f"<b>{points(loss.confirmed)}</b> 分",
        )
        for loss, link in zip(lost, links, strict=True)
    ]
    return {
        "data": [bars | who | hover(list(map(_loss_in_words, lost)))],
        "layout": rows(len(lost), RULE_ROW, labels),
    }


def _who(loss: RuleLoss) -> str:
    found = f"{loss.found} 处，" if loss.found else ""
    shared = f"，{loss.units} 家" if loss.units > 1 else ""
    return f"{found}牵头{loss.indicator.lead_unit}{shared}"


def _loss_in_words(loss: RuleLoss) -> str:
    return f"{loss.rule.code} {loss.rule.condition}失 {points(loss.confirmed)} 分，{_who(loss)}"
