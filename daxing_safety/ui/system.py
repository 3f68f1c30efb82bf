"""The parts of 系统: backups by hand and by the clock, the check, versions."""

from collections.abc import Mapping

import streamlit as st

from daxing_safety.actions import upkeep
from daxing_safety.actions.upkeep import MOST_KEPT, Outcome, Schedule
from daxing_safety.database import transaction
from daxing_safety.disks import Space, in_words
from daxing_safety.models import User
from daxing_safety.reports import system as reports
from daxing_safety.reports.system import LACKING, NOT_WHOLE, WHOLE, State
from daxing_safety.ui import access, grid, messages, panels
from daxing_safety.web import upkeep as server

STATES: dict[str, grid.Colour] = {WHOLE: "green", LACKING: "orange", NOT_WHOLE: "red"}


# ---- 备份 ------------------------------------------------------------------------------------


def show_backups(state: State) -> None:
    st.subheader("备份", anchor=False)
    st.caption(
        "一份备份是同一时刻的数据库和全部文件。备份中有全部业务数据，下载后请妥善保管，"
        "并定期复制到另一台机器或移动硬盘。"
    )
    _show_outcome(state.last_backup, "还没有备份过。")
    for name, space in state.spaces.items():
        _warn_of_space(name, space)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "立即备份", type="primary", icon=":material/save:", on_click=back_up, key="back_up"
        )
        st.text(f"共 {len(state.lines)} 份。{_left_in_words(state.spaces)}")
    if state.lines:
        _show_list(state)


def _warn_of_space(name: str, space: Space) -> None:
    left = f"{name}所在磁盘只剩 {in_words(space.free)}"
    if space.free < space.reserve:
        st.error(f"{left}，已停止接收上传的文件，请马上清理。", icon=":material/hard_drive:")
    elif space.is_little:
        st.warning(f"{left}，请尽快清理。", icon=":material/hard_drive:")


def _left_in_words(spaces: Mapping[str, Space]) -> str:
    left = [
        f"{name}所在磁盘可用 {in_words(space.free)}，共 {in_words(space.total)}"
        for name, space in spaces.items()
    ]
    return f"{'；'.join(left)}。"


def _show_list(state: State) -> None:
    grid.table(
        reports.line_table(state.lines),
        "已有的备份，新的在前",
        link=grid.link("下载", "下载"),
        made_at=grid.moment("备份时间"),
        kind=grid.text("方式", 64),
        size=grid.text("大小", 90),
        files=grid.number("文件数", 76),
        state=st.column_config.MultiselectColumn(
            "状态", width=96, options=list(STATES), color=list(STATES.values())
        ),
        name=grid.text("文件名", 280),
    )


def back_up() -> None:
    with messages.outcome():
        name = server.back_up(upkeep.BY_HAND, by=access.current_user())
        messages.tell(f"已备份为 {name}，写完后又逐字节核对过。")


def ask_schedule(plan: Schedule) -> None:
    st.subheader("每日备份", anchor=False)
    with st.form("schedule", border=False):
        st.text_input(
            "备份时间",
            value=plan.at.strftime("%H:%M") if plan.at else "",
            placeholder="不备份",
            help="服务器时间，如 02:00。留空则不每日备份。到时服务没有运行的，启动后补做。",
            max_chars=5,
            key="backup_at",
        )
        st.number_input(
            "保留份数",
            min_value=1,
            max_value=MOST_KEPT,
            value=plan.keep,
            help="每日备份超过这个数的，从最早的删起；手动备份不会自动删除。",
            key="backups_kept",
        )
        st.form_submit_button("保存", on_click=save_schedule, key="save_schedule")


def save_schedule() -> None:
    at, keep = st.session_state.backup_at, st.session_state.backups_kept
    with messages.outcome("每日备份的设置已保存。"):
        by = access.current_user()
        with transaction() as session:
            upkeep.set_schedule(session, at=at, keep=keep, by=by)


# ---- 核对 ------------------------------------------------------------------------------------


def show_check(last: Outcome | None) -> None:
    st.subheader("核对", anchor=False)
    st.caption(
        "核对数据库是否完整、汇总与台账是否一致、文件是否齐全未改、操作日志是否连续。"
        "每日备份后自动做一次。"
    )
    _show_outcome(last, "还没有核对过。")
    st.button("立即核对", icon=":material/fact_check:", on_click=check, key="check")


def check() -> None:
    with messages.outcome("核对完成，结果见下。"):
        server.check(by=access.current_user())


def _show_outcome(last: Outcome | None, never: str) -> None:
    if last is None:
        st.info(never, icon=":material/info:")
        return
    told = messages.plain(f"{last.at:%Y-%m-%d %H:%M}　{last.text}")
    if last.is_good:
        st.success(told, icon=":material/check_circle:")
    else:
        st.error(told, icon=":material/error:")
    if last.details:
        with st.container(border=True):
            st.text("\n".join(last.details))


# ---- 出错编号 ---------------------------------------------------------------------------------


def ask_number(viewer: User) -> None:
    st.subheader("出错编号", anchor=False)
    st.caption("用户看到“系统出错了”时会有一个编号，可在这里查出是何时、何处出的错。")
    with st.form("failure", border=False):
        number = st.text_input("编号", max_chars=8, placeholder="8 位字母和数字", key="failure")
        st.form_submit_button("查找", key="find_failure")
    if number:
        _show_failure(reports.failure(number, viewer=viewer))


def _show_failure(found: Mapping[str, str] | None) -> None:
    if found is None:
        st.info("运行日志里没有这个编号，请核对；很久以前的可能已不在。", icon=":material/info:")
        return
    st.html(panels.facts(found))
    st.caption("详细情况在服务器的运行日志中，按编号查找。")


# ---- 版本 ------------------------------------------------------------------------------------


def show_versions(known: Mapping[str, str]) -> None:
    st.subheader("版本", anchor=False)
    st.html(panels.facts(known))
