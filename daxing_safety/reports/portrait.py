"""单位画像: one page on one unit, put together from the reports that each other screen shows.

Nothing is counted here a second time. 接诉即办 keeps no history and goes by the clock: it is read
apart, and only of today.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar

from sqlalchemy import func, select
from sqlmodel import Session, col

from daxing_safety import prefill
from daxing_safety.errors import NotAllowed, NotFound
from daxing_safety.models import Loss, Problem, Round, TaskDuty, Unit, User
from daxing_safety.permissions import units_seen_by
from daxing_safety.reports import (
    evidence,
    group_comparison,
    public_report_rates,
    scores,
    submissions,
    trend,
)
from daxing_safety.reports.evidence import Subject
from daxing_safety.reports.group_comparison import Compared
from daxing_safety.reports.losses import bills as loss_bills
from daxing_safety.reports.losses.bills import Bill
from daxing_safety.reports.problems import counts as problems
from daxing_safety.reports.problems import listing as problem_list
from daxing_safety.reports.problems import promises
from daxing_safety.reports.problems.claims import Promises
from daxing_safety.reports.problems.counts import Rectification, UnitProblems
from daxing_safety.reports.problems.filters import STATUSES_OF, Due, Filters, Only, Stage
from daxing_safety.reports.problems.queries import matching
from daxing_safety.reports.progress_map import Cell, ProgressMap, added, progress_map
from daxing_safety.reports.public_report_rates import Rates
from daxing_safety.reports.scores import UnitScore
from daxing_safety.reports.submissions import Version
from daxing_safety.reports.trend import Moment
from daxing_safety.vocabulary import GROUP_OF, Duty, Group

Row = TypeVar("Row", UnitScore, UnitProblems)


class TaskStanding(NamedTuple):
    """`duty` is None where only single work points of the task were given to the unit."""

    no: int
    title: str
    duty: Duty | None
    work: Cell


class Turn(NamedTuple):
    """Confirmed points that were lost and won back since a round was frozen, rule by rule."""

    since: str
    on: date
    lost_then: Decimal
    lost_since: Decimal
    won_back: Decimal


class Counted(NamedTuple):
    """A number of problems, and the question to 问题整改 that lists them."""

    name: str
    number: int
    filters: Filters


class Reported(NamedTuple):
    """`versions` that were not taken back; `version` is the last of them."""

    round: Round
    versions: int
    version: Version | None


@dataclass(frozen=True)
class Portrait:
    """`lacking` is what the unit says is done and has shown nothing for."""

    today: date
    unit: Unit
    group: Group
    score: UnitScore
    compared: tuple[Compared, ...]
    tasks: tuple[TaskStanding, ...]
    work: Cell
    history: tuple[Moment, ...]
    turns: tuple[Turn, ...]
    bill: Bill
    rectification: Rectification
    stages: tuple[Counted, ...]
    pressing: tuple[Counted, ...]
    promises: Promises
    reported: tuple[Reported, ...]
    proven: int
    lacking: tuple[Subject, ...]


def portrait(session: Session, *, viewer: User, unit_code: str, today: date) -> Portrait:
    unit = _visible(session, viewer, unit_code)
    found = progress_map(session, viewer=viewer, today=today)
    tasks = _tasks(session, found, unit_code)
    subjects = evidence.subjects(session, viewer=viewer, unit_code=unit_code)
    done, lacking = evidence.done_and_lacking(subjects)
    return Portrait(
        today=today,
        unit=unit,
        group=GROUP_OF[unit.kind],
        score=_own(scores.by_unit(session, viewer=viewer), unit_code),
        compared=group_comparison.in_group(session, unit=unit, today=today),
        tasks=tasks,
        work=added(task.work for task in tasks),
        history=tuple(trend.of_unit(session, viewer=viewer, unit_code=unit_code, today=today)),
        turns=tuple(_turns(session, unit_code, today)),
        bill=loss_bills.bill(session, viewer=viewer, unit_code=unit_code, today=today),
        rectification=_own(problems.by_unit(session, viewer=viewer, today=today), unit_code).counts,
        stages=tuple(_stages(session, viewer, unit_code, today)),
        pressing=tuple(_pressing(session, viewer, unit_code, today)),
        promises=promises.of_unit(session, viewer=viewer, unit_code=unit_code, today=today),
        reported=tuple(_reported(session, viewer, unit)),
        proven=done - lacking,
        lacking=tuple(each for each in subjects if each.lacks),
    )


def _visible(session: Session, viewer: User, unit_code: str) -> Unit:
    seen = units_seen_by(viewer)
    if seen is not None and unit_code not in seen:
        raise NotAllowed("这是别的单位的画像，您只能看本单位的。")
    unit = session.get(Unit, unit_code)
    if unit is None:
        raise NotFound("没有这个单位。")
    return unit


def _own(rows: Iterable[Row], unit_code: str) -> Row:
    return next(row for row in rows if row.unit.code == unit_code)


# ---- what it answers for ------------------------------------------------------------------------


def _tasks(session: Session, found: ProgressMap, unit_code: str) -> tuple[TaskStanding, ...]:
    query = select(col(TaskDuty.task_no), col(TaskDuty.duty)).where(
        col(TaskDuty.unit_code) == unit_code
    )
    duties = dict(session.execute(query).all())
    return tuple(
        TaskStanding(no, title, duties.get(no), found.cells[unit_code, no])
        for no, title in found.tasks
        if (unit_code, no) in found.cells
    )


# ---- points -------------------------------------------------------------------------------------


def _turns(session: Session, unit_code: str, today: date) -> list[Turn]:
    """The oldest round first."""
    query = select(col(Loss.round_id), col(Loss.rule_code), col(Loss.confirmed)).where(
        col(Loss.unit_code) == unit_code
    )
    lost: defaultdict[int, dict[str, Decimal]] = defaultdict(dict)
    for key, rule, points in session.execute(query):
        lost[key][rule] = points
    *frozen, (now, _, _) = trend.frozen_and_now(session, today)
    return [turn(name, on, lost[key], lost[now]) for key, name, on in frozen]


def turn(since: str, on: date, then: dict[str, Decimal], now: dict[str, Decimal]) -> Turn:
    """From the points lost under each rule, then and now. Pure."""
    nothing = Decimal(0)
    changes = [now.get(rule, nothing) - then.get(rule, nothing) for rule in then.keys() | now]
    return Turn(
        since=since,
        on=on,
        lost_then=sum(then.values(), nothing),
        lost_since=sum((each for each in changes if each > 0), nothing),
        won_back=-sum((each for each in changes if each < 0), nothing),
    )


# ---- problems -----------------------------------------------------------------------------------


def _stages(session: Session, viewer: User, unit_code: str, today: date) -> list[Counted]:
    mine = Filters(unit=(unit_code,))
    found = problem_list.page(session, viewer=viewer, filters=mine, today=today)
    return [
        Counted(stage.value, found.by_stage[stage], Filters(unit=(unit_code,), status=statuses))
        for stage, statuses in STATUSES_OF.items()
        if found.by_stage[stage] or stage is not Stage.VOID
    ]


def _pressing(session: Session, viewer: User, unit_code: str, today: date) -> list[Counted]:
    unit = (unit_code,)
    asked = [
        *((due.value, Filters(unit=unit, due=due)) for due in Due),
        *(
            (only.value, Filters(unit=unit, only=(only,)))
            for only in (Only.UNPLANNED, Only.RECURRING, Only.EXTENDED)
        ),
    ]
    return [
        Counted(name, _number(session, viewer, filters, today), filters) for name, filters in asked
    ]


def _number(session: Session, viewer: User, filters: Filters, today: date) -> int:
    query = select(func.count()).select_from(Problem)
    return session.scalar(matching(query, viewer, filters, today)) or 0


# ---- what it sent in ----------------------------------------------------------------------------


def _reported(session: Session, viewer: User, unit: Unit) -> list[Reported]:
    """The newest round first; nothing of a unit that has nothing to report."""
    if unit.code not in {each.code for each in prefill.reporting_units(session)}:
        return []
    sent = submissions.versions_of_unit(session, viewer=viewer, unit_code=unit.code)
    return [
        Reported(
            round=round_,
            versions=sum(each.round_id == round_.id and each.stands for each in sent),
            version=submissions.newest(sent, round_),
        )
        for round_ in submissions.rounds(session)
    ]


# ---- 接诉即办 -----------------------------------------------------------------------------------


def public_reports(
    session: Session, *, viewer: User, unit_code: str, now: datetime
) -> Rates | None:
    """None where it was never given one, or the viewer does not see it."""
    unit = session.get(Unit, unit_code)
    rates = public_report_rates.rates_by_unit(session, viewer=viewer, now=now)
    return next((each.rates for each in rates if unit and each.unit == unit.name), None)
