"""The forms of 设置 and what their buttons do.

What is typed shows at once what it would mean; it counts once its own button is pressed.
"""

from collections.abc import Callable
from datetime import date, datetime

import streamlit as st

from daxing_safety import settings, working_days
from daxing_safety.actions import preferences
from daxing_safety.criteria import Indicator
from daxing_safety.database import transaction
from daxing_safety.errors import BadInput
from daxing_safety.reports.preferences import LeftOut, Settings
from daxing_safety.ui import access, messages
from daxing_safety.ui.messages import plain
from daxing_safety.vocabulary import Complexity, ScopePolicy, Severity
from daxing_safety.wording import day, moment
from daxing_safety.wording import plain as number

POLICIES = {
    ScopePolicy.FULL: "不涉及的指标按满分计入总分。",
    ScopePolicy.RESCALE: "只计涉及的指标，再折算成 100 分。",
}


# ---- 内部目标分 ----


def ask_target(held: Settings) -> None:
    st.subheader("内部目标分", anchor=False)
    st.caption("总览等处用来对照的目标，由本区自己定，不是国家或市级公布的达标线。")
    _line("目标分（0 至 100）", held.target_score, "target_score", save_target, ())


def save_target() -> None:
    typed = st.session_state.target_score
    with messages.outcome("内部目标分已保存。"):
        by = access.current_user()
        with transaction() as session:
            preferences.set_target_score(session, score=typed, by=by)


# ---- 整改时限 ----


def ask_time_limits(held: Settings, today: date) -> None:
    known = working_days.KNOWN_YEARS
    st.subheader("整改时限", anchor=False)
    st.caption(
        "交办时没有另定时限的，从交办当天的次日起算。写成“10个工作日”或“30天”。"
        "初始的几个数是本系统的内部建议，不是上级规定，请按本区要求改。"
    )
    for severity, limit in held.time_limits.items():
        _line(
            f"{severity.value}问题",
            limit,
            _key(severity),
            save_time_limit,
            (severity,),
            lambda typed: _due_on(typed, today),
        )
    st.caption(
        f"工作日按国务院公布的放假和调休安排计算，已收录 {min(known)} 至 {max(known)} 年；"
        "其他年份按周一至周五计算，请以公布的安排为准。"
    )


def _due_on(typed: str, today: date) -> str:
    limit = working_days.read_time_limit(typed)
    due_on = limit.from_day(today)
    unknown = working_days.unknown_years(today, due_on) if limit.in_working_days else []
    doubt = (
        f"（{'、'.join(map(str, unknown))} 年放假安排未收录，按周一至周五计）" if unknown else ""
    )
    return f"今天交办的，{day(due_on)} 到期{doubt}"


def save_time_limit(severity: Severity) -> None:
    typed = st.session_state[_key(severity)]
    with messages.outcome(f"{severity.value}问题的整改时限已保存，以后交办的按它计算。"):
        by = access.current_user()
        with transaction() as session:
            preferences.set_time_limit(session, severity=severity, limit=typed, by=by)


# ---- 接诉即办 ----


def ask_answer_limits(held: Settings, now: datetime) -> None:
    st.subheader("接诉即办答复时限", anchor=False)
    st.caption("来件时没有另定时限的，从收到时起算。写成“24小时”或“7天”。")
    for complexity, limit in held.answer_limits.items():
        _line(
            f"{complexity.value}事项",
            limit,
            _key(complexity),
            save_answer_limit,
            (complexity,),
            lambda typed: _answer_at(typed, now),
        )


def _answer_at(typed: str, now: datetime) -> str:
    return f"现在收到的，{moment(now + preferences.read_answer_limit(typed))} 前答复"


def save_answer_limit(complexity: Complexity) -> None:
    typed = st.session_state[_key(complexity)]
    with messages.outcome(f"{complexity.value}事项的答复时限已保存，以后收到的按它计算。"):
        by = access.current_user()
        with transaction() as session:
            preferences.set_answer_limit(session, complexity=complexity, limit=typed, by=by)


