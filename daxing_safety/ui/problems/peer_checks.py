"""举一反三 on a problem's card: sent to the peers, who has answered what, reminded, withdrawn."""

from collections.abc import Collection
from datetime import date

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import peer_checks
from daxing_safety.actions.moves import find
from daxing_safety.database import transaction
from daxing_safety.models import PeerCheck, User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports.problems import peer_checks as reports
from daxing_safety.reports.problems.peer_checks import Check, Offer
from daxing_safety.ui import access, grid, messages
from daxing_safety.ui.kept import kept
from daxing_safety.ui.messages import plain
from daxing_safety.wording import day_of_year

NOT_CONFIRMED = "问题得到确认后才发举一反三：他人查出的，或自查上报后已审核通过、已销号的。"


def show(viewer: User, number: str) -> None:
    """Nothing where nothing can be said or done."""
    today = settings.today()
    checks = kept(reports.of_problem, viewer=viewer, number=number, today=today)
    sent_on = kept(reports.origin, viewer=viewer, number=number)
    may_send = allows(viewer, Permission.MANAGE_PROBLEMS)
    if not (checks or sent_on or may_send):
        return
    st.subheader("举一反三", anchor=False)
    if sent_on:
        st.caption(f"本问题是答复{day_of_year(sent_on)}发出的举一反三时登记的。")
    if may_send:
        _offer_sending(number, kept(reports.offer, viewer=viewer, number=number, today=today))
    for check in checks:
        _show_check(check, today, may_send)


# ---- sending --------------------------------------------------------------------------------


def _offer_sending(number: str, offer: Offer) -> None:
    if not offer.is_confirmed:
        st.caption(NOT_CONFIRMED)
    elif not offer.peers:
        st.caption("没有还可以发送的单位：没有别的单位负责这一条款，或者都已发过。")
    elif st.button("发起举一反三", icon=":material/forward_to_inbox:", key="send_check"):
        st.dialog("发起举一反三", width="medium", on_dismiss="rerun")(_ask_to_send)(number, offer)


def _ask_to_send(number: str, offer: Offer) -> None:
    st.caption(
        f"发给同样负责这一条款的 {len(offer.peers)} 家单位，各自核查后答复有没有同样的问题。"
    )
    st.text_area("请各单位核查什么", offer.question, max_chars=500, key="check_question")
    names = [group.value for group in offer.groups]
    chosen = st.pills("发给", names, default=names, selection_mode="multi", key="check_groups")
    codes = [code for group, of in offer.groups.items() if group.value in chosen for code in of]
    units = st.multiselect(
        "单位",
        list(offer.peers),
        default=codes,
        format_func=offer.peers.__getitem__,
        key=f"check_units_{len(codes)}_{'_'.join(chosen)}",
    )
    due_on = st.date_input(
        "答复时限",
        offer.due_on,
        min_value=settings.today(),
        format="YYYY-MM-DD",
        key="check_due",
    )
    arguments = (number, tuple(units), due_on)
    if st.button(
        f"发给 {len(units)} 家", type="primary", on_click=send, args=arguments, key="send_now"
    ):
        _close_unless_refused()


def send(number: str, units: Collection[str], due_on: date) -> None:
    question = st.session_state.check_question
    with messages.outcome(f"{number} 的举一反三已发给 {len(units)} 家，答复会列在本页。"):
        by = access.current_user()
        with transaction() as session:
            peer_checks.send(
                session,
                problem=find(session, number, viewer=by),
                question=question,
                units=units,
                due_on=due_on,
                by=by,
                now=settings.now(),
            )


def _close_unless_refused() -> None:
    """A dialog that was refused stays open with all that was typed."""
    if messages.was_refused():
        messages.show_kept()
    else:
        st.rerun()


# ---- what came of it --------------------------------------------------------------------------


def _show_check(check: Check, today: date, may_send: bool) -> None:
    with st.container(border=True):
        if not check.lines:
            st.caption(f"{day_of_year(check.sent_at)}发出，没有单位答复即已撤回。")
            return
        st.text(check.question)
        st.caption(plain(f"{reports.in_short(check)}发起人：{check.sent_by}"))
        st.progress(check.answered / len(check.lines))
        grid.table(
            reports.table(check.lines),
            "举一反三的答复",
            most=6,
            row_height=grid.TALL,
            unit=grid.text("单位", 104),
            answer=_answer_column(),
            problem=grid.link("问题", r"problem=(.+)$"),
            late=grid.text("时限", 60),
            remark=grid.text("核查情况", 220),
        )
        _show_files(check)
        if check.waiting and may_send:
            _offer_reminder(check, today)
            _offer_withdrawal(check)


def _answer_column() -> object:
    words = {reports.YES: "red", reports.NO: "green", reports.WAITING: "gray"}
    return st.column_config.MultiselectColumn(
        "答复", width=76, options=list(words), color=list(words.values())
    )


def _show_files(check: Check) -> None:
    if check.files:
        with st.expander(f"核查材料 {len(check.files)} 份", icon=":material/attach_file:"):
            for file in check.files:
                what, verb = st.columns([3, 1], vertical_alignment="center")
                what.text(f"{file.unit}　{file.name}")
                verb.link_button(
                    "下载", f"/download/evidence/{file.evidence_id}", icon=":material/download:"
                )


def _offer_reminder(check: Check, today: date) -> None:
    with st.expander(f"催办（{len(check.waiting)} 家未答复）", icon=":material/campaign:"):
        st.caption("复制后发到工作群。")
        st.code(reports.reminder(check, today), language=None, wrap_lines=True)


def _offer_withdrawal(check: Check) -> None:
    with st.expander("撤回", icon=":material/undo:"):
        st.caption("没有答复的单位不用再答复；已有的答复和由此登记的问题不变。")
        key = f"withdraw_check_{check.id}"
        st.text_input("撤回的原因", max_chars=200, key=f"{key}_reason")
        st.button("撤回", on_click=withdraw, args=(check.id, f"{key}_reason"), key=key)


def withdraw(check_id: int, reason: str) -> None:
    said = st.session_state[reason]
    with messages.outcome("已撤回，没有答复的单位不用再答复。"):
        by = access.current_user()
        with transaction() as session:
            check = session.get_one(PeerCheck, check_id)
            peer_checks.withdraw(session, check=check, reason=said, by=by)
