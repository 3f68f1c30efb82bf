"""两日对比 as it is shown: the two days in the address, what changed, and where it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from daxing_safety import settings, wording
from daxing_safety.models import User
from daxing_safety.reports import compare, days
from daxing_safety.reports import compare_words as words
from daxing_safety.reports.compare import (
    Change,
    Comparison,
    Fate,
    RuleChange,
    Tally,
    TallyChange,
    WorkChange,
)
from daxing_safety.reports.days import Span
from daxing_safety.reports.portrait_words import rate
from daxing_safety.reports.scores import Totals
from daxing_safety.scoring import Range
from daxing_safety.ui import links, panels
from daxing_safety.ui.kept import kept
from daxing_safety.ui.panels import Cell, Column, Figure, Part
from daxing_safety.wording import gist, points

FROM, TO = "from", "to"  # in the address
KEYS = {FROM: "compared_from", TO: "compared_to"}
MOST = 60  # lines of a table on the screen; Excel has them all
MOST_TEXT = 48


@dataclass(frozen=True)
class View:
    """Boxes of HTML, one a tab."""

    overall: str
    units: str
    rules: str
    problems: str
    work: str


# ---- which days ---------------------------------------------------------------------------------


def ask_days(viewer: User) -> tuple[date, date]:
    """The earlier and the later one; from the last frozen round to today unless it is said."""
    today = settings.today()
    span = kept(days.span, viewer=viewer)
    before = _asked(FROM, span.frozen[0][1] if span.frozen else span.first)
    after = _asked(TO, today)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for key, label, on in ((FROM, "从这天结束时", before), (TO, "到这天结束时", after)):
            st.session_state[KEYS[key]] = max(on, span.first)
            st.date_input(
                label,
                min_value=span.first,
                max_value=today,
                format="YYYY-MM-DD",
                key=KEYS[key],
                on_change=_choose_typed,
                args=(key,),
                width=180,
            )
        _offer_rounds(span)
        st.link_button(
            "下载对比（Excel）",
            f"/download/compare/{min(before, after)}_{max(before, after)}",
            icon=":material/download:",
        )
    return min(before, after), max(before, after)


def _asked(key: str, usual: date) -> date:
    """What cannot be read is as usual; no day that has not come."""
    try:
        asked = date.fromisoformat(st.query_params.get(key, ""))
    except ValueError:
        return usual
    return min(asked, settings.today())


def _offer_rounds(span: Span) -> None:
    if not span.frozen:
        return
    with st.popover("从封存日起", icon=":material/event_available:"):
        for name, on in span.frozen:
            st.button(
                f"{name}（{wording.day(on)}）",
                on_click=_choose,
                args=(FROM, on),
                key=f"from_{on}",
                width="stretch",
            )


def _choose_typed(key: str) -> None:
    _choose(key, st.session_state[KEYS[key]])


def _choose(key: str, on: date) -> None:
    st.query_params[key] = on.isoformat()


# ---- the page -----------------------------------------------------------------------------------


def show(viewer: User, before: date, after: date) -> None:
    if before == after:
        st.info("两个日期是同一天，请改其中一个。", icon=":material/event:")
        return
    shown = kept(_drawn, viewer=viewer, on=after, before=before, after=after)
    names = ("总体", "分组和单位", "条款", "问题", "工作要点")
    boxes = (shown.overall, shown.units, shown.rules, shown.problems, shown.work)
    tabs = st.tabs(names, key="view", on_change="rerun", bind="query-params")
    for tab, box in zip(tabs, boxes, strict=True):
        if tab.open:
            with tab:
                st.html(box)


def _drawn(session: Any, *, viewer: User, before: date, after: date) -> View:
    found = compare.comparison(session, viewer=viewer, before=before, after=after)
    return View(_overall(found), _units(found), _rules(found), _problems(found), _work(found))


def _overall(found: Comparison) -> str:
    note = f"{words.span(found)}；▲▼ 后为变化，分数和失分以分、比率以百分点计"
    then, now = found.before, found.after
    totals = _totals(then.totals, now.totals) if then.totals and now.totals else []
    return (
        panels.heading(words.finding(found), note)
        + panels.figures([*totals, *_tallies(then.whole, now.whole, is_unit=not totals)])
        + panels.heading("一级项得分", "点名称看到期日的失分构成")
        + _sections(found)
    )


def _totals(then: Totals, now: Totals) -> list[Figure]:
    coverage = Change(then.coverage * 100, now.coverage * 100)
    return [
        _scored("核定分", then.confirmed, now.confirmed),
        _scored("自评分", then.claimed, now.claimed),
        Figure(
            "自评覆盖率",
            *_percent(coverage.after),
            (f"由 {rate(coverage.before)}", words.rate_turn(coverage)),
            _tone(coverage),
        ),
    ]


def _scored(label: str, then: Range, now: Range) -> Figure:
    change = Change(then.score, now.score)
    lines = (
        f"由 {points(then.score)}　{words.points_turn(change)}",
        f"区间 {points(now.low)}—{points(now.high)}",
        f"原区间 {points(then.low)}—{points(then.high)}",
    )
    return Figure(label, points(now.score), "分", lines, _tone(change))


def _tallies(then: Tally, now: Tally, *, is_unit: bool) -> list[Figure]:
    """The district's points stand in its scores; a unit has its 得分率."""
    found = [
        _rated("到期完成率", Change(then.done_rate, now.done_rate), f"{now.done}／{now.due} 项"),
        _rated(
            "整改率", Change(then.closed_rate, now.closed_rate), f"{now.closed}／{now.problems} 个"
        ),
        Figure(
            "挂账问题",
            str(now.open),
            "个",
            (f"由 {then.open} 个　{words.number_turn(then.open, now.open)}",),
            _tone(Change(Decimal(now.open), Decimal(then.open))),
        ),
    ]
    if not is_unit:
        return found
    lost = f"核定失分由 {points(then.lost)} 到 {points(now.lost)}"
    rates = [
        _rated("核定得分率", Change(then.points_rate, now.points_rate), lost),
        _rated(
            "自评得分率",
            Change(then.claimed_rate, now.claimed_rate),
            f"自评失分由 {points(then.claimed_lost)} 到 {points(now.claimed_lost)}",
        ),
        _rated(
            "自查覆盖率",
            Change(then.coverage, now.coverage),
            f"{now.pairs_seen}／{now.pairs} 条",
        ),
    ]
    return [*rates, *found]