# ---- a line: what is set, its button, what it means ----


def _line(
    label: str,
    stored: str,
    key: str,
    save: Callable[..., None],
    args: tuple[object, ...],
    meaning: Callable[[str], str] | None = None,
) -> None:
    with st.container(gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            typed = st.text_input(label, value=stored, key=key, max_chars=20, width=200)
            st.button("保存", key=f"save_{key}", on_click=save, args=args)
        if meaning:
            st.caption(_in_words(meaning, typed))


def _in_words(meaning: Callable[[str], str], typed: str) -> str:
    try:
        return plain(meaning(typed))
    except BadInput as wrong:
        return f":red[{plain(str(wrong))}]"


def _key(kind: Severity | Complexity) -> str:
    return f"limit_{kind.name}"


# ---- 不涉及 ----


def ask_policy(held: Settings) -> None:
    st.subheader("不涉及的指标", anchor=False)
    st.caption("本区没有的事项（例如尾矿库），写明理由后不再扣分，也不再要求各单位自查。")
    st.radio(
        "不涉及指标的分数怎么算",
        list(POLICIES),
        index=list(POLICIES).index(held.policy),
        format_func=lambda policy: policy.value,
        captions=list(POLICIES.values()),
        key="scope_policy",
        horizontal=True,
    )
    st.button("保存", key="save_scope_policy", on_click=save_policy)


def save_policy() -> None:
    policy = st.session_state.scope_policy
    with messages.outcome(f"不涉及指标的分数改为“{policy.value}”。"):
        by = access.current_user()
        with transaction() as session:
            preferences.set_scope_policy(session, policy=policy, by=by)


def show_left_out(held: Settings) -> None:
    st.divider()
    st.text(
        f"涉及 {len(held.in_scope)} 项、{number(held.points_in_scope)} 分；"
        f"不涉及 {len(held.left_out)} 项。"
    )
    for each in held.left_out:
        _show_decision(each)


def _show_decision(decision: LeftOut) -> None:
    indicator = decision.indicator
    with st.container(border=True):
        what, verb = st.columns([5, 1], vertical_alignment="center")
        with what:
            st.text(_named(indicator))
            st.caption(
                f"理由：{plain(decision.reason)}　"
                f"{plain(decision.decided_by)} {decision.decided_at:%Y-%m-%d} 认定"
            )
        verb.button(
            "撤销",
            key=f"take_in_{indicator.code}",
            on_click=take_in,
            args=(indicator.code,),
            help="恢复为涉及，重新参与扣分和自查",
            width="stretch",
        )


def _named(indicator: Indicator) -> str:
    return f"{indicator.code}. {indicator.name}（{number(indicator.points)} 分）"


def offer_to_leave_out(held: Settings) -> None:
    by_code = {indicator.code: indicator for indicator in held.in_scope}
    with st.form("leave_out", border=False):
        st.selectbox(
            "指标",
            list(by_code),
            index=None,
            format_func=lambda code: _named(by_code[code]),
            placeholder="选择本区不涉及的指标",
            key="left_out_code",
        )
        st.text_input(
            "理由",
            key="left_out_reason",
            max_chars=200,
            placeholder="例如：本区没有尾矿库，区应急局2021年3月核实",
        )
        st.form_submit_button("认定不涉及", on_click=leave_out, key="leave_out_now")


def leave_out() -> None:
    code, reason = st.session_state.left_out_code, st.session_state.left_out_reason
    with messages.outcome("已认定不涉及，全区得分已重新计算。"):
        by = access.current_user()
        if code is None:
            raise BadInput("请选择本区不涉及的指标。")
        with transaction() as session:
            preferences.leave_out(
                session, indicator_code=code, reason=reason, by=by, now=settings.now()
            )
        st.session_state.left_out_code, st.session_state.left_out_reason = None, ""


def take_in(code: str) -> None:
    with messages.outcome("已恢复为涉及，全区得分已重新计算。"):
        by = access.current_user()
        with transaction() as session:
            preferences.take_in(session, indicator_code=code, by=by)
