"""How a unit's clerk fills in a workbook, more or less diligently."""

import csv
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random

from daxing_safety import settings
from daxing_safety.deadlines import expected_percent
from daxing_safety.vocabulary import (
    Comparison,
    Discovery,
    Duty,
    Finding,
    ProgressStatus,
    RectificationStatus,
    RuleKind,
)
from daxing_safety.workbooks.content import FindingRow, ProblemRow, ProgressRow, WorkbookContent

STARTED = date(2020, 5, 6)
NEGLECTED_IF_DUE_AFTER = date(2021, 6, 1)
# A duty that its unit says has moved elsewhere.
DISCLAIMED, MOVED_ON = "3-06", date(2021, 5, 1)
MOVED = "道路交通安全设施由交管部门设置，本单位不再承担，建议改派。"
WORK_TIME = timedelta(days=24)  # before a problem may be mended
PROBLEM_RATE = 0.011  # of the rules looked at in a round
UNFIXED = {RectificationStatus.NOT_STARTED, RectificationStatus.IN_PROGRESS}


@dataclass(frozen=True)
class Example:
    """An invented problem: `site` has {p} where the unit's place name goes."""

    site: str
    description: str
    target: str
    measure: str


@cache
def examples() -> dict[str, tuple[Example, ...]]:
    """By rule, from data/demo/problems.csv."""
    found = defaultdict(list)
    with (settings.FACTS / "demo" / "problems.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            for site in row["sites"].split(";"):
                found[row["rule_code"]].append(
                    Example(site, row["description"], row["target"], row["measure"])
                )
    return {rule: tuple(each) for rule, each in found.items()}


def place_of(unit_name: str) -> str:
    for ending in ("街道", "镇", "产业基地", "基地"):
        unit_name = unit_name.removesuffix(ending)
    return unit_name if not unit_name.startswith("区") else "和风"


class Clerk:
    """Fills in one unit's workbooks; `diligence` between 0 and 1."""

    def __init__(self, random: Random, diligence: float) -> None:
        self._random = random
        self._diligence = diligence

    def fill(self, content: WorkbookContent, day: date) -> WorkbookContent:
        problems = [self._rectify(row, day) for row in content.problems]
        findings = [self._look(row) for row in content.findings]
        place = place_of(content.cover.unit_name)
        for row in findings:
            if row.finding is Finding.HAS_PROBLEM and row.kind is RuleKind.PER_FINDING:
                known = any(problem.rule_code == row.rule_code for problem in problems)
                if not known:
                    problems.append(self._report(row.rule_code, place, day))
        unfixed = {row.rule_code for row in problems if row.status in UNFIXED}
        return replace(
            content,
            progress=tuple(self._advance(row, day) for row in content.progress),
            findings=tuple(_agreeing(row, unfixed) for row in findings),
            problems=tuple(problems),
        )

    def _chance(self, of: float) -> bool:
        return self._random.random() < of

    def _advance(self, row: ProgressRow, day: date) -> ProgressRow:
        if row.status is ProgressStatus.DONE or self._neglects(row):
            return row
        if self._disclaims(row, day):
            return row._replace(
                status=ProgressStatus.NOT_OURS, percent=None, remark=MOVED, done_on=None
            )
        pace = expected_percent(day, starts_on=STARTED, due_on=row.due_on)
        reached = min(Decimal(100), pace * Decimal(str(round(self._pace(), 2))))
        percent = max((reached / 5).to_integral_value() * 5, row.percent or Decimal(0))
        if day >= row.due_on - timedelta(days=20) and self._chance(self._diligence * 0.85):
            return self._finish(row, day)
        if percent <= 0:
            return row
        remark = f"正在推进，总体完成约{percent:.0f}%。"
        return row._replace(
            status=ProgressStatus.IN_PROGRESS, percent=min(percent, Decimal(95)), remark=remark
        )

    def _disclaims(self, row: ProgressRow, day: date) -> bool:
        is_support = row.duty is Duty.SUPPORT
        return row.work_point_code == DISCLAIMED and is_support and day >= MOVED_ON

    def _neglects(self, row: ProgressRow) -> bool:
        """Some work that is due late is not begun at all, by lazy clerks above all."""
        is_late = row.due_on > NEGLECTED_IF_DUE_AFTER
        luck = Random(f"{self._diligence}{row.work_point_code}").random()
        return is_late and luck < (1.05 - self._diligence) * 0.3

    def _pace(self) -> float:
        return self._random.uniform(0.55, 1.0) * (0.55 + self._diligence * 0.6)

    def _finish(self, row: ProgressRow, day: date) -> ProgressRow:
        evidence = "；".join(row.evidence_required.split("；")[:2])
        return row._replace(
            status=ProgressStatus.DONE,
            percent=Decimal(100),
            done_on=day - timedelta(days=self._random.randint(1, 18)),
            remark="已按要求完成，材料已归档。",
            evidence=evidence,
        )

    def _look(self, row: FindingRow) -> FindingRow:
        if row.finding is not Finding.NOT_CHECKED and row.kind is not RuleKind.PER_FINDING:
            return row
        if row.finding is Finding.NOT_CHECKED and not self._chance(0.3 + self._diligence * 0.5):
            return row
        if row.kind is RuleKind.RATE:
            return self._measure(row)
        if row.finding is Finding.NOT_APPLICABLE:
            return row
        loses = row.rule_code in examples() and self._chance(PROBLEM_RATE)
        if row.kind is RuleKind.ONCE:
            loses = self._chance(0.08)
        finding = Finding.HAS_PROBLEM if loses else Finding.COMPLIANT
        remark = "" if loses else "已对照条款自查。"
        return row._replace(finding=finding, remark=remark)

    def _measure(self, row: FindingRow) -> FindingRow:
        assert row.threshold is not None
        measured = min(row.threshold + self._random.randint(-4, 9), Decimal(100))
        at_line = row.comparison is Comparison.NOT_ABOVE
        loses = measured <= row.threshold if at_line else measured < row.threshold
        finding = Finding.HAS_PROBLEM if loses else Finding.COMPLIANT
        return row._replace(finding=finding, measured=measured)

    def _report(self, rule_code: str, place: str, day: date) -> ProblemRow:
        example = self._random.choice(examples()[rule_code])
        found_on = day - timedelta(days=self._random.randint(2, 20))
        return ProblemRow(
            number="",
            rule_code=rule_code,
            site=example.site.format(p=place),
            description=example.description,
            count=self._random.choice((1, 1, 1, 1, 2, 2, 3)),
            discovery=Discovery.SELF_CHECK,
            found_on=found_on,
            target=example.target,
            measure=example.measure,
            responsible=self._random.choice("王李张刘陈杨赵周吴徐孙朱") + "科长",
            due_on=found_on + timedelta(days=self._random.choice((30, 45, 60, 90))),
            status=RectificationStatus.IN_PROGRESS,
        )

    def _rectify(self, row: ProblemRow, day: date) -> ProblemRow:
        if row.status is RectificationStatus.CLAIMED_FIXED:
            return row
        example = self._random.choice(examples()[row.rule_code])
        row = row._replace(
            target=row.target or example.target,
            measure=row.measure or example.measure,
            responsible=row.responsible or "分管负责人",
            due_on=row.due_on or row.found_on + timedelta(days=60),
            status=RectificationStatus.IN_PROGRESS,
        )
        if day - row.found_on < WORK_TIME or not self._chance(0.35 + self._diligence * 0.6):
            return row
        done_on = day - timedelta(days=self._random.randint(0, 5))
        return row._replace(
            status=RectificationStatus.CLAIMED_FIXED,
            done_on=done_on,
            remark="已按措施整改到位，附整改前后照片。",
        )


def _agreeing(row: FindingRow, unfixed: set[str]) -> FindingRow:
    """A rule's finding in step with its problems, as the check demands."""
    if row.kind is not RuleKind.PER_FINDING:
        return row
    if row.rule_code in unfixed:
        return row._replace(finding=Finding.HAS_PROBLEM)
    if row.finding is Finding.HAS_PROBLEM:
        return row._replace(finding=Finding.COMPLIANT)
    return row
