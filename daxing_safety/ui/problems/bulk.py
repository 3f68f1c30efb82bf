"""批量交办 and 批量延期: what will change is shown before it is confirmed; all of it or nothing.

Every write raises the generation, which ends the dialog that it came from; what is refused stays
in it, with what was typed.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import problems, requests
from daxing_safety.database import reading, transaction
from daxing_safety.reports.problems import bulk as problem_bulk
from daxing_safety.reports.problems.bulk import Deadline, Line
from daxing_safety.reports.reviews import numbered
from daxing_safety.ui import access, grid, messages
from daxing_safety.ui.messages import plain
from daxing_safety.vocabulary import Severity

USUAL, ONE_DAY = "按严重程度的默认时限", "统一定一个日期"
PREVIEW_ROWS = 8
USUAL_EXTENSION = timedelta(days=30)
REASON = "bulk_reason"
GENERATION = "bulk_generation"


def offer(numbers: Sequence[str]) -> None:
    """On the left: the tools that a table shows over its right corner would cover it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for verb, icon, ask in (
            ("批量交办", ":material/assignment_ind:", _ask_to_assign),
            ("批量延期", ":material/event_repeat:", _ask_to_extend),
        ):
            label = f"{verb}（{len(numbers)}）" if numbers else verb
            if st.button(label, icon=icon, disabled=not numbers, key=ask.__name__.strip("_")):
                st.dialog(verb, width="large")(_draw)(_generation(), ask, tuple(numbers))
        st.caption("勾选后批量办理；点编号看一个问题。", width="content")


def _generation() -> int:
    return st.session_state.setdefault(GENERATION, 0)


def _draw(opened: int, ask: Callable[[Sequence[str]], None], numbers: Sequence[str]) -> None:
    if _generation() != opened:
        st.rerun()
    messages.show_kept()
    ask(numbers)


# ---- 交办 ----


def _ask_to_assign(numbers: Sequence[str]) -> None:
    today, viewer = settings.today(), access.current_user()
    with reading() as session:
        usual = problem_bulk.usual_deadlines(session, viewer=viewer, today=today)
    way = st.segmented_control(
        "整改时限", [USUAL, ONE_DAY], default=USUAL, required=True, key="bulk_way"
    )
    due_on = None
    if way == ONE_DAY:
        due_on = _ask_day("交办后的整改时限", today, today + USUAL_EXTENSION)
    else:
        show_usual(usual)
    with reading() as session:
        lines = problem_bulk.assignments(
            session, viewer=viewer, numbers=numbers, due_on=due_on, today=today
        )
    able = _show_preview(lines)
    _confirm("交办", able, assign, due_on)


def show_usual(usual: dict[Severity, Deadline]) -> None:
    words = (f"{each.value} {line.limit}（{line.due_on}）" for each, line in usual.items())
    st.caption(plain(f"默认时限从今天算起：{'；'.join(words)}。"))
    if years := sorted({year for line in usual.values() for year in line.unknown_years}):
        named = "、".join(map(str, years))
        st.caption(f"{named} 年的节假日安排还没有公布，暂按周一至周五计工作日。")


def assign(numbers: Sequence[str], due_on: date | None) -> None:
    with messages.outcome(f"已交办 {len(numbers)} 个问题。"):
        by = access.current_user()
        with transaction() as session:
            problems.assign_all(
                session,
                problems=numbered(session, viewer=by, numbers=numbers),
                due_on=due_on,
                by=by,
                now=settings.now(),
            )
        st.session_state[GENERATION] = _generation() + 1


# ---- 延期 ----


def _ask_to_extend(numbers: Sequence[str]) -> None:
    today, viewer = settings.today(), access.current_user()
    due_on = _ask_day("延期后的整改时限", today, today + USUAL_EXTENSION)
    st.text_input(
        "延期原因", key=REASON, max_chars=200, placeholder="责任单位会看到；首次时限仍然保留"
    )
    with reading() as session:
        lines = problem_bulk.extensions(
            session, viewer=viewer, numbers=numbers, due_on=due_on, today=today
        )
    able = _show_preview(lines)
    _confirm("延期", able, extend, due_on)


def extend(numbers: Sequence[str], due_on: date) -> None:
    reason = st.session_state[REASON]
    with messages.outcome(f"已将 {len(numbers)} 个问题延期至 {due_on}。"):
        by = access.current_user()
        with transaction() as session:
            requests.extend_all(
                session,
                problems=numbered(session, viewer=by, numbers=numbers),
                due_on=due_on,
                reason=reason,
                by=by,
                now=settings.now(),
            )
        st.session_state[GENERATION] = _generation() + 1


# ---- both ----


def _ask_day(label: str, today: date, usual: date) -> date:
    chosen = st.date_input(
        label, value=usual, min_value=today, format="YYYY-MM-DD", key="bulk_day", width=240
    )
    assert isinstance(chosen, date)
    return chosen


def _show_preview(lines: Sequence[Line]) -> list[str]:
    """The numbers of those that can be changed."""
    able = [line.number for line in lines if not line.obstacle]
    grid.table(
        problem_bulk.preview_table(lines),
        "将要改动的问题",
        most=PREVIEW_ROWS,
        number=grid.text("编号", 84, pinned=True),
        unit=grid.text("责任单位", 120),
        site=grid.text("点位", 160),
        before=grid.text("现在", 130),
        after=grid.text("改为", 190),
        obstacle=grid.text("不能办理的原因", 230),
    )
    if len(able) < len(lines):
        st.warning(
            f"{len(lines) - len(able)} 个不能办理，原因见上表，这次不动它们。",
            icon=":material/info:",
        )
    return able


def _confirm(
    verb: str, able: Sequence[str], act: Callable[[Sequence[str], Any], None], due_on: date | None
) -> None:
    st.button(
        f"确认{verb} {len(able)} 个" if able else f"没有可以{verb}的问题",
        type="primary",
        disabled=not able,
        on_click=act,
        args=(able, due_on),
        key="bulk_confirm",
    )
