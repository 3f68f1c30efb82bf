"""待办 as it is shown: a line an item, a link to where it is done, and answers on the spot."""

import time
from collections.abc import Callable, Sequence
from datetime import date
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import appeals, duties
from daxing_safety.database import reading, transaction
from daxing_safety.errors import BadInput
from daxing_safety.models import Unit, User
from daxing_safety.reports import todo
from daxing_safety.reports.todo.items import (
    Appeal,
    Case,
    Contestable,
    Disclaimer,
    Item,
    PeerQuestion,
    PeerReply,
    Section,
    Urgency,
)
from daxing_safety.reports.todo.office import may_take_over
from daxing_safety.ui import access, messages
from daxing_safety.ui.grid import Colour
from daxing_safety.ui.kept import kept
from daxing_safety.ui.messages import plain
from daxing_safety.ui.problems import peer_answers
from daxing_safety.vocabulary import Role
from daxing_safety.wording import day_of_year

NUMBER, NUMBER_LASTS_S = "number_waiting", 30.0
MOST_LINES = 12  # of a section that are shown at once

COLOURS: dict[Urgency, Colour] = {
    Urgency.OVERDUE: "red",
    Urgency.TODAY: "orange",
    Urgency.SOON: "yellow",
    Urgency.NORMAL: "gray",
}
NOTES = {
    Section.WAITS: "办完即从这里消失。",
    Section.CAME_BACK: "创安办的审核意见和答复。灰色标签的只作告知，不计入件数。",
    Section.FALLS_DUE: "从逾期最久的列起。",
}


def items(viewer: User) -> Sequence[Item]:
    """Kept by the minute: what waits may change without a write, but slowly."""
    if viewer.role is Role.ADMIN:  # accounts, disk and backups have no version
        with reading() as session:
            return todo.items(session, viewer=viewer, now=settings.now())
    minute = settings.now().replace(second=0)
    return kept(todo.items, viewer=viewer, now=minute)


class Number(NamedTuple):
    """What this tab last showed in the navigation."""

    username: str
    counted_at: float
    value: int


def number_waiting(viewer: User) -> int:
    """For the navigation: counted at once after a button of this tab, else every half minute.

    It stands on every screen: counted anew after everybody's writes, it cost a seventh of the
    server when all units handed in.
    """
    held: Number | None = st.session_state.get(NUMBER)
    has_acted = messages.has_acted()
    if has_acted or held is None or held.username != viewer.username or is_old(held):
        return _count(items(viewer), viewer).value
    return held.value


def is_old(number: Number) -> bool:
    return time.monotonic() - number.counted_at > NUMBER_LASTS_S


def _count(found: Sequence[Item], viewer: User) -> Number:
    number = Number(viewer.username, time.monotonic(), todo.number_waiting(found, viewer))
    st.session_state[NUMBER] = number
    return number


def agree(found: Sequence[Item], viewer: User) -> None:
    """The number beside the page's name is that of the lines on it."""
    shown: Number | None = st.session_state.get(NUMBER)
    if shown and _count(found, viewer).value != shown.value:
        st.rerun()


def show_count(found: Sequence[Item], viewer: User) -> None:
    """How many there are, and how pressing they are."""
    counts = todo.by_urgency(found, viewer)
    if not counts:
        st.success("没有等您办理的事。", icon=":material/task_alt:")
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.text(f"共 {counts.total()} 件等您办理")
        for urgency, colour in COLOURS.items():
            if counts[urgency]:
                st.badge(f"{urgency.value} {counts[urgency]}", color=colour)


def show_sections(found: Sequence[Item], viewer: User) -> None:
    """That with the most pressing line on top."""
    for section in dict.fromkeys(item.section for item in found):
        _show_section(section, found, viewer)


def _show_section(section: Section, found: Sequence[Item], viewer: User) -> None:
    of_section = [item for item in found if item.section is section]
    first, others = of_section[:MOST_LINES], of_section[MOST_LINES:]
    with st.container(gap="xsmall"):
        st.subheader(f"{section.value}　{len(of_section)}", anchor=False)
        st.caption(NOTES[section])
        _show_lines(first, viewer)
        if others:
            with st.expander(f"还有 {len(others)} 件"):
                _show_lines(others, viewer)


def _show_lines(found: Sequence[Item], viewer: User) -> None:
    for item in found:
        with st.container(border=True):
            what, verbs = st.columns([4, 1.1], vertical_alignment="center")
            with what.container(gap="xxsmall"):
                _show_words(item)
            with verbs:
                _offer_verbs(item, viewer)


def _show_words(item: Item) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if item.urgency is not Urgency.NORMAL:
            st.badge(item.urgency.value, color=COLOURS[item.urgency])
        st.badge(item.kind.value, color="gray" if item.is_news else "blue")
        st.caption(_when(item, settings.today()), width="content")
    st.markdown(f"**{plain(item.title)}**")
    if item.detail:
        st.caption(plain(item.detail))


