"""What a slide of a 调度会 shows of a unit, taken once and kept with the meeting as JSON.

Taken from any session, so from that of a past day too. Later writes change nothing in it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety.models import Problem, User
from daxing_safety.permissions import Permission, require
from daxing_safety.reports import scores
from daxing_safety.reports.problems import counts as problems
from daxing_safety.reports.problems import promises
from daxing_safety.reports.problems.claims import Promises
from daxing_safety.reports.problems.counts import Rectification
from daxing_safety.reports.progress_map import ProgressMap, progress_map
from daxing_safety.reports.scores import UnitScore
from daxing_safety.vocabulary import GROUP_OF, OPEN_STATUSES, Group, Light, RectificationStatus


@dataclass(frozen=True, slots=True)
class Overdue:
    """A problem whose last promised date is over."""

    number: str
    site: str
    description: str
    measure: str
    responsible: str
    first_due_on: date
    due_on: date
    status: RectificationStatus


@dataclass(frozen=True, slots=True)
class Slide:
    """`place` is that of the 得分率 among the ranked units of the group; None: not ranked."""

    code: str
    name: str
    group: Group
    place: int | None
    ranked: int
    points_in_duty: Decimal
    lost: Decimal
    rate: Decimal
    overdue_points: int  # work points: 红灯
    behind_points: int  # 黄灯
    problems: int
    closed: int
    undated: int
    promised: int
    kept: int
    promises: str
    overdue: tuple[Overdue, ...]  # the longest first


def take(
    session: Session, *, viewer: User, today: date, unit_codes: Sequence[str] = ()
) -> list[Slide]:
    """The named units in their order, or all: by group, in each the worst first."""
    require(viewer, Permission.SEE_DISTRICT)
    scored = scores.by_unit(session, viewer=viewer)
    places = _places(scored)
    counts = {
        row.unit.code: row.counts for row in problems.by_unit(session, viewer=viewer, today=today)
    }
    said = {
        row.unit.code: row.promises for row in promises.by_unit(session, viewer=viewer, today=today)
    }
    lights = _lights(progress_map(session, viewer=viewer, today=today))
    overdue = _overdue(session, today)
    slides = {
        row.unit.code: _slide(
            row,
            places,
            counts[row.unit.code],
            said.get(row.unit.code),
            lights.get(row.unit.code, Counter()),
            overdue.get(row.unit.code, ()),
        )
        for row in scored
    }
    if unit_codes:
        return [slides[code] for code in unit_codes if code in slides]
    return sorted(slides.values(), key=_worst_first)


def _worst_first(slide: Slide) -> tuple[int, bool, Decimal, int]:
    return list(Group).index(slide.group), slide.place is None, slide.rate, -len(slide.overdue)


def _places(scored: Iterable[UnitScore]) -> dict[str, tuple[int, int]]:
    """The place and how many are ranked, by unit; equals share a place."""
    by_group: dict[Group, list[UnitScore]] = {}
    for row in scored:
        if row.unit.is_ranked and row.points_in_duty:
            by_group.setdefault(GROUP_OF[row.unit.kind], []).append(row)
    return {
        row.unit.code: (
            1 + sum(other.confirmed_rate > row.confirmed_rate for other in members),
            len(members),
        )
        for members in by_group.values()
        for row in members
    }


def _lights(found: ProgressMap) -> dict[str, Counter[Light]]:
    lights: dict[str, Counter[Light]] = {}
    for (unit, _), cell in found.cells.items():
        lights.setdefault(unit, Counter()).update(cell.lights)
    return lights


def _overdue(session: Session, today: date) -> dict[str, list[Overdue]]:
    query = (
        select(Problem)
        .where(col(Problem.status).in_(OPEN_STATUSES), col(Problem.due_on) < today)
        .order_by(col(Problem.due_on), col(Problem.id))
    )
    found: dict[str, list[Overdue]] = {}
    for problem in session.scalars(query):
        assert problem.due_on
        found.setdefault(problem.unit_code, []).append(
            Overdue(
                number=problem.number,
                site=problem.site,
                description=problem.description,
                measure=problem.measure,
                responsible=problem.responsible,
                first_due_on=problem.first_due_on or problem.due_on,
                due_on=problem.due_on,
                status=problem.status,
            )
        )
    return found


def _slide(
    row: UnitScore,
    places: Mapping[str, tuple[int, int]],
    counts: Rectification,
    said: Promises | None,
    lights: Counter[Light],
    overdue: Sequence[Overdue],
) -> Slide:
    place, ranked = places.get(row.unit.code, (None, 0))
    return Slide(
        code=row.unit.code,
        name=row.unit.name,
        group=GROUP_OF[row.unit.kind],
        place=place,
        ranked=ranked,
        points_in_duty=row.points_in_duty,
        lost=row.confirmed_lost,
        rate=row.confirmed_rate,
        overdue_points=lights[Light.OVERDUE],
        behind_points=lights[Light.BEHIND],
        problems=counts.problems,
        closed=counts.closed,
        undated=counts.undated,
        promised=said.promised if said else 0,
        kept=said.kept if said else 0,
        promises=promises.in_words(said) if said else "",
        overdue=tuple(overdue),
    )


# ---- as it is kept ------------------------------------------------------------------------------


def as_text(slides: Iterable[Slide]) -> str:
    return json.dumps([asdict(slide) for slide in slides], ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    return value.name if isinstance(value, Group | RectificationStatus) else str(value)


def from_text(text: str) -> tuple[Slide, ...]:
    return tuple(
        Slide(
            **kept
            | {
                "group": Group[kept["group"]],
                "overdue": tuple(map(_overdue_of, kept["overdue"])),
                **{name: Decimal(kept[name]) for name in ("points_in_duty", "lost", "rate")},
            }
        )
        for kept in json.loads(text)
    )


def _overdue_of(kept: dict[str, Any]) -> Overdue:
    days = {name: date.fromisoformat(kept[name]) for name in ("first_due_on", "due_on")}
    return Overdue(**kept | days | {"status": RectificationStatus[kept["status"]]})
