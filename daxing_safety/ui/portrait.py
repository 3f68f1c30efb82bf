"""单位画像 as it is shown: drawn once for a version of the data, a day and a scope of viewers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from daxing_safety import ledger, settings, wording
from daxing_safety.charts import Chart, course, palette
from daxing_safety.criteria import Criteria
from daxing_safety.database import reading
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import portrait, scores
from daxing_safety.reports import portrait_words as words
from daxing_safety.reports.group_comparison import Compared
from daxing_safety.reports.losses import tree as loss_tree
from daxing_safety.reports.losses.bills import Line
from daxing_safety.reports.portrait import Counted, Portrait, Reported, TaskStanding
from daxing_safety.reports.problems.filters import Due, Only
from daxing_safety.reports.scores import UnitScore
from daxing_safety.ui import figures, links, panels
from daxing_safety.ui.figures import Prepared, prepare
from daxing_safety.ui.grid import LIGHTS
from daxing_safety.ui.kept import kept
from daxing_safety.ui.panels import Card, Column, Count, Part, Track
from daxing_safety.vocabulary import GROUP_OF, Group
from daxing_safety.wording import gist, plain, points

UNIT, CHOSEN = "unit", "chosen_portrait"  # in the address stands the unit's code
SCREEN, COURSE = "portrait", "course"
MOST_LINES = 5  # of what loses most and of what lacks a proof; all of it is a click away
MOST_TEXT = 40
BAD = {Due.OVERDUE.value, Due.NONE.value, Only.UNPLANNED.value, Only.RECURRING.value}
BASIS = (
    "到期完成率、整改率、得分率和哪些单位参加比较，按红黑榜公布的规则；自查覆盖率为应自查条款中"
    "已查的比例。虚线为组内中位数，只在组内比较。"
)


@dataclass(frozen=True)
class View:
    """Ready to be shown; the rest are boxes of HTML."""

    basis: str
    rates: str
    duties: str
    losses: str
    course: Prepared
    turns: str
    problems: str
    promises: str
    reported: str
    proofs: str


# ---- whose --------------------------------------------------------------------------------------


def units(viewer: User, on: date) -> Sequence[UnitScore]:
    """Whose portraits the viewer may see, in the plan's order."""
    return kept(scores.by_unit, viewer=viewer, on=on)


def choose_unit(units: Sequence[UnitScore], viewer: User) -> str | None:
    """The clerk's own; for who sees the district the one in the address, or None."""
    if not allows(viewer, Permission.SEE_DISTRICT):
        return viewer.unit_code
    names = {each.unit.code: each.unit.name for each in units}
    asked = st.query_params.get(UNIT)
    st.session_state[CHOSEN] = asked if asked in names else None
    return st.selectbox(
        "单位",
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder="选一个单位",
        key=CHOSEN,
        on_change=_choose,
        label_visibility="collapsed",
        width=240,
    )


def _choose() -> None:
    code = st.session_state[CHOSEN]
    if code:
        st.query_params[UNIT] = code
    else:
        st.query_params.pop(UNIT, None)


def show_units(units: Sequence[UnitScore], on: date) -> None:
    st.caption("选一个单位，看它的任务、得分、问题、守诺、报送和佐证材料，并与本组比较。")
    named = {
        group.value: [
            Part(each.unit.name, links.portrait(each.unit.code, on))
            for each in units
            if GROUP_OF[each.unit.kind] is group
        ]
        for group in Group
    }
    st.html(panels.links(list(named.items())))


def offer_download(unit_code: str, on: date) -> None:
    st.link_button(
        "下载单位画像（Word）",
        f"/download/portrait/{unit_code}_{on.isoformat()}",
        icon=":material/download:",
    )


# ---- the page -----------------------------------------------------------------------------------


