"""批量开通: the list is downloaded, filled in, checked as a whole, and opened as a whole."""

from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from daxing_safety import settings
from daxing_safety.actions import accounts
from daxing_safety.database import reading, transaction
from daxing_safety.errors import UserFacingError
from daxing_safety.models import User
from daxing_safety.reports import account_list as reports
from daxing_safety.ui import access, changes, grid, issued, messages, uploader
from daxing_safety.ui.messages import plain
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.account_list import Checked, Line, RawList

KEY = "account_list"  # of the uploader


@dataclass(frozen=True)
class Upload:
    """A file as the worker read it; `refusal` says why it could not."""

    raw: RawList | None = None
    refusal: str = ""


def show(viewer: User) -> None:
    with reading() as session:
        missing, _ = reports.units(session, viewer=viewer)
    waiting = f"还有 {len(missing)} 个单位没有填报人，表里已各填好一行。" if missing else ""
    st.caption(
        f"下载账号开通表，填好后上传；整份核对无误后一次开通，有一处不对就都不开通。{waiting}"
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.link_button(
            "下载账号开通表", "/download/account_list/template", icon=":material/download:"
        )
        issued.ask_address()
    upload = uploader.looked_at("填好的账号开通表", ["xlsx"], key=KEY, look=_read)
    if upload is None:
        return
    if upload.raw is None:
        st.error(plain(upload.refusal), icon=":material/error:")
        return
    with reading() as session:
        checked = reports.preview(session, viewer=viewer, raw=upload.raw, now=settings.clock())
    _show_preview(checked)


def _read(file: UploadedFile) -> Upload:
    with st.spinner("正在核对…"):
        try:
            return Upload(worker.read_account_list_in_worker(file.getvalue()))
        except UserFacingError as refusal:
            return Upload(refusal=str(refusal))


def _show_preview(checked: Checked) -> None:
    if checked.faults:
        st.error(
            f"**有 {len(checked.faults)} 处需要改正，一个账号也没有开通。** "
            "请按下表改好后重新上传。",
            icon=":material/error:",
        )
        changes.show_faults(checked.faults)
        return
    st.button(
        f"开通 {len(checked.lines)} 个账号",
        type="primary",
        icon=":material/group_add:",
        on_click=open_all,
        args=(checked.lines,),
        key="open_accounts",
    )
    grid.table(
        reports.table(checked),
        "将要开通的账号",
        row=grid.number("行", 52),
        unit=grid.text("单位", 150),
        username=grid.text("用户名", 150),
        display_name=grid.text("姓名", 110),
        phone=grid.text("电话", 130),
        role=grid.text("角色", 96),
        valid_until=grid.day("有效期至"),
    )
    if checked.warnings:
        with st.expander(f"提醒 {len(checked.warnings)} 处，不改也能开通"):
            changes.show_warnings(checked.warnings)


def open_all(lines: tuple[Line, ...]) -> None:
    if uploader.is_empty(KEY):  # a second click
        return
    with messages.outcome():
        by = access.current_user()
        prepared = issued.prepare([reports.holder(line) for line in lines], by=by)
        new = [(reports.account(line), prepared.hashes[line.username]) for line in lines]
        with transaction() as session:
            accounts.add_users(session, new=new, by=by, now=prepared.at)
        issued.hand_over(prepared, by=by)
        messages.tell(f"已开通 {len(lines)} 个账号，请下载密码条。")
        uploader.empty(KEY)
