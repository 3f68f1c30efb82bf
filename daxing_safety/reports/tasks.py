"""任务分解: the 22 tasks and their work points, who answers for each, and how they stand.

The plan is nobody's secret. How a unit stands is shown to whoever may see that unit's rows: a
work point's light is the worst among the units the viewer sees.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from daxing_safety import wording
from daxing_safety.deadlines import light_on
from daxing_safety.errors import NotFound
from daxing_safety.models import Phase, Task, Unit, User, WorkPoint, WorkPointDuty
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import duties, scoped
from daxing_safety.reports.duties import Responsible, Words
from daxing_safety.vocabulary import Duty, Light, ProgressStatus, ReviewState

if TYPE_CHECKING:
    import pandas as pd

# The worst light first: what a work point shows when its units differ.
LIGHTS = (Light.OVERDUE, Light.BEHIND, Light.DUE_SOON, Light.NOT_DUE, Light.ON_TRACK)
LEADING = frozenset({Duty.LEAD})
SUPPORTING = frozenset({Duty.SUPPORT})
LOCAL = frozenset({Duty.LOCAL})

State = tuple[ProgressStatus, Decimal, int]  # so many units stand so


@dataclass(frozen=True)
class Choices:
    """What the filters offer, by the values they filter by."""

    units: dict[str, str]
    tasks: dict[int, str]
    phases: dict[int, str]
    months: tuple[str, ...]
    unconfirmed: tuple[str, ...]  # units of which the plan leaves open whether they take part


@dataclass(frozen=True)
class Filters:
    unit_code: str | None = None
    task_no: int | None = None
    phase_no: int | None = None
    month: str | None = None  # "2021-10"
    text: str = ""


@dataclass(frozen=True)
class Standing:
    """How the seen units stand on one work point; who says 不属本单位职责 does not count."""

    light: Light | None = None
    words: str = ""


@dataclass(frozen=True)
class Point:
    code: str
    task_no: int
    task: str
    action: str
    text: str
    lead: str
    support: str
    local: str
    evidence: str
    phase_no: int
    starts_on: date
    due_on: date
    checkpoints: tuple[date, ...]
    cycle: str
    note: str
    standing: Standing

    @property
    def others(self) -> str:
        return "、".join(filter(None, (self.support, self.local)))


@dataclass(frozen=True)
class Decomposition:
    """The work points that match, and the same as rows, a row a work point or a task."""

    points: tuple[Point, ...]
    by_point: "pd.DataFrame"
    by_task: "pd.DataFrame"


@dataclass(frozen=True)
class Card:
    """A work point, and how the units that the viewer may see stand on it."""

    point: Point
    units: "pd.DataFrame"


def decomposition(
    session: Session, *, viewer: User, today: date, filters: Filters
) -> Decomposition:
    points = work_points(session, viewer=viewer, today=today, filters=filters)
    return Decomposition(points, point_table(points), task_table(session, points))


def choices(session: Session, *, viewer: User) -> Choices:
    """The same for every viewer: the plan is nobody's secret."""
    units = session.scalars(select(Unit).order_by(col(Unit.position))).all()
    responsible = set(session.scalars(select(col(WorkPointDuty.unit_code)).distinct()))
    due_days = session.scalars(select(col(WorkPoint.due_on)).distinct())
    return Choices(
        units={unit.code: unit.name for unit in units if unit.code in responsible},
        tasks={
            task.no: wording.task(task.no, task.title) for task in session.scalars(select(Task))
        },
        phases={p.no: f"第{p.no}阶段 {p.name}" for p in session.scalars(select(Phase))},
        months=tuple(sorted({f"{day:%Y-%m}" for day in due_days})),
        unconfirmed=tuple(unit.name for unit in units if not unit.is_confirmed),
    )


def work_points(
    session: Session, *, viewer: User, today: date, filters: Filters
) -> tuple[Point, ...]:
    """The work points that match, in the plan's order."""
    responsible = duties.of_work_points(session)
    states = _states(session, viewer, filters.unit_code)
    words = duties.words_for_many(session)
    found = []
    for point, task, phase in session.execute(_plan()):
        units = responsible[point.code]
        if _matches(point, task, units, filters):
            standing = _standing(states[point.code], today, phase.starts_on, point.due_on)
            found.append(_point(point, task, phase, units, words, standing))
    return tuple(found)


def _plan() -> Select[WorkPoint, Task, Phase]:
    return (
        select(WorkPoint, Task, Phase)
        .join(Task, col(Task.no) == col(WorkPoint.task_no))
        .join(Phase, col(Phase.no) == col(WorkPoint.phase_no))
        .order_by(col(WorkPoint.position))
    )


def _states(session: Session, viewer: User, unit_code: str | None) -> dict[str, list[State]]:
    """Work point → how the units stand whose rows the viewer sees."""
    status, percent = col(WorkPointDuty.status), col(WorkPointDuty.percent)
    code = col(WorkPointDuty.work_point_code)
    query = select(code, status, percent, func.count()).group_by(code, status, percent)
    if allows(viewer, Permission.SEE_DISTRICT) and unit_code:
        query = query.where(col(WorkPointDuty.unit_code) == unit_code)
    states: dict[str, list[State]] = defaultdict(list)
    for point, *state in session.execute(scoped(query, viewer, WorkPointDuty.unit_code)):
        states[point].append(tuple(state))
    return states


