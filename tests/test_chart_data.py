"""What can be taken away from a figure is exactly the report, and what is drawn follows from it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from ledger_lines import TODAY, found, unit
from sqlmodel import Session

from daxing_safety.charts import (
    Chart,
    bars,
    course,
    groups,
    headline,
    improvement,
    lights,
    progress,
    tiles,
)
from daxing_safety.charts.tiles import Measure
from daxing_safety.models import Unit, User
from daxing_safety.reports import improvement as routes
from daxing_safety.reports import progress as clock
from daxing_safety.reports import scores, sections
from daxing_safety.reports.losses import shares as losses
from daxing_safety.reports.overview import overview
from daxing_safety.reports.problems import counts as problems
from daxing_safety.reports.progress_course import Scope, task_spans
from daxing_safety.reports.progress_course import course as planned_course
from daxing_safety.reports.progress_map import progress_map
from daxing_safety.reports.trend import Moment, Scores
from daxing_safety.scoring import Range
from daxing_safety.vocabulary import Group, RectificationStatus


@pytest.fixture(autouse=True)
def lost_points(session: Session, water_bureau: Unit, office: User) -> None:
    found(session, water_bureau, office, count=2)
    found(session, unit(session, "黄村镇"), office, rule_code="7-1")
    found(session, unit(session, "榆垡镇"), office, status=RectificationStatus.CLOSED)


def column(chart: Chart, name: str) -> list[Any]:
    assert chart.data is not None
    return chart.data.column(name)


def traces(chart: Chart) -> list[dict[str, Any]]:
    assert chart.figure is not None
    data: list[dict[str, Any]] = chart.figure["data"]
    return data


def test_the_sections_add_up_to_the_score_and_are_the_bars(session: Session, office: User) -> None:
    chart = bars.sections(sections.sections(session, viewer=office), as_of=TODAY)
    district = scores.district(session, viewer=office)
    assert sum(column(chart, "核定得分")) == district.confirmed.score
    assert sum(column(chart, "核定失分")) == 100 - district.confirmed.score
    for name, bar in zip(("自评得分", "核定得分"), traces(chart)[1:], strict=True):
        worth = zip(column(chart, name), column(chart, "分值"), strict=True)
        assert bar["x"] == [float(won / whole) for won, whole in worth]


def test_the_rules_losses_add_up_to_what_is_lost(session: Session, office: User) -> None:
    rules = losses.by_rule(session, viewer=office)
    chart = bars.losses_by_rule(rules, as_of=TODAY)
    lost = column(chart, "核定失分")
    assert sum(lost) == 100 - scores.district(session, viewer=office).confirmed.score
    assert traces(chart)[0]["x"] == [float(each / lost[0]) for each in lost]


def test_rules_that_have_no_room_in_the_figure_are_in_its_data(
    session: Session, office: User
) -> None:
    (first, *_) = losses.by_rule(session, viewer=office)
    chart = bars.losses_by_rule([first] * (bars.TOP_RULES + 1), as_of=TODAY)
    assert len(traces(chart)[0]["x"]) == bars.TOP_RULES
    assert len(column(chart, "核定失分")) == bars.TOP_RULES + 1


def test_the_lights_add_up_over_the_groups(session: Session, office: User) -> None:
    counts = clock.lights(session, viewer=office, today=TODAY)
    chart = lights.lights(counts, as_of=TODAY)
    whole, *of_groups = column(chart, "合计")
    assert whole == sum(of_groups) == counts.total()
    drawn = [light for light in lights.ORDER if column(chart, light.value)[0]]
    for light, bar in zip(drawn, traces(chart), strict=True):
        numbers = zip(column(chart, light.value), column(chart, "合计"), strict=True)
        assert bar["x"] == [float(Decimal(number) / of) for number, of in numbers]


def test_the_course_is_every_moment_exactly() -> None:
    wide = Range(Decimal("80.05"), Decimal(40), Decimal(85))
    said = Scores(Decimal("90.15"), wide.score, wide, Decimal("0.5"))
    moments = [Moment(f"第{no}期", date(2020, no, 1), said) for no in range(1, course.MOST + 3)]
    chart = course.course(moments, target=Decimal(90), as_of=TODAY)
    assert column(chart, "核定") == [Decimal("80.05")] * len(moments)
    assert column(chart, "区间下限")[0] == 40
    *_, claimed, confirmed = traces(chart)
    assert confirmed["y"] == [float(each) for each in column(chart, "核定")[-course.MOST :]]
    assert claimed["y"] == [float(each) for each in column(chart, "自评")[-course.MOST :]]


@pytest.mark.parametrize("measure", Measure)
def test_the_map_s_data_are_the_units_own_figures(
    session: Session, office: User, measure: Measure
) -> None:
    rows = scores.by_unit(session, viewer=office)
    mended = problems.by_unit(session, viewer=office, today=TODAY)
    tiled = tiles.tile_map(rows, mended, measure, as_of=TODAY)
    values = dict(
        zip(tiled.data.column("单位"), tiled.data.column(tiles.UNITS[measure]), strict=True)
    )
    assert len(values) == len(tiled.tiles)
    huangcun = next(row for row in rows if row.unit.name == "黄村镇")
    expected = {
        Measure.RATE: huangcun.confirmed_rate,
        Measure.LOST: huangcun.confirmed_lost,
        Measure.MENDED: Decimal(0),
    }
    assert values["黄村镇"] == expected[measure]


def test_the_groups_data_hold_every_ranked_unit(session: Session, office: User) -> None:
    rows = scores.by_unit(session, viewer=office)
    lists = groups.losses_in_groups(rows, as_of=TODAY)
    ranked = [row for row in rows if row.unit.is_ranked]
    assert len(lists.data.rows) == len(ranked)
    assert sum(lists.data.column("核定失分")) == sum(row.confirmed_lost for row in ranked)


def test_the_headline_s_data_are_the_scores_and_the_problems(
    session: Session, office: User
) -> None:
    facts = overview(session, viewer=office, today=TODAY)
    assert facts.district is not None
    values = {row[0]: row[1:] for row in headline.headline(facts).data.rows}
    confirmed = facts.district.confirmed
    assert values["核定分"] == (confirmed.score, "分", confirmed.low, confirmed.high)
    assert (values["登记问题"][0], values["已销号"][0]) == (3, 1)


def test_a_clerk_s_headline_is_the_own_unit_s(session: Session, clerk: User) -> None:
    facts = overview(session, viewer=clerk, today=TODAY)
    taken = headline.headline(facts)
    values = {row[0]: row[1] for row in taken.data.rows}
    assert taken.title == "区水务局总览数据"
    assert values["核定得分率"] == facts.units[0].confirmed_rate


def test_the_heat_map_s_squares_are_its_data(session: Session, office: User) -> None:
    towns = progress_map(session, viewer=office, today=TODAY).of_group(Group.TOWNS)
    chart = progress.heat_map(towns, name="镇", as_of=TODAY)
    assert sum(column(chart, "承担（项）")) == towns.total().points
    written = sorted(text for trace in traces(chart) for text in trace["text"])
    pairs = zip(column(chart, "已完成（项）"), column(chart, "承担（项）"), strict=True)
    assert written == sorted(f"{done}/{points}" for done, points in pairs)


def test_the_curves_are_the_data_and_the_future_has_a_plan_only(
    session: Session, office: User
) -> None:
    planned = planned_course(session, viewer=office, today=TODAY, scope=Scope())
    chart = progress.plan_and_actual(planned, name="全区", as_of=TODAY)
    plan, reported, accepted = traces(chart)
    assert plan["y"] == column(chart, "计划（项）")
    for name, curve in (("已报（项）", reported), ("已认可（项）", accepted)):
        said = [each for each in column(chart, name) if each is not None]
        assert curve["y"] == said
    assert column(chart, "已报（项）")[-1] is None


def test_the_tasks_bars_are_as_long_as_their_days(session: Session, office: User) -> None:
    spans = task_spans(session, viewer=office, scope=Scope())
    first = spans[0]._replace(done=spans[0].points)
    phases = clock.phase_clock(session, today=TODAY).phases
    chart = progress.gantt([first, *spans[1:]], phases, as_of=TODAY)
    whole, done = traces(chart)
    starts, ends = column(chart, "开始"), column(chart, "最后时限")
    days = [(end - start).days + 1 for start, end in zip(starts, ends, strict=True)]
    assert whole["x"] == [number * 86_400_000 for number in days]
    assert done["x"][0] == whole["x"][0]


def test_the_climb_s_steps_are_the_route(session: Session, office: User) -> None:
    ground = routes.ground(session, viewer=office, today=TODAY)
    settings = routes.Settings(Decimal(100), days=60)
    route = routes.route(ground, settings)
    chart = improvement.climb(route, settings, as_of=TODAY)
    assert column(chart, "核定分")[0] == route.before
    assert column(chart, "核定分")[-1] == route.after
    assert traces(chart)[0]["y"][:-1] == [float(each) for each in column(chart, "核定分")]
