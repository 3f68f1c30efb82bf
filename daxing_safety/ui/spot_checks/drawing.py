"""A new 抽查: what may be drawn is counted as one chooses; what is drawn is seen afterwards.

The form bears the number of its generation, which each draw raises: a second click draws nothing.
"""

from datetime import date, timedelta
from typing import TypeVar

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import spot_draws
from daxing_safety.actions.spot_draws import MOST, Scope
from daxing_safety.database import transaction
from daxing_safety.errors import BadInput
from daxing_safety.models import User
from daxing_safety.reports.spot_checks import checks
from daxing_safety.reports.spot_checks.checks import Choices, Preview
from daxing_safety.ui import access, messages
from daxing_safety.ui.kept import kept
from daxing_safety.ui.messages import plain
from daxing_safety.ui.spot_checks import address
from daxing_safety.vocabulary import DrawnFrom, Group
from daxing_safety.wording import day

Value = TypeVar("Value")
GENERATION = "draw_generation"
USUAL = timedelta(days=14)
A_FEW = 20


def _generation() -> int:
    return st.session_state.setdefault(GENERATION, 0)


def offer(viewer: User) -> None:
    with st.expander("新的抽查", icon=":material/add:", key=f"new_check_{_generation()}"):
        choices = kept(checks.choices, viewer=viewer)
        if not choices.experts:
            st.info(
                "还没有专家账号，请系统管理员在“单位与账号”中新增。", icon=":material/person_add:"
            )
            return
        _ask(choices, viewer)


def _ask(choices: Choices, viewer: User) -> None:
    form, today = f"draw_{_generation()}", settings.today()
    name, until = st.columns([3, 1])
    name.text_input("名称", f"{day(today)}专家抽查", max_chars=60, key=f"{form}_name")
    until.date_input(
        "交回期限", today + USUAL, min_value=today, format="YYYY-MM-DD", key=f"{form}_until"
    )
    experts = st.multiselect(
        "专家",
        list(choices.experts),
        format_func=choices.experts.__getitem__,
        placeholder="选一位或几位，抽中的事项随机分派",
        key=f"{form}_experts",
    )
    scope = _ask_scope(choices, form)
    found = kept(checks.preview, viewer=viewer, scope=scope)
    _show_preview(found)
    most = min(MOST, found.size)
    wanted = st.number_input(
        "抽取数量",
        min(len(experts), most),
        most,
        min(A_FEW, most),
        key=f"{form}_wanted_{most}_{len(experts)}",
    )
    st.caption(
        "按下即抽：事项和专家都由随机种子决定，种子、抽取范围和结果一并存档，任何人可以重算复核。"
        "抽出后不能改换；确需补查的，可以另行“指定”，并始终标明。"
    )
    st.button(
        "抽取",
        type="primary",
        icon=":material/shuffle:",
        disabled=not (experts and found.size),
        on_click=draw,
        args=(_generation(), tuple(experts), scope, int(wanted)),
        key="draw",
    )


def _ask_scope(choices: Choices, form: str) -> Scope:
    sources = st.pills(
        "从哪些事项中抽",
        list(DrawnFrom),
        default=list(DrawnFrom),
        selection_mode="multi",
        format_func=lambda each: each.value,
        key=f"{form}_sources",
    )
    with st.grid(4, min_column_width=180):
        groups = _choose("分组", {each: each.value for each in Group}, f"{form}_groups")
        units = _choose("单位", choices.units, f"{form}_units")
        tasks = _choose("任务", choices.tasks, f"{form}_tasks")
        rules = _choose("条款", choices.rules, f"{form}_rules")
    return Scope(tuple(sources), groups, units, tasks, rules)


def _choose(label: str, names: dict[Value, str], key: str) -> tuple[Value, ...]:
    chosen = st.multiselect(
        label, list(names), format_func=names.__getitem__, placeholder="不限", key=key
    )
    return tuple(chosen)


def _show_preview(found: Preview) -> None:
    if not found.size:
        st.warning("按这样的范围没有可以抽取的事项，请放宽范围。", icon=":material/filter_alt:")
        return
    kinds = (f"{each.value} {found.by_source[each]}" for each in DrawnFrom if found.by_source[each])
    groups = (f"{each.value} {found.by_group[each]}" for each in Group if found.by_group[each])
    shares = f"{'、'.join(kinds)}；{'、'.join(groups)}"
    st.markdown(plain(f"范围内共 {found.size} 项，涉及 {found.units} 家单位（{shares}）。"))


def draw(opened: int, experts: tuple[str, ...], scope: Scope, wanted: int) -> None:
    if opened != _generation():
        return  # a second click
    state, form = st.session_state, f"draw_{opened}"
    name: str = state[f"{form}_name"]
    until: date | None = state[f"{form}_until"]
    with messages.outcome(f"“{name}”已抽取 {wanted} 项，专家登录后即可看到各自的清单。"):
        if until is None:
            raise BadInput("请填交回期限。")
        by = access.current_user()
        with transaction() as session:
            drawn = spot_draws.draw(
                session,
                name=name,
                until=until,
                experts=experts,
                scope=scope,
                wanted=wanted,
                seed=spot_draws.fresh_seed(),
                by=by,
                now=settings.now(),
            )
            session.flush()
        state[GENERATION] = opened + 1
        address.go(drawn.id or 0)
