"""Reads data/criteria/<version>: indicators and rules of the official standard. Knows no database.

A revision of the criteria is one immutable document: what a submission was scored with stays
readable for ever. Points are Decimals with at most two places. Every figure carries whether it
was checked against the official text (`is_verified`, shown as 待核对 where not).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from daxing_safety.errors import BrokenTable
from daxing_safety.programme import Expansion, Programme, read_table
from daxing_safety.settings import FACTS
from daxing_safety.vocabulary import Comparison, Duty, RuleKind
from daxing_safety.wording import typeset

FULL_POINTS = Decimal(100)
HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Rule:
    code: str  # "4-2"
    indicator_code: str
    condition: str
    kind: RuleKind
    deduct: Decimal  # points a finding costs
    per: str  # 处, 项, 家 …
    cap: Decimal | None  # of this rule alone; None: only the indicator's points bound it
    comparison: Comparison | None  # rate rules only
    threshold: Decimal | None  # percent; rate rules only
    is_verified: bool
    basis: str

    @property
    def most(self) -> Decimal | None:
        """The most this rule can cost by itself; None: only the indicator's points bound it."""
        return self.cap if self.kind is RuleKind.PER_FINDING else self.deduct


@dataclass(frozen=True, slots=True)
class Indicator:
    code: str
    section: str
    section_points: Decimal
    group_code: str
    group: str
    group_points: Decimal
    name: str
    points: Decimal
    is_verified: bool
    note: str
    rules: tuple[Rule, ...]
    duties: tuple[tuple[str, Duty], ...]  # unit name, duty; the lead unit first
    tasks: tuple[tuple[int, str], ...]  # task number, 主要 or 相关

    @property
    def lead_unit(self) -> str:
        return self.duties[0][0]


@dataclass(frozen=True, slots=True)
class Bonus:
    code: str
    item: str
    points: Decimal | None  # None: the standard leaves it to the assessors
    total_cap: Decimal
    is_verified: bool


@dataclass(frozen=True)
class Criteria:
    version: str
    indicators: tuple[Indicator, ...]
    bonuses: tuple[Bonus, ...]

    @cached_property
    def rules(self) -> dict[str, Rule]:
        return {rule.code: rule for indicator in self.indicators for rule in indicator.rules}

    @cached_property
    def indicator(self) -> dict[str, Indicator]:
        return {indicator.code: indicator for indicator in self.indicators}

    @cached_property
    def rules_of_unit(self) -> dict[str, tuple[Rule, ...]]:
        """The rules each unit answers for, in the standard's order.

        What is found here and there (per_finding) is everybody's with a duty on the indicator;
        a yes/no or a rate has one answer and so one unit, the indicator's lead unit.
        """
        rules: dict[str, list[Rule]] = defaultdict(list)
        for indicator in self.indicators:
            for unit, _ in indicator.duties:
                rules[unit] += [
                    rule
                    for rule in indicator.rules
                    if rule.kind is RuleKind.PER_FINDING or unit == indicator.lead_unit
                ]
        return {unit: tuple(found) for unit, found in rules.items()}

    def unverified(self) -> tuple[int, int]:
        """How many indicators' points and how many rules' figures are still 待核对."""
        return (
            sum(not indicator.is_verified for indicator in self.indicators),
            sum(not rule.is_verified for rule in self.rules.values()),
        )


def load_criteria(programme: Programme, folder: Path = FACTS / "criteria" / "2019") -> Criteria:
    """The standard whose version is the folder's name; raises BrokenTable."""
    expand = Expansion(programme.units)
    path = folder / "indicators.csv"
    points = {row["code"]: _points(row["points"]) for row in _rows(path)}
    rules = _grouped(folder / "rules.csv", points, lambda row: _rule(row, points))
    duties = _grouped(folder / "indicator_units.csv", points, lambda row: _duties(row, expand))
    tasks = _grouped(
        folder / "indicator_tasks.csv", points, lambda row: (int(row["task_no"]), row["weight"])
    )

    def indicator(row: dict[str, str]) -> Indicator:
        code = row["code"]
        if not rules[code]:
            raise ValueError(f"indicator {code} has no rule")
        return Indicator(
            code=code,
            section=row["section"],
            section_points=_points(row["section_points"]),
            group_code=row["group_code"],
            group=row["group"],
            group_points=_points(row["group_points"]),
            name=row["indicator"],
            points=points[code],
            is_verified=_is_verified(row["verified"]),
            note=typeset(row["note"]),
            rules=tuple(rules[code]),
            duties=_lead_first(code, [entry for entries in duties[code] for entry in entries]),
            tasks=tuple(tasks[code]),
        )

    indicators = tuple(read_table(path, indicator))
    _check_sums(path, indicators)
    bonuses = tuple(read_table(folder / "bonus.csv", _bonus))
    return Criteria(version=folder.name, indicators=indicators, bonuses=bonuses)


