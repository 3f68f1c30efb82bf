"""接诉即办 as everybody sees it: figures, the list with its filters, the rates by unit."""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from daxing_safety import settings
from daxing_safety.actions import public_reports
from daxing_safety.actions.public_reports import MOST_CONTENT, MOST_SITE, Received
from daxing_safety.database import transaction
from daxing_safety.hotline import number_of, without_personal_data
from daxing_safety.models import Unit, User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports.public_report_rates import (
    FEW,
    Rates,
    Share,
    UnitRates,
    rate_table,
    rates_by_group,
)
from daxing_safety.reports.public_reports import (
    PAGE,
    Choices,
    Counts,
    Due,
    Filters,
    Row,
    row_table,
)
from daxing_safety.ui import access, grid, messages
from daxing_safety.vocabulary import Complexity, ReportStatus
from daxing_safety.wording import percent

Value = TypeVar("Value")

LIST, RATES, IMPORT = "诉求清单", "三率", "导入12345"
STATUSES: dict[ReportStatus, grid.Colour] = {
    ReportStatus.RECEIVED: "orange",
    ReportStatus.DISPATCHED: "blue",
    ReportStatus.ANSWERED: "yellow",
    ReportStatus.RATED: "green",
}
PUNCTUALITY: dict[str, grid.Colour] = {
    Due.OVERDUE.value: "red",
    Due.TODAY.value: "orange",
    "逾期答复": "gray",
    "按时答复": "green",
}
OWN_TOWN = "各自属地"


# ---- on top -------------------------------------------------------------------------------------


def show_heading(choices: Choices, viewer: User) -> DeltaGenerator:
    """The line of the title, to which the tab that is open may add."""
    line = st.container(horizontal=True, vertical_alignment="bottom")
    with line:
        st.title("接诉即办", anchor=False, width="stretch")
        may_register = allows(viewer, Permission.MANAGE_PROBLEMS)
        if may_register and st.button("登记诉求", icon=":material/add:", key="register"):
            st.dialog("登记诉求", width="medium")(_ask_report)(choices)
    return line


def offer_download(place: DeltaGenerator, filters: Filters) -> None:
    """The list as Excel, as it is filtered."""
    place.link_button(
        "下载清单",
        # Quoted twice: an address is unquoted once before its parts are told apart.
        f"/download/public_reports/{quote(quote(filters.as_query(), safe=''), safe='')}",
        icon=":material/download:",
    )


def show_figures(counts: Counts, rates: Rates) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.text(f"共 {counts.total} 件诉求")
        for status, number in counts.by_status.items():
            if number:
                st.badge(f"{status.value} {number}", color=STATUSES[status])
        if counts.overdue:
            overdue = Due.OVERDUE.value
            st.badge(f"{overdue} {counts.overdue}", color=PUNCTUALITY[overdue])
    with st.grid(4, min_column_width=140):
        for name, (share, meaning) in _shares(rates).items():
            st.metric(
                name,
                in_words(share),
                delta=f"样本 {share.of} 件",
                delta_color="off",
                delta_arrow="off",
                help=meaning,
            )


def _shares(rates: Rates) -> dict[str, tuple[Share, str]]:
    return {
        "响应率": (rates.contacted, "最近一次回访时，诉求人说承办单位联系过的，占能核实的。"),
        "解决率": (rates.resolved, "最近一次回访时已经解决的，占已回访的。"),
        "满意率": (rates.satisfied, "最近一次回访时满意和基本满意的，占作出评价的。"),
        "按时答复率": (rates.answered, "在办理期限内答复的，占已答复和逾期未答复的。"),
    }


def in_words(share: Share) -> str:
    """样本不足 below FEW."""
    return "样本不足" if share.value is None else percent(share.value)


# ---- the list ---------------------------------------------------------------------------------


