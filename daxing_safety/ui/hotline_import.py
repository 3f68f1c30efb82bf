"""导入12345: a file is read in the worker, its columns named once, then it is stored whole."""

from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from daxing_safety import settings
from daxing_safety.actions import hotline_import
from daxing_safety.database import reading, transaction
from daxing_safety.errors import UserFacingError
from daxing_safety.hotline import number_of
from daxing_safety.models import User
from daxing_safety.reports import hotline_import as reports
from daxing_safety.reports.hotline_import import Asked, Preview
from daxing_safety.ui import access, changes, grid, messages, uploader
from daxing_safety.ui.messages import plain
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.hotline import REQUIRED, Export, Field
from daxing_safety.workbooks.hotline_rows import Interpreted

KEY = "hotline_file"  # of the uploader


@dataclass(frozen=True)
class Upload:
    """A file as the worker read it; `refusal` says why it could not."""

    file_id: str
    export: Export | None = None
    refusal: str = ""


def show(viewer: User) -> None:
    st.caption(
        "上传 12345 热线导出的 csv 或 xlsx。先认列、再核对，确认后整份入库；"
        "已在系统中的诉求不会改动，同一份文件传两次没有影响。来电人的姓名、电话等列不读入。"
    )
    upload = uploader.looked_at("12345 导出文件", ["csv", "xlsx"], key=KEY, look=_read)
    if upload is None:
        return
    if upload.export is None:
        st.error(plain(upload.refusal), icon=":material/error:")
        return
    with reading() as session:
        asked = reports.asked(session, viewer=viewer, export=upload.export)
    _ask_columns(upload.export, asked, upload.file_id)
    if asked.is_remembered:
        _show_preview(upload.export, asked, viewer)


def _read(file: UploadedFile) -> Upload:
    with st.spinner("正在读取…"):
        try:
            return Upload(file.file_id, worker.read_hotline_in_worker(file.getvalue()))
        except UserFacingError as refusal:
            return Upload(file.file_id, refusal=str(refusal))


# ---- which column is which -------------------------------------------------------------------


def _ask_columns(export: Export, asked: Asked, file_id: str) -> None:
    title = (
        "各列对应（已记住，需要时可改）"
        if asked.is_remembered
        else "请核对各列对应，确认一次即记住"
    )
    with (
        st.expander(title, expanded=not asked.is_remembered, icon=":material/view_column:"),
        st.form(f"columns_{file_id}", border=False),
    ):
        with st.grid(4, min_column_width=200):
            for field in Field:
                _ask_column(field, asked, file_id)
        if asked.personal:
            st.caption(plain(f"含个人信息、不读入的列：{'、'.join(asked.personal)}"))
        st.form_submit_button(
            "确认各列", type="primary", on_click=remember_columns, args=(export.headers, file_id)
        )


def _ask_column(field: Field, asked: Asked, file_id: str) -> None:
    headers = list(asked.samples)
    guessed = asked.columns.get(field)
    st.selectbox(
        f"{field.value}（必选）" if field in REQUIRED else field.value,
        headers,
        index=headers.index(guessed) if guessed in headers else None,
        format_func=lambda header: f"{header}（{asked.samples[header] or '空'}）",
        placeholder="文件里没有",
        key=f"column_{file_id}_{field.name}",
    )


def remember_columns(headers: tuple[str, ...], file_id: str) -> None:
    chosen = {field: st.session_state[f"column_{file_id}_{field.name}"] for field in Field}
    with messages.outcome("已记住各列对应，以后同样表头的文件直接核对。"):
        by = access.current_user()
        with transaction() as session:
            hotline_import.remember_columns(
                session,
                headers=headers,
                columns={field: header for field, header in chosen.items() if header},
                by=by,
            )


# ---- what it would do ------------------------------------------------------------------------


