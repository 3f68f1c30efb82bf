"""总览 as it is shown: drawn once for a version of the data, a day and a scope of viewers."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from daxing_safety import settings
from daxing_safety.charts import bars, course, groups, lights, tiles
from daxing_safety.charts.tiles import Measure
from daxing_safety.models import User
from daxing_safety.reports.overview import Overview, overview
from daxing_safety.ui import headline, panels
from daxing_safety.ui.figures import Prepared, prepare
from daxing_safety.ui.kept import kept


@dataclass(frozen=True)
class View:
    """Ready to be shown. A clerk's has neither a comparison of units nor a map."""

    basis: str
    headline: str
    matters: str
    phases: str
    sections: Prepared
    rules: Prepared
    lights: Prepared
    course: Prepared
    units: str
    maps: dict[Measure, panels.Map]


def view(viewer: User, on: date | None = None) -> View:
    """As it stands, or as it stood at the end of a past day."""
    return kept(_drawn, viewer=viewer, on=on, today=on or settings.today())


def _drawn(session: Any, **whose: Any) -> View:
    return _view(overview(session, **whose))


def _view(facts: Overview) -> View:
    today = facts.today
    is_district = facts.district is not None
    scope = "全区" if is_district else facts.units[0].unit.name
    target = facts.target if is_district else None
    return View(
        basis=panels.basis(headline.basis(facts.basis, scope, today)),
        headline=panels.cards(headline.cards(facts), footnote=headline.footnote(facts)),
        matters=panels.matters("需要协调的事" if is_district else "本单位要办的事", facts.matters),
        phases=panels.phases(facts.clock),
        sections=prepare(bars.sections(facts.sections, as_of=today)),
        rules=prepare(bars.losses_by_rule(facts.losses, as_of=today)),
        lights=prepare(lights.lights(facts.lights, as_of=today)),
        course=prepare(course.course(facts.history, target=target, as_of=today)),
        units=panels.groups(groups.losses_in_groups(facts.units, as_of=today))
        if is_district
        else "",
        maps={measure: _map(facts, measure) for measure in Measure if is_district},
    )


def _map(facts: Overview, measure: Measure) -> panels.Map:
    return panels.tile_map(tiles.tile_map(facts.units, facts.problems, measure, as_of=facts.today))
