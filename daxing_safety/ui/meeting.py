"""调度会: the list of meetings, opening one, and going through it unit by unit.

The meeting, the unit and the view stand in the address.
"""

from datetime import date

import streamlit as st

from daxing_safety import past, settings, wording
from daxing_safety.actions import meetings as verbs
from daxing_safety.database import transaction
from daxing_safety.errors import NotFound
from daxing_safety.models import Meeting, User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import days, meeting_figures, meeting_minutes, tasks
from daxing_safety.reports import meetings as reports
from daxing_safety.reports.meeting_figures import Slide
from daxing_safety.reports.meetings import Head, Held
from daxing_safety.ui import access, grid, meeting_records, meeting_slide, messages
from daxing_safety.ui.kept import kept
from daxing_safety.ui.messages import plain

MEETING, UNIT, VIEW, MINUTES = "meeting", "unit", "view", "minutes"


def asked() -> int | None:
    """The meeting in the address, where anything may stand. Raises NotFound."""
    number = st.query_params.get(MEETING)
    if number is None:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) <= 9):
        raise NotFound("没有这次调度会，请从会议列表中打开。")
    return int(number)


def _go(**address: str) -> None:
    """For callbacks."""
    st.query_params.from_dict(address)


# ---- the meetings -------------------------------------------------------------------------------


def show_list(viewer: User) -> None:
    found = kept(reports.heads, viewer=viewer)
    if allows(viewer, Permission.MANAGE_PROBLEMS) and all(head.closed_at for head in found):
        _offer_opening(viewer)
    if not found:
        st.info(
            "还没有开过调度会。创安办召开后，数据即固定下来，每家单位一页，会上定的事当场记录。",
            icon=":material/co_present:",
        )
    for head in found:
        _show_head(head)


def _show_head(head: Head) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"**{plain(head.name)}**")
            st.caption(
                f"{wording.moment(head.opened_at)}召开 · 数据截至{wording.day(head.day)} · "
                f"记录 {head.items} 项"
            )
        st.badge("进行中", color="green") if head.closed_at is None else st.badge("已结束")
        address = {MEETING: str(head.id)}
        label = "查看" if head.closed_at else "进入会议"
        st.button(label, on_click=_go, kwargs=address, key=f"open_{head.id}")
        st.button("纪要", on_click=_go, kwargs=address | {VIEW: MINUTES}, key=f"minutes_{head.id}")


def _offer_opening(viewer: User) -> None:
    today = settings.today()
    span = kept(days.span, viewer=viewer)
    units = kept(tasks.choices, viewer=viewer).units
    with st.form("opening"):
        st.subheader("召开调度会", anchor=False)
        name, day = st.columns([3, 1])
        name.text_input("会议名称", f"{wording.day(today)}调度会", max_chars=60, key="meeting_name")
        day.date_input(
            "数据截至",
            today,
            min_value=min(span.first, today),
            max_value=today,
            format="YYYY-MM-DD",
            key="meeting_day",
            help="选今天，即按召开那一刻的数据；选往日，按那一天结束时的数据。",
        )
        st.multiselect(
            "单位",
            list(units),
            format_func=units.__getitem__,
            placeholder="不选即全部单位，分组从得分率低的排起；选了的按选的次序",
            key="meeting_units",
        )
        st.form_submit_button("召开会议", type="primary", on_click=_open)


def _open() -> None:
    name = st.session_state["meeting_name"]
    day: date = st.session_state["meeting_day"]
    codes = tuple(st.session_state["meeting_units"])
    with messages.outcome():
        by = access.current_user()
        with transaction() as session, past.reading_on(day) as then:
            # Of today: in the write's own transaction, so that nothing comes in between.
            source = then if day < settings.today() else session
            slides = meeting_figures.take(source, viewer=by, today=day, unit_codes=codes)
            figures = meeting_figures.as_text(slides)
            meeting = verbs.open_meeting(
                session, name=name, day=day, figures=figures, by=by, now=settings.now()
            )
            session.flush()
        _go(meeting=str(meeting.id))


# ---- one meeting --------------------------------------------------------------------------------


def show(meeting_id: int, viewer: User) -> None:
    held = kept(reports.held, viewer=viewer, meeting_id=meeting_id, today=settings.today())
    is_office = allows(viewer, Permission.MANAGE_PROBLEMS)
    _show_bar(held, is_office)
    if st.query_params.get(VIEW) == MINUTES:
        _show_minutes(held)
        return
    place = _place(held)
    slide = held.slides[place]
    _show_turns(held, place)
    earlier = held.earlier.get(slide.code, [])
    recorded = held.recorded.get(slide.code, [])
    st.html(meeting_slide.drawn(slide, held.head.day, earlier, recorded))
    if is_office:
        going_on = held.head.id if held.is_open else None
        if going_on:
            meeting_records.offer(going_on, slide, viewer)
        meeting_records.offer_checks([*earlier, *recorded], going_on=going_on)


