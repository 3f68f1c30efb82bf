"""常用视图 on any screen whose filters live in the address: open, keep, delete one's own."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

from daxing_safety.actions import saved_views
from daxing_safety.database import transaction
from daxing_safety.reports.saved_views import View
from daxing_safety.ui import access, messages
from daxing_safety.ui.messages import plain

NAME = "saved_view_name"


def offer(page: str, views: Sequence[View], query: Mapping[str, str]) -> None:
    """`query` is what the address asks for now, without what belongs to one moment."""
    drawer = st.popover(
        "常用视图", icon=":material/bookmark:", key=f"{page}_views", on_change="rerun"
    )
    if not drawer.open:
        return
    with drawer:
        for view in views:
            _show(view, is_open=view.query == dict(query))
        if not views:
            st.caption("还没有保存过。先设好筛选条件，再起个名字保存，下次一点就到。")
        st.text_input(
            "名称",
            key=NAME,
            max_chars=saved_views.LONGEST_NAME,
            placeholder="如：本周到期、我盯的镇",
        )
        st.button(
            "保存当前视图",
            icon=":material/bookmark_add:",
            on_click=save,
            args=(page, dict(query)),
            key="save_view",
        )


def _show(view: View, *, is_open: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.button(
            plain(view.name),
            type="primary" if is_open else "secondary",
            width="stretch",
            on_click=open_view,
            args=(view.query,),
            key=f"view_{view.id}",
        )
        st.button(
            "",
            icon=":material/delete:",
            type="tertiary",
            help="删除这个视图",
            on_click=delete,
            args=(view.id,),
            key=f"delete_view_{view.id}",
        )


def open_view(query: Mapping[str, str]) -> None:
    st.query_params.from_dict(query)


def save(page: str, query: Mapping[str, str]) -> None:
    name = st.session_state[NAME]
    with messages.outcome(f"已保存视图“{name.strip()}”。"):
        by = access.current_user()
        with transaction() as session:
            saved_views.save(session, page=page, name=name, query=urlencode(query), by=by)
        st.session_state[NAME] = ""


def delete(view_id: int) -> None:
    with messages.outcome("视图已删除。"):
        by = access.current_user()
        with transaction() as session:
            saved_views.delete(session, view_id=view_id, by=by)
