"""抽查评估 for an expert, on the spot and on a phone: the own list, and one thing at a time.

Nothing here is kept between viewers: every run reads what was drawn for this one.
"""

from collections.abc import Sequence

import streamlit as st

from daxing_safety import settings, wording
from daxing_safety.actions import spot_findings
from daxing_safety.database import reading, transaction
from daxing_safety.models import SpotCheck, User
from daxing_safety.reports.spot_checks import checks, items
from daxing_safety.reports.spot_checks.checks import Head
from daxing_safety.reports.spot_checks.items import Row
from daxing_safety.ui import access, messages
from daxing_safety.ui.messages import plain
from daxing_safety.ui.spot_checks import finding, item

ITEM = "item"
WIDTH = 760  # pixels: on a phone it is the screen's


def show(viewer: User) -> None:
    today = settings.today()
    with reading() as session:
        heads = checks.heads(session, viewer=viewer, today=today)
        rows = items.rows(session, viewer=viewer, today=today)
    with st.container(width=WIDTH):
        if row := _asked(rows):
            _show_one(row, [each for each in rows if each.check_id == row.check_id])
        else:
            _show_list(heads, rows)


def _asked(rows: Sequence[Row]) -> Row | None:
    """The item in the address; what is not one's own is as good as nothing."""
    wanted = st.query_params.get(ITEM, "")
    return next((row for row in rows if str(row.id) == wanted), None)


def _go(item_id: int | None = None) -> None:
    """For callbacks."""
    st.query_params.from_dict({ITEM: str(item_id)} if item_id else {})


# ---- the list -----------------------------------------------------------------------------------


def _show_list(heads: Sequence[Head], rows: Sequence[Row]) -> None:
    st.title("抽查评估", anchor=False)
    if not heads:
        st.info(
            "现在没有抽给您核查的事项。抽查到期或撤销后，清单随即关闭；有疑问请与区创安办联系。",
            icon=":material/event_busy:",
        )
    for head in heads:
        _show_check(head, [row for row in rows if row.check_id == head.id])


def _show_check(head: Head, rows: Sequence[Row]) -> None:
    st.subheader(plain(head.name), anchor=False)
    st.progress(
        head.answered / head.items,
        f"已填 {head.answered} / {head.items} 项，{wording.day(head.until)}前交回",
    )
    _offer_handing_in(head)
    for row in rows:
        with st.container(border=True, gap="xsmall"):
            item.show_badges(row)
            st.markdown(plain(f"{row.unit}　{wording.shortened(row.gist, 80)}"))
            label = "查看" if row.is_settled else "修改" if row.is_answered else "核查"
            st.button(
                label,
                type="secondary" if row.is_answered else "primary",
                on_click=_go,
                args=(row.id,),
                width="stretch",
                key=f"look_{row.id}",
            )


def _offer_handing_in(head: Head) -> None:
    if head.is_handed_in:
        st.success("已交回，谢谢。到期以前您仍可以查看。", icon=":material/task_alt:")
        return
    left = head.items - head.answered
    with st.popover("交回", icon=":material/outgoing_mail:", disabled=bool(left)):
        st.write("交回后不能再改，由区创安办处理。")
        st.button(
            "确认交回", type="primary", on_click=hand_in, args=(head.id,), key=f"hand_in_{head.id}"
        )
    if left:
        st.caption(f"还有 {left} 项没有填写，填完即可交回。已填的随时可以改。")


def hand_in(check_id: int) -> None:
    with messages.outcome("已交回，谢谢。"):
        by = access.current_user()
        with transaction() as session:
            check = session.get_one(SpotCheck, check_id)
            spot_findings.hand_in(session, check=check, by=by, now=settings.now())


# ---- one thing ----------------------------------------------------------------------------------


def _show_one(row: Row, rows: Sequence[Row]) -> None:
    place = [each.id for each in rows].index(row.id)
    _show_turns(rows, place)
    st.subheader(plain(row.unit), anchor=False)
    item.show_badges(row)
    st.text(item.QUESTIONS[row.source])
    item.show_stated(row)
    if not row.is_settled:
        finding.ask(row)
    elif row.answer:
        item.show_found(row, row.answer)


def _show_turns(rows: Sequence[Row], place: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("清单", icon=":material/list:", on_click=_go, key="to_list")
        for label, at, key in (("上一项", place - 1, "before"), ("下一项", place + 1, "after")):
            is_there = 0 <= at < len(rows)
            st.button(
                label,
                on_click=_go,
                args=(rows[at].id if is_there else None,),
                disabled=not is_there,
                key=f"item_{key}",
            )
        st.caption(f"第 {place + 1} 项，共 {len(rows)} 项", width="content")
