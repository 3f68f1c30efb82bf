"""What the office makes of each doubt: 采纳, by registering or returning a problem, or 阅存."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import spot_handling
from daxing_safety.database import transaction
from daxing_safety.models import SpotCheckItem, User
from daxing_safety.reports.spot_checks.items import Row
from daxing_safety.ui import access, messages
from daxing_safety.ui.messages import plain
from daxing_safety.ui.spot_checks import item
from daxing_safety.vocabulary import DrawnFrom
from daxing_safety.wording import shortened

MOST_CHARACTERS = 40  # of what is repeated below in full
Verb = Callable[[Any, SpotCheckItem, User], str]  # within a transaction; returns what was done


def show(waiting: list[Row], *, may_handle: bool) -> None:
    if not waiting:
        st.info(
            "没有等待处理的结论。专家交回后，“部分属实”和“不属实”的列在这里。",
            icon=":material/task_alt:",
        )
    for row in waiting:
        with st.container(border=True):
            _show(row)
            if may_handle:
                _offer(row)


def _show(row: Row) -> None:
    item.show_badges(row)
    st.markdown(f"**{plain(f'{row.unit}　{shortened(row.gist, MOST_CHARACTERS)}')}**")
    stated, found = st.columns(2, gap="medium")
    with stated:
        st.caption("单位所报")
        item.show_stated(row)
    with found:
        st.caption("专家所见")
        assert row.answer
        item.show_found(row, row.answer)


def _offer(row: Row) -> None:
    with st.container(horizontal=True):
        is_new = row.source is DrawnFrom.SELF_COMPLIANT
        label = "采纳并登记问题" if is_new else "采纳并退回整改"
        with st.popover(label, icon=":material/assignment_late:"):
            _ask_to_register(row) if is_new else _ask_to_return(row)
        with st.popover("阅存", icon=":material/archive:"):
            _ask_to_file(row)


def _key(row: Row, name: str) -> str:
    return f"handle_{row.id}_{name}"


def _said(row_id: int, name: str) -> Any:
    return st.session_state[f"handle_{row_id}_{name}"]


def _ask_to_register(row: Row) -> None:
    """As the expert found it; the office may put it more exactly."""
    assert row.answer
    st.text_input("点位", row.answer.site, max_chars=100, key=_key(row, "site"))
    st.text_area("问题描述", row.answer.found, max_chars=500, key=_key(row, "description"))
    st.number_input("处数", 1, 9999, row.answer.count or 1, key=_key(row, "count"))
    st.caption("登记为待交办的问题，发现方式“专家抽查”，计入核定分；现场照片一并附上。")
    st.button(
        "采纳并登记", type="primary", on_click=register, args=(row.id,), key=_key(row, "register")
    )


def register(row_id: int) -> None:
    def verb(session: Any, found: SpotCheckItem, by: User) -> str:
        problem = spot_handling.register_problem(
            session,
            item=found,
            site=_said(row_id, "site"),
            description=_said(row_id, "description"),
            count=_said(row_id, "count"),
            by=by,
            now=settings.now(),
        )
        return f"已采纳，登记为问题 {problem.number}，请在“问题整改”中交办。"

    _handle(row_id, verb)


def _ask_to_return(row: Row) -> None:
    assert row.answer
    st.text_area(
        "退回的原因，责任单位会看到",
        f"专家抽查{row.answer.verdict.value}：{row.answer.found}",
        max_chars=500,
        key=_key(row, "reason"),
    )
    st.caption("申请销号的退回整改，已销号的重新挂账；现场照片一并附上。")
    st.button(
        "采纳并退回", type="primary", on_click=send_back, args=(row.id,), key=_key(row, "return")
    )


def send_back(row_id: int) -> None:
    def verb(session: Any, found: SpotCheckItem, by: User) -> str:
        reason = _said(row_id, "reason")
        now = settings.now()
        problem = spot_handling.return_problem(session, item=found, reason=reason, by=by, now=now)
        return f"已采纳，{problem.number} 退回责任单位整改。"

    _handle(row_id, verb)


def _ask_to_file(row: Row) -> None:
    st.text_area("阅存的理由", max_chars=300, key=_key(row, "filed"))
    st.caption("只留存，不登记问题，责任单位不会看到。")
    st.button("阅存", on_click=keep, args=(row.id,), key=_key(row, "file"))


def keep(row_id: int) -> None:
    def verb(session: Any, found: SpotCheckItem, by: User) -> str:
        reason = _said(row_id, "filed")
        spot_handling.file(session, item=found, reason=reason, by=by, now=settings.now())
        return "已阅存。"

    _handle(row_id, verb)


def _handle(row_id: int, verb: Verb) -> None:
    with messages.outcome():
        by = access.current_user()
        with transaction() as session:
            done = verb(session, session.get_one(SpotCheckItem, row_id), by)
        messages.tell(done)
