"""失分 as tables: the parts of a node, the problems of a pair, a unit's bill, a path, a what-if.

Points stand as numbers, for a table sorts them; they are written with two places where shown.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from daxing_safety.reports.improvement import Figures, Step
from daxing_safety.reports.losses.bills import Line
from daxing_safety.reports.losses.tree import Node, ProblemLoss
from daxing_safety.reports.scores import UnitScore
from daxing_safety.vocabulary import GROUP_OF

if TYPE_CHECKING:
    import pandas as pd


def _frame(rows: Iterable[dict[str, object]]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(list(rows))


def in_order(node: Node) -> list[Node]:
    """Its parts, the dearest first; units in the plan's order, for they are not ranked here."""
    if any(each.points for each in node.children):
        return sorted(node.children, key=lambda each: -each.lost)
    return list(node.children)


def parts(node: Node) -> "pd.DataFrame":
    return _frame(
        {
            "name": each.name,
            "about": each.about,
            "points": _number(each.points),
            "found": each.found or None,
            "lost": float(each.lost),
            "share": float(each.lost / node.lost * 100) if node.lost else None,
        }
        for each in in_order(node)
    )


def problems(found: Sequence[ProblemLoss]) -> "pd.DataFrame":
    return _frame(_problem(each) for each in found)


def _problem(each: ProblemLoss) -> dict[str, object]:
    return {
        "problem": f"/problems?problem={each.number}" if each.number else None,
        "site": each.site,
        "description": each.description,
        "found": each.found or None,
        "lost": float(each.lost),
        "gain": each.gain,
        "due_on": each.due_on,
        "status": each.status,
    }


def units(scores: Sequence[UnitScore]) -> "pd.DataFrame":
    """Who loses something, group by group, in the plan's order: nobody is ranked here."""
    return _frame(
        {
            "group": GROUP_OF[each.unit.kind].value,
            "unit": each.unit.name,
            "lost": float(each.confirmed_lost),
            "claimed": float(each.claimed_lost),
            "rate": float(each.confirmed_rate),
        }
        for each in scores
    )


def bill_rules(lines: Sequence[Line]) -> "pd.DataFrame":
    return _frame(
        {
            "rule": f"{line.rule.code} {line.rule.condition}",
            "lost": float(line.lost),
            "regained": float(line.regained),
            "problems": sum(1 for each in line.problems if each.number) or None,
            "lead": line.indicator.lead_unit,
        }
        for line in lines
    )


def bill_problems(lines: Sequence[Line]) -> "pd.DataFrame":
    return _frame(
        {"rule": line.rule.code, **_problem(each)} for line in lines for each in line.problems
    )


def steps(found: Sequence[Step]) -> "pd.DataFrame":
    return _frame(
        {
            "order": place,
            "day": step.day,
            "unit": step.problem.unit,
            "problem": f"/problems?problem={step.problem.number}",
            "rule": step.problem.rule_code,
            "site": step.problem.site,
            "found": step.problem.found,
            "status": step.problem.status.value,
            "due_on": step.problem.due_on,
            "gain": float(step.gain),
            "score": float(step.score),
        }
        for place, step in enumerate(found, start=1)
    )


def sections(before: Figures, after: Figures) -> "pd.DataFrame":
    return _frame(
        {
            "name": now.name,
            "points": _number(now.points),
            "before": float(now.points - now.lost),
            "after": float(then.points - then.lost),
            "change": float(now.lost - then.lost),
        }
        for now, then in zip(before.sections, after.sections, strict=True)
    )


def _number(points: Decimal | None) -> float | None:
    return None if points is None else float(points)
