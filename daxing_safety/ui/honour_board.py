"""红黑榜 as it is shown: a board a group, the whole order, the rule beneath, and its setting."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import streamlit as st

from daxing_safety.actions.board_rule import set_board_rule
from daxing_safety.charts import Data, Value, table
from daxing_safety.database import transaction
from daxing_safety.honour_board import MEASURES, Board, BoardRule, Place, said
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports.honour_board import HonourBoard, honour_board
from daxing_safety.ui import access, grid, links, messages, panels
from daxing_safety.wording import day, listing

SCREEN = "honour_board"
RED, BLACK = "红榜", "黑榜"
HEADER = (
    "名次",
    "单位",
    "综合得分",
    *(f"{measure}（%）" for measure in MEASURES),
    "到期要点",
    "已完成",
    "问题",
    "已销号",
    "上榜",
)


class Order(NamedTuple):
    """A group's whole order, to be taken away with the rule that it follows from."""

    title: str
    note: str
    data: Data


class List(NamedTuple):
    """What the template shows of a red or black list."""

    name: str
    tone: str
    note: str
    empty: str
    lines: Sequence[dict[str, str]]


def drawn(session: Any, viewer: User, on: date, _: Sequence[str]) -> dict[str, Order]:
    """The boards by their groups, as the addresses of their data have them."""
    found = honour_board(session, viewer=viewer, today=on)
    rule = "\n".join([*said(found.rule), *_who_is_not_on_it(found)])
    return {
        board.group.name: Order(
            title=_title(board),
            note=f"{_note(board, found.today)}\n{rule}",
            data=table(HEADER, [_row(board, each) for each in board.placed]),
        )
        for board in found.boards
        if not board.is_too_small
    }


def show(found: HonourBoard) -> None:
    if not found.rule.is_on:
        st.info("红黑榜已由创安办关闭，不排列各单位。", icon=":material/visibility_off:")
        return
    st.caption(f"截至{day(found.today)} · 分组排列，不跨组比较")
    for board in found.boards:
        st.html(_heading(board, found.today) + _lists(board, found.rule, found.today))
        if not board.is_too_small:
            with st.expander(
                f"{board.group.value}全部名次", icon=":material/format_list_numbered:"
            ):
                _show_order(board)
    with st.container(border=True, key="board_rule"):
        st.markdown("**排列规则**")
        for sentence in [*said(found.rule), *_who_is_not_on_it(found)]:
            st.markdown(f"- {messages.plain(sentence)}")


def _who_is_not_on_it(found: HonourBoard) -> list[str]:
    thin = [each.name for board in found.boards for each in board.unplaced]
    sentences = []
    if found.left_out:
        sentences.append(f"不参加排列：{listing(found.left_out, most=12)}。")
    if thin:
        sentences.append(f"样本不足，这次不排：{listing(thin, most=12)}。")
    return sentences


def _heading(board: Board, on: date) -> str:
    if board.is_too_small:
        return panels.heading(_title(board), _note(board, on))
    data = links.figure_data(SCREEN, board.group.name, on)
    return panels.heading_of_figure(_title(board), _note(board, on), data)


def _title(board: Board) -> str:
    return f"{board.group.value}红黑榜"


def _note(board: Board, on: date) -> str:
    return f"{len(board.placed)} 家参加排列，综合得分满分 100 · 截至{day(on)}"


def _lists(board: Board, rule: BoardRule, on: date) -> str:
    all_reach = bool(board.placed) and all(each.score >= rule.floor for each in board.placed)
    reason = f"综合得分都在 {rule.floor} 以上，黑榜空缺" if all_reach else "没有上黑榜的单位"
    below = f"后 {rule.black} 名中低于 {rule.floor} 的"
    return panels.board(
        is_too_small=board.is_too_small,
        smallest=rule.smallest_group,
        lists=(
            List(RED, "red", f"前 {rule.red} 名", "没有上红榜的单位", _lines(board.red, on)),
            List(BLACK, "black", below, reason, _lines(board.black, on)),
        ),
    )


