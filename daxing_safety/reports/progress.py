"""进度: where the programme's clock stands, and the lights over the work points."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from daxing_safety.deadlines import light_on
from daxing_safety.models import Phase, Unit, User, WorkPoint, WorkPointDuty
from daxing_safety.reports import scoped
from daxing_safety.vocabulary import GROUP_OF, Group, Light, ProgressStatus

Lights = Counter[tuple[Group, Light]]


class PhaseClock(NamedTuple):
    """The programme's phases, which may overlap, and today among them."""

    phases: tuple[Phase, ...]
    today: date

    @property
    def starts_on(self) -> date:
        return min(phase.starts_on for phase in self.phases)

    @property
    def ends_on(self) -> date:
        return max(phase.ends_on for phase in self.phases)

    @property
    def days_left(self) -> int:
        """From today to the programme's last day, neither counted twice; 0 once it is over."""
        return max((self.ends_on - self.today).days, 0)

    def place(self, day: date) -> float:
        """Where a day lies between the programme's start and end, in percent."""
        share = (day - self.starts_on) / (self.ends_on - self.starts_on)
        return round(100 * min(max(share, 0), 1), 2)


def phase_clock(session: Session, *, today: date) -> PhaseClock:
    phases = session.scalars(select(Phase).order_by(col(Phase.no)))
    return PhaseClock(tuple(phases), today)


def lights(session: Session, *, viewer: User, today: date) -> Lights:
    """How many work points show which light; one counts once for each unit that answers for it."""
    counts: Lights = Counter()
    for (kind,), points in alike(session, by=[col(Unit.kind)], viewer=viewer, today=today):
        counts[GROUP_OF[kind], points.light] += points.number
    return counts


class Alike(NamedTuple):
    """So many work points that stand alike."""

    light: Light
    is_done: bool
    due_on: date
    number: int


def alike(
    session: Session, *, by: Sequence[Mapped[Any]], viewer: User, today: date
) -> Iterator[tuple[tuple[Any, ...], Alike]]:
    """The work points that the viewer sees, each once a unit; with the values of `by`.

    Who says 不属本单位职责 does not count until the office has decided.
    """
    stand = (
        col(Phase.starts_on),
        col(WorkPoint.due_on),
        col(WorkPointDuty.status),
        col(WorkPointDuty.percent),
    )
    query = (
        select(*by, *stand, func.count())
        .select_from(WorkPointDuty)
        .join(WorkPoint, col(WorkPoint.code) == col(WorkPointDuty.work_point_code))
        .join(Phase, col(Phase.no) == col(WorkPoint.phase_no))
        .join(Unit, col(Unit.code) == col(WorkPointDuty.unit_code))
        .where(col(WorkPointDuty.status) != ProgressStatus.NOT_OURS)
        .group_by(*by, *stand)
        .order_by(*by)
    )
    for *values, starts_on, due_on, status, percent, number in session.execute(
        scoped(query, viewer, WorkPointDuty.unit_code)
    ):
        is_done = status is ProgressStatus.DONE
        light = light_on(
            today, starts_on=starts_on, due_on=due_on, is_done=is_done, percent=percent
        )
        yield tuple(values), Alike(light, is_done, due_on, number)
