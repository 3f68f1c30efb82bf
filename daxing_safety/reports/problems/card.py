"""One problem whole: what it is, what it costs, how far it has come, and what was done with it."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from daxing_safety import ledger, working_days
from daxing_safety.actions import preferences
from daxing_safety.actions.closings import last_reinspection
from daxing_safety.actions.moves import find
from daxing_safety.criteria import Criteria, Indicator, Rule
from daxing_safety.evidence_files import PHOTOS
from daxing_safety.models import (
    Evidence,
    EvidenceUse,
    Problem,
    ProblemRequest,
    RectificationStep,
    User,
)
from daxing_safety.rectification import NEEDS_REINSPECTION, plain_site
from daxing_safety.reports.problems import worth
from daxing_safety.reports.problems.timeline import Line, Names, names, timeline
from daxing_safety.vocabulary import (
    OPEN_STATUSES,
    EvidenceOf,
    PhotoStage,
)
from daxing_safety.working_days import TimeLimit


class Clock(NamedTuple):
    """How far off a deadline is: `days` are below 0 once it has passed."""

    due_on: date
    days: int
    working_days: int  # in the same direction, never below 0
    unknown_years: tuple[int, ...]  # whose holidays nobody has announced

    @property
    def is_overdue(self) -> bool:
        return self.days < 0


class File(NamedTuple):
    id: int
    name: str
    is_photo: bool
    stage: PhotoStage | None
    note: str  # what it shows, the day it bears, who uploaded it


@dataclass(frozen=True, slots=True)
class Card:
    problem: Problem
    unit: str
    town: str
    task: str
    rule: Rule | None
    indicator: Indicator | None
    opened_by: str
    closed_by: str
    worth: worth.Worth
    clock: Clock | None  # None: no deadline, or not open
    limit: TimeLimit  # the default of its severity
    due_by_default: date  # if it were assigned today
    returned_as: tuple[str, ...]  # 反复: later problems at the same site
    merged_here: tuple[str, ...]
    twins: dict[str, str]  # open problems that it may be merged into, in words
    may_be_closed: bool  # as far as a 复查 goes: it was passed, or none is asked for
    steps: tuple[RectificationStep, ...]
    files: tuple[File, ...]
    waiting: tuple[ProblemRequest, ...]
    timeline: tuple[Line, ...]

    @property
    def is_open(self) -> bool:
        return self.problem.status in OPEN_STATUSES


def card(session: Session, *, viewer: User, number: str, today: date) -> Card:
    """Raises NotFound where there is no such problem that the viewer may see."""
    problem = find(session, number, viewer=viewer)
    known, criteria = names(session), ledger.criteria_in_force(session)
    rule = criteria.rules.get(problem.rule_code or "")
    requests = _requests(session, number)
    limit = preferences.time_limit(session, problem.severity)
    return Card(
        problem=problem,
        unit=known.units[problem.unit_code],
        town=known.units[problem.town_code] if problem.town_code else "",
        task=_task(problem, rule, criteria, known),
        rule=rule,
        indicator=criteria.indicator[rule.indicator_code] if rule else None,
        opened_by=known.person(problem.opened_by),
        closed_by=known.person(problem.closed_by or ""),
        worth=worth.of(session, problem),
        clock=clock(problem, today),
        limit=limit,
        due_by_default=limit.from_day(today),
        returned_as=_numbers(session, col(Problem.recurs) == number),
        merged_here=_numbers(session, col(Problem.merged_into) == number),
        twins=_twins(session, problem),
        may_be_closed=_may_be_closed(session, problem),
        steps=_steps(session, number),
        files=_files(session, number, known),
        waiting=tuple(each for each in requests if each.is_granted is None),
        timeline=timeline(session, problem, known, requests),
    )


def clock(problem: Problem, today: date) -> Clock | None:
    due_on = problem.due_on
    if due_on is None or problem.status not in OPEN_STATUSES:
        return None
    first, last = min(today, due_on), max(today, due_on)
    return Clock(
        due_on=due_on,
        days=(due_on - today).days,
        working_days=working_days.between(first, last),
        unknown_years=tuple(working_days.unknown_years(first, last)),
    )


def _task(problem: Problem, rule: Rule | None, criteria: Criteria, known: Names) -> str:
    """The one that was named at 登记, otherwise those that the rule's indicator serves."""
    if problem.task_no is not None:
        return known.tasks[problem.task_no]
    numbers = criteria.indicator[rule.indicator_code].tasks if rule else ()
    return "；".join(known.tasks[no] for no, _ in numbers)


def _numbers(session: Session, is_one: ColumnElement[bool]) -> tuple[str, ...]:
    query = select(col(Problem.number)).where(is_one).order_by(col(Problem.id))
    return tuple(session.scalars(query))


def _requests(session: Session, number: str) -> list[ProblemRequest]:
    query = select(ProblemRequest).where(col(ProblemRequest.problem_number) == number)
    return list(session.scalars(query.order_by(col(ProblemRequest.id))))


def _twins(session: Session, problem: Problem) -> dict[str, str]:
    """可能重复: open ones of the same unit and rule whose site is written alike."""
    if problem.status not in OPEN_STATUSES:
        return {}
    query = (
        select(Problem)
        .where(
            col(Problem.unit_code) == problem.unit_code,
            col(Problem.rule_code).is_not_distinct_from(problem.rule_code),
            col(Problem.status).in_(OPEN_STATUSES),
            col(Problem.id) != problem.id,
        )
        .order_by(col(Problem.id))
    )
    return {
        other.number: f"{other.number}　{other.site}：{other.description}"
        for other in session.scalars(query)
        if plain_site(other.site) == plain_site(problem.site)
    }


def _may_be_closed(session: Session, problem: Problem) -> bool:
    has_passed = last_reinspection(session, problem)
    return problem.severity not in NEEDS_REINSPECTION if has_passed is None else has_passed


def _steps(session: Session, number: str) -> tuple[RectificationStep, ...]:
    query = select(RectificationStep).where(col(RectificationStep.problem_number) == number)
    in_order = col(RectificationStep.due_on), col(RectificationStep.id)
    return tuple(session.scalars(query.order_by(*in_order)))


def _files(session: Session, number: str, known: Names) -> tuple[File, ...]:
    query = (
        select(Evidence, col(EvidenceUse.stage))
        .join(EvidenceUse, col(EvidenceUse.evidence_id) == col(Evidence.id))
        .where(
            col(EvidenceUse.subject) == EvidenceOf.PROBLEM,
            col(EvidenceUse.code) == number,
            col(Evidence.is_current),
        )
        .order_by(col(Evidence.id))
    )
    return tuple(
        File(
            id=file.id or 0,
            name=file.name,
            is_photo=file.kind in PHOTOS,
            stage=stage,
            note=_note(file, known),
        )
        for file, stage in session.execute(query)
    )


def _note(file: Evidence, known: Names) -> str:
    dated = f"{file.material_on}" if file.material_on else ""
    uploaded = f"{known.person(file.uploaded_by)}上传"
    return "　".join(filter(None, (file.description, dated, uploaded)))
