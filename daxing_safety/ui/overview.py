"""总览 as it is shown: computed once for a version of the data, a day and a scope of viewers."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st
from sqlmodel import Session

from daxing_safety import settings
from daxing_safety.actions import preferences
from daxing_safety.charts import bars, course, groups, lights, tiles
from daxing_safety.charts.tiles import Measure
from daxing_safety.database import reading
from daxing_safety.models import User
from daxing_safety.permissions import units_seen_by
from daxing_safety.reports import (
    coordination,
    data_version,
    losses,
    problems,
    progress,
    scores,
    sections,
    trend,
)
from daxing_safety.ui import headline, panels
from daxing_safety.ui.figures import Prepared, prepare


@dataclass(frozen=True)
class View:
    """Ready to be drawn. A clerk's has neither a comparison of units nor a map."""

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


def view(viewer: User) -> View:
    with reading() as session:
        version = data_version(session)
    scope = units_seen_by(viewer)
    return _kept(settings.database_url(), version, settings.today(), scope, viewer)


# Keyed by all that decides what is seen; `_viewer` is not, as the reports only ask for its scope.
@st.cache_resource(max_entries=64, show_spinner=False)
def _kept(
    database: str, version: int, today: date, scope: frozenset[str] | None, _viewer: User
) -> View:
    with reading() as session:
        return (
            _of_district(session, _viewer, today)
            if scope is None
            else _of_unit(session, _viewer, today)
        )


def _of_district(session: Session, viewer: User, today: date) -> View:
    target = preferences.target_score(session)
    totals = scores.district(session, viewer=viewer)
    units = scores.by_unit(session, viewer=viewer)
    mending = problems.by_unit(session, viewer=viewer, today=today)
    history = trend.trend(session, viewer=viewer, today=today)
    cards = headline.of_district(totals, units, problems.total(mending), target, history)
    return View(
        headline=panels.cards(cards, footnote=headline.DISTRICT_FOOTNOTE),
        units=panels.groups(groups.losses_in_groups(units, as_of=today)),
        course=prepare(course.course(history, target=target, as_of=today)),
        maps={
            measure: panels.tile_map(tiles.tile_map(units, mending, measure, as_of=today))
            for measure in Measure
        },
        **_common(session, viewer, today, "全区", "需要协调的事"),
    )


def _of_unit(session: Session, viewer: User, today: date) -> View:
    mending = problems.total(problems.by_unit(session, viewer=viewer, today=today))
    history = trend.trend(session, viewer=viewer, today=today)
    own = scores.own(session, viewer=viewer)
    cards = headline.of_unit(own, mending, history)
    return View(
        headline=panels.cards(cards, footnote=headline.OWN_FOOTNOTE),
        units="",
        course=prepare(course.course(history, target=None, as_of=today)),
        maps={},
        **_common(session, viewer, today, own.unit.name, "本单位要办的事"),
    )


def _common(
    session: Session, viewer: User, today: date, scope: str, matters: str
) -> dict[str, Any]:
    """What is drawn alike for the district and for one unit, each over the rows it may see."""
    found = coordination.matters(session, viewer=viewer, today=today)
    parts = sections.sections(session, viewer=viewer)
    lost = losses.by_rule(session, viewer=viewer)
    counts = progress.lights(session, viewer=viewer, today=today)
    return {
        "basis": panels.basis(headline.basis(scores.basis(session), scope, today)),
        "matters": panels.matters(matters, found),
        "phases": panels.phases(progress.phase_clock(session, today=today)),
        "sections": prepare(bars.sections(parts, as_of=today)),
        "rules": prepare(bars.losses_by_rule(lost, as_of=today)),
        "lights": prepare(lights.lights(counts, as_of=today)),
    }
