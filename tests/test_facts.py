"""The official tables themselves, and that a broken one is refused with file, line and reason."""

import shutil
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from daxing_safety.criteria import Criteria, load_criteria, read_document, write_document
from daxing_safety.errors import BrokenTable
from daxing_safety.programme import Programme, last_day_of, load_programme
from daxing_safety.settings import FACTS
from daxing_safety.vocabulary import Duty, Group, RuleKind

# 方案: how many departments each of the 22 tasks names.
DEPARTMENTS_OF_TASKS = [10, 3, 10, 2, 15, 8, 7, 9, 10, 10, 6, 3, 2, 7, 3, 3, 7, 4, 2, 2, 1, 8]


def test_the_plan_has_22_tasks_224_work_points_and_56_units(programme: Programme) -> None:
    assert [task.no for task in programme.tasks] == list(range(1, 23))
    assert len(programme.work_points) == len({p.code for p in programme.work_points}) == 224
    assert len(programme.units) == 56
    assert len(programme.phases) == 4


def test_31_departments_and_bases_and_22_towns_and_subdistricts_answer_for_work(
    programme: Programme,
) -> None:
    at_work = {unit for point in programme.work_points for unit, _ in point.duties}
    groups = defaultdict(set)
    for name in at_work:
        groups[programme.unit_named[name].group].add(name)
    assert len(groups[Group.DEPARTMENTS] | groups[Group.BASES]) == 31
    assert len(groups[Group.TOWNS]) + len(groups[Group.SUBDISTRICTS]) == 22


def test_each_task_names_as_many_departments_as_the_plan(programme: Programme) -> None:
    counts = [sum(duty is not Duty.LOCAL for _, duty in task.duties) for task in programme.tasks]
    assert counts == DEPARTMENTS_OF_TASKS
    assert sum(len(task.duties) for task in programme.tasks) == 636


def test_every_task_has_one_lead_unit_named_first(programme: Programme) -> None:
    for task in programme.tasks:
        assert [duty for _, duty in task.duties].count(Duty.LEAD) == 1
        assert task.duties[0][1] is Duty.LEAD


def test_task_7_has_no_towns(programme: Programme) -> None:
    seventh = programme.tasks[6]
    assert all(duty is not Duty.LOCAL for _, duty in seventh.duties)


def test_work_points_are_due_within_the_programme(programme: Programme) -> None:
    for point in programme.work_points:
        assert programme.starts_on <= point.due_on <= programme.ends_on


def test_100_points_close_at_every_level(criteria: Criteria) -> None:
    sections: dict[str, Decimal] = {}
    groups: dict[str, Decimal] = {}
    of_section: dict[str, Decimal] = defaultdict(Decimal)
    of_group: dict[str, Decimal] = defaultdict(Decimal)
    for indicator in criteria.indicators:
        sections[indicator.section] = indicator.section_points
        groups[indicator.group_code] = indicator.group_points
        of_section[indicator.section] += indicator.points
        of_group[indicator.group_code] += indicator.points
    assert len(criteria.indicators) == 47
    assert sum(sections.values()) == sum(groups.values()) == 100
    assert of_section == sections
    assert of_group == groups


def test_every_rule_has_a_kind_and_belongs_to_an_indicator(criteria: Criteria) -> None:
    assert len(criteria.rules) == 112
    for rule in criteria.rules.values():
        assert isinstance(rule.kind, RuleKind)
        assert rule.indicator_code in criteria.indicator
        assert (rule.kind is RuleKind.RATE) == (rule.threshold is not None)


def test_every_unit_of_the_criteria_is_in_the_plan(
    programme: Programme, criteria: Criteria
) -> None:
    named = {unit for indicator in criteria.indicators for unit, _ in indicator.duties}
    assert named <= programme.unit_named.keys()


def test_unverified_figures_are_counted_not_hidden(criteria: Criteria) -> None:
    assert criteria.unverified() == (38, 107)


def test_a_yes_no_or_a_rate_is_asked_of_the_lead_unit_only(criteria: Criteria) -> None:
    for rule in criteria.rules.values():
        askers = {unit for unit, rules in criteria.rules_of_unit.items() if rule in rules}
        indicator = criteria.indicator[rule.indicator_code]
        if rule.kind is RuleKind.PER_FINDING:
            assert askers == {unit for unit, _ in indicator.duties}
        else:
            assert askers == {indicator.lead_unit}


def test_a_revision_reads_back_as_it_was_written(criteria: Criteria) -> None:
    assert read_document(write_document(criteria)) == criteria


@pytest.mark.parametrize(
    ("month", "day"),
    [("2020-12", "2020-12-31"), ("2021-02", "2021-02-28"), ("2020-02", "2020-02-29")],
)
def test_what_is_due_in_a_month_is_due_on_its_last_day(month: str, day: str) -> None:
    assert last_day_of(month).isoformat() == day


def test_texts_of_the_plan_bear_chinese_punctuation(programme: Programme) -> None:
    second = programme.work_points[1]
    assert second.text == "编综合防灾减灾规划、安全生产规划，每年出实施计划"
    assert second.evidence == "规划印发文件；2020、2021年度计划；年度总结"


BREAKS = {
    "a unit nobody bears": ("programme/work_points.csv", "区规自分局", "区归自分局", "区归自分局"),
    "a kind of unit that does not exist": ("programme/units.csv", "派驻机构", "派出所", "派出所"),
    "a phase that ends before it starts": (
        "programme/phases.csv", "2020-05-31", "2019-05-31", "ends before",
    ),
    "a duty that does not exist": ("programme/task_units.csv", "牵头", "带头", "带头"),
    "a kind of rule that does not exist": ("criteria/2019/rules.csv", "per_finding", "per", "per"),
    "points that are no number": ("criteria/2019/rules.csv", ",0.5,", ",半分,", "半分"),
    "sums that do not close": ("criteria/2019/indicators.csv", ",2,已核", ",3,已核", "points"),
    "a rate without a threshold": ("criteria/2019/rules.csv", "not_above,80", "not_above,", "rate"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_table_is_refused_with_file_line_and_reason(name: str, tmp_path: Path) -> None:
    file, old, new, reason = BREAKS[name]
    for folder in ("programme", "criteria"):
        shutil.copytree(FACTS / folder, tmp_path / folder)
    path = tmp_path / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(BrokenTable) as refused:
        load_criteria(load_programme(tmp_path / "programme"), tmp_path / "criteria" / "2019")
    assert path.name in str(refused.value)
    assert "line " in str(refused.value)
    assert reason in str(refused.value)
