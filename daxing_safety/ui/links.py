"""Addresses of one screen as others lead to it, filters and day included."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from daxing_safety import settings, wording
from daxing_safety.reports.evidence import Subject
from daxing_safety.reports.losses.tree import Side
from daxing_safety.reports.problems.filters import Filters
from daxing_safety.ui import as_of, losses
from daxing_safety.ui import evidence as evidence_views


def _to(screen: str, asked: dict[str, str], on: date | None = None) -> str:
    """`on` is the day of the figures, which stands in the address if it is over."""
    if on and on < settings.today():
        asked = asked | {as_of.AS_OF: on.isoformat()}
    return f"/{screen}?{urlencode(asked)}" if asked else f"/{screen}"


BETWEEN = "."  # the parts of a figure's address; neither codes nor days hold one


def figure_data(screen: str, figure: str, on: date, *scope: str) -> str:
    """Of the numbers behind a figure, as web/figures.py reads it."""
    return "/download/figure/" + BETWEEN.join((screen, figure, on.isoformat(), *scope))


def portrait(unit_code: str, on: date | None = None) -> str:
    """Without a unit where one is chosen."""
    return _to("portrait", {"unit": unit_code} if unit_code else {}, on)


def loss_tree(keys: Sequence[str], on: date) -> str:
    """`keys` lead down from the whole: section, indicator, rule, unit."""
    return _to("losses", dict(zip(losses.LEVELS, keys, strict=False)), on)


def loss_side(side: Side, on: date) -> str:
    return _to("losses", {"side": side.value}, on)


def progress(asked: dict[str, str], on: date) -> str:
    return _to("progress", asked, on)


def overview(on: date) -> str:
    return _to("overview", {}, on)


def loss_bill(unit_code: str, on: date) -> str:
    return _to("losses", {"view": losses.BILLS, losses.BILL: unit_code}, on)


def problem(number: str) -> str:
    return _to("problems", {"problem": number})


def problems(filters: Filters) -> str:
    return _to("problems", filters.query())


def work_points(unit_code: str, task_no: int, on: date, *, unit: str, title: str) -> str:
    """Of one unit under one task, with that screen narrowed to them: it goes by their names."""
    filters = {"unit": unit, "task": wording.task(task_no, title)}
    return _to("progress", filters | {"cell": f"{unit_code}.{task_no}"}, on)


def evidence(unit: str, subject: Subject | None = None) -> str:
    """By the unit's name, as that screen's address has it."""
    asked = {"unit": unit}
    if subject:
        asked["subject"] = evidence_views.name_of(subject)
    return _to("evidence", asked)
