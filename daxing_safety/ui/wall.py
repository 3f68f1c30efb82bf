"""大屏 as it is shown: boxes in one piece of HTML, drawn once for a version of the data."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from daxing_safety import settings, wording
from daxing_safety.charts import lights, palette, tiles
from daxing_safety.charts.tiles import Measure
from daxing_safety.models import User
from daxing_safety.reports.overview import Overview, overview
from daxing_safety.reports.problems import counts as problems
from daxing_safety.reports.progress import Lights, PhaseClock
from daxing_safety.reports.sections import Section
from daxing_safety.scoring import Range
from daxing_safety.ui import panels
from daxing_safety.ui.kept import kept
from daxing_safety.vocabulary import Group, Light
from daxing_safety.wording import percent, plain, points

MOST_CHARACTERS = 60  # of a matter: three lines with its heading


class Score(NamedTuple):
    """On a scale from 0 to 100."""

    label: str
    value: str
    spread: str
    low: Decimal
    high: Decimal
    at: Decimal
    tone: str


class Share(NamedTuple):
    label: str
    value: str
    note: str
    width: Decimal


class Bar(NamedTuple):
    """What a section is worth, and what stands of it, in percent of that."""

    name: str
    worth: str
    lost: str
    claimed: Decimal
    confirmed: Decimal


class Span(NamedTuple):
    left: float
    width: float
    is_now: bool


class Clock(NamedTuple):
    """The phases, and today, on the programme's whole time in percent."""

    days_left: int
    phases: tuple[Span, ...]
    today: float
    now: str


class Piece(NamedTuple):
    light: str
    number: int
    colour: str
    ink: str


class Row(NamedTuple):
    group: str
    whole: int
    pieces: tuple[Piece, ...]


def figures(viewer: User) -> str:
    return kept(_drawn, viewer=viewer, today=settings.today())


def _drawn(session: Any, **whose: Any) -> str:
    return _boxes(overview(session, **whose))


def _boxes(facts: Overview) -> str:
    assert facts.district
    claimed, confirmed, coverage = facts.district
    maps = [
        tiles.tile_map(facts.units, facts.problems, measure, as_of=facts.today)
        for measure in Measure
    ]
    return panels.wall(
        scores=(
            _score("核定分", confirmed, "confirmed"),
            _score("自评分", claimed, "claimed"),
        ),
        target=facts.target,
        aim=_aim(confirmed, facts.target),
        shares=(_coverage(coverage), _closing(facts)),
        clock=_clock(facts.clock),
        sections=tuple(map(_bar, facts.sections)),
        rows=_rows(facts.lights),
        lights=[
            (palette.LIGHTS[each], f"{palette.LIGHT_NAMES[each]} {each.value}")
            for each in lights.ORDER
        ],
        maps=list(zip((each.value for each in Measure), maps, strict=True)),
        steps=palette.STEPS,
        matters=[(each.heading, _first_clauses(each.text)) for each in facts.matters],
    )


def _first_clauses(text: str) -> str:
    """As many as there is room for, none of them cut, nor what stands in brackets."""
    if len(text) <= MOST_CHARACTERS:
        return text
    ends = [at for at in range(MOST_CHARACTERS) if text[at] in "；，、" and _is_whole(text[:at])]
    return f"{text[: ends[-1]]}……" if ends else wording.shortened(text, MOST_CHARACTERS)


def _is_whole(text: str) -> bool:
    return all(text.count(opened) == text.count(closed) for opened, closed in ("（）", "“”"))


def _score(label: str, ranged: Range, tone: str) -> Score:
    spread = f"区间 {points(ranged.low)}—{points(ranged.high)}"
    return Score(label, points(ranged.score), spread, ranged.low, ranged.high, ranged.score, tone)


def _aim(confirmed: Range, target: Decimal) -> str:
    gap = confirmed.score - target
    if not gap:
        return f"核定分与内部目标分 {plain(target)} 持平"
    way = "高" if gap > 0 else "低"
    return f"核定分比内部目标分 {plain(target)} {way} {points(abs(gap))} 分"


def _coverage(coverage: Decimal) -> Share:
    return Share("自查覆盖", percent(coverage), "按分值计", _width(coverage))


def _closing(facts: Overview) -> Share:
    counts = problems.total(facts.problems)
    if counts.rate is None:
        return Share("整改率", "—", "还没有发现问题", Decimal(0))
    note = f"销号 {counts.closed}／{counts.problems} 个，逾期 {counts.overdue} 个"
    return Share("整改率", percent(counts.rate), note, _width(counts.rate))


def _width(share: Decimal) -> Decimal:
    return round(100 * share, 1)


def _clock(clock: PhaseClock) -> Clock:
    phases = [
        Span(
            left := clock.place(each.starts_on),
            clock.place(each.ends_on) - left,
            each.starts_on <= clock.today <= each.ends_on,
        )
        for each in clock.phases
    ]
    names = [
        f"第{each.no}阶段 {each.name}"
        for each, span in zip(clock.phases, phases, strict=True)
        if span.is_now
    ]
    now = "、".join(names) or "现在不在任何阶段之内"
    return Clock(clock.days_left, tuple(phases), clock.place(clock.today), now)


def _bar(section: Section) -> Bar:
    return Bar(
        name=section.name,
        worth=plain(section.points),
        lost=points(section.lost),
        claimed=_width(section.claimed / section.points),
        confirmed=_width(section.confirmed / section.points),
    )


def _rows(counts: Lights) -> list[Row]:
    return [row for row in (_row(group, counts) for group in Group) if row.whole]


def _row(group: Group, counts: Lights) -> Row:
    shown: Sequence[Light] = [light for light in lights.ORDER if counts[group, light]]
    pieces = tuple(
        Piece(light.value, counts[group, light], palette.LIGHTS[light], palette.LIGHT_INKS[light])
        for light in shown
    )
    return Row(group.value, sum(piece.number for piece in pieces), pieces)