def _matches(point: WorkPoint, task: Task, units: Sequence[Responsible], filters: Filters) -> bool:
    if filters.unit_code and all(unit.code != filters.unit_code for unit in units):
        return False
    if filters.task_no not in (None, task.no) or filters.phase_no not in (None, point.phase_no):
        return False
    if filters.month and f"{point.due_on:%Y-%m}" != filters.month:
        return False
    texts = [point.code, task.title, point.text, point.evidence, point.note]
    texts += [unit.name for unit in units]
    return all(any(word in text for text in texts) for word in filters.text.split())


def _standing(states: Sequence[State], today: date, starts_on: date, due_on: date) -> Standing:
    ours = [state for state in states if state[0] is not ProgressStatus.NOT_OURS]
    if not ours:
        return Standing(words=ProgressStatus.NOT_OURS.value if states else "")
    lights = {_light(today, status, percent, starts_on, due_on) for status, percent, _ in ours}
    units = sum(count for *_, count in ours)
    done = sum(count for status, _, count in ours if status is ProgressStatus.DONE)
    words = in_words(*ours[0][:2]) if units == 1 else f"{done}/{units} 个单位完成"
    return Standing(min(lights, key=LIGHTS.index), words)


def _light(
    today: date, status: ProgressStatus, percent: Decimal, starts_on: date, due_on: date
) -> Light:
    is_done = status is ProgressStatus.DONE
    return light_on(today, starts_on=starts_on, due_on=due_on, is_done=is_done, percent=percent)


def in_words(status: ProgressStatus, percent: Decimal) -> str:
    """推进中 60%"""
    is_under_way = status is ProgressStatus.IN_PROGRESS
    return f"{status.value} {percent.normalize():f}%" if is_under_way else status.value


def _point(
    point: WorkPoint,
    task: Task,
    phase: Phase,
    units: Sequence[Responsible],
    words: Words,
    standing: Standing,
) -> Point:
    return Point(
        code=point.code,
        task_no=task.no,
        task=task.title,
        action=task.action,
        text=point.text,
        lead=duties.named(units, LEADING, words),
        support=duties.named(units, SUPPORTING, words),
        local=duties.named(units, LOCAL, words),
        evidence=point.evidence,
        phase_no=phase.no,
        starts_on=phase.starts_on,
        due_on=point.due_on,
        checkpoints=tuple(map(date.fromisoformat, filter(None, point.checkpoints.split(";")))),
        cycle=point.cycle,
        note=point.note,
        standing=standing,
    )


def lights(points: Iterable[Point]) -> dict[Light, int]:
    """How many of the points show which light, the worst first."""
    counts = Counter(point.standing.light for point in points)
    return {light: counts[light] for light in LIGHTS}


def point_table(points: Iterable[Point]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        {
            "work_point_code": point.code,
            "task": f"{point.task_no}. {point.task}",
            "work_point": point.text,
            "light": [point.standing.light.value] if point.standing.light else [],
            "progress": point.standing.words,
            "lead": point.lead,
            "others": point.others,
            "due_on": point.due_on,
            "cycle": point.cycle,
            "evidence_required": point.evidence,
        }
        for point in points
    )


def task_table(session: Session, points: Iterable[Point]) -> "pd.DataFrame":
    """A row a task that the points belong to, under its action; nothing is shown where none is."""
    import pandas as pd  # only where a frame is made

    responsible, words = duties.of_tasks(session), duties.words_for_many(session)
    by_task: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        by_task[point.task_no].append(point)
    return pd.DataFrame(
        {
            "task_no": no,
            "action": of_task[0].action,
            "task": of_task[0].task,
            "lead": duties.named(responsible[no], LEADING, words),
            "others": duties.named(responsible[no], SUPPORTING | LOCAL, words),
            "work_points": len(of_task),
            "phases": "、".join(map(str, sorted({point.phase_no for point in of_task}))),
            "due_on": max(point.due_on for point in of_task),
        }
        | {light.name: count or None for light, count in lights(of_task).items()}
        for no, of_task in by_task.items()
    )


def card(session: Session, *, viewer: User, today: date, code: str) -> Card:
    """Raises NotFound for a code that the plan does not have."""
    found = work_points(session, viewer=viewer, today=today, filters=Filters())
    point = next((point for point in found if point.code == code), None)
    if point is None:
        raise NotFound(f"任务分解表中没有编号为“{code}”的工作要点。")
    return Card(point, _unit_table(session, viewer, today, point))


def _unit_table(session: Session, viewer: User, today: date, point: Point) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    query = (
        select(WorkPointDuty, col(Unit.name))
        .join(Unit, col(Unit.code) == col(WorkPointDuty.unit_code))
        .where(col(WorkPointDuty.work_point_code) == point.code)
        .order_by(col(WorkPointDuty.position))
    )
    rows = session.execute(scoped(query, viewer, WorkPointDuty.unit_code))
    return pd.DataFrame(
        {
            "unit": name,
            "duty": duty.duty.value,
            "light": [light.value for light in _lights_of(duty, point, today)],
            "progress": in_words(duty.status, duty.percent),
            "done_on": duty.done_on,
            "remark": duty.remark,
            "evidence": duty.evidence,
            "review": ReviewState.ACCEPTED.value if duty.is_accepted else "",
        }
        for duty, name in rows
    )


def _lights_of(duty: WorkPointDuty, point: Point, today: date) -> list[Light]:
    if duty.status is ProgressStatus.NOT_OURS:
        return []
    return [_light(today, duty.status, duty.percent, point.starts_on, point.due_on)]