def _when(item: Item, today: date) -> str:
    if item.urgency is Urgency.OVERDUE and item.due_on and item.due_on < today:
        return f"已逾期 {(today - item.due_on).days} 天"
    if item.due_on:
        return f"{day_of_year(item.due_on)}到期"
    return f"{day_of_year(item.since)}起" if item.since else ""


def _offer_verbs(item: Item, viewer: User) -> None:
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if item.case is not None and item.can_be_answered_by(viewer):
            label, ask = FORMS[type(item.case)]
            if st.button(label, key="_".join(["answer", *map(_plain_name, item.case)])):
                st.dialog(label, width="medium")(_draw_form)(item, ask)
        st.page_link(
            settings.ROOT / "pages" / f"{item.link.page}.py",
            label=item.link.label,
            icon=":material/arrow_forward:",
            icon_position="right",
            query_params=item.link.asked or None,
        )


def _plain_name(part: Any) -> str:
    return str(part.name) if isinstance(part, Enum) else str(part)


def _draw_form(item: Item, ask: Callable[[Item], None]) -> None:
    st.markdown(f"**{plain(item.title)}**")
    st.text(item.detail)
    ask(item)


# ---- 申诉 ----


def _ask_to_contest(item: Item) -> None:
    st.text("每项只能申诉一次，由原审核人以外的人答复。")
    st.text_area("申诉理由", key="contest_reason", max_chars=500)
    _offer("提交申诉", contest, item.case)


def contest(case: Contestable) -> None:
    reason = st.session_state.contest_reason
    with messages.outcome(f"{case.code} 已申诉，答复后会列在“待办”。"):
        by = access.current_user()
        with transaction() as session:
            appeals.contest(
                session,
                unit=session.get_one(Unit, case.unit_code),
                row=(case.sheet, case.code),
                reason=reason,
                by=by,
                now=settings.now(),
            )


UPHELD, REFUSED = "支持申诉，按单位所报认可", "不支持，维持原审核意见"


def _ask_for_answer(item: Item) -> None:
    st.radio("答复", [UPHELD, REFUSED], index=None, key="answer_verdict")
    st.text_area("答复意见", key="answer_text", max_chars=500)
    _offer("答复", answer, item.case)


def answer(case: Appeal) -> None:
    asked = st.session_state
    said, text = asked.answer_verdict, asked.answer_text
    with messages.outcome("已答复，单位会在“待办”看到。"):
        if said is None:
            raise BadInput("请选择支持还是不支持这项申诉。")
        by = access.current_user()
        with transaction() as session:
            appeals.answer(
                session,
                unit=session.get_one(Unit, case.unit_code),
                row=(case.sheet, case.code),
                is_upheld=said == UPHELD,
                text=text,
                by=by,
                now=settings.now(),
            )


# ---- 不属本单位职责 ----


def _ask_for_decision(item: Item) -> None:
    assert isinstance(item.case, Disclaimer)
    with reading() as session:
        units = may_take_over(session, item.case.work_point_code)
    st.selectbox(
        "改由哪个单位承担",
        list(units),
        index=None,
        format_func=units.__getitem__,
        placeholder="不改派，驳回异议",
        key="duty_unit",
    )
    st.text_area("理由，双方单位都会看到", key="duty_reason", max_chars=500)
    label = "改派" if st.session_state.duty_unit else "驳回，仍由该单位承担"
    _offer(label, decide, item.case)


def decide(case: Disclaimer) -> None:
    to_unit, reason = st.session_state.duty_unit, st.session_state.duty_reason
    with messages.outcome(f"{case.work_point_code} 已{'改派' if to_unit else '驳回'}。"):
        by = access.current_user()
        with transaction() as session:
            verb = duties.refuse
            if to_unit:
                verb = partial(duties.reassign, to_unit=session.get_one(Unit, to_unit))
            verb(
                session,
                work_point_code=case.work_point_code,
                unit=session.get_one(Unit, case.unit_code),
                reason=reason,
                by=by,
                now=settings.now(),
            )


def _offer(label: str, verb: Callable[..., None], case: Case | None) -> None:
    """Closes the dialog once it is clicked; what came of it stands above the page."""
    if st.button(label, type="primary", on_click=verb, args=(case,), key="say_so"):
        st.rerun()


# A new kind of case: what its button says, and the form that asks for the answer.
FORMS: dict[type[Case], tuple[str, Callable[[Item], None]]] = {
    Contestable: ("申诉", _ask_to_contest),
    Appeal: ("答复申诉", _ask_for_answer),
    Disclaimer: ("处理异议", _ask_for_decision),
    PeerQuestion: ("答复举一反三", peer_answers.ask),
    PeerReply: ("更正答复", peer_answers.ask),
}
