"""问题台账 in SQL: what the filters leave, and in which order."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, or_, select
from sqlmodel import col

from daxing_safety.models import Problem, ProblemRequest, Unit, User
from daxing_safety.permissions import Permission, allows
from daxing_safety.rectification import UNDER_WAY
from daxing_safety.reports import Query, scoped
from daxing_safety.reports.problems import worth
from daxing_safety.reports.problems.filters import Due, Filters, Only, Sort
from daxing_safety.vocabulary import GROUP_OF, OPEN_STATUSES, RectificationStatus

WEEK = timedelta(days=7)

_is_open = col(Problem.status).in_(OPEN_STATUSES)
IS_REQUESTED = (
    select(col(ProblemRequest.id))
    .where(
        col(ProblemRequest.problem_number) == col(Problem.number),
        col(ProblemRequest.is_granted).is_(None),
    )
    .exists()
)

_open_first = case((_is_open, 0), else_=1)
ORDERS: dict[Sort, tuple[Any, ...]] = {
    Sort.DUE: (
        _open_first,
        col(Problem.closed_on).is_(None),
        col(Problem.closed_on).desc(),  # what ended last
        col(Problem.due_on).is_(None),
        col(Problem.due_on),
    ),
    Sort.GAIN: (worth.BY_GAIN, worth.BY_COST),
    Sort.COST: (worth.BY_COST, worth.BY_GAIN),
    Sort.FOUND: (col(Problem.found_on).desc(), col(Problem.id).desc()),
    Sort.NUMBER: (),
    Sort.UNIT: (
        col(Unit.position),
        _open_first,
        col(Problem.due_on).is_(None),
        col(Problem.due_on),
    ),
}
BY_WORTH = (Sort.GAIN, Sort.COST)


def _due(due: Due, today: date) -> ColumnElement[bool]:
    if due is Due.NONE:
        return _is_open & col(Problem.due_on).is_(None)
    if due is Due.OVERDUE:
        return _is_open & (col(Problem.due_on) < today)
    return _is_open & col(Problem.due_on).between(today, today + WEEK)


def _only(only: Only, viewer: User) -> ColumnElement[bool]:
    conditions: dict[Only, ColumnElement[bool]] = {
        Only.UNPLANNED: worth.UNPLANNED,
        Only.RECURRING: col(Problem.recurs).is_not(None),
        Only.REQUESTED: IS_REQUESTED,
        Only.EXTENDED: col(Problem.due_on) > col(Problem.first_due_on),
        Only.NO_RULE: col(Problem.rule_code).is_(None),
        Only.MINE: _waits_for(viewer),
    }
    return conditions[only]


def _waits_for(viewer: User) -> ColumnElement[bool]:
    """The next move is the viewer's."""
    if allows(viewer, Permission.MANAGE_PROBLEMS):
        waiting = (RectificationStatus.UNASSIGNED, RectificationStatus.CLAIMED_FIXED)
        return col(Problem.status).in_(waiting) | IS_REQUESTED
    if allows(viewer, Permission.RECTIFY):
        return col(Problem.status).in_(UNDER_WAY)
    return false()


def _conditions(viewer: User, filters: Filters, today: date) -> Iterator[ColumnElement[bool]]:
    any_of: Sequence[tuple[Any, Sequence[Any]]] = (
        (Problem.status, filters.status),
        (Problem.unit_code, filters.unit),
        (Problem.rule_code, filters.rule),
        (Problem.task_no, [int(number) for number in filters.task]),
        (Problem.town_code, filters.town),
        (Problem.severity, filters.severity),
        (Problem.discovery, filters.discovery),
    )
    yield from (col(column).in_(values) for column, values in any_of if values)
    if filters.group:
        kinds = [kind for kind, group in GROUP_OF.items() if group in filters.group]
        yield col(Problem.unit_code).in_(select(col(Unit.code)).where(col(Unit.kind).in_(kinds)))
    if filters.due:
        yield _due(filters.due, today)
    yield from (_only(each, viewer) for each in filters.only)
    if filters.text:
        yield _says(filters.text)


def _says(text: str) -> ColumnElement[bool]:
    searched = (
        Problem.number,
        Problem.site,
        Problem.description,
        Problem.responsible,
        Problem.found_by,
    )
    return or_(*(col(column).icontains(text, autoescape=True) for column in searched))


def matching(query: Query, viewer: User, filters: Filters, today: date) -> Query:
    """The query of Problem, with its rows that the viewer may see and the filters leave."""
    asked = query.where(*_conditions(viewer, filters, today))
    if Only.UNPLANNED in filters.only or filters.sort in BY_WORTH:
        asked = worth.joined(asked)
    return scoped(asked, viewer, Problem.unit_code)


def in_order(viewer: User, filters: Filters, today: date) -> Select[Any]:
    """The ids of what the filters leave, in their order."""
    query = select(col(Problem.id)).order_by(*ORDERS[filters.sort], col(Problem.id))
    if filters.sort is Sort.UNIT:
        query = query.join(Unit, col(Unit.code) == col(Problem.unit_code))
    return matching(query, viewer, filters, today)