def show(viewer: User, on: date, unit_code: str) -> None:
    shown = kept(_drawn, viewer=viewer, on=on, unit_code=unit_code, today=on)
    st.html(shown.basis)
    with st.container(key="rates"):
        st.html(shown.rates)
    boxes = st.grid(2, min_column_width=380, border=True)
    with boxes.cell(column_span="all"):
        st.html(shown.duties)
    with boxes.cell(column_span="all"):
        st.html(shown.losses)
    with boxes.cell():
        figures.show(shown.course)
        st.html(shown.turns)
    with boxes.cell():
        st.html(shown.problems)
        st.html(shown.promises)
    with boxes.cell():
        st.html(shown.reported)
    with boxes.cell():
        st.html(shown.proofs)
    if on == settings.today():
        _show_public_reports(viewer, unit_code, boxes)


def _show_public_reports(viewer: User, unit_code: str, boxes: Any) -> None:
    """By the clock, and without a history: of today alone."""
    with reading() as session:
        rates = portrait.public_reports(
            session, viewer=viewer, unit_code=unit_code, now=settings.now()
        )
    if rates:
        with boxes.cell(column_span="all"):
            note = "派给本单位的诉求；响应、解决、满意以最后一次回访为准"
            st.html(panels.heading(f"接诉即办派单 {rates.dispatched} 件", note))
            st.html(panels.facts(words.report_facts(rates)))


def drawn(session: Any, viewer: User, on: date, asked: Sequence[str]) -> dict[str, Chart]:
    """The figures by their names in the addresses of their data; first asked for is the unit."""
    found = portrait.portrait(session, viewer=viewer, unit_code=asked[0], today=on)
    return {COURSE: course.course(found.history, target=None, as_of=on)}


def _drawn(session: Any, *, viewer: User, unit_code: str, today: date) -> View:
    found = portrait.portrait(session, viewer=viewer, unit_code=unit_code, today=today)
    criteria = ledger.criteria_in_force(session)
    return View(
        basis=panels.basis(_basis(found)),
        rates=panels.cards([_card(each, found.group) for each in found.compared], footnote=BASIS),
        duties=_duties(found),
        losses=_losses(found, criteria),
        course=prepare(
            course.course(found.history, target=None, as_of=today),
            data=links.figure_data(SCREEN, COURSE, today, unit_code),
        ),
        turns=_turns(found),
        problems=_problems(found),
        promises=_promises(found),
        reported=_reported(found),
        proofs=_proofs(found),
    )


def _basis(found: Portrait) -> list[tuple[str, bool]]:
    score = found.score
    return [
        (found.unit.full_name, False),
        (f"{found.group.value}组", False),
        (f"截至 {wording.day(found.today)}", False),
        (f"承担指标 {plain(score.points_in_duty)} 分、条款 {score.pairs} 条", False),
    ]


def _card(compared: Compared, group: Group) -> Card:
    value = compared.rate.value
    whole = Decimal(0) if value is None else value
    said = words.rate(value)
    said_of_group = words.beside_group(compared, group.value)
    return Card(
        label=compared.name,
        value=said.removesuffix("%"),
        unit="" if value is None else "%",
        track=Track(Decimal(0), whole, target=compared.median),
        lines=tuple(filter(None, (words.sample(compared), *said_of_group))),
    )


# ---- duties -------------------------------------------------------------------------------------


def _duties(found: Portrait) -> str:
    title = panels.heading(
        words.work_in_words(found), "工作要点的亮灯，一行一项任务，点任务看要点和佐证材料"
    )
    return title + panels.duties([_task(each, found) for each in found.tasks])


def _task(task: TaskStanding, found: Portrait) -> Mapping[str, Any]:
    lights = [(light, task.work.lights[light]) for light in LIGHTS if task.work.lights[light]]
    unit = found.unit
    return {
        "no": task.no,
        "title": task.title,
        "role": task.duty.value if task.duty else "",
        "done": task.work.done,
        "points": task.work.points,
        "behind": words.lights_in_words(task),
        "href": links.work_points(
            unit.code, task.no, found.today, unit=unit.name, title=task.title
        ),
        "alt": "、".join(f"{light.value} {number} 项" for light, number in lights),
        "parts": [
            {
                "number": number,
                "colour": palette.LIGHTS[light],
                "ink": palette.LIGHT_INKS[light],
            }
            for light, number in lights
        ],
    }


# ---- points -------------------------------------------------------------------------------------


