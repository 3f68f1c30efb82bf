"""进度, unit by task: how many work points, done, and the worst light of each cell."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety.models import Task, Unit, User, WorkPoint, WorkPointDuty
from daxing_safety.reports.progress import alike
from daxing_safety.vocabulary import GROUP_OF, Group, Light

WORST_FIRST = (Light.OVERDUE, Light.BEHIND, Light.DUE_SOON, Light.NOT_DUE, Light.ON_TRACK)


class Row(NamedTuple):
    code: str
    name: str
    group: Group


@dataclass
class Cell:
    """The work points of one task that one unit answers for."""

    lights: Counter[Light]
    done: int = 0
    due: int = 0  # due by today, done or not

    @property
    def points(self) -> int:
        return self.lights.total()

    @property
    def late(self) -> int:
        return self.lights[Light.OVERDUE]

    @property
    def worst(self) -> Light:
        return next(light for light in WORST_FIRST if self.lights[light])


@dataclass(frozen=True)
class ProgressMap:
    """Rows and columns in the plan's order; a pair without a duty has no cell."""

    rows: tuple[Row, ...]
    tasks: tuple[tuple[int, str], ...]
    cells: dict[tuple[str, int], Cell]

    def of_group(self, group: Group) -> "ProgressMap":
        rows = tuple(row for row in self.rows if row.group is group)
        codes = {row.code for row in rows}
        cells = {key: cell for key, cell in self.cells.items() if key[0] in codes}
        return ProgressMap(rows, self.tasks, cells)

    def total(self) -> Cell:
        return added(self.cells.values())

    def of_unit(self, code: str) -> Cell:
        return added(cell for (unit, _), cell in self.cells.items() if unit == code)

    def of_task(self, no: int) -> Cell:
        return added(cell for (_, task), cell in self.cells.items() if task == no)


def added(cells: Iterable[Cell]) -> Cell:
    whole = Cell(Counter())
    for cell in cells:
        whole.lights.update(cell.lights)
        whole.done += cell.done
        whole.due += cell.due
    return whole


def progress_map(session: Session, *, viewer: User, today: date) -> ProgressMap:
    cells: dict[tuple[str, int], Cell] = defaultdict(lambda: Cell(Counter()))
    by = [col(WorkPointDuty.unit_code), col(WorkPoint.task_no)]
    for (unit, task), points in alike(session, by=by, viewer=viewer, today=today):
        cell = cells[unit, task]
        cell.lights[points.light] += points.number
        cell.done += points.number * points.is_done
        cell.due += points.number * (points.due_on <= today)
    return ProgressMap(_rows(session, {unit for unit, _ in cells}), _tasks(session), dict(cells))


def _rows(session: Session, codes: set[str]) -> tuple[Row, ...]:
    units = session.execute(
        select(col(Unit.code), col(Unit.name), col(Unit.kind))
        .where(col(Unit.code).in_(codes))
        .order_by(col(Unit.position))
    )
    return tuple(Row(code, name, GROUP_OF[kind]) for code, name, kind in units)


def _tasks(session: Session) -> tuple[tuple[int, str], ...]:
    tasks = session.execute(select(col(Task.no), col(Task.title)).order_by(col(Task.no)))
    return tuple((no, title) for no, title in tasks)
