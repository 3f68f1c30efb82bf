"""签字页: printed from a stored version, signed, and filed back to it; what is still missing."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import streamlit as st

from daxing_safety.models import Round, User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports.signed_pages import (
    FILED,
    MISSING,
    NOT_SENT,
    Signing,
    UnitSigning,
    unit_table,
    version_table,
)
from daxing_safety.ui import evidence_files, grid
from daxing_safety.ui.messages import plain

COLOURS: dict[str, grid.Colour] = {MISSING: "red", NOT_SENT: "gray", FILED: "green"}


# ---- one unit ----


def show_of_unit(signings: Sequence[Signing], unit_code: str, viewer: User) -> None:
    if not signings:
        st.info("还没有报送过填报表。报送后，这里可以打印那一版的签字页。", icon=":material/draw:")
        return
    st.caption(
        "签字页印有那一版自己的数字和编码。打印后签字盖章，拍照或扫描，再交回到同一版。"
        "报送了新的一版，请重新打印。"
    )
    grid.table(
        version_table(signings),
        "各版本的签字页",
        round=grid.text("填报期", 150),
        version=grid.text("版本", 64),
        state=_state(),
        page=grid.link("签字页", "打印"),
        code=grid.text("编码", 130),
        submitted_at=grid.moment("报送时间"),
        scan=grid.link("已交的", "下载"),
        scans=grid.text("文件名", 280),
    )
    waiting = [each for each in signings if not each.scans]
    if waiting and allows(viewer, Permission.SUBMIT):
        with st.container(border=True):
            st.subheader("交回签字页", anchor=False)
            evidence_files.ask_scans(
                unit_code, {each.version.id: _in_words(each) for each in waiting}
            )


def _in_words(signing: Signing) -> str:
    return f"{signing.version.round} 第{signing.version.number}版（{signing.code}）"


# ---- a round ----


def choose_round(found: Sequence[Round]) -> int | None:
    if not found:
        st.info("还没有开启过填报期。", icon=":material/draw:")
        return None
    by_name = {round_.name: round_ for round_ in found}
    name = st.selectbox("填报期", list(by_name), key="round", bind="query-params", width=280)
    return by_name.get(name, found[0]).id


def show_of_round(units: Sequence[UnitSigning]) -> None:
    counts = Counter(each.state for each in units)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.text(f"应交 {len(units)} 家")
        for state, colour in COLOURS.items():
            if counts[state]:
                st.badge(f"{state} {counts[state]}", color=colour)
    _name_missing(units)
    grid.table(
        unit_table(units),
        "各单位的签字页",
        unit=grid.text("单位", 150, pinned=True),
        group=grid.text("分组", 72),
        state=_state(),
        version=grid.text("版本", 64),
        submitted_at=grid.moment("报送时间"),
        code=grid.text("编码", 130),
        page=grid.link("签字页", "打印"),
        scan=grid.link("已交的", "下载"),
        scans=grid.text("文件名", 280),
    )


def _name_missing(units: Sequence[UnitSigning]) -> None:
    missing = [each.line.unit for each in units if each.state == MISSING]
    if missing:
        with st.expander(f"已报送、还没有交签字页的 {len(missing)} 家"):
            st.text(plain("、".join(missing)))


def _state() -> Any:
    return st.column_config.MultiselectColumn(
        "状态", width=84, options=list(COLOURS), color=list(COLOURS.values())
    )
