"""守诺 as a table a group, for who looks over the whole district."""

import streamlit as st

from daxing_safety import settings
from daxing_safety.models import User
from daxing_safety.reports.problems import promises
from daxing_safety.reports.problems.claims import FEW
from daxing_safety.ui import grid
from daxing_safety.ui.kept import kept
from daxing_safety.vocabulary import Group

MEANING = (
    "认可率：已有结果的销号申请中，创安办同意销号的；单位自己撤回的不算。"
    "守时率：时限已过或已销号的问题中，在时限当天以前申请销号、没有被退回的；"
    "“按最初时限”不计延期。销号用时：从交办到销号的天数，取中间值。"
    f"不足 {FEW} 件的不算比例。只在组内比较。"
)


def show(viewer: User) -> None:
    found = kept(promises.by_unit, viewer=viewer, today=settings.today())
    if not found:
        st.info("还没有申请销号或到期的问题，暂时没有可以统计的。", icon=":material/history:")
        return
    st.caption(MEANING)
    for group in Group:
        rows = [row for row in found if row.group is group]
        if rows:
            st.markdown(f"**{group.value}　{len(rows)} 家**")
            grid.table(
                promises.table(rows),
                f"{group.value}的守诺情况",
                unit=grid.text("单位", 130, pinned=True),
                claims=grid.number("申请销号", 84),
                confirmed=grid.number("认可", 64),
                sent_back=grid.number("退回", 64),
                confirmed_rate=grid.text("认可率", 80),
                promised=grid.number("已到期", 76),
                kept=grid.number("守时", 64),
                first_kept=grid.number("按最初时限", 96),
                kept_rate=grid.text("守时率", 80),
                days=grid.text("销号用时（天）", 110),
                remark=grid.text("样本", 90),
            )
