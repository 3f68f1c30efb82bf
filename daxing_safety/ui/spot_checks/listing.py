"""抽查评估 for who sees the district: the checks, a new draw, and 可信度 over all of them."""

import streamlit as st

from daxing_safety import settings, wording
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports.spot_checks import checks, trust
from daxing_safety.reports.spot_checks.checks import Head
from daxing_safety.ui.grid import Colour
from daxing_safety.ui.kept import kept
from daxing_safety.ui.messages import plain
from daxing_safety.ui.spot_checks import address, drawing
from daxing_safety.ui.spot_checks import trust as trust_tables

COLOURS: dict[str, Colour] = {checks.OPEN: "green", checks.OVER: "gray", checks.WITHDRAWN: "gray"}


def show(viewer: User) -> None:
    listed, trusted = st.tabs(
        ["抽查", "可信度"], key="view", on_change="rerun", bind="query-params"
    )
    if trusted.open:
        with trusted:
            trust_tables.show(kept(trust.found, viewer=viewer, today=settings.today()))
        return
    with listed:
        if allows(viewer, Permission.MANAGE_SPOT_CHECKS):
            drawing.offer(viewer)
        found = kept(checks.heads, viewer=viewer, today=settings.today())
        if not found:
            st.info(
                "还没有抽查。创安办随机抽取自查达标的条款和申请销号、已销号的问题，"
                "交专家到现场核查，看各单位的自评有几分可信。",
                icon=":material/shuffle:",
            )
        for head in found:
            _show_head(head)


def _show_head(head: Head) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap="xxsmall"):
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.badge(head.state, color=COLOURS[head.state])
                if head.waiting:
                    st.badge(f"待处理 {head.waiting}", color="red")
                st.markdown(f"**{plain(head.name)}**", width="content")
            st.caption(plain(in_short(head)))
        label = "去处理" if head.waiting else "查看"
        st.button(label, on_click=address.go, args=(head.id,), key=f"open_{head.id}")


def in_short(head: Head) -> str:
    """从 812 项中随机抽 20 项，指定 1 项；2 位专家，已填 12 / 21；6月10日前交回"""
    added = f"，指定 {head.designated} 项" if head.designated else ""
    return (
        f"从 {head.population} 项中随机抽 {head.drawn} 项{added}；"
        f"{len(head.takers)} 位专家，已填 {head.answered} / {head.items}；"
        f"{wording.day(head.until)}前交回"
    )