def _show_bar(held: Held, is_office: bool) -> None:
    head, address = held.head, {MEETING: str(held.head.id)}
    with st.container(horizontal=True, vertical_alignment="center", key="meeting_bar"):
        st.button("全部会议", icon=":material/list:", on_click=_go, key="all_meetings")
        state = "进行中" if held.is_open else "已结束"
        said = f"**{plain(head.name)}**（{state}）　{meeting_minutes.figures_of(held)}，不再变动"
        st.markdown(said, width="stretch")
        if st.query_params.get(VIEW) == MINUTES:
            st.button("回到各单位", on_click=_go, kwargs=address, key="slides")
        else:
            address = address | {VIEW: MINUTES}
            label = f"会议纪要（{len(held.minutes)} 项）"
            st.button(label, on_click=_go, kwargs=address, key="minutes")
        if is_office and held.is_open:
            with st.popover("结束会议"):
                st.write("结束后不能再记录，各页和纪要仍可查看。")
                st.button(
                    "确认结束",
                    type="primary",
                    on_click=_close,
                    args=(head.id,),
                    key="close_meeting",
                )


def _close(meeting_id: int) -> None:
    with messages.outcome("会议已结束。"):
        by = access.current_user()
        with transaction() as session:
            meeting = session.get_one(Meeting, meeting_id)
            verbs.close_meeting(session, meeting=meeting, by=by, now=settings.now())
        _go(meeting=str(meeting_id), view=MINUTES)


def _place(held: Held) -> int:
    """Of the unit in the address; of one that has no slide, the first."""
    codes = [slide.code for slide in held.slides]
    code = st.query_params.get(UNIT, "")
    return codes.index(code) if code in codes else 0


def _show_turns(held: Held, place: int) -> None:
    """Large enough for a finger."""
    slides = held.slides
    before, among, after = st.columns([1, 2, 1], vertical_alignment="center")
    with before:
        _turn("上一家", slides[place - 1] if place else None, held, "before")
    names = [_listed(slide, at, len(slides)) for at, slide in enumerate(slides)]
    among.selectbox(
        "单位",
        range(len(slides)),
        index=place,
        format_func=names.__getitem__,
        key=f"slide_{slides[place].code}",
        on_change=_choose,
        args=(held, f"slide_{slides[place].code}"),
        label_visibility="collapsed",
    )
    with after:
        _turn("下一家", slides[place + 1] if place + 1 < len(slides) else None, held, "after")


def _turn(label: str, to: Slide | None, held: Held, key: str) -> None:
    st.button(
        f"{label}：{to.name}" if to else label,
        on_click=_go_to,
        args=(held, to.code if to else ""),
        disabled=to is None,
        icon=":material/arrow_back:" if key == "before" else ":material/arrow_forward:",
        width="stretch",
        key=f"turn_{key}",
    )


def _listed(slide: Slide, at: int, of: int) -> str:
    return (
        f"{at + 1}／{of}　{slide.name}（{slide.group.value}，失 {wording.points(slide.lost)} 分）"
    )


def _choose(held: Held, key: str) -> None:
    _go_to(held, held.slides[st.session_state[key]].code)


def _go_to(held: Held, unit_code: str) -> None:
    _go(meeting=str(held.head.id), unit=unit_code)


def _show_minutes(held: Held) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(meeting_minutes.note(held), width="stretch")
        st.link_button(
            "下载会议纪要要点",
            f"/download/minutes/{held.head.id}",
            icon=":material/download:",
        )
    if not held.minutes:
        st.info("还没有记录。在各单位的页上记承诺、定时限、记问题。", icon=":material/edit_note:")
        return
    grid.table(
        reports.table(held.minutes),
        "会上定的事",
        row_height=grid.TALL,
        unit=grid.text("单位", 120, pinned=True),
        kind=grid.text("类别", 64),
        text=grid.text("内容", 420),
        number=grid.text("问题编号", 90),
        due_on=grid.day("完成时限"),
        fate=grid.text("目前情况", 130),
        status=grid.text("整改状态", 90),
        by=grid.text("记录人", 90),
        at=grid.moment("记录时间"),
    )
