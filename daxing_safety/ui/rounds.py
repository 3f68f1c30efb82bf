"""填报 for the office: the round and its clock, who is in and who is missing, files by mail."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import rounds
from daxing_safety.database import transaction
from daxing_safety.models import Round, Unit
from daxing_safety.reports.reminders import reminder, tone
from daxing_safety.reports.submissions import MISSING, Line, group_table, unit_table
from daxing_safety.ui import access, grid, messages
from daxing_safety.ui.messages import plain
from daxing_safety.vocabulary import Group, ReviewState, RoundState, Sheet
from daxing_safety.wording import moment, time_left

USUAL_HOUR = time(17)
USUAL_TIME = timedelta(days=14)
LATE_TIME = timedelta(days=2)
STATES = (
    MISSING,
    ReviewState.PENDING.value,
    ReviewState.RETURNED.value,
    ReviewState.ACCEPTED.value,
)


# ---- the round ----


def show_open_form(now: datetime) -> None:
    """Only while no round is open."""
    with st.container(border=True):
        st.subheader("开启填报期", anchor=False)
        st.caption("开启后，各单位即可下载只含本单位事项、已填好上次内容的填报表。")
        with st.form("open_round", border=False):
            name, due, sheets = st.columns([1.2, 1, 1.4])
            name.text_input("名称", placeholder=f"例如“{now:%Y年}{now.month}月”", key="round_name")
            due.datetime_input("截止时间", value=usual_due(now), key="round_due", step=1800)
            sheets.pills(
                "要填的表",
                list(Sheet),
                selection_mode="multi",
                default=list(Sheet),
                format_func=lambda sheet: sheet.value,
                key="round_sheets",
            )
            st.form_submit_button("开启", type="primary", on_click=open_round, key="open")


def is_open(round_: Round) -> bool:
    return round_.state is RoundState.OPEN


def usual_due(now: datetime) -> datetime:
    return datetime.combine(now.date() + USUAL_TIME, USUAL_HOUR)


def open_round() -> None:
    asked = st.session_state
    with messages.outcome(f"已开启填报期“{asked.round_name.strip()}”。"):
        by = access.current_user()
        with transaction() as session:
            rounds.open_round(
                session,
                name=asked.round_name,
                due_at=asked.round_due,
                sheets=asked.round_sheets,
                by=by,
                now=settings.now(),
            )


def choose(found: Sequence[Round]) -> Round | None:
    """Under the page's title; the newest, unless the address or the viewer names another."""
    by_name = {round_.name: round_ for round_ in found}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("填报", anchor=False, width="stretch")
        if not found:
            return None
        name = st.selectbox(
            "填报期",
            list(by_name),
            key="round",
            bind="query-params",
            label_visibility="collapsed",
            width=280,
        )
    return by_name.get(name, found[0])


def show_round(round_: Round, lines: Sequence[Line], now: datetime) -> None:
    """The state of the round, and what may be done with it now."""
    with st.container(border=True):
        what, left, verbs = st.columns([2.4, 1, 1], vertical_alignment="center")
        with what:
            st.subheader(plain(round_.name), anchor=False)
            st.text(f"{round_.state.value}，截止时间 {moment(round_.due_at)}")
        with left:
            _show_clock(round_, now)
        with verbs:
            _offer_verbs(round_, lines)


def _show_clock(round_: Round, now: datetime) -> None:
    if is_open(round_):
        is_over = now > round_.due_at
        st.metric("已过截止时间" if is_over else "距截止还有", time_left(now, round_.due_at))
    elif round_.frozen_at:
        st.metric("封存于", f"{round_.frozen_at:%Y-%m-%d}")


def _offer_verbs(round_: Round, lines: Sequence[Line]) -> None:
    with st.container(horizontal=True, horizontal_alignment="right"):
        if is_open(round_):
            if st.button("开通补报", key="late"):
                st.dialog(f"开通补报：{plain(round_.name)}")(_ask_late)(round_, lines)
            if st.button("截止填报", key="close"):
                _confirm(round_, "截止填报", CLOSING, close)
        if round_.state is RoundState.CLOSED:
            if st.button("重新开启", key="reopen"):
                _confirm(round_, "重新开启", REOPENING, reopen)
            if st.button("封存", key="freeze"):
                _confirm(round_, "封存", FREEZING, freeze)


CLOSING = "截止后，各单位不能再上传这一期的填报表。封存以前可以重新开启。"
REOPENING = "重新开启后，各单位可以继续上传。请定一个新的截止时间。"
FREEZING = "封存后，这一期的得分和进展固定下来，作为以后对比的依据。封存不能撤销。"


def _confirm(round_: Round, title: str, text: str, verb: Callable[[int], None]) -> None:
    st.dialog(f"{title}：{plain(round_.name)}")(_ask)(round_, title, text, verb)