def ask_filters(choices: Choices, viewer: User) -> Filters:
    statuses = st.pills(
        "状态",
        list(ReportStatus),
        selection_mode="multi",
        format_func=lambda status: status.value,
        key="status",
        bind="query-params",
        label_visibility="collapsed",
    )
    sees_district = allows(viewer, Permission.SEE_DISTRICT)
    with st.grid(5 if sees_district else 4, min_column_width=150):
        text = st.text_input(
            "搜索", placeholder="内容、地址、编号", key="q", bind="query-params", type="search"
        )
        unit = _choose("承办单位", choices.units, "unit", "全部单位") if sees_district else None
        town = _choose("属地", choices.towns, "town", "全部镇街")
        due = _choose("时限", {each: each.value for each in Due}, "due", "全部时限")
        kinds = {each: f"{each.value}件" for each in Complexity}
        complexity = _choose("难易", kinds, "complexity", "简单和复杂")
    return Filters(tuple(statuses), unit, town, due, complexity, text or "")


def _choose(label: str, names: Mapping[Value, str], key: str, everything: str) -> Value | None:
    return st.selectbox(
        label,
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=everything,
        key=key,
        bind="query-params",
    )


def ask_page(total: int) -> int:
    pages = -(-total // PAGE)
    return st.pagination(pages, key="page", bind="query-params") if pages > 1 else 1


def show_list(rows: Sequence[Row], total: int, choices: Choices, viewer: User) -> None:
    st.caption(f"共 {total} 件，没有答复的在前，先到期的在最上面。点编号查看和办理。")
    if not rows:
        st.info("没有符合条件的诉求。", icon=":material/search_off:")
        return
    may_dispatch = allows(viewer, Permission.MANAGE_PROBLEMS) and any(
        row.status is ReportStatus.RECEIVED for row in rows
    )
    if not may_dispatch:
        grid.table(row_table(rows, settings.now()), "诉求清单", **_columns(rows))
        return
    place = st.container()
    # Named after what is shown: once it changes, nothing is ticked any more.
    shown = "".join(f"{row.number}{row.status.name}" for row in rows)
    key = f"reports_{zlib.crc32(shown.encode())}"
    ticked = grid.table_to_choose_from(
        row_table(rows, settings.now()), "诉求清单，可勾选待派单的", key, **_columns(rows)
    )
    with place:
        _offer_dispatch([rows[at] for at in ticked], choices)


def _columns(rows: Sequence[Row]) -> dict[str, Any]:
    ids = [row.id for row in rows]
    return {
        "number": grid.opener(
            "编号", 80, pinned=True, key="report_row", on_click=_open, args=(ids,)
        ),
        "status": st.column_config.MultiselectColumn(
            "状态",
            width=84,
            options=[status.value for status in STATUSES],
            color=list(STATUSES.values()),
        ),
        "punctuality": st.column_config.MultiselectColumn(
            "时效", width=116, options=list(PUNCTUALITY), color=list(PUNCTUALITY.values())
        ),
        "due_at": grid.moment("办理期限"),
        "content": grid.text("诉求内容", 300),
        "site": grid.text("地址", 170),
        "town": grid.text("属地", 100),
        "unit": grid.text("承办单位", 110),
        "complexity": grid.text("难易", 56),
        "rated": grid.text("回访", 116),
        "received_at": grid.moment("受理时间"),
        "source_number": grid.text("热线编号", 150),
        "problem_number": grid.text("问题编号", 84),
    }


def _open(ids: list[int]) -> None:
    st.query_params["report"] = str(ids[st.session_state.report_row.row])


# ---- many at once -----------------------------------------------------------------------------


def _offer_dispatch(ticked: Sequence[Row], choices: Choices) -> None:
    waiting = [row.id for row in ticked if row.status is ReportStatus.RECEIVED]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = {"": OWN_TOWN} | choices.units
        st.selectbox(
            "派给", list(names), format_func=names.__getitem__, key="dispatch_to", width=220
        )
        st.button(
            f"派单（{len(waiting)} 件）" if waiting else "派单",
            type="primary",
            disabled=not waiting,
            on_click=dispatch_all,
            args=(waiting,),
            key="dispatch_all",
        )
    if len(waiting) < len(ticked):
        st.caption(f"勾选的 {len(ticked)} 件中，{len(waiting)} 件待派单，其余的不会改动。")


def dispatch_all(ids: Sequence[int]) -> None:
    unit_code = st.session_state.dispatch_to
    with messages.outcome(f"已派单 {len(ids)} 件，承办单位会在“待办”中看到。"):
        by = access.current_user()
        with transaction() as session:
            public_reports.dispatch_all(
                session,
                reports=[public_reports.find(session, str(each), viewer=by) for each in ids],
                unit=session.get_one(Unit, unit_code) if unit_code else None,
                by=by,
                now=settings.now(),
            )


# ---- 登记 ------------------------------------------------------------------------------------


def _ask_report(choices: Choices) -> None:
    st.radio(
        "来源",
        list(public_reports.SOURCES),
        format_func=lambda source: source.value,
        horizontal=True,
        key="new_source",
    )
    at, number = st.columns(2)
    at.datetime_input("受理时间", value=settings.now(), key="new_received", step=600)
    number.text_input("热线编号（没有可不填）", max_chars=50, key="new_number")
    st.text_area("诉求内容", max_chars=MOST_CONTENT, key="new_content", height=120)
    st.caption("不要填来电人的姓名、电话、身份证号；电话和身份证号会自动隐去。")
    st.text_input("地址", max_chars=MOST_SITE, key="new_site")
    town, kind = st.columns(2)
    town.selectbox(
        "属地",
        list(choices.towns),
        index=None,
        format_func=choices.towns.__getitem__,
        placeholder="还不清楚",
        key="new_town",
    )
    kind.segmented_control(
        "难易",
        list(Complexity),
        default=Complexity.SIMPLE,
        required=True,
        format_func=lambda each: f"{each.value}件",
        key="new_complexity",
    )
    if st.button("登记", type="primary", on_click=register, key="register_it"):
        st.rerun()


def register() -> None:
    asked = st.session_state
    received = Received(
        received_at=asked.new_received,
        content=asked.new_content,
        site=asked.new_site,
        source_number=asked.new_number.strip() or None,
        discovery=asked.new_source,
        town_code=asked.new_town,
        complexity=asked.new_complexity,
    )
    with messages.outcome():
        by = access.current_user()
        with transaction() as session:
            report = public_reports.receive(session, received=received, by=by, now=settings.now())
        messages.tell(f"已登记为 {number_of(report.id)}，请派单。{hidden_in(received)}")


def hidden_in(received: Received) -> str:
    kinds = without_personal_data(f"{received.content}\n{received.site}").hidden
    return f"其中的{'、'.join(kinds)}已隐去，不作保存。" if kinds else ""


# ---- 三率 -----------------------------------------------------------------------------------


def show_rates(units: Sequence[UnitRates]) -> None:
    if not units:
        st.info("还没有派出过诉求。", icon=":material/query_stats:")
        return
    groups = [(group.value, "", rates) for group, rates in rates_by_group(units)]
    if len(units) > 1:
        st.subheader("按分组", anchor=False)
        _show_table(groups, "各组的响应率、解决率、满意率", "分组")
    st.subheader("按承办单位", anchor=False)
    st.caption(f"样本不足 {FEW} 件的不计算比率，留空。点表头可以排序。")
    lines = [(each.unit, each.group.value, each.rates) for each in units]
    _show_table(lines, "各单位的响应率、解决率、满意率", "单位")


def _show_table(lines: Sequence[tuple[str, str, Rates]], alt: str, whose: str) -> None:
    shares = {
        "contacted": "响应率",
        "resolved": "解决率",
        "satisfied": "满意率",
        "answered": "按时答复率",
    }
    columns: dict[str, Any] = {
        "unit": grid.text(whose, 130, pinned=True),
        "dispatched": grid.number("派单", 64),
    }
    for kind, name in shares.items():
        columns[kind] = st.column_config.ProgressColumn(
            name, width=130, format="%.1f%%", min_value=0, max_value=100
        )
        columns[f"{kind}_of"] = grid.number("样本", 60)
    grid.table(rate_table(lines), alt, **columns)
