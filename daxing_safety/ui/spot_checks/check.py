"""One 抽查 for who sees the district: how it was drawn, how far it is, what experts found."""

from functools import partial

import streamlit as st

from daxing_safety import settings, wording
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports.spot_checks import checks, items, trust
from daxing_safety.reports.spot_checks.checks import Head
from daxing_safety.reports.spot_checks.items import Row
from daxing_safety.ui import panels
from daxing_safety.ui.kept import kept
from daxing_safety.ui.messages import plain
from daxing_safety.ui.spot_checks import address, handling, item, listing, upkeep
from daxing_safety.ui.spot_checks import trust as trust_tables
from daxing_safety.vocabulary import SpotHandling

PAGE = 20


def show(check_id: int, viewer: User) -> None:
    read = partial(kept, viewer=viewer, check_id=check_id, today=settings.today())
    head, rows = read(checks.head), read(items.rows)
    _show_bar(head, viewer)
    _show_draw(head, read(checks.redrawn).is_same)
    _show_experts(head)
    waiting = [row for row in rows if row.waits_for_office]
    to_handle, whole, trusted = st.tabs(
        ["待处理", "全部事项", "可信度"], key="part", on_change="rerun", bind="query-params"
    )
    if whole.open:
        with whole:
            _show_rows(rows)
    elif trusted.open:
        with trusted:
            trust_tables.show(read(trust.found))
    else:
        with to_handle:
            handling.show(waiting, may_handle=allows(viewer, Permission.MANAGE_SPOT_CHECKS))


def _show_bar(head: Head, viewer: User) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("全部抽查", icon=":material/list:", on_click=address.go, key="all_checks")
        st.link_button("下载结果", f"/download/spot_check/{head.id}", icon=":material/download:")
        if allows(viewer, Permission.MANAGE_SPOT_CHECKS):
            upkeep.offer(head, viewer)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(plain(head.name), anchor=False, width="content")
        st.badge(head.state, color=listing.COLOURS[head.state])
    st.caption(plain(listing.in_short(head)))
    if head.withdrawal_reason:
        st.warning(plain(f"已撤销：{head.withdrawal_reason}"), icon=":material/undo:")


def _show_draw(head: Head, is_same: bool) -> None:
    """That the draw was fair, for whoever asks."""
    if not is_same:
        st.error(
            "按存档的种子重抽一次，与名单不一致：名单可能被改动过，请查操作日志并告诉系统管理员。",
            icon=":material/gpp_bad:",
        )
    with st.expander("抽取记录", icon=":material/verified_user:"):
        facts = {
            "抽取": f"{wording.moment(head.drawn_at)}，{head.drawn_by}",
            "范围": f"{head.scope}，共 {head.population} 项",
            "种子": head.seed,
            "随机抽取": f"{head.drawn} 项",
            "指定": f"{head.designated} 项",
            "复核": "按种子重抽一次，与名单一致" if is_same else "不一致",
        }
        st.html(panels.facts(facts))
        st.caption("“下载结果”里的“抽取记录”列有全部可抽事项的摇号值和算法，可以自行重算。")


def _show_experts(head: Head) -> None:
    with st.grid(3, min_column_width=220):
        for taker in head.takers:
            with st.container(border=True, gap="xxsmall"):
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.text(taker.name)
                    if taker.handed_in_at:
                        st.badge(f"{taker.handed_in_at:%m-%d %H:%M} 交回", color="green")
                    else:
                        st.badge("没有交回", color="orange")
                st.progress(taker.answered / taker.items, f"已填 {taker.answered} / {taker.items}")


def _show_rows(rows: list[Row]) -> None:
    present = [state for state in items.STATES if any(row.state == state for row in rows)]
    chosen = st.pills(
        "状态", present, selection_mode="multi", key="row_states", label_visibility="collapsed"
    )
    found = [row for row in rows if not chosen or row.state in chosen]
    pages = -(-len(found) // PAGE)
    page = st.pagination(pages, key=f"rows_page_{pages}") if pages > 1 else 1
    for row in found[(page - 1) * PAGE : page * PAGE]:
        _show_row(row)


def _show_row(row: Row) -> None:
    with st.container(border=True, gap="xsmall"):
        item.show_badges(row)
        st.markdown(plain(f"{row.unit}　{row.gist}"))
        st.caption(f"核查人：{plain(row.expert)}")
        with st.expander("详情"):
            item.show_stated(row)
            if row.answer:
                item.show_found(row, row.answer)
            _show_handled(row)


def _show_handled(row: Row) -> None:
    if not (handled := row.handled):
        return
    if handled.handling is SpotHandling.FILED:
        st.caption(plain(f"{handled.by}阅存：{handled.reason}"))
    elif handled.problem_number:
        st.link_button(
            f"{plain(handled.by)}采纳，见问题 {handled.problem_number}",
            f"/problems?problem={handled.problem_number}",
            icon=":material/assignment_late:",
        )
