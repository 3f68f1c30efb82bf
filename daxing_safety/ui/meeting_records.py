"""What the office records on the spot of a 调度会: promises, deadlines, problems.

Every form bears the number of its generation, which each record raises: a second click finds
nothing left to record. What is refused stays on the screen.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import meetings as verbs
from daxing_safety.actions import moves
from daxing_safety.database import transaction
from daxing_safety.errors import BadInput
from daxing_safety.models import Meeting, MeetingItem, Problem, Unit, User
from daxing_safety.reports import meetings
from daxing_safety.reports.meeting_figures import Slide
from daxing_safety.reports.meetings import Line
from daxing_safety.reports.problems import filters as problem_filters
from daxing_safety.ui import access, messages
from daxing_safety.ui.kept import kept
from daxing_safety.ui.messages import plain
from daxing_safety.vocabulary import MeetingItemKind, Severity
from daxing_safety.wording import day_of_year, gist, shortened

GENERATION = "meeting_form"
USUAL = timedelta(days=7)
Said = dict[str, Any]
Verb = Callable[[Any, Meeting, Said, User], None]  # within a transaction, whose session comes first


def offer(meeting_id: int, slide: Slide, viewer: User) -> None:
    """A button each; the form opens over the slide."""
    with st.container(horizontal=True, key="meeting_records"):
        for label, icon, ask, verb in (
            ("记承诺", "handshake", _ask_promise, _promise),
            ("定时限", "event", _ask_deadline, _deadline),
            ("记问题", "assignment_late", _ask_problem, _problem),
        ):
            if st.button(label, icon=f":material/{icon}:", key=f"record_{verb.__name__}"):
                st.dialog(f"{slide.name}：{label}", width="large")(_draw)(
                    _generation(), meeting_id, slide, viewer, ask, verb
                )


def _generation() -> int:
    return st.session_state.setdefault(GENERATION, 0)


def _key(name: str) -> str:
    return f"meeting_{_generation()}_{name}"


def _draw(
    opened: int,
    meeting_id: int,
    slide: Slide,
    viewer: User,
    ask: Callable[[Slide, User], tuple[str, ...]],
    verb: Verb,
) -> None:
    """A click in a dialog draws only the dialog anew; it ends once the record is made."""
    if _generation() != opened:
        st.rerun()
    messages.show_kept()
    names = ask(slide, viewer)
    st.button(
        "记录",
        type="primary",
        on_click=_record,
        args=(opened, meeting_id, slide, names, verb),
        key=_key("record"),
    )


def _record(opened: int, meeting_id: int, slide: Slide, names: tuple[str, ...], verb: Verb) -> None:
    if opened != _generation():
        return  # a second click
    said = {name: st.session_state[_key(name)] for name in names} | {"unit": slide.code}
    with messages.outcome():
        by = access.current_user()
        with transaction() as session:
            verb(session, session.get_one(Meeting, meeting_id), said, by)
        st.session_state[GENERATION] = opened + 1


# ---- the forms ----------------------------------------------------------------------------------


def _ask_day(label: str) -> str:
    today = settings.today()
    st.date_input(label, today + USUAL, min_value=today, format="YYYY-MM-DD", key=_key("due_on"))
    return "due_on"


def _ask_promise(slide: Slide, _: User) -> tuple[str, ...]:
    st.text_area(
        "单位承诺做到什么",
        max_chars=300,
        height=100,
        placeholder="如：阀门全部更换并试水",
        key=_key("text"),
    )
    return "text", _ask_day("什么时候以前")


def _promise(session: Any, meeting: Meeting, said: Said, by: User) -> None:
    verbs.record_promise(
        session,
        meeting=meeting,
        unit=session.get_one(Unit, said["unit"]),
        text=said["text"],
        due_on=said["due_on"],
        by=by,
        now=settings.now(),
    )


def _ask_deadline(slide: Slide, viewer: User) -> tuple[str, ...]:
    found = kept(meetings.problems_to_date, viewer=viewer, unit_code=slide.code)
    named = {problem.number: _in_words(problem) for problem in found}
    st.selectbox(
        "问题",
        list(named),
        index=None,
        format_func=named.__getitem__,
        placeholder="请选择" if named else "这家单位没有可以定时限的问题",
        key=_key("number"),
    )
    return "number", _ask_day("新的整改时限（待交办的随即交办，其他的须晚于原时限）")


def _in_words(problem: Problem) -> str:
    due = f"时限 {problem.due_on}" if problem.due_on else "没有时限"
    where = f"{gist(problem.site, 14)}，{gist(problem.description, 20)}"
    return f"{problem.number} {where}（{problem.status.value}，{due}）"


def _deadline(session: Any, meeting: Meeting, said: Said, by: User) -> None:
    if not said["number"]:
        raise BadInput("请选择给哪个问题定时限。")
    verbs.record_deadline(
        session,
        meeting=meeting,
        problem=moves.find(session, said["number"], viewer=by),
        due_on=said["due_on"],
        by=by,
        now=settings.now(),
    )


def _ask_problem(slide: Slide, viewer: User) -> tuple[str, ...]:
    choices = kept(problem_filters.choices, viewer=viewer)
    st.text_input("点位", max_chars=100, placeholder="具体到门牌、路段或设施", key=_key("site"))
    st.text_area("问题描述", max_chars=500, height=90, key=_key("description"))
    st.selectbox(
        "扣分条款",
        list(choices.rules_of_unit.get(slide.code, ())),
        index=None,
        format_func=choices.rules.__getitem__,
        placeholder="暂不对应条款",
        key=_key("rule_code"),
    )
    count, severity, due_on = st.columns(3)
    count.number_input("处数", min_value=1, max_value=9999, key=_key("count"))
    severity.selectbox(
        "严重程度", list(Severity), format_func=lambda each: each.value, key=_key("severity")
    )
    with due_on:
        day = _ask_day("整改时限")
    st.caption("记录后即登记并交办，计入核定分；发现方式为“督查检查”。")
    return "site", "description", "rule_code", "count", "severity", day


def _problem(session: Any, meeting: Meeting, said: Said, by: User) -> None:
    unit = session.get_one(Unit, said.pop("unit"))
    verbs.record_problem(session, meeting=meeting, unit=unit, by=by, now=settings.now(), **said)


# ---- promises in words, checked -----------------------------------------------------------------


def offer_checks(lines: Sequence[Line], *, going_on: int | None) -> None:
    """`going_on` is the meeting that lasts: what was recorded in it can still be struck."""
    spoken = [line for line in lines if line.item.kind is MeetingItemKind.PROMISE]
    if not spoken:
        return
    st.markdown("**核实承诺**")
    for line in spoken:
        _offer_check(line, can_strike=line.item.meeting_id == going_on)


def _offer_check(line: Line, *, can_strike: bool) -> None:
    item = line.item
    with st.container(horizontal=True, vertical_alignment="center"):
        said = f"{shortened(item.text, 60)}（{day_of_year(item.due_on)}以前，{line.fate.value}）"
        st.markdown(plain(said), width="stretch")
        for label, is_kept in (("已兑现", True), ("没有兑现", False)):
            st.button(
                label,
                on_click=_check,
                args=(item.id, is_kept),
                disabled=item.is_kept is is_kept,
                key=f"check_{item.id}_{is_kept}",
            )
        if can_strike:
            st.button("删去", on_click=_strike, args=(item.id,), key=f"strike_{item.id}")


def _check(item_id: int, is_kept: bool) -> None:
    with messages.outcome():
        by = access.current_user()
        with transaction() as session:
            item = session.get_one(MeetingItem, item_id)
            verbs.check_promise(session, item=item, is_kept=is_kept, by=by, now=settings.now())


def _strike(item_id: int) -> None:
    with messages.outcome("承诺已删去。"):
        by = access.current_user()
        with transaction() as session:
            verbs.strike_promise(session, item=session.get_one(MeetingItem, item_id), by=by)