def _rows(path: Path) -> list[dict[str, str]]:
    return list(read_table(path, lambda row: row))


def _grouped(
    path: Path, known: Iterable[str], build: Callable[[dict[str, str]], Any]
) -> dict[str, list[Any]]:
    """The rows of a table by their indicator; an unknown indicator is refused."""
    groups: dict[str, list] = {code: [] for code in known}

    def add(row: dict[str, str]) -> None:
        groups[row["indicator_code"]].append(build(row))

    for _ in read_table(path, add):
        pass
    return groups


def _rule(row: dict[str, str], points: dict[str, Decimal]) -> Rule:
    kind = RuleKind(row["kind"])
    is_rate = kind is RuleKind.RATE
    if is_rate != bool(row["rate_comparison"] and row["rate_threshold_percent"]):
        raise ValueError("a rate rule, and no other, has a comparison and a threshold")
    cap = _points(row["cap"])
    if cap > points[row["indicator_code"]]:
        raise ValueError(f"the cap {cap} is above the indicator's points")
    if not row["code"].startswith(row["indicator_code"] + "-"):
        raise ValueError(f"rule {row['code']} does not belong to indicator {row['indicator_code']}")
    return Rule(
        code=row["code"],
        indicator_code=row["indicator_code"],
        condition=typeset(row["condition"]),
        kind=kind,
        deduct=_points(row["deduct"]),
        per=row["per"],
        cap={"rule": cap, "indicator": None}[row["cap_scope"]],
        comparison=Comparison(row["rate_comparison"]) if is_rate else None,
        threshold=_points(row["rate_threshold_percent"]) if is_rate else None,
        is_verified=_is_verified(row["verified"]),
        basis=row["basis"],
    )


def _duties(row: dict[str, str], expand: Expansion) -> list[tuple[str, Duty]]:
    return [(unit, Duty(row["role"])) for unit in expand(row["unit"])]


def _lead_first(code: str, duties: list[tuple[str, Duty]]) -> tuple[tuple[str, Duty], ...]:
    names = [unit for unit, _ in duties]
    if len(names) != len(set(names)):
        raise ValueError(f"indicator {code} names a unit twice")
    if [duty for _, duty in duties].count(Duty.LEAD) != 1:
        raise ValueError(f"indicator {code} needs exactly one 牵头 unit")
    return tuple(sorted(duties, key=lambda entry: entry[1] is not Duty.LEAD))


def _bonus(row: dict[str, str]) -> Bonus:
    return Bonus(
        code=row["code"],
        item=row["item"],
        points=_points(row["points"]) if row["points"] else None,
        total_cap=_points(row["total_cap"]),
        is_verified=_is_verified(row["verified"]),
    )


def _points(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as wrong:
        raise ValueError(f"{text!r} is not a number") from wrong
    if not value.is_finite() or value <= 0 or value != value.quantize(HUNDREDTH):
        raise ValueError(f"{text!r} is not a positive number with at most two decimals")
    return value


def _is_verified(word: str) -> bool:
    return {"已核对": True, "待核对": False}[word]


def _check_sums(path: Path, indicators: tuple[Indicator, ...]) -> None:
    """100 points at the top, and each section and group the sum of its indicators."""
    groups: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for each in indicators:
        groups["一级项 " + each.section, each.section_points] += each.points
        groups["二级项 " + each.group_code, each.group_points] += each.points
    for (name, stated), total in groups.items():
        if stated != total:
            raise BrokenTable(
                path, 1, f"{name} is said to have {stated} points, its indicators {total}"
            )
    whole = sum(each.points for each in indicators)
    if whole != FULL_POINTS:
        raise BrokenTable(path, 1, f"the indicators add up to {whole} points, not {FULL_POINTS}")


def write_document(criteria: Criteria) -> str:
    """A revision as one JSON document, for keeping; `read_document` reads it back equal."""
    return _json().dump_json(criteria).decode()


def read_document(document: str) -> Criteria:
    return _json().validate_json(document)


@cache
def _json() -> TypeAdapter[Criteria]:
    return TypeAdapter(Criteria)
