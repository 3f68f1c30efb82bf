"""Figures: their numbers are the reports', their titles say what was found, text stays text."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import combinations

import pytest
from ledger_lines import TODAY, found, unit
from sqlmodel import Session

from daxing_safety.charts import Chart, bars, checked, course, groups, lights, palette, tiles
from daxing_safety.charts.tiles import Measure
from daxing_safety.models import Unit, User
from daxing_safety.reports import progress, scores, sections
from daxing_safety.reports.losses import shares as losses
from daxing_safety.reports.problems import counts as problems
from daxing_safety.reports.trend import Moment, Scores
from daxing_safety.scoring import Range
from daxing_safety.vocabulary import Light, RectificationStatus

TWO_QUARTERS = [
    Moment("2020年第二季度", date(2020, 7, 10), Scores(Decimal(90), Decimal(80), None, Decimal(1))),
    Moment("2020年第三季度", date(2020, 10, 9), Scores(Decimal(92), Decimal(78), None, Decimal(1))),
]


def texts(chart: Chart) -> list[str]:
    """Everything that is written in the figure."""
    assert chart.figure is not None
    layout = chart.figure["layout"]
    on_bars = [text for trace in chart.figure["data"] for text in trace.get("text", ())]
    return [each["text"] for each in layout["annotations"]] + on_bars


# ---- numbers -----------------------------------------------------------------------------------


def test_the_sections_bars_are_the_reports_points(
    session: Session, water_bureau: Unit, office: User
) -> None:
    found(session, water_bureau, office, count=2)
    parts = sections.sections(session, viewer=office)
    chart = bars.sections(parts, as_of=TODAY)
    assert chart.title == "失分最多的一级项是“城市安全源头治理”，失 0.40 分"
    assert chart.note.endswith("截至2021年5月20日")
    assert chart.figure is not None
    _, claimed, confirmed = chart.figure["data"]
    assert claimed["x"] == [float(part.claimed / part.points) for part in parts]
    assert confirmed["x"] == [float(part.confirmed / part.points) for part in parts]
    assert {"自评 18.00", "核定 17.60", "失 0.40 分 · 覆盖 0.4%"} <= set(texts(chart))


def test_the_dearest_rules_bars_are_measured_against_the_first(
    session: Session, water_bureau: Unit, office: User
) -> None:
    found(session, water_bureau, office, rule_code="7-1", count=2)
    found(session, water_bureau, office, rule_code="4-1", count=1)
    chart = bars.losses_by_rule(losses.by_rule(session, viewer=office), as_of=TODAY)
    assert chart.title.startswith("失分最多的条款是 7-1“")
    assert chart.figure is not None
    (trace,) = chart.figure["data"]
    assert trace["x"] == [1.0, 0.2]
    assert {"<b>1.00</b> 分", "<b>0.20</b> 分", "2 处，牵头区水务局"} <= set(texts(chart))


def test_every_work_point_has_its_light_in_the_figure(session: Session, office: User) -> None:
    counts = progress.lights(session, viewer=office, today=TODAY)
    chart = lights.lights(counts, as_of=TODAY)
    assert chart.figure is not None
    written = {
        trace["name"]: sum(int(number or 0) for number in trace["text"][1:])
        for trace in chart.figure["data"]
    }
    overdue = sum(number for (_, light), number in counts.items() if light is Light.OVERDUE)
    assert written[f"红 逾期 {overdue}"] == overdue
    assert sum(written.values()) == sum(counts.values())
    for row in zip(*(trace["x"] for trace in chart.figure["data"]), strict=True):
        assert sum(row) == pytest.approx(1)


def test_a_clerks_lights_are_one_line(session: Session, clerk: User) -> None:
    chart = lights.lights(progress.lights(session, viewer=clerk, today=TODAY), as_of=TODAY)
    assert chart.figure is not None
    assert [len(trace["x"]) for trace in chart.figure["data"]] == [1] * len(chart.figure["data"])


def test_the_course_says_what_became_of_the_score() -> None:
    chart = course.course(TWO_QUARTERS, target=Decimal(90), as_of=TODAY)
    assert chart.title == "核定分比2020年第二季度下降 2.00 分"
    assert "虚线为内部目标分 90" in chart.note
    assert chart.figure is not None
    assert [trace["y"] for trace in chart.figure["data"]] == [[90, 92], [80, 78]]
    own = course.course(TWO_QUARTERS, target=None, as_of=TODAY)
    assert own.title == "核定得分率比2020年第二季度下降 2.00 个百分点"


def test_the_districts_course_shows_its_range() -> None:
    wide = Range(Decimal(80), Decimal(40), Decimal(85))
    moments = [each._replace(scores=each.scores._replace(range=wide)) for each in TWO_QUARTERS]
    chart = course.course(moments, target=Decimal(90), as_of=TODAY)
    assert chart.figure is not None
    assert chart.figure["data"][0]["y"] == [85, 85, 40, 40]
    assert chart.figure["layout"]["yaxis"]["range"][0] < 40


# ---- units within their groups -------------------------------------------------------------------


def test_units_are_listed_within_their_group_and_never_if_not_ranked(
    session: Session, water_bureau: Unit, city_management: Unit, office: User
) -> None:
    found(session, water_bureau, office, count=1)
    found(session, city_management, office, count=3)
    found(session, unit(session, "黄村镇"), office, count=1)
    rows = scores.by_unit(session, viewer=office)
    lists = groups.losses_in_groups(rows, as_of=TODAY)
    assert lists.title == "失分最多的部门、镇：区城管委、黄村镇"
    departments = lists.groups[0]
    assert [line.unit for line in departments.lines] == ["区城管委", "区水务局"]
    assert [line.width for line in departments.lines] == [100, Decimal("33.3")]
    unranked = [row._replace(unit=_not_ranked(row.unit)) for row in rows]
    assert groups.losses_in_groups(unranked, as_of=TODAY).groups == ()


def _not_ranked(one: Unit) -> Unit:
    return Unit(**one.model_dump() | {"is_ranked": False})


@pytest.mark.parametrize(
    ("measure", "value", "title"),
    [
        (Measure.RATE, "98.93%", "得分率最低的镇：黄村镇"),
        (Measure.LOST, "0.60", "失分最多的镇：黄村镇"),
        (Measure.MENDED, "0.0%", "整改率最低的镇：黄村镇"),
    ],
)
def test_the_map_shows_each_unit_at_its_place_and_the_worst_darkest(
    session: Session, office: User, measure: Measure, value: str, title: str
) -> None:
    huangcun, yufa = unit(session, "黄村镇"), unit(session, "榆垡镇")
    found(session, huangcun, office, count=3)
    found(session, yufa, office, status=RectificationStatus.CLOSED)
    tiled = tiles.tile_map(
        scores.by_unit(session, viewer=office),
        problems.by_unit(session, viewer=office, today=TODAY),
        measure,
        as_of=TODAY,
    )
    assert (len(tiled.tiles), tiled.title, tiled.worst) == (24, title, value)
    worst = next(tile for tile in tiled.tiles if tile.unit == "黄村镇")
    assert (worst.value, worst.row, worst.column) == (value, 4, 4)
    assert worst.colour == palette.STEPS[-1]
    best = next(tile for tile in tiled.tiles if tile.unit == "榆垡镇")
    assert best.colour == palette.STEPS[0]


def test_a_unit_without_problems_has_no_closing_rate_and_no_colour(
    session: Session, office: User
) -> None:
    tiled = tiles.tile_map(
        scores.by_unit(session, viewer=office),
        problems.by_unit(session, viewer=office, today=TODAY),
        Measure.MENDED,
        as_of=TODAY,
    )
    assert {tile.value for tile in tiled.tiles} == {"无问题"}
    assert {tile.colour for tile in tiled.tiles} == {palette.NOTHING}


# ---- text ----------------------------------------------------------------------------------------


def test_text_from_a_table_is_escaped_and_shortened(
    session: Session, water_bureau: Unit, office: User
) -> None:
    found(session, water_bureau, office)
    (loss,) = losses.by_rule(session, viewer=office)
    rule = replace(loss.rule, condition="<b>x</b>%{y}" + "长" * 50)
    chart = bars.losses_by_rule([loss._replace(rule=rule)], as_of=TODAY)
    assert texts(chart)[0] == "4-1 &lt;b&gt;x&lt;/b&gt;%{y}长长长…"
    assert chart.figure is not None
    assert "<b>x" not in chart.figure["data"][0]["hovertext"][0]
    assert "hovertemplate" not in chart.figure["data"][0]


def test_where_there_is_nothing_the_title_says_so_and_the_note_what_will_come() -> None:
    for chart in (
        bars.sections([], as_of=TODAY),
        bars.losses_by_rule([], as_of=TODAY),
        lights.lights(progress.Lights(), as_of=TODAY),
        course.course(TWO_QUARTERS[:1], target=None, as_of=TODAY),
    ):
        assert chart.figure is None
        assert chart.title and chart.note


def test_every_figure_is_one_that_plotly_accepts(
    session: Session, water_bureau: Unit, office: User
) -> None:
    found(session, water_bureau, office)
    for chart in (
        bars.sections(sections.sections(session, viewer=office), as_of=TODAY),
        bars.losses_by_rule(losses.by_rule(session, viewer=office), as_of=TODAY),
        lights.lights(progress.lights(session, viewer=office, today=TODAY), as_of=TODAY),
        course.course(TWO_QUARTERS, target=Decimal(90), as_of=TODAY),
    ):
        assert chart.figure is not None
        assert chart.alt
        assert checked(chart.figure).layout.paper_bgcolor == "rgba(0,0,0,0)"


# ---- colours -------------------------------------------------------------------------------------

# How the eye sees without one kind of its receptors, in linear light (Machado and others, 2009).
COLOUR_BLIND = {
    "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "tritanopia": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


def linear(colour: str) -> list[float]:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def brightness(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((brightness(one), brightness(other)))
    return (bright + 0.05) / (dark + 0.05)


def lab(light: list[float]) -> tuple[float, float, float]:
    red, green, blue = (min(max(part, 0), 1) for part in light)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one: str, other: str, eye: tuple[tuple[float, ...], ...]) -> float:
    seen = [
        lab([sum(a * b for a, b in zip(row, linear(colour), strict=True)) for row in eye])
        for colour in (one, other)
    ]
    return sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5


@pytest.mark.parametrize("eye", COLOUR_BLIND)
def test_colour_blind_eyes_tell_any_two_lights_apart(eye: str) -> None:
    for one, other in combinations(palette.LIGHTS.values(), 2):
        assert difference(one, other, COLOUR_BLIND[eye]) > 15


def test_every_light_has_a_colour_its_name_and_an_ink() -> None:
    for words in (palette.LIGHTS, palette.LIGHT_NAMES, palette.LIGHT_INKS):
        assert set(words) == set(Light)


def test_what_is_written_on_a_colour_can_be_read() -> None:
    written = [
        (palette.CONFIRMED, palette.INK_LIGHT),
        (palette.CLAIMED, palette.INK_DARK),
        (palette.LOST, palette.INK_LIGHT),
        *((palette.LIGHTS[light], palette.LIGHT_INKS[light]) for light in Light),
        *(palette.step(Decimal(place) / 7) for place in range(8)),
    ]
    for ground, ink in written:
        assert contrast(ground, ink) >= 4.5, (ground, ink)
