"""Horizontal bars: the sections, what is lost to which rule and by whom, the lights."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from daxing_safety import wording
from daxing_safety.charts import Chart, palette
from daxing_safety.charts.canvas import above, label, rows, share_axis
from daxing_safety.reports.losses import RuleLoss
from daxing_safety.reports.scores import UnitScore
from daxing_safety.reports.sections import Section
from daxing_safety.vocabulary import GROUP_OF, Group
from daxing_safety.wording import gist, percent, points

TOP_RULES = 7
TOP_IN_GROUP = 2


class Bar(NamedTuple):
    """A label above, a length between 0 and 1, words on the bar and at its right."""

    label: str
    length: Decimal
    on_bar: str
    at_right: str
    hover: str


# ---- the six sections ------------------------------------------------------------------------


def sections(parts: Sequence[Section], *, as_of: date) -> Chart:
    """Each section's claimed and confirmed points as parts of what it is worth."""
    worst = max(parts, key=lambda part: part.lost)
    finding = f"失分最多的一级项是“{worst.name}”，失 {points(worst.lost)} 分"
    return Chart(
        title=finding if worst.lost else "各一级项都没有失分",
        note=f"条长为得分占分值的比例，条上为分数（分）· 截至{wording.day(as_of)}",
        figure=_sections_figure(parts),
        alt="；".join(f"{part.name}{_section_facts(part)}" for part in parts),
    )


def _sections_figure(parts: Sequence[Section]) -> dict[str, Any]:
    whole = [Decimal(1)] * len(parts)
    claimed = [part.claimed / part.points for part in parts]
    confirmed = [part.confirmed / part.points for part in parts]
    labels = []
    for row, part in enumerate(parts):
        labels.append(above(row, f"<b>{label(part.name)}</b> {points(part.points)} 分"))
        labels.append(above(row, _section_facts(part), right=True))
    return {
        "data": [
            _trace(whole, palette.TRACK, offset=-0.14, width=0.56),
            _trace(
                claimed,
                palette.CLAIMED,
                offset=-0.14,
                width=0.27,
                text=[f"自评 {points(part.claimed)}" for part in parts],
            ),
            _trace(
                confirmed,
                palette.CONFIRMED,
                offset=0.15,
                width=0.27,
                text=[f"核定 {points(part.confirmed)}" for part in parts],
                ink=palette.INK_LIGHT,
            ),
        ],
        "layout": rows(len(parts), 62, xaxis=share_axis(), annotations=labels),
    }


def _section_facts(part: Section) -> str:
    seen = "无须自查" if part.coverage is None else f"覆盖 {percent(part.coverage)}"
    return f"失 {points(part.lost)} 分 · {seen}"


# ---- lost points -----------------------------------------------------------------------------


def losses_by_rule(lost: Sequence[RuleLoss], *, as_of: date) -> Chart:
    note = f"核定失分（分）· 截至{wording.day(as_of)}"
    if not lost:
        return Chart("目前没有失分", note + "。登记或自查出问题后，这里列出失分最多的条款。", None)
    first = lost[0]
    title = f"失分最多的条款是 {first.rule.code}“{gist(first.rule.condition, 24)}”"
    note = f"失分最多的 {min(len(lost), TOP_RULES)} 条，共 {len(lost)} 条有失分 · {note}"
    return _ranked(title, note, [_rule_bar(loss, first.confirmed) for loss in lost[:TOP_RULES]])


def _rule_bar(loss: RuleLoss, most: Decimal) -> Bar:
    found = f"{loss.found} 处" if loss.found else "一次性扣分"
    who = f"牵头{loss.indicator.lead_unit}" + (f"，{loss.units} 家" if loss.units > 1 else "")
    return Bar(
        label=f"{loss.rule.code} {gist(loss.rule.condition, 40)}",
        length=loss.confirmed / most,
        on_bar=who,
        at_right=f"{points(loss.confirmed)} 分",
        hover=f"{loss.rule.code}（{loss.indicator.name}）失 {points(loss.confirmed)} 分，{found}，{who}",
    )


def losses_by_unit(units: Sequence[UnitScore], *, as_of: date) -> Chart:
    """The dearest few of each group; those that are not ranked are left out."""
    note = f"核定失分（分），各组分别列出，不跨组比较 · 截至{wording.day(as_of)}"
    dearest = [row for group in Group for row in _dearest(units, group)]
    if not dearest:
        return Chart("参加排名的单位目前没有失分", note, None)
    most = max(row.confirmed_lost for row in dearest)
    heads = {GROUP_OF[row.unit.kind]: row for row in reversed(dearest)}
    named = "、".join(
        f"{group.value}中{heads[group].unit.name}" for group in Group if group in heads
    )
    return _ranked(f"失分最多的单位：{named}", note, [_unit_bar(row, most) for row in dearest])


def _dearest(units: Sequence[UnitScore], group: Group) -> list[UnitScore]:
    members = [
        row
        for row in units
        if row.unit.is_ranked and GROUP_OF[row.unit.kind] is group and row.confirmed_lost
    ]
    return sorted(members, key=lambda row: -row.confirmed_lost)[:TOP_IN_GROUP]


def _unit_bar(row: UnitScore, most: Decimal) -> Bar:
    rate = f"得分率 {row.confirmed_rate}%"
    return Bar(
        label=f"{GROUP_OF[row.unit.kind].value}｜{row.unit.name}",
        length=row.confirmed_lost / most,
        on_bar=rate,
        at_right=f"{points(row.confirmed_lost)} 分",
        hover=f"{row.unit.name}失 {points(row.confirmed_lost)} 分，{rate}，自评失 {points(row.claimed_lost)} 分",
    )


def _ranked(title: str, note: str, bars: Sequence[Bar]) -> Chart:
    labels = []
    for row, bar in enumerate(bars):
        labels += [above(row, label(bar.label)), above(row, f"<b>{bar.at_right}</b>", right=True)]
    trace = _trace(
        [bar.length for bar in bars],
        palette.LOST,
        offset=-0.1,
        width=0.42,
        text=[label(bar.on_bar) for bar in bars],
        ink=palette.INK_LIGHT,
        hover=[label(bar.hover, 80) for bar in bars],
    )
    figure = {
        "data": [trace],
        "layout": rows(len(bars), 50, xaxis=share_axis(), annotations=labels),
    }
    return Chart(title, note, figure, alt="；".join(bar.hover for bar in bars))


# ---- what all bars are drawn by --------------------------------------------------------------


def _trace(
    lengths: Sequence[Decimal],
    colour: str,
    *,
    offset: float,
    width: float,
    text: Sequence[str] = (),
    ink: str | None = None,
    hover: Sequence[str] = (),
) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "x": [float(length) for length in lengths],
        "y": list(range(len(lengths))),
        "offset": offset,
        "width": width,
        "marker": {"color": colour, "line": {"width": 0}},
        "text": list(text),
        "textposition": "auto",
        "textangle": 0,
        "insidetextanchor": "start",
        "insidetextfont": {"color": ink, "size": 12} if ink else {"size": 12},
        "outsidetextfont": {"size": 12},
        "constraintext": "none",
        "cliponaxis": False,
        "hovertext": list(hover),
        "hoverinfo": "text" if hover else "skip",
    }
