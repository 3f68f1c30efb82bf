"""审核 for the office: what waits, what a version says, and the office's answer to it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import closings, reviews
from daxing_safety.database import transaction
from daxing_safety.models import Submission
from daxing_safety.reports.reviews import numbered
from daxing_safety.reports.spot_checks.trust import Trust
from daxing_safety.reports.submissions import Version, version_table
from daxing_safety.ui import access, changes, grid, messages
from daxing_safety.ui.messages import plain
from daxing_safety.vocabulary import Group, ReviewState, SpotVerdict
from daxing_safety.wording import percent

if TYPE_CHECKING:
    import pandas as pd

ROWS_IN_SIGHT = 6
MOST_DIGITS = 9  # of a number in an address, where anything may stand


# ---- what waits ----


def filter_queue(waiting: Sequence[Version]) -> list[Version]:
    if not waiting:
        return []
    groups = st.pills(
        "分组",
        [group.value for group in Group],
        selection_mode="multi",
        key="review_groups",
        bind="query-params",
        label_visibility="collapsed",
    )
    return [version for version in waiting if not groups or version.group.value in groups]


def chosen_id(queue: Sequence[Version]) -> int | None:
    """The version the address names, or else the one that has waited longest."""
    named = st.query_params.get("submission", "")
    if named.isdecimal() and len(named) <= MOST_DIGITS:
        return int(named)
    return queue[0].id if queue else None


def show_queue(queue: Sequence[Version], waiting: Sequence[Version]) -> None:
    if not queue:
        where = "这一组" if waiting else ""
        with st.container(border=True):
            st.subheader(f"{where}没有待审核的报送", anchor=False)
            st.text("各单位报送后，会按先后次序列在这里。")
        return
    st.caption(f"待审核 {len(queue)} 份，先报的在前。点单位名称查看。")
    ids = [version.id for version in queue]
    grid.table(
        version_table(queue),
        "待审核的报送，点单位名称查看",
        most=ROWS_IN_SIGHT,
        unit=grid.opener("单位", 180, key="queue_row", on_click=_open, args=(ids,)),
        round=grid.text("填报期", 170),
        version=grid.text("版本", 72),
        submitted_at=grid.moment("报送时间"),
        punctuality=grid.text("时效", 72),
        changed=grid.text("变化", 320),
    )


def _open(ids: list[int]) -> None:
    st.query_params["submission"] = str(ids[st.session_state.queue_row.row])


# ---- one version ----


def show_heading(version: Version, since: Version | None) -> None:
    what, original = st.columns([5, 1], vertical_alignment="center")
    with what:
        st.subheader(
            plain(f"{version.unit} · {version.round} · 第{version.number}版"), anchor=False
        )
        st.text(
            f"{version.submitted_at:%Y-%m-%d %H:%M} 报送，{version.punctuality}；"
            f"报送人 {version.submitted_by}；文件 {version.file_name}"
        )
    original.link_button(
        "下载原件",
        f"/download/submission/{version.id}",
        icon=":material/download:",
        width="stretch",
    )
    st.caption(plain(_compared_with(since)))


def show_trust(trust: Trust | None) -> None:
    """可信度: how much of what this unit said before was found to be so."""
    if trust and trust.share is not None:
        so = trust.verdicts[SpotVerdict.TRUE]
        st.caption(
            f"专家抽查可信度 {percent(trust.share)}：抽查过 {trust.checked} 项，{so} 项属实。"
        )


def _compared_with(since: Version | None) -> str:
    if since is None:
        return "该单位还没有通过审核的报送，下面的变化从“未启动”“未自查”算起。"
    return f"下面的变化是与上次审核通过的（{since.round}第{since.number}版）相比。"


def offer_answer(version: Version, queue: Sequence[Version]) -> None:
    """通过 and 退回; both lead on to the next that waits."""
    if version.state is not ReviewState.PENDING:
        _show_answer(version)
        return
    following = next((each.id for each in queue if each.id != version.id), None)
    with st.container(horizontal=True):
        st.button(
            "审核通过",
            type="primary",
            icon=":material/task_alt:",
            on_click=accept,
            args=(version.id, following),
            key=f"accept_{version.id}",
        )
        if st.button("退回", icon=":material/undo:", key=f"return_{version.id}"):
            st.dialog(f"退回：{plain(version.unit)}第{version.number}版")(_ask_reason)(
                version.id, following
            )


def _show_answer(version: Version) -> None:
    at = version.reviewed_at  # None: a later version took its place before anybody looked at it
    who = f"，{version.reviewed_by} {at:%Y-%m-%d %H:%M}" if at else ""
    st.info(plain(f"这一版{version.state.value}{who}。"))
    if version.remark:
        st.text(f"退回原因：{version.remark}")


def _ask_reason(submission_id: int, following: int | None) -> None:
    st.text("填报单位会在“填报”页看到退回原因，修改后重新报送。")
    st.text_area("退回原因", key="reason", max_chars=500)
    if st.button(
        "确认退回",
        type="primary",
        on_click=send_back,
        args=(submission_id, following),
        key="returned",
    ):
        st.rerun()


def accept(submission_id: int, following: int | None) -> None:
    with messages.outcome("已审核通过。"):
        by = access.current_user()
        with transaction() as session:
            submission = session.get_one(Submission, submission_id)
            reviews.accept(session, submission=submission, by=by, now=settings.now())
        _go_on(following)


def send_back(submission_id: int, following: int | None) -> None:
    reason = st.session_state.reason
    with messages.outcome("已退回，填报单位会看到退回原因。"):
        by = access.current_user()
        with transaction() as session:
            submission = session.get_one(Submission, submission_id)
            reviews.send_back(
                session, submission=submission, reason=reason, by=by, now=settings.now()
            )
        _go_on(following)


def _go_on(following: int | None) -> None:
    if following is None:
        st.query_params.pop("submission", None)
    else:
        st.query_params["submission"] = str(following)


# ---- what it says ----


def show_single_answers(table: "pd.DataFrame") -> None:
    st.caption("这些条款只有一个结论。审核通过后，单位自查的结论即成为创安办核定的结论。")
    grid.table(
        table,
        "是非和比率条款",
        rule_code=grid.text("条款", 64, pinned=True),
        condition=grid.text("扣分条件", 320),
        claimed=grid.text("单位自查", 130),
        confirmed=grid.text("创安办现核定", 130),
        remark=grid.text("自评说明", 220),
        evidence=grid.text("佐证材料", 200),
    )


# ---- 申请销号 ----


def offer_claims(claims: "pd.DataFrame") -> None:
    """Closes or returns the chosen ones, all together or none."""
    numbers = list(claims["number"])
    # Named after its rows: once they change, nothing is chosen any more.
    key = f"claims_{'_'.join(numbers)}"
    st.caption("先看佐证材料，再选中一个或多个问题，销号或退回。销号后失分随即恢复。")
    chosen = changes.choose_problems(claims, key)
    named = [numbers[row] for row in chosen]
    remark = f"remark_{key}"
    st.text_input("意见", key=remark, placeholder="销号可以不写；退回须写明原因", max_chars=200)
    with st.container(horizontal=True):
        st.button(
            f"销号（{len(named)}）",
            disabled=not named,
            on_click=close,
            args=(named, remark),
            key=f"close_{key}",
        )
        st.button(
            f"退回整改（{len(named)}）",
            disabled=not named,
            on_click=send_back_claims,
            args=(named, remark),
            key=f"back_{key}",
        )


def close(numbers: Sequence[str], remark: str) -> None:
    said = st.session_state[remark]
    with messages.outcome(f"已销号：{'、'.join(numbers)}。"):
        by = access.current_user()
        with transaction() as session:
            for problem in numbered(session, viewer=by, numbers=numbers):
                closings.close(session, problem=problem, remark=said, by=by, now=settings.now())


def send_back_claims(numbers: Sequence[str], remark: str) -> None:
    said = st.session_state[remark]
    with messages.outcome(f"已退回整改：{'、'.join(numbers)}。"):
        by = access.current_user()
        with transaction() as session:
            for problem in numbered(session, viewer=by, numbers=numbers):
                closings.send_back(session, problem=problem, reason=said, by=by, now=settings.now())