def _ask(round_: Round, title: str, text: str, verb: Callable[[int], None]) -> None:
    st.text(text)
    if verb is reopen:
        st.datetime_input(
            "新的截止时间", value=usual_due(settings.now()), key="reopened_due", step=1800
        )
    yes, no = st.columns(2)
    if yes.button(
        f"确认{title}", type="primary", on_click=verb, args=(round_.id,), width="stretch"
    ):
        st.rerun()
    if no.button("取消", width="stretch"):
        st.rerun()


def _ask_late(round_: Round, lines: Sequence[Line]) -> None:
    st.text("截止时间过后，只有开通了补报的单位还能上传，并记为逾期报送。")
    names = {line.unit_code: line.unit for line in lines}
    st.selectbox("单位", list(names), format_func=names.__getitem__, key="late_unit")
    st.datetime_input("补报时限", value=round_.due_at + LATE_TIME, key="late_until", step=1800)
    st.text_input("理由", key="late_reason", max_chars=200)
    if st.button("确认开通", type="primary", on_click=allow_late, args=(round_.id,), key="allow"):
        st.rerun()


def allow_late(round_id: int) -> None:
    asked = st.session_state
    unit_code, until, reason = asked.late_unit, asked.late_until, asked.late_reason
    with messages.outcome("已开通补报。"):
        by = access.current_user()
        with transaction() as session:
            rounds.allow_late(
                session,
                round_=session.get_one(Round, round_id),
                unit=session.get_one(Unit, unit_code),
                until=until,
                reason=reason,
                by=by,
            )


def close(round_id: int) -> None:
    with messages.outcome("已截止填报。"):
        by = access.current_user()
        with transaction() as session:
            rounds.close_round(session, round_=session.get_one(Round, round_id), by=by)


def reopen(round_id: int) -> None:
    due_at = st.session_state.reopened_due
    with messages.outcome("已重新开启。"):
        by = access.current_user()
        with transaction() as session:
            round_ = session.get_one(Round, round_id)
            rounds.reopen_round(session, round_=round_, due_at=due_at, by=by)


def freeze(round_id: int) -> None:
    with messages.outcome("已封存。"):
        by = access.current_user()
        with transaction() as session:
            round_ = session.get_one(Round, round_id)
            rounds.freeze_round(session, round_=round_, by=by, now=settings.now())


# ---- who is in ----


def show_board(lines: Sequence[Line]) -> None:
    grid.table(
        group_table(lines),
        "各组报送情况",
        group=grid.text("分组", 90),
        expected=grid.number("应报", 64),
        received=grid.number("已报", 64),
        rate=st.column_config.ProgressColumn(
            "报送率", width=170, min_value=0, max_value=100, format="%.0f%%"
        ),
        missing=grid.number(MISSING, 72),
        late=grid.number("其中逾期", 84),
        pending=grid.number(ReviewState.PENDING.value, 72),
        returned=grid.number(ReviewState.RETURNED.value, 72),
        accepted=grid.number(ReviewState.ACCEPTED.value, 72),
    )


def filter_lines(lines: Sequence[Line]) -> list[Line]:
    group, state = st.columns(2)
    groups = group.pills(
        "分组",
        [group.value for group in Group],
        selection_mode="multi",
        key="groups",
        bind="query-params",
    )
    states = state.pills("状态", STATES, selection_mode="multi", key="states", bind="query-params")
    return [
        line
        for line in lines
        if (not groups or line.group.value in groups) and (not states or line.state in states)
    ]


def show_units(lines: Sequence[Line], round_: Round) -> None:
    if not lines:
        st.caption("没有符合条件的单位。")
        return
    grid.table(
        unit_table(lines),
        "各单位报送情况",
        group=grid.text("分组", 72),
        unit=grid.text("单位", 150),
        state=grid.state(),
        version=grid.text("版本", 72),
        submitted_at=grid.moment("报送时间"),
        punctuality=grid.text("时效", 64),
        late_until=grid.moment("补报至"),
        original=grid.link("原件", "下载"),
        **({"template": grid.link("填报表", "下载")} if is_open(round_) else {}),
    )


def show_missing(round_: Round, lines: Sequence[Line], now: datetime) -> None:
    """To be copied into a message."""
    text = reminder(round_, lines, now)
    if text:
        missing = sum(line.version is None for line in lines)
        with st.expander(f"{tone(round_, now).value}文字（未报送 {missing} 个单位），可复制"):
            st.code(text, language=None, wrap_lines=True)


# ---- workbooks out ----


def offer_templates(round_: Round, lines: Sequence[Line]) -> None:
    st.text(f"每个单位一份，只含本单位的事项，上次报送的内容已填好。共 {len(lines)} 份。")
    st.link_button(
        "下载全部填报表（zip）",
        f"/download/templates/{round_.id}",
        icon=":material/folder_zip:",
        type="primary",
    )
    st.caption("各单位登录后也可自行下载。只要某一个单位的，在“报送情况”的“填报表”一栏下载。")