def _rated(label: str, change: Change, about: str) -> Figure:
    lines = (f"由 {rate(change.before)}　{words.rate_turn(change)}", about)
    return Figure(label, *_percent(change.after), lines, _tone(change))


def _percent(value: Decimal | None) -> tuple[str, str]:
    return (rate(value).removesuffix("%"), "%") if value is not None else (rate(None), "")


def _tone(change: Change) -> str:
    """More is better."""
    return "good" if change.by > 0 else "bad" if change.by < 0 else ""


# ---- the tables ---------------------------------------------------------------------------------


def _sections(found: Comparison) -> str:
    columns = (
        Column("一级项"),
        Column("分值", "number"),
        Column("核定", "number"),
        Column("变化", "short"),
        Column("自评", "number"),
        Column("变化", "short"),
    )
    rows = [
        (
            Part(each.name, links.loss_tree((each.key,), found.after.on)),
            wording.plain(each.points),
            _after(each.confirmed),
            _turn(each.confirmed),
            _after(each.claimed),
            _turn(each.claimed),
        )
        for each in found.sections
    ]
    return panels.table(columns, rows, alt="各一级项两日的得分")


def _after(change: Change) -> str:
    return points(change.after) if change.after is not None else rate(None)


def _turn(change: Change) -> Part:
    return Part(words.points_turn(change), tone=_tone(change))


def _lost_turn(change: Change) -> Part:
    return Part(words.lost_turn(change), tone=_tone(Change(change.after, change.before)))


def _rate_cell(change: Change) -> Sequence[Part]:
    return Part(rate(change.after)), Part(words.rate_turn(change), tone=_tone(change))


