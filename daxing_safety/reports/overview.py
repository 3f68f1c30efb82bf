"""总览: all that one page shows, of the district or of a clerk's own unit, in one reading."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from daxing_safety.actions import preferences
from daxing_safety.models import User
from daxing_safety.reports import (
    coordination,
    progress,
    scores,
    sections,
    sees_district,
    since,
    trend,
)
from daxing_safety.reports.coordination import Matter
from daxing_safety.reports.losses import shares as losses
from daxing_safety.reports.losses.shares import RuleLoss
from daxing_safety.reports.problems import counts as problems
from daxing_safety.reports.problems.counts import UnitProblems
from daxing_safety.reports.progress import Lights, PhaseClock
from daxing_safety.reports.scores import Basis, Totals, UnitScore
from daxing_safety.reports.sections import Section
from daxing_safety.reports.since import Since
from daxing_safety.reports.trend import Moment


@dataclass(frozen=True)
class Overview:
    """`units` and `problems` hold the one unit, and `district` nothing, for a clerk."""

    today: date
    basis: Basis
    target: Decimal
    district: Totals | None
    units: list[UnitScore]
    problems: list[UnitProblems]
    history: list[Moment]
    since: Since | None
    matters: tuple[Matter, ...]
    clock: PhaseClock
    sections: list[Section]
    losses: list[RuleLoss]
    lights: Lights


def overview(session: Session, *, viewer: User, today: date) -> Overview:
    is_district = sees_district(viewer)
    history = trend.trend(session, viewer=viewer, today=today)
    return Overview(
        today=today,
        basis=scores.basis(session),
        target=preferences.target_score(session),
        district=scores.district(session, viewer=viewer) if is_district else None,
        units=scores.by_unit(session, viewer=viewer),
        problems=problems.by_unit(session, viewer=viewer, today=today),
        history=history,
        since=since.since_last_round(session, viewer=viewer, today=today, history=history),
        matters=coordination.matters(session, viewer=viewer, today=today),
        clock=progress.phase_clock(session, today=today),
        sections=sections.sections(session, viewer=viewer),
        losses=losses.by_rule(session, viewer=viewer),
        lights=progress.lights(session, viewer=viewer, today=today),
    )
