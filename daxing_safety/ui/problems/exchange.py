"""问题整改清单 out and in: the list that is on the screen as Excel, and a changed one back.

What was looked at is kept in the tab's state with its bytes, and stored exactly as it was.
"""

from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, urlencode

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from daxing_safety import settings
from daxing_safety.actions import problem_imports
from daxing_safety.database import reading, transaction
from daxing_safety.errors import UserFacingError
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports.changes import Change, change_table
from daxing_safety.reports.problems import exchange as reports
from daxing_safety.reports.problems.exchange import Preview
from daxing_safety.reports.problems.filters import Filters
from daxing_safety.ui import access, changes, grid, messages, uploader
from daxing_safety.ui.messages import plain
from daxing_safety.ui.submit import XLSX, marked, show_sections
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.problem_list.columns import Audience
from daxing_safety.workbooks.problem_list.content import ListRow
from daxing_safety.workbooks.reading import RawWorkbook

KEY, IS_OPEN = "problem_list", "list_is_open"  # of the uploader, of the dialog
WHOLE = "all"  # in the address of a list that nothing is left out of

HOW_TO = {
    Audience.OFFICE: (
        "先导出，在 Excel 或 WPS 里改，再在这里上传。已有问题按问题编号更新，后面空行里的新问题会"
        "登记；填了整改时限的随即交办，往后推的算延期。销号不在表里办。"
    ),
    Audience.UNIT: (
        "先导出，在 Excel 或 WPS 里填整改目标、措施、责任人、时限和进展，再在这里上传。"
        "时限往后推的成为延期申请；改完的选“申请销号”，请先上传整改后的照片。"
    ),
}


@dataclass(frozen=True)
class Upload:
    """A list as the worker read it and the checks found it; `refusal` says why there is none."""

    name: str
    data: bytes
    raw: RawWorkbook | None = None
    preview: Preview | None = None
    refusal: str = ""


def offer(viewer: User, filters: Filters) -> None:
    """导出 for everybody; 导入 for those who may change something."""
    st.link_button("导出", address(filters), icon=":material/download:")
    if allows(viewer, Permission.MANAGE_PROBLEMS):
        _offer_import(Audience.OFFICE)
    elif allows(viewer, Permission.RECTIFY):
        _offer_import(Audience.UNIT)


def address(filters: Filters) -> str:
    # Quoted twice: the server undoes one for the path before it looks for slashes.
    return "/download/problems/" + quote(urlencode(filters.query()) or WHOLE, safe="")


def _offer_import(audience: Audience) -> None:
    st.button("导入", icon=":material/upload_file:", on_click=_open, key="import_list")
    if st.session_state.get(IS_OPEN):
        st.dialog("导入问题整改清单", width="large", on_dismiss=discard)(_show)(audience)


def _open() -> None:
    st.session_state[IS_OPEN] = True


def _show(audience: Audience) -> None:
    if not st.session_state.get(IS_OPEN):
        st.rerun()  # without the dialog; the page behind it tells what became of the list
    st.caption(HOW_TO[audience])
    upload = uploader.looked_at("改好的问题整改清单", ["xlsx"], key=KEY, look=_look)
    if upload is None:
        return
    if upload.preview is None:
        st.error(plain(upload.refusal), icon=":material/error:")
    elif upload.preview.checked.errors:
        _show_faults(upload, upload.preview)
    elif not upload.preview.moves:
        _show_no_change(upload.preview)
    else:
        _show_changes(upload.preview)


def _look(file: UploadedFile) -> Upload:
    data = file.getvalue()
    with st.spinner("正在核对清单…"):
        try:
            by = access.current_user()
            raw = worker.read_in_worker(data)
            with reading() as session:
                preview = reports.preview(session, raw=raw, data=data, by=by, now=settings.now())
        except UserFacingError as refusal:
            return Upload(file.name, data, refusal=str(refusal))
    return Upload(file.name, data, raw, preview)


def _show_faults(upload: Upload, preview: Preview) -> None:
    errors, digest = preview.checked.errors, sha256(upload.data).hexdigest()[:8]
    st.error(
        f"**有 {len(errors)} 处需要改正，还没有入库。** 请按下表改好后重新上传。",
        icon=":material/error:",
    )
    st.download_button(
        "下载标好错的清单，在原表上改",
        data=partial(marked, upload.data, preview.checked),
        # The digest keeps one file's address apart from another's.
        file_name=f"{Path(upload.name).stem}_标错_{digest}.xlsx",
        mime=XLSX,
        on_click="ignore",
        icon=":material/edit_document:",
        type="primary",
        key=f"marked_list_{digest}",
    )
    changes.show_faults(errors)


def _show_no_change(preview: Preview) -> None:
    for remark in preview.checked.warnings:
        st.info(plain(f"{remark.message}。{remark.cure}"), icon=":material/content_copy:")


def _show_changes(preview: Preview) -> None:
    st.markdown("**核对通过，请看一遍再确认**")
    st.text(f"将要{reports.in_short(preview.moves)}。")
    show_sections(
        [
            ("改动", preview.changes, _show_cells),
            ("登记", preview.registered, _show_registered),
            ("提醒", preview.checked.warnings, changes.show_warnings),
            ("已识别的写法", preview.checked.readings, changes.show_readings),
        ]
    )
    with st.container(horizontal=True):
        st.button("确认入库", type="primary", on_click=store, key="store_list")
        st.button("放弃", on_click=discard, key="discard_list")


def _show_cells(rows: tuple[Change, ...]) -> None:
    grid.table(
        change_table(rows),
        "有变化的问题",
        code=grid.text("问题编号", 84, pinned=True),
        about=grid.text("单位和点位", 190),
        field=grid.text("项目", 92),
        before=grid.text("原来", 220),
        after=grid.text("现在", 280),
    )


def _show_registered(rows: tuple[ListRow, ...]) -> None:
    grid.table(
        reports.registered_table(rows),
        "新登记的问题",
        row_height=grid.TALL,
        unit=grid.text("责任单位", 110, pinned=True),
        rule_code=grid.text("条款", 64),
        site=grid.text("点位", 170),
        description=grid.text("问题描述", 260),
        count=grid.number("处数", 60),
        severity=grid.text("严重程度", 84),
        discovery=grid.text("发现方式", 90),
        found_on=grid.day("发现日期"),
        due_on=grid.day("整改时限"),
    )


def store() -> None:
    """Stores what was looked at; a second click finds nothing left to store."""
    upload: Upload | None = uploader.take(KEY)
    if upload is None or upload.raw is None:
        return
    with messages.outcome():
        by = access.current_user()
        with transaction() as session:
            receipt = problem_imports.submit(
                session,
                raw=upload.raw,
                data=upload.data,
                file_name=upload.name,
                by=by,
                now=settings.now(),
            )
        messages.tell(f"清单已入库：{_told(receipt)}。")
    discard()


def _told(receipt: problem_imports.ListReceipt) -> str:
    numbers = f"，新问题编号 {'、'.join(receipt.registered)}" if receipt.registered else ""
    return (reports.in_short(receipt.made) or "没有变化") + numbers


def discard() -> None:
    """Closes the dialog and empties its uploader."""
    st.session_state.pop(IS_OPEN, None)
    uploader.empty(KEY)