def _units(found: Comparison) -> str:
    still = len(found.after.units) - len(found.units)
    note = f"变化大的在前，后面是到期日的数和变化；{still} 家没有变化，不列。点单位看画像"
    parts = [panels.heading(f"{len(found.units)} 家单位有变化", note)]
    if found.after.totals:
        parts.append(_tally_table("分组", [_group(each, found) for each in found.groups]))
    parts.append(_tally_table("单位", [_unit(each, found) for each in found.units]))
    return "".join(parts)


def _tally_table(whose: str, rows: Sequence[Sequence[Cell]]) -> str:
    columns = (
        Column(whose, "short"),
        Column("核定失分", "number"),
        Column("变化", "short"),
        *(Column(name, "short") for name in ("得分率", "到期完成率", "整改率")),
    )
    return panels.table(columns, rows, alt=f"各{whose}两日的失分和比率")


def _group(each: TallyChange, found: Comparison) -> Sequence[Cell]:
    return (Part(each.name, links.progress({"group": each.name}, found.after.on)), *_tally(each))


def _unit(each: TallyChange, found: Comparison) -> Sequence[Cell]:
    return (Part(each.name, links.portrait(each.key, found.after.on)), *_tally(each))


def _tally(each: TallyChange) -> Sequence[Cell]:
    return (
        _after(each.lost),
        _lost_turn(each.lost),
        _rate_cell(each.points_rate),
        _rate_cell(each.done_rate),
        _rate_cell(each.closed_rate),
    )


def _rules(found: Comparison) -> str:
    more = sum(each.lost.by > 0 for each in found.rules)
    title = f"{more} 条条款失分增加，{len(found.rules) - more} 条减少"
    note = "核定失分（分），变化大的在前；点条款看到期日的失分构成"
    columns = (
        Column("扣分条款"),
        Column(wording.day(found.before.on), "number"),
        Column(wording.day(found.after.on), "number"),
        Column("变化", "short"),
    )
    rows = [_rule(each, found) for each in found.rules]
    return panels.heading(title, note) + panels.table(columns, rows, alt="失分有变化的条款")


def _rule(each: RuleChange, found: Comparison) -> Sequence[Cell]:
    on = found.after.on if each.lost.after else found.before.on
    name = f"{each.code} {gist(each.condition, MOST_TEXT)}"
    before = points(each.lost.before or Decimal(0))
    return (
        Part(name, links.loss_tree(each.keys, on)),
        before,
        _after(each.lost),
        _lost_turn(each.lost),
    )


def _problems(found: Comparison) -> str:
    moved = "、".join(
        f"{fate.value} {found.number(fate)} 个" for fate in Fate if found.number(fate)
    )
    title = panels.heading(
        moved or "问题没有变化", _capped("点编号看办理情况", len(found.problems))
    )
    columns = (
        Column("变化", "short"),
        Column("编号", "short"),
        Column("单位", "short"),
        Column("问题"),
    )
    rows = [
        (
            each.fate.value,
            Part(each.number, links.problem(each.number)),
            each.unit,
            wording.shortened(each.about, MOST_TEXT),
        )
        for each in found.problems[:MOST]
    ]
    return title + panels.table(columns, rows, alt="两日之间有变化的问题")


def _work(found: Comparison) -> str:
    done = sum(each.is_done for each in found.work)
    undone = len(found.work) - done
    title = f"完成工作要点 {done} 项" + (f"，{undone} 项退回未完成" if undone else "")
    note = _capped("按单位计，点编号看要点和佐证材料", len(found.work))
    columns = (
        Column("变化", "short"),
        Column("单位", "short"),
        Column("编号", "short"),
        Column("工作要点"),
    )
    rows = [
        (
            words.done_word(each),
            each.work.unit,
            Part(each.code, _to_work(each, found.after.on)),
            wording.shortened(each.work.text, MOST_TEXT),
        )
        for each in found.work[:MOST]
    ]
    return panels.heading(title, note) + panels.table(columns, rows, alt="两日之间完成的工作要点")


def _to_work(each: WorkChange, on: date) -> str:
    work = each.work
    return links.work_points(
        each.unit_code, work.task_no, on, unit=work.unit, title=work.task_title
    )


def _capped(note: str, number: int) -> str:
    return f"{note}；只列前 {MOST} 条，全部 {number} 条见 Excel" if number > MOST else note
