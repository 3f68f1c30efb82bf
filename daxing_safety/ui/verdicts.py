"""逐项审核 for the office: choose rows, then accept, return or correct them."""

from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import verdicts
from daxing_safety.actions.verdicts import Held, Row
from daxing_safety.database import transaction
from daxing_safety.models import Submission
from daxing_safety.reports.submissions import Version
from daxing_safety.reports.verdicts import NOT_JUDGED
from daxing_safety.ui import access, grid, messages
from daxing_safety.vocabulary import Finding, Judgement, ProgressStatus, ReviewState, Sheet

if TYPE_CHECKING:
    import pandas as pd

JUDGEMENTS = [NOT_JUDGED, *(judgement.value for judgement in Judgement)]
ANSWERS = (Finding.COMPLIANT, Finding.HAS_PROBLEM, Finding.NOT_APPLICABLE)
STATUSES = (ProgressStatus.NOT_STARTED, ProgressStatus.IN_PROGRESS, ProgressStatus.DONE)


def offer_rows(version: Version, rows: "pd.DataFrame") -> None:
    st.caption(
        "可勾选若干项一起认可或退回；勾选一项可以更正，单位所报与更正结果都会保留。"
        "没有逐项处理的，“审核通过”时一并认可。"
    )
    answers = st.container()  # above the table, which is long
    shown = _filtered(rows)
    # Named after what is shown: once it changes, nothing is chosen any more.
    key = f"rows_{version.id}_{len(shown)}_{shown['seen'].sum() if len(shown) else 0}"
    chosen = grid.table_to_choose_from(
        shown,
        "逐项审核，可勾选",
        key,
        code=grid.text("编号", 64, pinned=True),
        sheet=grid.text("表", 84),
        judgement=grid.text("审核意见", 84),
        about=grid.text("工作要点或扣分条件", 280),
        said=grid.text("单位所报", 130),
        held=grid.text("创安办更正为", 130),
        files=grid.number("佐证", 60),
        remark=grid.text("单位说明", 220),
        reason=grid.text("理由", 200),
        by=grid.text("审核人", 90),
    )
    if version.state is ReviewState.PENDING:
        with answers:
            _offer_judgements(version, shown.iloc[chosen], key)


def _filtered(rows: "pd.DataFrame") -> "pd.DataFrame":
    present = [word for word in JUDGEMENTS if word in set(rows["judgement"])]
    words = st.pills("审核意见", present, selection_mode="multi", label_visibility="collapsed")
    return rows[rows["judgement"].isin(words)] if words else rows


def _offer_judgements(version: Version, chosen: "pd.DataFrame", key: str) -> None:
    seen = {
        (Sheet(sheet), code): int(number)
        for sheet, code, number in zip(chosen["sheet"], chosen["code"], chosen["seen"], strict=True)
    }
    reason = f"reason_{key}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("理由", key=reason, placeholder="退回和更正须写明理由", max_chars=300)
        st.button(
            f"认可（{len(seen)}）",
            disabled=not seen,
            on_click=accept,
            args=(version.id, seen),
            key=f"accept_{key}",
        )
        st.button(
            f"退回（{len(seen)}）",
            disabled=not seen,
            on_click=send_back,
            args=(version.id, seen, reason),
            key=f"return_{key}",
        )
        if len(seen) == 1 and bool(chosen.iloc[0]["is_correctable"]):
            with st.popover("更正"):
                _offer_correction(version, next(iter(seen)), seen, reason, key)


def _offer_correction(
    version: Version, row: Row, seen: dict[Row, int], reason: str, key: str
) -> None:
    """What the office holds instead; the reason is the one above."""
    if row[0] is Sheet.PROGRESS:
        st.selectbox("进展状态", [status.value for status in STATUSES], key=f"word_{key}")
        st.number_input("完成比例（%）", 0, 100, key=f"number_{key}")
    else:
        st.selectbox("自查结论", [answer.value for answer in ANSWERS], key=f"word_{key}")
        st.number_input(
            "实测值（%），不是比率的条款不填",
            0.0,
            100.0,
            value=None,
            step=0.01,
            key=f"number_{key}",
        )
    st.button(
        "确认更正",
        type="primary",
        on_click=correct,
        args=(version.id, row, seen, reason, key),
        key=f"correct_{key}",
    )


def accept(submission_id: int, seen: dict[Row, int]) -> None:
    with messages.outcome(f"已认可 {len(seen)} 项。"):
        by = access.current_user()
        with transaction() as session:
            verdicts.accept_rows(
                session,
                submission=session.get_one(Submission, submission_id),
                rows=seen,
                seen=seen,
                by=by,
                now=settings.now(),
            )


def send_back(submission_id: int, seen: dict[Row, int], reason: str) -> None:
    said = st.session_state[reason]
    with messages.outcome(f"已退回 {len(seen)} 项，填报单位会在“待办”中看到理由。"):
        by = access.current_user()
        with transaction() as session:
            verdicts.return_rows(
                session,
                submission=session.get_one(Submission, submission_id),
                rows=seen,
                reason=said,
                seen=seen,
                by=by,
                now=settings.now(),
            )


def correct(submission_id: int, row: Row, seen: dict[Row, int], reason: str, key: str) -> None:
    said = st.session_state[reason]
    held = _held(row, st.session_state[f"word_{key}"], st.session_state[f"number_{key}"])
    with messages.outcome(f"已更正 {row[1]}，填报单位会在“待办”中看到理由。"):
        by = access.current_user()
        with transaction() as session:
            verdicts.correct_row(
                session,
                submission=session.get_one(Submission, submission_id),
                row=row,
                held=held,
                reason=said,
                seen=seen,
                by=by,
                now=settings.now(),
            )


def _held(row: Row, word: str, number: float | None) -> Held:
    """The browser sends numbers as floats; points and percentages are exact decimals."""
    exact = None if number is None else Decimal(str(number)).quantize(Decimal("0.01"))
    if row[0] is Sheet.PROGRESS:
        return Held(status=ProgressStatus(word), percent=exact)
    return Held(finding=Finding(word), measured=exact)
