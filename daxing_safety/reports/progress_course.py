"""进度 over time: what the plan says should be done by each month's end, and what was.

Planned follows from the due days; reported from what units said was done; accepted from the day
on which the office accepted a version that says so. All three count a work point once for each
unit that answers for it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from daxing_safety.models import (
    Phase,
    ProgressEntry,
    Submission,
    Task,
    Unit,
    User,
    WorkPoint,
    WorkPointDuty,
)
from daxing_safety.reports import scoped
from daxing_safety.vocabulary import GROUP_OF, Group, ProgressStatus, ReviewState

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True)
class Scope:
    """Whose work points, of which task; None means all."""

    group: Group | None = None
    unit_code: str | None = None
    task_no: int | None = None


@dataclass(frozen=True)
class Course:
    """Cumulated numbers at the end of each of `days`; of the future only what is planned."""

    days: tuple[date, ...]
    planned: tuple[int, ...]
    reported: tuple[int, ...]
    accepted: tuple[int, ...]
    whole: int


class TaskSpan(NamedTuple):
    """A task from the start of its first phase to its last due day."""

    no: int
    title: str
    starts_on: date
    due_on: date
    points: int
    done: int


def course(session: Session, *, viewer: User, today: date, scope: Scope) -> Course:
    due = _within(select(col(WorkPoint.due_on)).select_from(WorkPointDuty), viewer, scope)
    planned = sorted(session.scalars(due))
    days = list(_month_ends(session, today))
    past = [day for day in days if day <= today]
    return Course(
        days=tuple(days),
        planned=_cumulated(planned, days),
        reported=_cumulated(_days_done(session, viewer, scope, is_accepted=False), past),
        accepted=_cumulated(_days_done(session, viewer, scope, is_accepted=True), past),
        whole=len(planned),
    )


def _within(query: Query, viewer: User, scope: Scope) -> Query:
    """Only the duties of the scope that the viewer may see; 不属本单位职责 does not count."""
    query = (
        query.join(WorkPoint, col(WorkPoint.code) == col(WorkPointDuty.work_point_code))
        .join(Unit, col(Unit.code) == col(WorkPointDuty.unit_code))
        .where(col(WorkPointDuty.status) != ProgressStatus.NOT_OURS)
    )
    if scope.group:
        kinds = [kind for kind, group in GROUP_OF.items() if group is scope.group]
        query = query.where(col(Unit.kind).in_(kinds))
    if scope.unit_code:
        query = query.where(col(WorkPointDuty.unit_code) == scope.unit_code)
    if scope.task_no:
        query = query.where(col(WorkPoint.task_no) == scope.task_no)
    return scoped(query, viewer, WorkPointDuty.unit_code)


def _days_done(
    session: Session, viewer: User, scope: Scope, *, is_accepted: bool
) -> Sequence[date]:
    """When each duty that stands as done was first said, or accepted, to be so."""
    moment = col(Submission.reviewed_at) if is_accepted else col(Submission.submitted_at)
    is_meant = (
        col(Submission.state) == ReviewState.ACCEPTED
        if is_accepted
        else col(Submission.state) != ReviewState.TAKEN_BACK
    )
    said = (
        select(func.min(moment))
        .select_from(WorkPointDuty)
        .join(
            ProgressEntry,
            col(ProgressEntry.work_point_code) == col(WorkPointDuty.work_point_code),
        )
        .join(
            Submission,
            (col(Submission.id) == col(ProgressEntry.submission_id))
            & (col(Submission.unit_code) == col(WorkPointDuty.unit_code)),
        )
        .where(
            is_meant,
            col(WorkPointDuty.status) == ProgressStatus.DONE,
            col(ProgressEntry.status) == ProgressStatus.DONE,
        )
        .group_by(col(WorkPointDuty.unit_code), col(WorkPointDuty.work_point_code))
    )
    return sorted(at.date() for at in session.scalars(_within(said, viewer, scope)) if at)


def _month_ends(session: Session, today: date) -> Iterator[date]:
    """The last day of each month of the programme, and today among them."""
    first, last = session.execute(select(func.min(Phase.starts_on), func.max(Phase.ends_on))).one()
    month = first.replace(day=1)
    while month <= last:
        following = (month + timedelta(days=32)).replace(day=1)
        end = following - timedelta(days=1)
        if month <= today < end:
            yield today
        yield end
        month = following


def _cumulated(events: Sequence[date], days: Sequence[date]) -> tuple[int, ...]:
    return tuple(bisect_right(events, day) for day in days)


def task_spans(session: Session, *, viewer: User, scope: Scope) -> list[TaskSpan]:
    """In the plan's order; a task of which the scope has nothing is left out."""
    done = func.count().filter(col(WorkPointDuty.status) == ProgressStatus.DONE)
    spans = (
        select(
            col(Task.no),
            col(Task.title),
            func.min(Phase.starts_on),
            func.max(WorkPoint.due_on),
            func.count(),
            done,
        )
        .select_from(WorkPointDuty)
        .group_by(col(Task.no), col(Task.title))
        .order_by(col(Task.no))
    )
    query = (
        _within(spans, viewer, scope)
        .join(Task, col(Task.no) == col(WorkPoint.task_no))
        .join(Phase, col(Phase.no) == col(WorkPoint.phase_no))
    )
    return [TaskSpan(*row) for row in session.execute(query)]
