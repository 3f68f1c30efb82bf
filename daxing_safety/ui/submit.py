"""填报 for a unit's clerk: what is due, the workbook out and in, and what became of it."""

from collections.abc import Callable, Iterable, Sequence, Sized
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

import streamlit as st

from daxing_safety import settings, wording
from daxing_safety.actions import withdrawals
from daxing_safety.database import transaction
from daxing_safety.models import Round, Submission
from daxing_safety.reports.previews import Effect
from daxing_safety.reports.submissions import Version, version_table
from daxing_safety.ui import access, changes, grid, messages, uploads
from daxing_safety.ui.messages import plain
from daxing_safety.ui.uploads import Stored, Upload
from daxing_safety.vocabulary import ReviewState
from daxing_safety.wording import moment, time_left
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.content import CheckedWorkbook
from daxing_safety.workbooks.problem_list.content import CheckedList

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show_no_round() -> None:
    with st.container(border=True):
        st.subheader("现在没有要填的表", anchor=False)
        st.text("创安办开启填报期后，这里会出现本单位的填报表和截止时间。")


def show_round(round_: Round, closes_at: datetime, now: datetime) -> None:
    """The round and its clock, which a 补报 may have set later for this unit alone."""
    with st.container(border=True):
        what, left = st.columns([3, 1], vertical_alignment="center")
        with what:
            st.subheader(plain(round_.name), anchor=False)
            st.text(f"请于 {moment(round_.due_at)} 前报送")
        left.metric("已截止" if now > closes_at else "距截止还有", time_left(now, closes_at))
    if now > closes_at:
        st.warning(
            "本期报送时间已过，不能再上传。确需补报的，请与创安办联系，由创安办开通补报时限。",
            icon=":material/schedule:",
        )
    elif now > round_.due_at:
        st.warning(
            f"创安办已同意本单位补报，请于 {moment(closes_at)} 前报送，记为逾期报送。",
            icon=":material/schedule:",
        )


def show_standing(version: Version | None) -> None:
    """What became of the version that stands in this round; above all, why it was returned."""
    if version is None:
        return
    name = f"第{version.number}版（{version.submitted_at:%m-%d %H:%M} 报送）"
    if version.state is ReviewState.RETURNED:
        reason = plain(version.remark).replace("\n", "  \n")
        st.error(
            f"**{name}被创安办退回，请修改后重新上传。**\n\n退回原因：{reason}",
            icon=":material/undo:",
        )
    elif version.state is ReviewState.ACCEPTED:
        st.success(f"{name}已通过审核。情况有变化的，仍可重新上传。", icon=":material/task_alt:")
    else:
        what, verb = st.columns([5, 1], vertical_alignment="center")
        what.info(
            f"{name}已收到，等待创安办审核。需要更正的，直接重新上传，新版会替代这一版。",
            icon=":material/hourglass_top:",
        )
        if verb.button("撤回这一版", key="take_back", width="stretch"):
            st.dialog(f"撤回第{version.number}版")(_ask_to_take_back)(version.id)


def _ask_to_take_back(submission_id: int) -> None:
    st.text("撤回后，这一版带来的变化全部退回到报送以前，报送记录和原件仍然保留。")
    yes, no = st.columns(2)
    arguments = (submission_id,)
    if yes.button("确认撤回", type="primary", on_click=take_back, args=arguments, width="stretch"):
        st.rerun()
    if no.button("取消", width="stretch"):
        st.rerun()


def take_back(submission_id: int) -> None:
    with messages.outcome("已撤回，内容恢复到这次报送以前。"):
        by = access.current_user()
        with transaction() as session:
            submission = session.get_one(Submission, submission_id)
            withdrawals.take_back(session, submission=submission, by=by, now=settings.now())


def show_steps(unit_code: str) -> None:
    first, second, third = st.columns(3, border=True)
    with first:
        st.markdown("**1　下载本单位填报表**")
        st.caption("只含本单位的事项，上次报送过的内容已经填好。")
        st.link_button(
            "下载填报表",
            f"/download/template/{unit_code}",
            icon=":material/download:",
            type="primary",
        )
    with second:
        st.markdown("**2　用 Excel 或 WPS 填写**")
        st.caption(
            "没有变化的行不用动。带 * 的必填，有下拉列表的从列表中选。"
            "不要增删列、改表头；存盘时保持 .xlsx 格式。"
        )
    with third:
        st.markdown("**3　上传、核对、确认**")
        st.caption("上传后先自动核对，不会马上入库。有错会逐格指出，无误再确认报送。")


def show_upload(upload: Upload) -> None:
    if upload.preview is None:
        st.error(plain(upload.refusal), icon=":material/error:")
    elif upload.preview.repeats:
        st.info(
            f"这份文件与已报送的第{upload.preview.repeats}版完全相同，没有变化，不需要再次报送。",
            icon=":material/content_copy:",
        )
    elif upload.preview.effect is None:
        show_faults(upload)
    else:
        _show_clean(upload.preview.checked, upload.preview.effect)


