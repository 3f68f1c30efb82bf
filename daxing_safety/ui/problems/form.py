"""登记问题: the office enters what a check, a spot check, the hotline or the city's review found.

Every form bears the number of its generation, which each problem entered raises: the form is
empty again, and a second click finds nothing left to enter. What is refused stays on the screen.
"""

from collections.abc import Mapping
from datetime import date

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import problems
from daxing_safety.database import transaction
from daxing_safety.errors import BadInput
from daxing_safety.models import Problem, Unit
from daxing_safety.reports.problems.bulk import Deadline
from daxing_safety.reports.problems.filters import Choices
from daxing_safety.ui import access, messages
from daxing_safety.vocabulary import Discovery, Severity

GENERATION = "problem_form"
NO_RULE = "暂不对应条款"
FIELDS = (
    "unit",
    "rule_code",
    "site",
    "description",
    "count",
    "severity",
    "discovery",
    "found_on",
    "found_by",
    "town",
    "task",
)
EARLIEST = date(2000, 1, 1)  # that the calendar offers
# What the office finds; 自查 comes with the units' own workbooks.
FOUND_BY_OFFICE = [each for each in Discovery if each is not Discovery.SELF_CHECK]


def offer(choices: Choices, usual: Mapping[Severity, Deadline]) -> None:
    if st.button("登记问题", type="primary", icon=":material/add:", key="register"):
        st.dialog("登记问题", width="large")(_draw)(_generation(), choices, usual)


def _generation() -> int:
    return st.session_state.setdefault(GENERATION, 0)


def _form(generation: int) -> str:
    return f"problem_{generation}"


def _draw(opened: int, choices: Choices, usual: Mapping[Severity, Deadline]) -> None:
    """A click in a dialog draws only the dialog anew; it ends once the problem is entered."""
    if _generation() != opened:
        st.rerun()
    messages.show_kept()
    form = _form(opened)
    _ask_where(form, choices)
    _ask_what(form)
    _ask_context(form, choices)
    _offer_verbs(opened, usual)


def _ask_where(form: str, choices: Choices) -> None:
    left, right = st.columns(2)
    unit = left.selectbox(
        "责任单位",
        list(choices.units),
        index=None,
        format_func=choices.units.__getitem__,
        placeholder="请选择",
        key=f"{form}_unit",
    )
    right.selectbox(
        "扣分条款",
        list(choices.rules_of_unit.get(unit or "", ())),
        index=None,
        format_func=choices.rules.__getitem__,
        placeholder=NO_RULE if unit else "先选责任单位",
        disabled=not unit,
        key=f"{form}_rule_code",
    )
    st.text_input("点位", max_chars=100, placeholder="具体到门牌、路段或设施", key=f"{form}_site")


def _ask_what(form: str) -> None:
    st.text_area("问题描述", max_chars=500, height=90, key=f"{form}_description")
    count, severity, discovery, found_on = st.columns(4)
    count.number_input("处数", min_value=1, max_value=9999, key=f"{form}_count")
    severity.selectbox(
        "严重程度", list(Severity), format_func=lambda each: each.value, key=f"{form}_severity"
    )
    discovery.selectbox(
        "发现方式",
        FOUND_BY_OFFICE,
        format_func=lambda each: each.value,
        key=f"{form}_discovery",
    )
    today = settings.today()
    found_on.date_input(
        "发现日期",
        value=today,
        min_value=EARLIEST,
        max_value=today,
        format="YYYY-MM-DD",
        key=f"{form}_found_on",
    )


def _ask_context(form: str, choices: Choices) -> None:
    found_by, town, task = st.columns(3)
    found_by.text_input(
        "发现人（选填）", max_chars=50, placeholder="检查组、专家或来件", key=f"{form}_found_by"
    )
    town.selectbox(
        "属地（选填）",
        list(choices.towns),
        index=None,
        format_func=choices.towns.__getitem__,
        placeholder="镇、街道",
        key=f"{form}_town",
    )
    task.selectbox(
        "任务（选填）",
        list(choices.tasks),
        index=None,
        format_func=choices.tasks.__getitem__,
        placeholder="22 项主要任务",
        key=f"{form}_task",
    )


def _offer_verbs(generation: int, usual: Mapping[Severity, Deadline]) -> None:
    deadline = usual[st.session_state[f"{_form(generation)}_severity"]]
    st.caption(
        "登记后即计入核定分。“登记并交办”时，"
        f"整改时限为 {deadline.due_on}（今天起 {deadline.limit}，按严重程度）。"
    )
    with st.container(horizontal=True):
        st.button(
            "登记并交办",
            type="primary",
            on_click=register,
            args=(generation, True),
            key="register_and_assign",
        )
        st.button("登记", on_click=register, args=(generation, False), key="register_only")


def register(generation: int, is_assigned: bool) -> None:
    if generation != _generation():
        return  # a second click
    said = {name: st.session_state[f"{_form(generation)}_{name}"] for name in FIELDS}
    with messages.outcome():
        if said["unit"] is None:
            raise BadInput("请选择责任单位。")
        by, now = access.current_user(), settings.now()
        with transaction() as session:
            problem = problems.register(
                session,
                unit=session.get_one(Unit, said.pop("unit")),
                town=session.get_one(Unit, town) if (town := said.pop("town")) else None,
                task_no=int(task) if (task := said.pop("task")) else None,
                by=by,
                now=now,
                **said,
            )
            if is_assigned:
                problems.assign(session, problem=problem, by=by, now=now)
        st.session_state[GENERATION] = generation + 1
        messages.tell(_told(problem))


def _told(problem: Problem) -> str:
    done = f"已登记 {problem.number}"
    if problem.due_on:
        done += f" 并交办，整改时限 {problem.due_on}"
    if problem.recurs:
        done += f"。同一点位的 {problem.recurs} 已销号，这次记为反复"
    return f"{done}。"