def _show_preview(export: Export, asked: Asked, viewer: User) -> None:
    with reading() as session:
        preview = reports.preview(
            session, viewer=viewer, export=export, columns=asked.columns, now=settings.now()
        )
        rules = reports.rule_names(session)
    _show_figures(preview)
    if preview.categories:
        _ask_rules(preview, rules)
    if preview.interpreted.faults:
        faults = preview.interpreted.faults
        st.error(
            f"**有 {len(faults)} 处需要改正，还没有入库。** 请按下表改好后重新上传。",
            icon=":material/error:",
        )
        changes.show_faults(faults)
    elif not preview.new:
        st.info("文件里的诉求都已在系统中，没有变化，不用再导入。", icon=":material/content_copy:")
    else:
        _offer_storing(preview)


def _show_figures(preview: Preview) -> None:
    with st.grid(5, min_column_width=110):
        st.metric("新诉求", f"{len(preview.new)} 件")
        st.metric("已在系统中", f"{len(preview.known)} 件", help="按热线编号认出，不作改动。")
        st.metric("需要改正", f"{len(preview.interpreted.faults)} 处")
        st.metric("属地未定", f"{len(preview.open_towns)} 件", help="入库后可以逐件补正。")
        st.metric(
            "隐去个人信息",
            f"{sum(bool(line.hidden) for line in preview.new)} 件",
            help="内容和地址中的电话号码、身份证号不作保存。",
        )


def _offer_storing(preview: Preview) -> None:
    st.button(
        f"入库 {len(preview.new)} 件",
        type="primary",
        icon=":material/inventory:",
        on_click=store,
        args=(preview.interpreted,),
        key="store_hotline",
    )
    grid.table(
        reports.new_table(preview),
        "将要入库的诉求",
        row=grid.number("行", 52),
        source_number=grid.text("热线编号", 150),
        received_at=grid.moment("受理时间"),
        town=grid.text("属地", 170),
        content=grid.text("诉求内容", 320),
        site=grid.text("地址", 180),
        category=grid.text("类别", 110),
        rule=grid.text("条款", 64),
        due_at=grid.moment("办理期限"),
        hidden=grid.text("已隐去", 110),
    )


def store(interpreted: Interpreted) -> None:
    with messages.outcome():
        by = access.current_user()
        with transaction() as session:
            new = hotline_import.take_in(
                session, interpreted=interpreted, by=by, now=settings.now()
            )
        messages.tell(_stored_in_words([number_of(report.id) for report in new], interpreted))
        uploader.empty(KEY)


def _stored_in_words(numbers: list[str], interpreted: Interpreted) -> str:
    known = len(interpreted.lines) - len(numbers)
    unchanged = f"另有 {known} 件已在系统中，没有改动。" if known else ""
    if not numbers:
        return f"没有新的诉求。{unchanged}"
    return f"已入库 {len(numbers)} 件：{numbers[0]} 至 {numbers[-1]}，请派单。{unchanged}"


# ---- under which rule ------------------------------------------------------------------------


def _ask_rules(preview: Preview, rules: dict[str, str]) -> None:
    known = sum(category in preview.rules for category in preview.categories)
    title = f"类别对应条款（选填，{len(preview.categories)} 类中已定 {known} 类）"
    with st.expander(title, icon=":material/rule:"):
        st.caption("只有在这里定过的类别，入库时才对应条款；定一次即记住。")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                "类别",
                preview.categories,
                format_func=lambda each: f"{each}　{preview.rules.get(each, '未定')}",
                key="rule_category",
                width=240,
            )
            st.selectbox(
                "条款",
                list(rules),
                index=None,
                format_func=rules.__getitem__,
                placeholder="不对应条款",
                key="rule_of_category",
                width=420,
            )
            st.button("记住", on_click=remember_rule, key="remember_rule")


def remember_rule() -> None:
    category, code = st.session_state.rule_category, st.session_state.rule_of_category
    done = f"“{category}”以后对应条款 {code}。" if code else f"“{category}”以后不对应条款。"
    with messages.outcome(done):
        by = access.current_user()
        with transaction() as session:
            hotline_import.remember_rule(session, category=category, rule_code=code, by=by)
