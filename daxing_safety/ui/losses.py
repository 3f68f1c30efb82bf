"""失分构成 and 丢分账单 as they are shown: areas and a table to go down by, a unit's bill."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from daxing_safety import settings, wording
from daxing_safety.charts.loss_tree import composition
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import scores
from daxing_safety.reports.losses import bills as loss_bills
from daxing_safety.reports.losses import tables as loss_tables
from daxing_safety.reports.losses import tree as loss_tree
from daxing_safety.reports.losses.bills import Bill
from daxing_safety.reports.losses.tree import Node, Side, Tree
from daxing_safety.ui import grid, improvement, panels
from daxing_safety.ui.kept import kept
from daxing_safety.ui.messages import plain
from daxing_safety.wording import gist, points

# The address says how far down one is; each level by its own key.
LEVELS = ("section", "indicator", "rule", "unit")
WORTH = ("分值", "分值", "最多失分", "")  # a unit has no points of its own
PARTS = ("一级项", "三级指标", "扣分条款", "责任单位")
BILL, CHOSEN_UNIT = "bill", "chosen_unit"
CRUMB_MOST = 16
GAIN_HELP = (
    "只销这一个，全区核定分能恢复多少。+0.00：同一条款或指标已经扣完，还要再销几个才加分；"
    "随核定结论：是非和比率条款，重新认定后恢复。"
)

TREE, BILLS = "失分构成", "丢分账单"


def tabs(viewer: User) -> Sequence[Any]:
    """A clerk has the own unit's figures alone; the district's are worked with by others."""
    names = [TREE, BILLS]
    if allows(viewer, Permission.SEE_DISTRICT):
        names += [improvement.PATH, improvement.WHAT_IF]
    return st.tabs(names, key="view", on_change="rerun", bind="query-params")


# ---- 失分构成 ---------------------------------------------------------------------------------


def show_tree(viewer: User, on: date) -> None:
    side = _ask_side(on)
    tree = kept(loss_tree.tree, viewer=viewer, on=on, side=side)
    trail = loss_tree.trail(tree.root, [st.query_params.get(level) for level in LEVELS])
    _show_trail(trail)
    if len(trail) <= len(LEVELS):
        _show_parts(viewer, tree, trail, on)
    else:
        _show_problems(viewer, tree, trail, on)


def _ask_side(on: date) -> Side:
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        side: Side = st.segmented_control(
            "口径",
            list(Side),
            default=Side.CONFIRMED,
            format_func=lambda each: each.value,
            required=True,
            key="side",
            bind="query-params",
            label_visibility="collapsed",
        )
        _offer_file("下载失分台账", f"losses/{side.name}", on)
    return side


def _offer_file(label: str, file: str, on: date) -> None:
    """Files are of today alone."""
    if on == settings.today():
        st.link_button(label, f"/download/{file}", icon=":material/download:")


def _show_trail(trail: Sequence[Node]) -> None:
    """From the whole down to what is looked at; each step leads back."""
    if len(trail) == 1:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="trail"):
        for depth, node in enumerate(trail[:-1]):
            st.button(
                f"{plain(_short(node))} {points(node.lost)}",
                on_click=_go,
                args=([each.key for each in trail[1 : depth + 1]],),
                type="tertiary",
                key=f"up_{depth}",
            )
            st.caption("›", width="content")
        last = trail[-1]
        st.markdown(f"**{plain(_short(last))}　{points(last.lost)} 分**", width="content")


def _short(node: Node) -> str:
    return gist(node.name, CRUMB_MOST)


def _go(keys: Sequence[str]) -> None:
    for level in LEVELS:
        st.query_params.pop(level, None)
    for level, key in zip(LEVELS, keys, strict=False):
        st.query_params[level] = key


def _show_parts(viewer: User, tree: Tree, trail: Sequence[Node], on: date) -> None:
    node = trail[-1]
    keys = tuple(each.key for each in trail[1:])
    st.html(kept(_drawn, viewer=viewer, on=on, side=tree.side, keys=keys, as_of=on))
    if not node.lost:
        st.caption("自查或检查发现问题并核定后，这里逐级列出失分。")
    if not node.children:
        return
    below = loss_tables.in_order(node)
    st.caption("点名称看下一级，每一级的合计等于上一级。")
    grid.table(
        loss_tables.parts(node),
        f"{node.name}的失分，一行一个{PARTS[len(keys)]}",
        name=grid.opener(
            PARTS[len(keys)],
            230,
            key=f"open_{len(keys)}",
            on_click=_open,
            args=(len(keys), keys, [each.key for each in below]),
        ),
        lost=grid.points("失分"),
        share=grid.share("占比"),
        **({"points": grid.points(WORTH[len(keys)])} if WORTH[len(keys)] else {}),
        found=grid.number("处数", 64),
        about=grid.text("说明", 230),
    )


def _open(depth: int, keys: Sequence[str], below: Sequence[str]) -> None:
    _go([*keys, below[st.session_state[f"open_{depth}"].row]])


def _drawn(session: Any, *, viewer: User, side: Side, keys: Sequence[str], as_of: date) -> str:
    tree = loss_tree.tree(session, viewer=viewer, side=side)
    node = loss_tree.trail(tree.root, keys)[-1]
    return panels.areas(composition(tree, node, as_of=as_of))


def _show_problems(viewer: User, tree: Tree, trail: Sequence[Node], on: date) -> None:
    rule, unit = trail[-2:]
    found = kept(
        loss_tree.problems_of_pair,
        viewer=viewer,
        on=on,
        side=tree.side,
        rule_code=rule.key,
        unit_code=unit.key,
    )
    st.markdown(f"**{plain(rule.name)}**")
    st.caption(f"{plain(rule.about)}。失分按各问题的处数分摊，点编号看问题的办理情况。")
    grid.table(loss_tables.problems(found), f"{unit.name}在条款{rule.key}下的问题", **_problems())


def _problems() -> dict[str, Any]:
    return {
        "problem": grid.link("问题编号", r"problem=(.+)$"),
        "site": grid.text("点位", 164),
        "description": grid.text("问题", 230),
        "found": grid.number("处数", 60),
        "lost": grid.points("失分"),
        "gain": grid.text("单独销号可挽回", 118, help=GAIN_HELP),
        "due_on": grid.day("整改时限"),
        "status": grid.text("整改状态", 96),
    }


# ---- 丢分账单 ---------------------------------------------------------------------------------


def show_bill(viewer: User, on: date) -> None:
    own = None if allows(viewer, Permission.SEE_DISTRICT) else viewer.unit_code
    units = kept(scores.by_unit, viewer=viewer, on=on)
    names = {each.unit.code: each.unit.name for each in units}
    code = own or _ask_unit(names)
    if code in names:
        _show_bill(kept(loss_bills.bill, viewer=viewer, on=on, unit_code=code, today=on))
        return
    losing = [each for each in units if each.confirmed_lost or each.claimed_lost]
    if not losing:
        st.info("还没有单位失分。", icon=":material/check_circle:")
        return
    st.caption("点单位看它的丢分账单。按组和名单顺序排列，不是排名。")
    codes = [each.unit.code for each in losing]
    grid.table(
        loss_tables.units(losing),
        "有失分的单位",
        most=len(losing),
        group=grid.text("组", 64),
        unit=grid.opener("单位", 150, key="bill_row", on_click=_open_bill, args=(codes,)),
        lost=grid.points("核定失分"),
        claimed=grid.points("自评失分"),
        rate=grid.points("核定得分率（%）", 130),
    )


def _ask_unit(names: dict[str, str]) -> str | None:
    code = st.query_params.get(BILL)
    st.session_state[CHOSEN_UNIT] = code if code in names else None
    st.selectbox(
        "单位",
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder="选一个单位",
        key=CHOSEN_UNIT,
        on_change=_choose_unit,
        width=280,
        label_visibility="collapsed",
    )
    return code


def _choose_unit() -> None:
    _go_to_bill(st.session_state[CHOSEN_UNIT])


def _open_bill(codes: Sequence[str]) -> None:
    _go_to_bill(codes[st.session_state.bill_row.row])


def _go_to_bill(code: str | None) -> None:
    if code:
        st.query_params[BILL] = code
    else:
        st.query_params.pop(BILL, None)


def _show_bill(bill: Bill) -> None:
    number = sum(1 for line in bill.lines for each in line.problems if each.number)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {plain(_bill_finding(bill, number))}", width="stretch")
        _offer_file("下载丢分账单", f"loss_bill/{bill.unit_code}", bill.as_of)
    st.caption(
        f"核定失分（分）· 承担的指标共 {wording.plain(bill.points_in_duty)} 分，"
        f"得分率 {bill.rate}% · 截至{wording.day(bill.as_of)}。"
        "与其他单位共担的失分按各自扣分分摊；可挽回的是全区核定分。"
    )
    if not bill.lines:
        return
    st.markdown("**按条款**")
    grid.table(
        loss_tables.bill_rules(bill.lines),
        f"{bill.unit}按条款的失分",
        rule=grid.text("扣分条款", 420),
        lost=grid.points("失分"),
        regained=grid.points("本单位全部销号可挽回", 152, help=GAIN_HELP),
        problems=grid.number("问题"),
        lead=grid.text("指标牵头单位", 120),
    )
    st.markdown("**按问题**")
    grid.table(
        loss_tables.bill_problems(bill.lines),
        f"{bill.unit}按问题的失分",
        rule=grid.text("条款", 60),
        **_problems(),
    )


def _bill_finding(bill: Bill, problems: int) -> str:
    if not bill.lines:
        return f"{bill.unit}没有核定失分"
    number = f"，{problems} 个挂账问题" if problems else ""
    return f"{bill.unit}核定失 {points(bill.lost)} 分，涉及 {len(bill.lines)} 条条款{number}"
