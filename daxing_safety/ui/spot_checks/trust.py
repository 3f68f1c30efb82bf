"""可信度 on the screen: of one 抽查 or of all."""

import streamlit as st

from daxing_safety import wording
from daxing_safety.reports.spot_checks import trust
from daxing_safety.reports.spot_checks.trust import Found, Trust
from daxing_safety.ui import grid
from daxing_safety.vocabulary import SpotVerdict

MEANING = "属实 ÷（属实 + 部分属实 + 不属实），无法核实的不计。"


def show(found: Found) -> None:
    if not found.overall.checked:
        st.info(
            "还没有交回的结论。专家交回后，这里列出各单位、各条款的可信度。",
            icon=":material/verified:",
        )
        return
    _show_overall(found.overall)
    st.subheader("各单位", anchor=False)
    _show_table(found.units, "单位", 130)
    st.subheader("各条款", anchor=False)
    _show_table(found.rules, "条款", 420)


def _show_overall(overall: Trust) -> None:
    with st.grid(5, min_column_width=120):
        share = overall.share
        said = wording.percent(share) if share is not None else "无法核实"
        st.metric("可信度", said, help=MEANING)
        for verdict in SpotVerdict:
            st.metric(verdict.value, overall.verdicts[verdict])
    st.caption("可信度低的单位和条款，审核自评、销号时请多看佐证材料和现场；抽查数少的仅供参考。")


def _show_table(found: list[Trust], named: str, width: int) -> None:
    grid.table(
        trust.table(found),
        f"各{named}的可信度，从低到高",
        name=grid.text(named, width, pinned=True),
        share=grid.share("可信度"),
        checked=grid.number("核查项"),
        **{verdict.name: grid.number(verdict.value, 84) for verdict in SpotVerdict},
    )