def _losses(found: Portrait, criteria: Criteria) -> str:
    lines = sorted(found.bill.lines, key=lambda each: -each.lost)
    more = f"，只列失分最多的 {MOST_LINES} 条" if len(lines) > MOST_LINES else ""
    title = panels.heading(
        words.loss_in_words(found),
        f"核定失分（分）；加分为本单位该条款问题全部销号后全区的加分{more}",
    )
    if not lines:
        return title
    columns = (
        Column("扣分条款"),
        Column("失分", "number"),
        Column("全部销号加分", "number"),
        Column("问题"),
        Column("指标牵头单位", "short"),
    )
    rows = [_loss(line, found, criteria) for line in lines[:MOST_LINES]]
    foot = Part("看全部丢分账单", links.loss_bill(found.unit.code, found.today))
    return title + panels.table(columns, rows, alt="失分最多的条款") + panels.onward(foot)


def _loss(line: Line, found: Portrait, criteria: Criteria) -> Sequence[panels.Cell]:
    keys = (*loss_tree.keys_of_rule(criteria, line.rule.code), found.unit.code)
    name = f"{line.rule.code} {gist(line.rule.condition, MOST_TEXT)}"
    numbers = [each.number for each in line.problems if each.number]
    return (
        Part(name, links.loss_tree(keys, found.today)),
        points(line.lost),
        words.regained(line),
        tuple(Part(number, links.problem(number)) for number in numbers) or words.NONE,
        line.indicator.lead_unit,
    )


def _turns(found: Portrait) -> str:
    return panels.lines([words.turn_in_words(each) for each in reversed(found.turns)])


# ---- problems and promises ----------------------------------------------------------------------


def _problems(found: Portrait) -> str:
    note = "点数字看清单"
    if found.today < settings.today():
        note = "数字为当日情况；点开的清单是今天的"
    title = panels.heading(words.problems_in_words(found), note)
    return title + panels.counts([_count(each) for each in (*found.stages, *found.pressing)])


def _count(counted: Counted) -> Count:
    tone = "bad" if counted.name in BAD and counted.number else ""
    return Count(counted.name, counted.number, links.problems(counted.filters), tone)


def _promises(found: Portrait) -> str:
    facts = words.promise_facts(found.promises)
    if not facts:
        return panels.heading("守诺还没有可以统计的", "有了销号申请或到期的问题以后，这里统计。")
    note = "守诺：申请销号是否站得住，答应的时限是否守住"
    return panels.heading(words.promises_in_words(found.promises), note) + panels.facts(facts)


# ---- what was sent in and shown -----------------------------------------------------------------


def _reported(found: Portrait) -> str:
    if not found.reported:
        return panels.heading("没有要填报的内容", "本单位没有承担工作要点和扣分条款。")
    columns = tuple(
        Column(name, "short") for name in ("填报期", "报送时间", "时效", "版本", "状态")
    )
    rows = [_round(each) for each in found.reported]
    title = panels.heading(
        words.reported_in_words(found.reported), "各填报期的报送，点版本下载原件"
    )
    return title + panels.table(columns, rows, alt="各填报期的报送情况")


def _round(reported: Reported) -> Sequence[panels.Cell]:
    version = reported.version
    href = f"/download/submission/{version.id}" if version else ""
    return (
        reported.round.name,
        words.sent_at(reported),
        words.punctuality(reported),
        Part(f"第{version.number}版", href) if version else words.NONE,
        words.state_of(reported),
    )


def _proofs(found: Portrait) -> str:
    shown = found.lacking[:MOST_LINES]
    note = "报“已完成”的工作要点和“申请销号”的问题，应有佐证材料"
    title = panels.heading(words.proof_in_words(found), note)
    foot = panels.onward(Part("去佐证材料", links.evidence(found.unit.name)))
    if not shown:
        return title + foot
    rows = [
        (
            each.of.value,
            Part(each.code, links.evidence(found.unit.name, each)),
            gist(each.about, MOST_TEXT),
        )
        for each in shown
    ]
    columns = (Column("事项", "short"), Column("编号", "short"), Column("内容"))
    return title + panels.table(columns, rows, alt="缺佐证材料的事项") + foot
