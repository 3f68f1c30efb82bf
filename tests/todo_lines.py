"""The lines of 待办 as tests look at them."""

from datetime import date, datetime
from typing import Any

from filling import NOW
from sqlmodel import Session

from daxing_safety.actions.problems import register
from daxing_safety.ledger import refresh
from daxing_safety.models import Problem, Unit, User
from daxing_safety.reports import todo
from daxing_safety.reports.todo.items import Item, Kind
from daxing_safety.vocabulary import Discovery, RectificationStatus


def kinds(session: Session, viewer: User, now: datetime = NOW) -> list[Kind]:
    return [item.kind for item in todo.items(session, viewer=viewer, now=now)]


def line(session: Session, viewer: User, kind: Kind, now: datetime = NOW) -> Item:
    """The only line of this kind."""
    (found,) = (i for i in todo.items(session, viewer=viewer, now=now) if i.kind is kind)
    return found


def found_at(session: Session, unit: Unit, by: User, **changes: Any) -> Problem:
    """What an inspection found, and its unit has been told of."""
    values: dict[str, Any] = {
        "rule_code": "4-1",
        "site": "林校北路泵站",
        "description": "井盖破损",
        "count": 1,
        "discovery": Discovery.INSPECTION,
        "found_on": date(2021, 4, 1),
    }
    due_on = changes.pop("due_on", date(2021, 6, 30))
    problem = register(session, unit=unit, by=by, now=NOW, **(values | changes))
    problem.status, problem.due_on = RectificationStatus.NOT_STARTED, due_on
    session.add(problem)
    refresh(session, {unit.code})
    return problem
