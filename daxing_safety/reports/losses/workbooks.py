"""失分 as Excel, to print and pass on: a unit's bill, the whole ledger, a path to a score."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from daxing_safety import wording
from daxing_safety.reports.improvement import Route, Settings
from daxing_safety.reports.losses.bills import Bill, Line
from daxing_safety.reports.losses.tree import Node, ProblemLoss, Tree
from daxing_safety.wording import plain, points

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

HEADER_ROW = 2
A4 = 9
Cell = str | int | Decimal | date | None


class Column(NamedTuple):
    name: str
    width: int


class Paper(NamedTuple):
    """One sheet; `signatures` is what stands below the last row."""

    title: str
    note: str
    columns: tuple[Column, ...]
    rows: list[tuple[Cell, ...]]
    signatures: str = ""
    sheet: str = "失分"


def bill(found: Bill) -> bytes:
    """With a line for the signature: it is handed over on paper."""
    note = (
        f"核定失 {points(found.lost)} 分，承担的指标共 {plain(found.points_in_duty)} 分，"
        f"得分率 {found.rate}% · 截至{wording.day(found.as_of)}。可挽回的是全区核定分。"
    )
    rows = [row for line in found.lines for row in _bill_rows(line)]
    total: tuple[Cell, ...] = ("合计", "", "", "", "", None, found.lost, "", None, "")
    return written(
        Paper(
            title=f"{found.unit}丢分账单",
            note=note,
            columns=(
                Column("条款", 7),
                Column("扣分条件", 30),
                Column("问题编号", 9),
                Column("点位", 20),
                Column("问题", 26),
                Column("处数", 6),
                Column("失分", 8),
                Column("可挽回", 12),
                Column("整改时限", 11),
                Column("整改状态", 10),
            ),
            rows=[*rows, total],
            signatures="　　　　　　".join(
                ("单位主要负责人（签字）：", "单位（盖章）：", "年　　月　　日")
            ),
        )
    )


def _bill_rows(line: Line) -> Iterable[tuple[Cell, ...]]:
    rule = line.rule
    brought = f"全部销号 +{points(line.regained)}" if line.regained else ""
    for place, each in enumerate(line.problems):
        named = (rule.code, rule.condition) if place == 0 else ("", "")
        alone = len(line.problems) == 1 or not brought
        gain = each.gain if alone or place else f"{each.gain}\n{brought}"
        yield (*named, *_problem(each)[:5], gain, each.due_on, each.status)


def _problem(each: ProblemLoss) -> tuple[Cell, ...]:
    found = each.found or None
    return (each.number, each.site, each.description, found, each.lost)


def ledger(tree: Tree, as_of: date) -> bytes:
    """Every pair's loss with all it belongs to: what the areas on the screen are drawn from."""
    side = tree.side.value
    return written(
        Paper(
            title=f"{tree.root.name}{side}失分台账",
            note=f"合计失 {points(tree.root.lost)} 分 · 截至{wording.day(as_of)}",
            columns=(
                Column("一级项", 22),
                Column("三级指标", 26),
                Column("条款", 44),
                Column("单位", 16),
                Column("处数", 7),
                Column("失分", 8),
            ),
            rows=[*_pairs(tree.root, ()), ("合计", "", "", "", None, tree.root.lost)],
        )
    )


def _pairs(node: Node, names: tuple[str, ...]) -> Iterable[tuple[Cell, ...]]:
    for each in node.children:
        if each.children:
            yield from _pairs(each, (*names, each.name))
        elif each.lost:
            missing = ("",) * (3 - len(names))
            yield (*names, *missing, each.name, each.found or None, each.lost)


def route(found: Route, settings: Settings, as_of: date) -> bytes:
    reached = "可达到" if found.path.is_reached else "达不到，最多"
    note = (
        f"目标 {plain(settings.target)} 分，{reached} {points(found.after)} 分 · "
        f"{settings.aim.value}，{settings.days} 天内，每家每周销号 {settings.load} 个一般问题，"
        f"承诺时限推迟 {settings.delay} 天 · 截至{wording.day(as_of)}"
    )
    return written(
        Paper(
            title=f"提分路径（{points(found.before)} → {points(found.after)} 分）",
            note=note,
            columns=(
                Column("序号", 6),
                Column("最早销号", 12),
                Column("单位", 16),
                Column("问题编号", 10),
                Column("条款", 8),
                Column("点位", 30),
                Column("处数", 6),
                Column("整改状态", 10),
                Column("整改时限", 12),
                Column("加分", 8),
                Column("累计核定分", 11),
            ),
            rows=[
                (
                    place,
                    step.day,
                    step.problem.unit,
                    step.problem.number,
                    step.problem.rule_code,
                    step.problem.site,
                    step.problem.found,
                    step.problem.status.value,
                    step.problem.due_on,
                    step.gain,
                    step.score,
                )
                for place, step in enumerate(found.steps, start=1)
            ],
        )
    )


# ---- writing ------------------------------------------------------------------------------------


def written(paper: Paper) -> bytes:
    from xlsxwriter import Workbook  # only these downloads need it

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(out, options)
    sheet = book.add_worksheet(paper.sheet)
    _write_head(book, sheet, paper)
    _write_rows(book, sheet, paper.rows)
    if paper.signatures:
        foot = HEADER_ROW + len(paper.rows) + 3
        sheet.write_string(foot, 0, paper.signatures, book.add_format({"font_size": 11}))
    _set_up_print(sheet)
    book.close()
    return out.getvalue()


def _write_head(book: "Workbook", sheet: "Worksheet", paper: Paper) -> None:
    big = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    small = book.add_format({"font_size": 10, "font_color": "#5C6B80"})
    header = book.add_format(
        {"bold": True, "border": 1, "align": "center", "valign": "vcenter", "bg_color": "#E8EEF7"}
    )
    sheet.merge_range(0, 0, 0, len(paper.columns) - 1, paper.title, big)
    sheet.set_row(0, 30)
    sheet.write_string(1, 0, paper.note, small)
    for place, column in enumerate(paper.columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(HEADER_ROW, place, column.name, header)


def _write_rows(book: "Workbook", sheet: "Worksheet", rows: Sequence[tuple[Cell, ...]]) -> None:
    base = {"border": 1, "valign": "vcenter", "text_wrap": True, "font_size": 10}
    text = book.add_format(base)
    number = book.add_format(base | {"num_format": "0.00"})
    whole = book.add_format(base | {"num_format": "0"})
    day = book.add_format(base | {"num_format": "yyyy-mm-dd"})

    def write(row: int, place: int, cell: Cell) -> Any:
        match cell:
            case None:
                return sheet.write_blank(row, place, None, text)
            case Decimal():
                return sheet.write_number(row, place, float(cell), number)
            case int():
                return sheet.write_number(row, place, cell, whole)
            case date():
                return sheet.write_datetime(row, place, cell, day)
        return sheet.write_string(row, place, cell, text)

    for at, cells in enumerate(rows, start=HEADER_ROW + 1):
        for place, cell in enumerate(cells):
            write(at, place, cell)


def _set_up_print(sheet: "Worksheet") -> None:
    sheet.freeze_panes(HEADER_ROW + 1, 0)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW)
    sheet.set_footer("&C第 &P 页，共 &N 页")
