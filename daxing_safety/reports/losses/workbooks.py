"""失分 as Excel, to print and pass on: a unit's bill, the whole ledger, a path to a score."""

from collections.abc import Iterable
from datetime import date

from daxing_safety import wording
from daxing_safety.documents.sheet import Cell, Column, Sheet, workbook_of
from daxing_safety.reports.improvement import Route, Settings
from daxing_safety.reports.losses.bills import Bill, Line
from daxing_safety.reports.losses.tree import Node, ProblemLoss, Tree
from daxing_safety.wording import plain, points

SHEET = "失分"


def bill(found: Bill) -> bytes:
    """With a line for the signature: it is handed over on paper."""
    note = (
        f"核定失 {points(found.lost)} 分，承担的指标共 {plain(found.points_in_duty)} 分，"
        f"得分率 {found.rate}% · 截至{wording.day(found.as_of)}。可挽回的是全区核定分。"
    )
    rows = [row for line in found.lines for row in _bill_rows(line)]
    total: tuple[Cell, ...] = ("合计", "", "", "", "", None, found.lost, "", None, "")
    return workbook_of(
        [
            Sheet(
                name=SHEET,
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
        ]
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
    return workbook_of(
        [
            Sheet(
                name=SHEET,
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
        ]
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
    return workbook_of(
        [
            Sheet(
                name=SHEET,
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
        ]
    )
