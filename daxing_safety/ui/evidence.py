"""佐证材料 as everybody sees it: units, what each has to show, its files, and the card of one."""

import zlib
from collections.abc import Sequence
from typing import Any

import streamlit as st

from daxing_safety.actions.evidence import Use
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports.evidence import (
    LACKING,
    PROVEN,
    SUBJECTS,
    Filters,
    Subject,
    UnitCounts,
    done_and_lacking,
    subject_table,
    unit_table,
)
from daxing_safety.reports.materials import (
    CURRENT,
    LOST,
    Material,
    Span,
    is_lost,
    material_table,
    versions_of,
)
from daxing_safety.reports.materials import size_in_words as size
from daxing_safety.reports.tasks import Choices
from daxing_safety.ui import evidence_files, grid
from daxing_safety.ui.messages import plain
from daxing_safety.vocabulary import EvidenceOf

BY_UNIT, BY_SUBJECT, BY_FILE, SIGNED = "各单位情况", "按事项", "材料清单", "签字页"
ALL_SUBJECTS = "全部"
COLOURS: dict[str, grid.Colour] = {LACKING: "red", PROVEN: "green"}
MOST_SUBJECTS = 9


def choose_unit(choices: Choices, viewer: User) -> str | None:
    """The clerk's own; for who sees the district the one that is asked for, or None for all."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("佐证材料", anchor=False, width="stretch")
        if not allows(viewer, Permission.SEE_DISTRICT):
            return viewer.unit_code
        return st.selectbox(
            "责任单位",
            list(choices.units),
            index=None,
            format_func=choices.units.__getitem__,
            placeholder="全部单位",
            key="unit",
            bind="query-params",
            label_visibility="collapsed",
            width=220,
        )


# ---- all units ----


def show_units(units: Sequence[UnitCounts]) -> None:
    done, proven = sum(each.done for each in units), sum(each.proven for each in units)
    with st.grid(4, min_column_width=140):
        st.metric("已报完成", f"{done} 项")
        st.metric("有材料", f"{proven} 项")
        st.metric("缺材料", f"{done - proven} 项")
        st.metric("材料", f"{sum(each.materials for each in units)} 份")
    st.caption(
        "已报完成指工作要点报“已完成”、问题报“申请销号”。缺材料多的单位在前，点单位名称看明细。"
    )
    table = unit_table(units)
    names = {each.unit: each.unit_code for each in units}
    codes = [names[name] for name in table["unit"]]
    grid.table(
        table,
        "各单位的佐证材料",
        unit=grid.opener("单位", 150, key="unit_row", on_click=_open_unit, args=(codes,)),
        lacking=grid.number("缺材料", 80),
        done=grid.number("已报完成", 90),
        proven=grid.number("有材料", 80),
        rate=st.column_config.ProgressColumn(
            "有材料的比例", width=160, format="%.0f%%", min_value=0, max_value=100
        ),
        materials=grid.number("材料份数", 90),
        group=grid.text("分组", 72),
    )


def _open_unit(codes: list[str]) -> None:
    st.session_state.unit = codes[st.session_state.unit_row.row]


# ---- what one unit has to show ----


def show_summary(found: Sequence[Subject]) -> None:
    done, lacking = done_and_lacking(found)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.text(f"已报完成 {done} 项")
        if lacking:
            st.badge(f"{LACKING} {lacking}", color=COLOURS[LACKING])
        if done - lacking:
            st.badge(f"{PROVEN} {done - lacking}", color=COLOURS[PROVEN])


def ask_filters(choices: Choices) -> Filters:
    kind, task, lacking = st.columns([1.6, 1.6, 0.8], vertical_alignment="bottom")
    words = {each.value: each for each in SUBJECTS}
    chosen = kind.segmented_control(
        "类别",
        [ALL_SUBJECTS, *words],
        default=ALL_SUBJECTS,
        required=True,
        key="kind",
        bind="query-params",
    )
    return Filters(
        of=words.get(chosen),
        task_no=task.selectbox(
            "任务",
            list(choices.tasks),
            index=None,
            format_func=choices.tasks.__getitem__,
            placeholder="全部任务",
            key="task",
            bind="query-params",
        ),
        only_lacking=lacking.toggle("只看缺材料", key="lacking", bind="query-params"),
    )


def show_subjects(found: Sequence[Subject], unit_code: str, span: Span, viewer: User) -> None:
    """For its clerk with boxes to tick: the files that follow serve all that is ticked."""
    if not found:
        st.info("没有符合条件的事项，请放宽上面的条件。", icon=":material/search_off:")
        return
    if not allows(viewer, Permission.SUBMIT):
        grid.table(
            subject_table(found),
            "要求的佐证材料",
            most=MOST_SUBJECTS,
            row_height=grid.TALL,
            **_subject_columns(found),
        )
        return
    place = st.container(horizontal=True, vertical_alignment="center")
    ticked = grid.table_to_choose_from(
        subject_table(found),
        "要求的佐证材料，可勾选多项",
        _key_of(found),
        **_subject_columns(found),
    )
    with place:
        _offer_upload([found[row] for row in ticked], unit_code, span)


def _key_of(found: Sequence[Subject]) -> str:
    """Named after its rows: once they change, or files were stored, nothing is ticked any more."""
    rows = "".join(f"{each.of.name}{each.code}" for each in found)
    return f"subjects_{evidence_files.generation()}_{zlib.crc32(rows.encode())}"


def _subject_columns(found: Sequence[Subject]) -> dict[str, Any]:
    names = [name_of(each) for each in found]
    return {
        "code": grid.opener("编号", 76, key="subject_row", on_click=_open_subject, args=(names,)),
        "verdict": st.column_config.MultiselectColumn(
            "材料", width=84, options=list(COLOURS), color=list(COLOURS.values())
        ),
        "about": grid.text("内容", 260),
        "asked": grid.text("要求的材料", 220),
        "standing": grid.text("进展", 96),
        "materials": grid.text("已上传", 200),
        "of": grid.text("类别", 84),
        "said": grid.text("填报表中写的材料", 180),
    }


def _offer_upload(ticked: Sequence[Subject], unit_code: str, span: Span) -> None:
    """On the left: the tools that a table shows over its right corner would cover it."""
    asked = st.button(
        f"上传材料（{len(ticked)} 项）" if ticked else "上传材料",
        type="primary",
        icon=":material/upload:",
        disabled=not ticked,
        key="upload",
    )
    st.caption("先勾选一项或多项，一份文件可以用于多项。点编号看已上传的材料。")
    if asked:
        uses = [(each.of, each.code) for each in ticked]
        opened = evidence_files.generation()
        st.dialog("上传佐证材料", width="medium")(_ask_files)(opened, unit_code, uses, span)


def _ask_files(opened: int, unit_code: str, uses: Sequence[Use], span: Span) -> None:
    evidence_files.leave_after(opened)
    evidence_files.ask(unit_code, uses, span)


# ---- one of them ----


def name_of(subject: Subject) -> str:
    """As it stands in the address: WORK_POINT 1-05."""
    return f"{subject.of.name} {subject.code}"


def named(found: Sequence[Subject], name: str) -> Subject | None:
    return next((each for each in found if name_of(each) == name), None)


def _open_subject(names: list[str]) -> None:
    st.query_params["subject"] = names[st.session_state.subject_row.row]


def close_subject() -> None:
    st.query_params.pop("subject", None)


def show_subject(subject: Subject, unit_code: str, span: Span, viewer: User) -> None:
    drawer = st.dialog(
        f"{subject.of.value} {subject.code}",
        width=620,
        position="right",
        on_dismiss=close_subject,
    )
    drawer(_draw_subject)(evidence_files.generation(), subject, unit_code, span, viewer)


def _draw_subject(opened: int, subject: Subject, unit_code: str, span: Span, viewer: User) -> None:
    evidence_files.leave_after(opened)
    st.markdown(f"**{plain(subject.about)}**")
    if subject.verdict:
        st.badge(subject.verdict, color=COLOURS[subject.verdict])
    facts = {
        "要求的材料": subject.asked,
        "进展": subject.standing,
        "填报表中写的材料": subject.said,
    }
    st.table({name: plain(text) or "—" for name, text in facts.items()}, border="horizontal")
    st.markdown(f"**已上传 {len(subject.materials)} 份**")
    for material in subject.materials:
        _draw_material(material)
    if allows(viewer, Permission.SUBMIT):
        st.markdown("**上传新的材料**")
        evidence_files.ask(unit_code, [(subject.of, subject.code)], span)


def _draw_material(material: Material) -> None:
    with st.container(border=True):
        what, verb = st.columns([3, 1], vertical_alignment="center")
        what.text(material.name)
        what.caption(plain(_in_short(material)))
        _offer_download(verb, material)
        if st.button("版本、更换、撤回", type="tertiary", key=f"material_{material.id}"):
            close_subject()
            st.query_params["material"] = str(material.id)
            st.rerun()


def _in_short(material: Material) -> str:
    others = len(material.serves) - 1
    return "　".join(
        filter(
            None,
            (
                f"{material.material_on:%Y-%m-%d}" if material.material_on else "",
                material.remark,
                size(material.size),
                f"第{material.version}版",
                f"同时用于另外 {others} 项" if others else "",
            ),
        )
    )


def _offer_download(place: Any, material: Material) -> None:
    if is_lost(material):
        place.badge(LOST, icon=":material/error:", color="red")
        return
    place.link_button(
        "下载", f"/download/evidence/{material.id}", icon=":material/download:", width="stretch"
    )


# ---- the files ----


def show_files(found: Sequence[Material]) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        current = [each for each in found if each.state == CURRENT]
        st.text(f"现行材料 {len(current)} 份")
        odd = sum(bool(each.remark) for each in current)
        if odd:
            st.badge(f"日期待核 {odd}", color="orange")
        if lost := sum(map(is_lost, current)):
            st.badge(f"{LOST} {lost}", color="red")
        older = st.toggle("包括旧版和已撤回的", key="older", bind="query-params")
    shown = list(found) if older else current
    if not shown:
        st.info("还没有上传过佐证材料。", icon=":material/inventory_2:")
        return
    st.caption("点文件名看版本和对应事项。")
    ids = [each.id for each in shown]
    grid.table(
        material_table(shown),
        "佐证材料清单",
        name=grid.opener("文件名", 260, key="file_row", on_click=_open_file, args=(ids,)),
        file=grid.link("文件", "下载"),
        serves=grid.text("对应事项", 260),
        material_on=grid.day("材料日期"),
        remark=grid.text("提醒", 150),
        description=grid.text("说明", 200),
        version=grid.text("版本", 64),
        state=grid.text("状态", 72),
        size=grid.text("大小", 76),
        uploaded_at=grid.moment("上传时间"),
        uploaded_by=grid.text("上传人", 96),
    )


def _open_file(ids: list[int]) -> None:
    st.query_params["material"] = str(ids[st.session_state.file_row.row])


def close_file() -> None:
    st.query_params.pop("material", None)


def show_file(found: Sequence[Material], number: str, span: Span, viewer: User) -> None:
    material = next((each for each in found if str(each.id) == number), None)
    if material is None:
        st.info("没有这份佐证材料，可能是别的单位的。")
        return
    drawer = st.dialog("佐证材料", width=620, position="right", on_dismiss=close_file)
    versions = versions_of(found, material)
    drawer(_draw_file)(evidence_files.generation(), material, versions, span, viewer)


def _draw_file(
    opened: int, material: Material, versions: Sequence[Material], span: Span, viewer: User
) -> None:
    evidence_files.leave_after(opened)
    st.markdown(f"**{plain(material.name)}**")
    st.badge(material.state, color="green" if material.state == CURRENT else "gray")
    if is_lost(material):
        st.error(
            "这份材料的文件已不在服务器上。手里有原件的，把同一个文件再传一次就能补回来；"
            "没有的，请告诉系统管理员从备份中恢复。",
            icon=":material/error:",
        )
    facts = {
        "对应事项": "、".join(material.serves),
        "材料日期": f"{material.material_on or ''} {material.remark}".strip(),
        "说明": material.description,
        "上传": f"{material.uploaded_at:%Y-%m-%d %H:%M}，{material.uploaded_by}",
    }
    st.table({name: plain(text) or "—" for name, text in facts.items()}, border="horizontal")
    st.markdown("**各版本**")
    for version in versions:
        what, verb = st.columns([3, 1], vertical_alignment="center")
        what.text(f"第{version.version}版　{version.name}")
        what.caption(f"{version.uploaded_at:%Y-%m-%d %H:%M}　{size(version.size)}")
        _offer_download(verb, version)
    if material.state == CURRENT and allows(viewer, Permission.SUBMIT):
        is_page = any(of is EvidenceOf.SIGNED_PAGE for of, _ in material.uses)
        evidence_files.offer_replacement(material.id, span, is_page=is_page)
        evidence_files.offer_withdrawal(material.id)
