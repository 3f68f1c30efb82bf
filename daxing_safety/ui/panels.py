"""Figures that are words and boxes rather than charts: HTML from templates/.

The templates escape every value, so that text from users stays text.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from daxing_safety import wording
from daxing_safety.charts import palette
from daxing_safety.charts.groups import GroupLists
from daxing_safety.charts.loss_tree import Composition
from daxing_safety.charts.tiles import TileMap
from daxing_safety.models import Phase
from daxing_safety.reports.coordination import Concern, Matter
from daxing_safety.reports.problems.card import File
from daxing_safety.reports.problems.timeline import Line
from daxing_safety.reports.progress import PhaseClock
from daxing_safety.reports.spot_checks import items
from daxing_safety.vocabulary import Light

_templates = Environment(
    loader=PackageLoader("daxing_safety.ui"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Track(NamedTuple):
    """On a scale from 0 to 100: what is filled, where the figure stands, what is aimed at."""

    start: Decimal
    end: Decimal
    at: Decimal | None = None
    target: Decimal | None = None


class Card(NamedTuple):
    """`href` leads to what its figure is made of."""

    label: str
    value: str
    unit: str
    track: Track
    lines: tuple[str, ...]
    tone: str = ""
    href: str = ""


class Offer(NamedTuple):
    """Of cards to take away: what stands above them then, and where their data are."""

    title: str
    note: str
    data: str


class Figure(NamedTuple):
    """Without a scale: a deadline, a cost."""

    label: str
    value: str
    unit: str
    lines: tuple[str, ...]
    tone: str = ""


class Map(NamedTuple):
    """Apart, so that what chooses the measure can stand between."""

    heading: str
    tiles: str


class Part(NamedTuple):
    """Of a cell: a text, one that leads somewhere, or one that is good or bad news."""

    text: str
    href: str = ""
    tone: str = ""


Cell = str | Part | Sequence[Part]


class Column(NamedTuple):
    """Numbers stand at the right; they and short texts are never broken."""

    name: str
    look: Literal["text", "short", "number"] = "text"


class Count(NamedTuple):
    """A number that opens what it counts."""

    name: str
    number: int
    href: str
    tone: str = ""


class PhaseBar(NamedTuple):
    name: str
    gist: str
    dates: str
    state: str
    tone: str
    left: float
    width: float


def _render(template: str, **values: Any) -> str:
    return _templates.get_template(template).render(**values)


def heading(title: str, note: str) -> str:
    return _render("heading.html", title=title, note=note)


def heading_of_figure(title: str, note: str, data: str) -> str:
    """With what is offered of the figure below it: its picture, and its data at an address."""
    return _render("heading_of_figure.html", title=title, note=note, data=data, offer=None)


def basis(facts: Sequence[tuple[str, bool]]) -> str:
    """Facts as a line of marks; True marks one that is in doubt."""
    return _render("basis.html", facts=facts)


def cards(figures: Sequence[Card], *, footnote: str, offer: Offer | None = None) -> str:
    data = offer.data if offer else ""
    return _render("cards.html", cards=figures, footnote=footnote, offer=offer, data=data)


def figures(found: Sequence[Figure]) -> str:
    return _render("figures.html", figures=found)


def facts(known: Mapping[str, str]) -> str:
    return _render("facts.html", facts=known)


def photos(found: Sequence[File]) -> str:
    """Drawn small by our own route; a click hands out the file as it came."""
    return _render("photos.html", photos=found)


def spot_photos(found: Sequence[items.File], *, drawn: str, original: str) -> str:
    """Of a 抽查: `drawn` and `original` are the kinds of download that hand them out."""
    return _render("spot_photos.html", photos=found, drawn=drawn, original=original)


def timeline(lines: Sequence[Line]) -> str:
    return _render("timeline.html", lines=lines)


def matters(title: str, found: Sequence[Matter], links: Mapping[Concern, str]) -> str:
    return _render("matters.html", heading=title, matters=found, links=links)


def since(title: str, changes: Sequence[Part]) -> str:
    """What became of it all, on one line."""
    return _render("since.html", title=title, changes=changes)


def tile_map(tiles: TileMap, data: str, link: Callable[[str], str]) -> Map:
    """`link` leads from a unit's code to the unit."""
    drawn = _render("tiles.html", map=tiles, steps=palette.STEPS, link=link)
    return Map(heading_of_figure(tiles.title, tiles.note, data), drawn)


def areas(composition: Composition) -> str:
    title, note = composition.title, composition.note
    if not composition.wide:
        return heading(title, note)
    return heading_of_figure(title, note, "") + _render("areas.html", composition=composition)


def groups(lists: GroupLists, data: str, link: Callable[[str], str]) -> str:
    head = heading_of_figure(lists.title, lists.note, data)
    return head + _render("groups.html", lists=lists, link=link)


def board(**parts: Any) -> str:
    """One group of 红黑榜."""
    return _render("board.html", **parts)


def table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, alt: str) -> str:
    """A table that is read and not worked with: numbers at the right, links in its cells."""
    drawn = [[_parts(cell) for cell in row] for row in rows]
    return _render("table.html", columns=columns, rows=drawn, alt=alt)


def _parts(cell: Cell) -> Sequence[Part]:
    if isinstance(cell, str):
        return (Part(cell),)
    return (cell,) if isinstance(cell, Part) else cell


def lines(texts: Sequence[str]) -> str:
    return _render("lines.html", lines=texts)


def onward(link: Part) -> str:
    """Below a box: where all of it stands."""
    return _render("onward.html", link=link)


def counts(found: Sequence[Count]) -> str:
    return _render("counts.html", counts=found)


def links(groups: Sequence[tuple[str, Sequence[Part]]]) -> str:
    """Names to go on from, under the names of their groups."""
    return _render("links.html", groups=groups)


def duties(tasks: Sequence[Mapping[str, Any]]) -> str:
    """A bar of lights a task; beside it the lights that ask for something, in words."""
    legend = [{"word": light.value, "colour": palette.LIGHTS[light]} for light in Light]
    return _render("duties.html", tasks=tasks, legend=legend)


def meeting_slide(**parts: Any) -> str:
    """One unit of a 调度会."""
    return _render("meeting_slide.html", **parts)


def wall(**parts: Any) -> str:
    """大屏, without the page around it."""
    return _render("wall.html", **parts)


def phases(clock: PhaseClock, href: str) -> str:
    """The phases as bars over the programme's whole time, and a line for today."""
    return _render(
        "phases.html",
        href=href,
        title=f"距创建结束还有 {clock.days_left} 天",
        note=f"竖线为今天，{wording.day(clock.today)}",
        phases=[_phase_bar(phase, clock) for phase in clock.phases],
        today=clock.place(clock.today),
    )


def _phase_bar(phase: Phase, clock: PhaseClock) -> PhaseBar:
    left, right = clock.place(phase.starts_on), clock.place(phase.ends_on)
    state, tone = _state(phase, clock.today)
    return PhaseBar(
        name=f"第{phase.no}阶段　{phase.name}",
        gist=phase.gist,
        dates=f"{phase.starts_on:%Y.%m}—{phase.ends_on:%Y.%m}",
        state=state,
        tone=tone,
        left=left,
        width=right - left,
    )


def _state(phase: Phase, today: date) -> tuple[str, str]:
    if today > phase.ends_on:
        return "已结束", "past"
    return ("未开始", "") if today < phase.starts_on else ("进行中", "current")