def _lines(places: Sequence[Place], on: date) -> list[dict[str, str]]:
    return [
        {
            "place": str(each.place),
            "unit": each.candidate.name,
            "href": links.portrait(each.candidate.code, on),
            "score": f"{each.score}",
            "rates": _in_words(each),
        }
        for each in places
    ]


def _in_words(place: Place) -> str:
    unit = place.candidate
    done, closed, points = place.rates
    parts = [f"到期完成 {unit.done}／{unit.due}" if done is not None else "没有到期要点"]
    parts.append(f"整改 {unit.closed}／{unit.problems}" if closed is not None else "没有问题")
    return " · ".join([*parts, f"得分率 {points}%"])


def _row(board: Board, place: Place) -> tuple[Value, ...]:
    unit = place.candidate
    listed = RED if place in board.red else BLACK if place in board.black else ""
    counts = (unit.due, unit.done, unit.problems, unit.closed)
    return (place.place, unit.name, place.score, *place.rates, *counts, listed)


def _show_order(board: Board) -> None:
    import pandas as pd  # only where a table is shown

    frame = pd.DataFrame(
        {
            "place": each.place,
            "unit": each.candidate.name,
            "score": float(each.score),
            "done": _share(each.rates[0]),
            "closed": _share(each.rates[1]),
            "points": _share(each.rates[2]),
        }
        for each in board.placed
    )
    grid.table(
        frame,
        f"{board.group.value}的名次、综合得分和三项比率",
        place=grid.number("名次", 64),
        unit=grid.text("单位", 160),
        score=grid.number("综合得分", 96),
        done=grid.text(f"{MEASURES[0]}（%）", 120),
        closed=grid.text(f"{MEASURES[1]}（%）", 100),
        points=grid.text(f"{MEASURES[2]}（%）", 100),
    )


def _share(rate: Decimal | None) -> str:
    return "—" if rate is None else f"{rate:.1f}"


# ---- the office sets the rule ------------------------------------------------------------------


def offer_rule(found: HonourBoard, names: Mapping[str, str], viewer: User) -> None:
    """`names` are the units' by code, in the plan's order."""
    if not allows(viewer, Permission.MANAGE_PROGRAMME):
        return
    rule = found.rule
    with st.expander("调整规则", icon=":material/tune:"), st.form("rule_of_board"):
        st.toggle("公布红黑榜", value=rule.is_on, key="board_on")
        columns = st.columns(3)
        for column, name, weight in zip(columns, MEASURES, rule.weights, strict=True):
            column.number_input(f"{name}权重（%）", 0, 100, weight, 5, key=f"board_{name}")
        boxes = st.columns(5)
        boxes[0].number_input("红榜家数", 0, 10, rule.red, key="board_red")
        boxes[1].number_input("黑榜家数", 0, 10, rule.black, key="board_black")
        boxes[2].number_input("黑榜底线", 0, 100, rule.floor, key="board_floor")
        boxes[3].number_input("最少样本（项）", 1, 50, rule.least, key="board_least")
        boxes[4].number_input("一组最少家数", 1, 20, rule.smallest_group, key="board_smallest")
        st.multiselect(
            "不参加排列的单位",
            list(names),
            default=[code for code, name in names.items() if name in found.left_out],
            format_func=names.__getitem__,
            placeholder="全部参加",
            key="board_out",
        )
        st.form_submit_button("保存规则", type="primary", on_click=_save, args=(rule,))


def _save(rule: BoardRule) -> None:
    said_now = st.session_state
    with messages.outcome("红黑榜规则已保存。"):
        changed = replace(
            rule,
            is_on=said_now["board_on"],
            weights=tuple(said_now[f"board_{name}"] for name in MEASURES),
            red=said_now["board_red"],
            black=said_now["board_black"],
            floor=said_now["board_floor"],
            least=said_now["board_least"],
            smallest_group=said_now["board_smallest"],
            left_out=frozenset(said_now["board_out"]),
        )
        by = access.current_user()
        with transaction() as session:
            set_board_rule(session, rule=changed, by=by)
