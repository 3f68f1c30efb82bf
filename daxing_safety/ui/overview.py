"""总览 as it is shown: drawn once for a version of the data, a day and a scope of viewers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from daxing_safety import ledger, settings
from daxing_safety.charts import Chart, Drawn, bars, course, groups, headline, lights, tiles
from daxing_safety.charts.groups import GroupLists
from daxing_safety.charts.headline import Headline
from daxing_safety.charts.tiles import Measure, TileMap
from daxing_safety.criteria import Criteria
from daxing_safety.models import User
from daxing_safety.reports.coordination import Concern
from daxing_safety.reports.losses import tree as loss_tree
from daxing_safety.reports.losses.tree import Side
from daxing_safety.reports.overview import Overview, overview
from daxing_safety.reports.problems.filters import Due, Filters
from daxing_safety.ui import headline as words
from daxing_safety.ui import links, panels
from daxing_safety.ui.figures import Prepared, prepare
from daxing_safety.ui.kept import kept
from daxing_safety.ui.progress import GANTT
from daxing_safety.vocabulary import Group

SCREEN = "overview"


@dataclass(frozen=True)
class Figures:
    """A clerk's have neither a comparison of units nor a map."""

    headline: Headline
    sections: Chart
    rules: Chart
    lights: Chart
    course: Chart
    units: GroupLists | None
    maps: dict[Measure, TileMap]

    def by_name(self) -> dict[str, Drawn]:
        """As they stand in the addresses of their data."""
        found: dict[str, Drawn | None] = {
            "headline": self.headline,
            "sections": self.sections,
            "rules": self.rules,
            "lights": self.lights,
            "course": self.course,
            "units": self.units,
            **{_name(measure): tiled for measure, tiled in self.maps.items()},
        }
        return {name: figure for name, figure in found.items() if figure}


@dataclass(frozen=True)
class View:
    """Ready to be shown."""

    basis: str
    headline: str
    since: str
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


def drawn(session: Any, viewer: User, on: date, _: Sequence[str]) -> Mapping[str, Drawn]:
    facts = overview(session, viewer=viewer, today=on)
    return _figures(facts, ledger.criteria_in_force(session)).by_name()


def _drawn(session: Any, **whose: Any) -> View:
    facts = overview(session, **whose)
    return _view(facts, _figures(facts, ledger.criteria_in_force(session)))


def _figures(facts: Overview, criteria: Criteria) -> Figures:
    today, is_district = facts.today, facts.district is not None
    target = facts.target if is_district else None
    sections, rules = _links_to_losses(facts, criteria)
    by_group = {group.value: links.progress({"group": group.value}, today) for group in Group}
    return Figures(
        headline=headline.headline(facts),
        sections=bars.sections(facts.sections, as_of=today, links=sections),
        rules=bars.losses_by_rule(facts.losses, as_of=today, links=rules),
        lights=lights.lights(
            facts.lights, as_of=today, links={lights.ALL: links.progress({}, today)} | by_group
        ),
        course=course.course(facts.history, target=target, as_of=today),
        units=groups.losses_in_groups(facts.units, as_of=today) if is_district else None,
        maps={
            measure: tiles.tile_map(facts.units, facts.problems, measure, as_of=today)
            for measure in Measure
            if is_district
        },
    )


def _links_to_losses(facts: Overview, criteria: Criteria) -> tuple[list[str], list[str]]:
    numbers = loss_tree.section_keys(criteria)
    sections = [links.loss_tree((numbers[part.name],), facts.today) for part in facts.sections]
    rules = [
        links.loss_tree(loss_tree.keys_of_rule(criteria, loss.rule.code), facts.today)
        for loss in facts.losses
    ]
    return sections, rules


def _view(facts: Overview, found: Figures) -> View:
    today, is_district = facts.today, facts.district is not None
    scope = "全区" if is_district else facts.units[0].unit.name
    unit = partial(links.portrait, on=today)
    matters = "需要协调的事" if is_district else "本单位要办的事"
    offer = panels.Offer(found.headline.title, found.headline.note, _data("headline", today))
    return View(
        basis=panels.basis(words.basis(facts.basis, scope, today)),
        headline=panels.cards(words.cards(facts), footnote=words.footnote(facts), offer=offer),
        since=panels.since(*words.since(facts)),
        matters=panels.matters(matters, facts.matters, _links_of_matters(today)),
        phases=panels.phases(facts.clock, links.progress({"view": GANTT}, today)),
        sections=prepare(found.sections, data=_data("sections", today)),
        rules=prepare(found.rules, data=_data("rules", today)),
        lights=prepare(found.lights, data=_data("lights", today)),
        course=prepare(found.course, data=_data("course", today)),
        units=panels.groups(found.units, _data("units", today), unit) if found.units else "",
        maps={
            measure: panels.tile_map(tiled, _data(_name(measure), today), unit)
            for measure, tiled in found.maps.items()
        },
    )


def _name(measure: Measure) -> str:
    return f"map_{measure.name}"


def _data(figure: str, on: date) -> str:
    return links.figure_data(SCREEN, figure, on)


def _links_of_matters(on: date) -> dict[Concern, str]:
    return {
        Concern.LOSSES: links.loss_side(Side.CONFIRMED, on),
        Concern.OVERDUE: links.problems(Filters(due=Due.OVERDUE)),
        Concern.UNDATED: links.problems(Filters(due=Due.NONE)),
        Concern.SILENT: links.portrait("", on),
        Concern.OVERRATED: links.loss_side(Side.CLAIMED, on),
        Concern.LATE_WORK: links.progress({}, on),
    }