def show_faults(upload: Upload) -> None:
    assert upload.preview is not None
    errors = upload.preview.checked.errors
    st.error(
        f"**有 {len(errors)} 处需要改正，还没有入库。** 请按下表改好后重新上传。",
        icon=":material/error:",
    )
    offer_marked(upload)
    changes.show_faults(errors)


def offer_marked(upload: Upload) -> None:
    """The same workbook with its wrong cells marked, made when it is asked for."""
    assert upload.preview is not None
    stem, digest = Path(upload.name).stem, sha256(upload.data).hexdigest()
    st.download_button(
        "下载标好错的填报表，在原表上改",
        data=partial(marked, upload.data, upload.preview.checked),
        # The digest keeps one file's address apart from another's.
        file_name=f"{stem}_标错_{digest[:8]}.xlsx",
        mime=XLSX,
        on_click="ignore",
        icon=":material/edit_document:",
        type="primary",
        key=f"marked_{digest}",
    )


def marked(data: bytes, checked: CheckedWorkbook | CheckedList) -> bytes:
    from daxing_safety.workbooks.annotate import annotate  # only the worker needs what it imports

    return worker.run_in_worker(annotate, data, checked)


def _show_clean(checked: CheckedWorkbook, effect: Effect) -> None:
    with st.container(border=True):
        st.subheader("核对通过，请看一遍再确认", anchor=False)
        st.caption(plain(f"{checked.unit_name} · {checked.round_name}"))
        _show_figures(effect)
        if not effect:
            st.text("与系统中现有的内容相比没有变化。确认报送表示本期没有新情况。")
        show_effect(checked, effect)
        with st.container(horizontal=True):
            st.button(
                "确认报送",
                type="primary",
                icon=":material/send:",
                on_click=uploads.store_all,
                key="store",
            )
            st.button("放弃，换一个文件", on_click=uploads.discard, key="discard")


def _show_figures(effect: Effect) -> None:
    counts, before, after = effect.counts, effect.before, effect.after
    with st.grid(5, min_column_width=150):
        st.metric("工作进展", f"{counts['progress']} 条变化")
        st.metric("自评结论", f"{counts['findings']} 条变化")
        st.metric("新增问题", f"{counts['problems_opened']} 个")
        st.metric(
            "更新问题",
            f"{counts['problems_updated']} 个",
            delta=f"其中申请销号 {counts['claimed_fixed']} 个" if counts["claimed_fixed"] else None,
            delta_color="off",
            delta_arrow="off",
        )
        change = after.lost - before.lost
        st.metric(
            "本单位自评失分",
            f"{wording.points(after.lost)} 分",
            delta=f"{change:+.2f}（原 {wording.points(before.lost)}）" if change else None,
            delta_color="inverse",
            help="按本单位自己报告的问题计算，申请销号的问题不计。核定分以创安办审核为准。",
        )
    seen = f"已自查 {after.seen} 条，共 {after.pairs} 条"
    st.caption(f"自评条款：{seen}（原 {before.seen} 条）。自评得分率 {after.rate}%。")


def show_effect(checked: CheckedWorkbook, effect: Effect) -> None:
    """A tab for each kind of change that there is, what the check noticed first."""
    show_sections(
        [
            ("提醒", checked.warnings, changes.show_warnings),
            ("已识别的写法", checked.readings, changes.show_readings),
            ("工作进展", effect.progress, changes.show_progress),
            ("自评结论", effect.findings, changes.show_findings),
            ("新增问题", effect.opened, changes.show_opened),
            ("问题更新", effect.problems, changes.show_rectification),
        ]
    )


def show_sections(sections: Iterable[tuple[str, Sized, Callable[..., None]]]) -> None:
    """A tab for each that is not empty: its name, its rows, and what shows them."""
    present = [section for section in sections if len(section[1])]
    if not present:
        return
    tabs = st.tabs([f"{name} {changes.count_of(rows)}" for name, rows, _ in present])
    for tab, (_, rows, show) in zip(tabs, present, strict=True):
        with tab:
            show(rows)


def show_stored(stored: Sequence[Stored]) -> None:
    for receipt in stored:
        if receipt.refusal:
            st.error(plain(receipt.refusal), icon=":material/error:")
        elif not receipt.is_new:
            st.info(f"这份文件与已报送的第{receipt.version}版完全相同，没有重复入库。")
        else:
            st.success(
                f"**报送成功：第{receipt.version}版。**　"
                f"收到时间 {moment(receipt.at)}，{'逾期' if receipt.is_late else '按时'}。"
                "创安办审核后，结果会显示在本页。",
                icon=":material/task_alt:",
            )


def show_history(versions: Sequence[Version]) -> None:
    st.subheader("报送记录", anchor=False)
    if not versions:
        st.caption("还没有报送过。")
        return
    show_versions(versions)


def show_versions(versions: Sequence[Version]) -> None:
    grid.table(
        version_table(versions),
        "历次报送",
        round=grid.text("填报期", 150),
        version=grid.text("版本", 64),
        submitted_at=grid.moment("报送时间"),
        punctuality=grid.text("时效", 56),
        state=grid.state(),
        original=grid.link("原件", "下载"),
        remark=grid.text("退回原因", 240),
        reviewed_at=grid.moment("审核时间"),
    )
