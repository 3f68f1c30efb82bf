"""提分路径 and 假设推演 as they are shown: nothing is stored, what is assumed is in the address."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from daxing_safety import wording
from daxing_safety.charts.improvement import climb
from daxing_safety.criteria import HUNDREDTH
from daxing_safety.improvement import Aim
from daxing_safety.models import User
from daxing_safety.reports import improvement
from daxing_safety.reports.improvement import (
    LONGEST_DAYS,
    MOST_EFFORT,
    MOST_LOAD,
    Figures,
    Ground,
    Open,
    Route,
    Settings,
)
from daxing_safety.reports.losses import tables as loss_tables
from daxing_safety.ui import figures, grid, panels
from daxing_safety.ui.kept import kept
from daxing_safety.ui.messages import plain
from daxing_safety.ui.panels import Card, Track
from daxing_safety.vocabulary import RectificationStatus
from daxing_safety.wording import listing, points

PATH, WHAT_IF = "提分路径", "假设推演"
CLOSED, MET, ADDED, PLACES = "closed", "met", "added", "places"
KEPT_IN_ADDRESS: dict[str, Any] = {"bind": "query-params", "persist_state": "page"}
MOST_STEPS = 14
MOST_DELAY = 90


# ---- 提分路径 ---------------------------------------------------------------------------------


def show_path(viewer: User, today: date) -> None:
    ground = kept(improvement.ground, viewer=viewer, today=today)
    settings = _ask_settings(ground)
    with st.spinner("正在计算提分路径……", show_time=True):
        route = improvement.route(ground, settings)
    figures.show(figures.prepare(climb(route, settings, as_of=today)))
    for obstacle in _obstacles(route, ground, settings):
        st.markdown(f"- {plain(obstacle)}")
    if route.steps:
        _show_steps(route, settings)


def _ask_settings(ground: Ground) -> Settings:
    usual = Settings(ground.target)
    columns = st.columns([1, 1.25, 1, 1.1, 1.1, 0.8], vertical_alignment="bottom")
    with columns[0]:
        target = _ask_number("target", "要达到的核定分", float(usual.target), 0.0, 100.0, step=0.5)
    with columns[1]:
        aim: Aim = st.segmented_control(
            "先考虑",
            list(Aim),
            default=usual.aim,
            format_func=lambda each: each.value,
            required=True,
            key="aim",
            **KEPT_IN_ADDRESS,
        )
    with columns[2]:
        days = _slide("days", "还剩几天", usual.days, 1, LONGEST_DAYS)
    with columns[3]:
        load = _slide("load", "每家每周销号（个）", usual.load, 1, MOST_LOAD)
    with columns[4]:
        delay = _slide("delay", "承诺时限推迟（天）", usual.delay, 0, MOST_DELAY)
    with columns[5], st.popover("工作量", icon=":material/tune:"):
        st.caption("一个问题相当于几个一般问题的整改力度")
        major = _ask_number("major", "较大问题", usual.effort_major, 1, MOST_EFFORT)
        listed = _ask_number("listed", "重大挂牌问题", usual.effort_listed, 1, MOST_EFFORT)
    exact = Decimal(str(target)).quantize(HUNDREDTH)
    return Settings(exact, aim, days, load, delay, major, listed)


def _ask_number(key: str, label: str, value: Any, least: Any, most: Any, **options: Any) -> Any:
    return st.number_input(label, least, most, value, key=key, **options, **KEPT_IN_ADDRESS)


def _slide(key: str, label: str, value: int, least: int, most: int) -> int:
    return st.slider(label, least, most, value, key=key, **KEPT_IN_ADDRESS)


def _obstacles(route: Route, ground: Ground, settings: Settings) -> Iterable[str]:
    """What stands in the way, in words; where the score is reached, only what is unsure."""
    if not route.path.is_proven:
        yield "问题较多，限定时间内没有证明这是最好的办法，实际可能还能更少、更快。"
    if not route.path.is_reached:
        yield from _hindrances(route, ground, settings)
    unseen = sum(not rule.is_seen for rule in ground.rules)
    if unseen:
        yield f"还有 {unseen} 条条款没有全部自查，查出新问题会再失分。"


def _hindrances(route: Route, ground: Ground, settings: Settings) -> Iterable[str]:
    found = route.obstacles
    best = improvement.score_with(ground, found.fixed)
    if best < settings.target:
        yield (
            f"全部问题销号也只有 {points(best)} 分：其余由是非和比率条款的核定结论失去，"
            "要重新认定才能挽回。"
        )
    if found.late:
        late = listing(found.late, counter="个")
        yield f"承诺时限在 {settings.days} 天以后、来不及的问题：{late}。"
    if found.busy:
        names = {each.unit_code: each.unit for each in ground.problems}
        busy = listing([names[code] for code in found.busy])
        yield f"按每周 {settings.load} 个销不完的单位：{busy}。"


def _show_steps(route: Route, settings: Settings) -> None:
    waiting = sum(each.problem.status is RectificationStatus.CLAIMED_FIXED for each in route.steps)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**销号顺序**：{len(route.steps)} 个问题，其中 {waiting} 个已申请销号、只等复查",
            width="stretch",
        )
        st.button("带入假设推演", on_click=_suppose, args=(route,), icon=":material/rule:")
        st.link_button("下载", f"/download/improvement/{settings}", icon=":material/download:")
    grid.table(
        loss_tables.steps(route.steps),
        "提分路径，一行一个要销号的问题",
        most=MOST_STEPS,
        order=grid.number("序号", 52),
        day=grid.day("最早销号"),
        unit=grid.text("单位", 112),
        problem=grid.link("问题编号", r"problem=(.+)$"),
        rule=grid.text("条款", 60),
        site=grid.text("点位", 176),
        found=grid.number("处数", 56),
        status=grid.text("整改状态", 84),
        due_on=grid.day("整改时限"),
        gain=grid.points("加分", 72),
        score=grid.points("累计核定分", 92),
    )
    st.caption(
        "申请销号的问题只等创安办复查；其余不早于整改时限（没有时限的按内部时限推算），"
        "同一单位按每周销号数依次完成。加分按次序累计：条款或指标扣完的部分，销到封顶以下才加分。"
    )


def _suppose(route: Route) -> None:
    numbers = [each.problem.number for each in route.steps]
    st.query_params[CLOSED] = ",".join(numbers)
    st.session_state["view"] = WHAT_IF


# ---- 假设推演 ---------------------------------------------------------------------------------


def show_what_if(viewer: User, today: date) -> None:
    ground = kept(improvement.ground, viewer=viewer, today=today)
    closed, met, added = _ask_changes(ground)
    before = improvement.figures(ground)
    after = improvement.figures(ground, closed=closed, met=met, added=added)
    st.html(panels.heading(_what_if_finding(before, after, bool(closed or met or added)), ""))
    st.html(
        panels.cards(
            _cards(before, after, ground.target),
            footnote=f"核定分，截至{wording.day(today)}。只作推演，不保存，也不影响台账。"
            "区间下限：没有全部自查的条款按扣完计；上限：申请销号的问题全部销号。",
        )
    )
    grid.table(
        loss_tables.sections(before, after),
        "各一级项现在和假设之后的得分",
        name=grid.text("一级项", 220),
        points=grid.points("分值"),
        before=grid.points("现在得分"),
        after=grid.points("假设之后得分", 110),
        change=grid.points("变化"),
    )


def _ask_changes(ground: Ground) -> tuple[list[str], list[str], dict[str, int]]:
    problems = {each.number: _problem_in_words(each) for each in ground.problems}
    rules = _rules_in_words(ground)
    losing = [each.code for each in ground.rules if each.fixed or _is_open(each.code, ground)]
    by_place = [each.code for each in ground.rules if each.deduct]
    first, second = st.columns(2)
    with first:
        closed = _ask_many(CLOSED, "假设这些问题已销号", problems, list(problems))
        met = _ask_many(MET, "假设这些条款已全部达标", rules, losing)
    with second:
        added = _ask_many(ADDED, "假设这些条款又发现问题", rules, by_place)
        places = st.number_input("每条发现几处", 1, 99, 1, key=PLACES, width=160, **KEPT_IN_ADDRESS)
    return closed, met, dict.fromkeys(added, int(places))


def _ask_many(key: str, label: str, names: dict[str, str], options: list[str]) -> list[str]:
    """Codes, which stand in the address by commas."""
    asked = st.query_params.get(key, "").split(",")
    st.session_state[f"ask_{key}"] = [each for each in asked if each in options]
    return st.multiselect(
        label,
        options,
        format_func=names.__getitem__,
        placeholder="没有",
        key=f"ask_{key}",
        on_change=_keep_in_address,
        args=(key,),
    )


def _keep_in_address(key: str) -> None:
    chosen = st.session_state[f"ask_{key}"]
    if chosen:
        st.query_params[key] = ",".join(chosen)
    else:
        st.query_params.pop(key, None)


def _is_open(rule_code: str, ground: Ground) -> bool:
    return any(each.rule_code == rule_code for each in ground.problems)


def _problem_in_words(problem: Open) -> str:
    return f"{problem.number} {problem.unit}·{problem.rule_code}·{problem.site}"


def _rules_in_words(ground: Ground) -> dict[str, str]:
    return {
        rule.code: f"{rule.code} {wording.gist(rule.condition, 30)}"
        for indicator, _ in ground.indicators
        for rule in indicator.rules
    }


def _cards(before: Figures, after: Figures, target: Decimal) -> list[Card]:
    change = after.score.score - before.score.score
    short = target - after.score.score
    aim = Track(Decimal(0), after.score.score, target=target)
    missing = Card(
        "距内部目标分", points(max(short, Decimal(0))), "分", aim, (_aim(short, target),)
    )
    lines = (
        f"下限 {_signed(after.score.low - before.score.low)}",
        f"上限 {_signed(after.score.high - before.score.high)}",
    )
    ends = sorted((before.score.score, after.score.score))
    turned = Card("变化", _signed(change), "分", Track(*ends), lines)
    return [_card("现在", before, target), _card("假设之后", after, target), turned, missing]


def _card(label: str, found: Figures, target: Decimal) -> Card:
    score, low, high = found.score.score, found.score.low, found.score.high
    track = Track(low, high, at=score, target=target)
    words = f"区间 {points(low)}—{points(high)}"
    return Card(label, points(score), "分", track, (words,), tone="confirmed")


def _aim(short: Decimal, target: Decimal) -> str:
    aim = f"内部目标分 {wording.plain(target)}"
    return f"{aim}，还没有达到" if short > 0 else f"{aim}，已经达到"


def _signed(change: Decimal) -> str:
    return f"{change:+.2f}" if change else points(change)


def _what_if_finding(before: Figures, after: Figures, is_changed: bool) -> str:
    if not is_changed:
        return "选上面的问题或条款，看核定分、区间和各一级项怎样变化"
    change = after.score.score - before.score.score
    if not change:
        return f"核定分不变，仍是 {points(after.score.score)} 分"
    way = "升到" if change > 0 else "降到"
    return f"核定分由 {points(before.score.score)} {way} {points(after.score.score)} 分"
