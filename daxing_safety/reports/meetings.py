"""调度会: the meetings, their slides as frozen, what was recorded, and what became of that since.

A meeting is the district's to see; a unit reads what it has promised among its 待办.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from daxing_safety.errors import NotFound
from daxing_safety.models import Meeting, MeetingItem, Problem, Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.rectification import UNDER_WAY
from daxing_safety.reports import meeting_figures, scoped
from daxing_safety.reports.meeting_figures import Slide
from daxing_safety.vocabulary import VOID_STATUSES, MeetingItemKind, RectificationStatus

if TYPE_CHECKING:
    import pandas as pd

DONE = (RectificationStatus.CLAIMED_FIXED, RectificationStatus.CLOSED)
DATABLE = (RectificationStatus.UNASSIGNED, *UNDER_WAY)


class Fate(Enum):
    """What became of what was recorded."""

    KEPT = "已兑现"
    BROKEN = "没有按时兑现"
    UNCHECKED = "到期待核实"
    WAITING = "还没到期"
    DROPPED = "已撤销或改派"


class Line(NamedTuple):
    """`status` is that of its problem now."""

    item: MeetingItem
    unit: str
    meeting: str
    meeting_on: date
    recorded_by: str
    status: RectificationStatus | None
    fate: Fate


class Head(NamedTuple):
    id: int
    name: str
    day: date
    opened_at: datetime
    closed_at: datetime | None
    items: int


@dataclass(frozen=True)
class Held:
    """A meeting; by unit what was recorded in it, and what stands of earlier ones."""

    head: Head
    slides: tuple[Slide, ...]
    recorded: dict[str, list[Line]]
    earlier: dict[str, list[Line]]

    @property
    def is_open(self) -> bool:
        return self.head.closed_at is None

    @property
    def minutes(self) -> list[Line]:
        """All that was recorded, as it came."""
        return sorted(
            (line for lines in self.recorded.values() for line in lines),
            key=lambda line: line.item.id or 0,
        )


def heads(session: Session, *, viewer: User) -> list[Head]:
    """The newest first."""
    require(viewer, Permission.SEE_DISTRICT)
    items = (
        select(func.count())
        .where(col(MeetingItem.meeting_id) == col(Meeting.id))
        .correlate(Meeting)
        .scalar_subquery()
    )
    columns = Meeting.id, Meeting.name, Meeting.day, Meeting.opened_at, Meeting.closed_at
    query = select(*map(col, columns), items).order_by(col(Meeting.id).desc())
    return [Head(*row) for row in session.execute(query)]


def held(session: Session, *, viewer: User, meeting_id: int, today: date) -> Held:
    found = [head for head in heads(session, viewer=viewer) if head.id == meeting_id]
    if not found:
        raise NotFound("没有这次调度会，请从会议列表中打开。")
    before = lines(session, col(Meeting.id) < meeting_id, viewer=viewer, today=today)
    its_own = lines(session, col(Meeting.id) == meeting_id, viewer=viewer, today=today)
    meeting = session.get_one(Meeting, meeting_id)
    return Held(
        head=found[0],
        slides=meeting_figures.from_text(meeting.figures),
        recorded=_by_unit(its_own),
        earlier={unit: standing(of_unit) for unit, of_unit in _by_unit(before).items()},
    )


def _by_unit(found: Iterable[Line]) -> dict[str, list[Line]]:
    by_unit = defaultdict(list)
    for line in found:
        by_unit[line.item.unit_code].append(line)
    return dict(by_unit)


def standing(of_unit: Sequence[Line]) -> list[Line]:
    """All of the last meeting that dealt with the unit, and of those before what is not done."""
    last = of_unit[-1].item.meeting_id
    settled = Fate.KEPT, Fate.DROPPED
    return [line for line in of_unit if line.item.meeting_id == last or line.fate not in settled]


# A statement is made once: making one costs as much as running it.
LINES = (
    select(
        MeetingItem,
        col(Unit.name),
        col(Meeting.name),
        col(Meeting.opened_at),
        func.coalesce(col(User.display_name), col(MeetingItem.recorded_by)),
        Problem,
    )
    .join(Meeting, col(Meeting.id) == col(MeetingItem.meeting_id))
    .join(Unit, col(Unit.code) == col(MeetingItem.unit_code))
    .outerjoin(User, col(User.username) == col(MeetingItem.recorded_by))
    .outerjoin(Problem, col(Problem.number) == col(MeetingItem.problem_number))
    .order_by(col(MeetingItem.id))
)


def lines(session: Session, *which: ColumnElement[bool], viewer: User, today: date) -> list[Line]:
    """What was recorded of the units that the viewer sees, as it came."""
    query = LINES.where(*which)
    return [
        Line(
            item=item,
            unit=unit,
            meeting=meeting,
            meeting_on=opened_at.date(),
            recorded_by=by,
            status=problem.status if problem else None,
            fate=fate_of(item, problem, today),
        )
        for item, unit, meeting, opened_at, by, problem in session.execute(
            scoped(query, viewer, MeetingItem.unit_code)
        )
    ]


def fate_of(item: MeetingItem, problem: Problem | None, today: date) -> Fate:
    """The day itself is still in time; a problem is done with once its unit has claimed so."""
    if item.kind is MeetingItemKind.PROMISE:
        if item.is_kept is not None:
            return Fate.KEPT if item.is_kept else Fate.BROKEN
        return Fate.UNCHECKED if item.due_on < today else Fate.WAITING
    if problem is None or problem.status in VOID_STATUSES or problem.unit_code != item.unit_code:
        return Fate.DROPPED
    if problem.status in DONE:
        done_on = problem.claimed_at.date() if problem.claimed_at else problem.closed_on
        return Fate.KEPT if done_on is None or done_on <= item.due_on else Fate.BROKEN
    return Fate.BROKEN if item.due_on < today else Fate.WAITING


def problems_to_date(session: Session, *, viewer: User, unit_code: str) -> list[Problem]:
    """Those of a unit that a meeting may give a deadline, the longest due first."""
    query = (
        select(Problem)
        .where(col(Problem.unit_code) == unit_code, col(Problem.status).in_(DATABLE))
        .order_by(col(Problem.due_on).nulls_first(), col(Problem.id))
    )
    return list(session.scalars(scoped(query, viewer, Problem.unit_code)))


def table(found: Sequence[Line]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        {
            "unit": line.unit,
            "kind": line.item.kind.value,
            "text": line.item.text,
            "number": line.item.problem_number or "",
            "due_on": line.item.due_on,
            "fate": line.fate.value,
            "status": line.status.value if line.status else "",
            "by": line.recorded_by,
            "at": line.item.recorded_at,
        }
        for line in found
    )
