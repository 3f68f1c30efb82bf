"""What the office may still do with a 抽查 that was drawn: 指定, 延期, 撤销."""

from datetime import timedelta

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import spot_draws
from daxing_safety.database import transaction
from daxing_safety.errors import BadInput
from daxing_safety.models import SpotCheck, User
from daxing_safety.reports.spot_checks import checks
from daxing_safety.reports.spot_checks.checks import Head
from daxing_safety.spot_checks import Candidate
from daxing_safety.ui import access, messages
from daxing_safety.ui.kept import kept

LATER = timedelta(days=7)


def offer(head: Head, viewer: User) -> None:
    is_open = head.state == checks.OPEN
    if is_open:
        with st.popover("指定", icon=":material/add_task:"):
            _ask_to_designate(head, viewer)
    if head.state != checks.WITHDRAWN and not head.is_handed_in:
        with st.popover("延期", icon=":material/event_upcoming:"):
            _ask_to_prolong(head)
    if is_open:
        with st.popover("撤销", icon=":material/undo:"):
            _ask_to_withdraw(head)


def _ask_to_designate(head: Head, viewer: User) -> None:
    st.caption("不是抽出来的，会始终标明“指定”，并写明理由。")
    choices = kept(checks.choices, viewer=viewer)
    unit = st.selectbox(
        "单位",
        list(choices.units),
        index=None,
        format_func=choices.units.__getitem__,
        placeholder="先选单位",
        key="designate_unit",
    )
    left = (
        kept(checks.left_of_unit, viewer=viewer, check_id=head.id, unit_code=unit) if unit else {}
    )
    chosen = st.selectbox(
        "事项",
        list(left),
        index=None,
        format_func=left.__getitem__,
        placeholder=_invitation(unit, has_items=bool(left)),
        key=f"designate_{unit}",
    )
    names = {taker.username: taker.name for taker in head.takers if not taker.handed_in_at}
    expert = st.selectbox(
        "交给", list(names), format_func=names.__getitem__, key="designate_expert"
    )
    st.text_input("理由", max_chars=200, key="designate_reason")
    st.button(
        "指定", type="primary", on_click=designate, args=(head.id, chosen, expert), key="designate"
    )


def _invitation(unit: str | None, *, has_items: bool) -> str:
    if unit is None:
        return "选了单位再选"
    return "请选择" if has_items else "这家单位没有可以核查的事项"


def designate(check_id: int, chosen: Candidate | None, expert: str | None) -> None:
    reason = st.session_state.designate_reason
    with messages.outcome("已指定，专家的清单里多了这一项。"):
        if chosen is None or expert is None:
            raise BadInput("请选择事项和专家；全部交回以后不能再指定。")
        by = access.current_user()
        with transaction() as session:
            spot_draws.designate(
                session,
                check=session.get_one(SpotCheck, check_id),
                candidate=chosen,
                expert=expert,
                reason=reason,
                by=by,
                now=settings.now(),
            )


def _ask_to_prolong(head: Head) -> None:
    earliest = max(head.until + timedelta(days=1), settings.today())
    st.date_input(
        "新的交回期限",
        earliest + LATER,
        min_value=earliest,
        format="YYYY-MM-DD",
        key="prolong_until",
    )
    st.text_input("延期的原因", max_chars=200, key="prolong_reason")
    st.button("延期", type="primary", on_click=prolong, args=(head.id,), key="prolong")


def prolong(check_id: int) -> None:
    until, reason = st.session_state.prolong_until, st.session_state.prolong_reason
    with messages.outcome("已延期，没有交回的专家可以继续填。"):
        if until is None:
            raise BadInput("请填新的交回期限。")
        by = access.current_user()
        with transaction() as session:
            check = session.get_one(SpotCheck, check_id)
            now = settings.now()
            spot_draws.prolong(session, check=check, until=until, reason=reason, by=by, now=now)


def _ask_to_withdraw(head: Head) -> None:
    st.caption("专家不再看到这次抽查；抽过什么仍然留档，不能删除。")
    st.text_input("撤销的原因", max_chars=200, key="withdraw_reason")
    st.button("确认撤销", on_click=withdraw, args=(head.id,), key="withdraw_check")


def withdraw(check_id: int) -> None:
    reason = st.session_state.withdraw_reason
    with messages.outcome("已撤销。"):
        by = access.current_user()
        with transaction() as session:
            check = session.get_one(SpotCheck, check_id)
            spot_draws.withdraw(session, check=check, reason=reason, by=by, now=settings.now())
