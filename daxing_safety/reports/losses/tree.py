"""失分台账 as a tree: 100 → 一级项 → 指标 → 条款 → 单位 → 问题, adding up at every level.

Down to the units it comes from the kept sums; the problems of one pair are read from the ledger
when it is opened. A clerk's tree is the own unit's part of each loss.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.actions import preferences
from daxing_safety.criteria import FULL_POINTS, Criteria, Indicator, Rule
from daxing_safety.models import NOW, Loss, PairState, Problem, Unit, User
from daxing_safety.reports import own_unit, scoped, sees_district
from daxing_safety.reports.problems import worth
from daxing_safety.reports.scores import indicator_scores, totals
from daxing_safety.reports.sections import Section, sections
from daxing_safety.scoring import apportion
from daxing_safety.vocabulary import GROUP_OF, OPEN_STATUSES, RectificationStatus, RuleKind
from daxing_safety.wording import plain

RESCALED = "折算"


class Side(Enum):
    CONFIRMED = "核定"
    CLAIMED = "自评"


class Node(NamedTuple):
    """`points` is all that can be lost in it, of a unit nothing; `found` 处数 of open problems."""

    key: str
    name: str
    about: str
    points: Decimal | None
    found: int
    lost: Decimal
    children: tuple["Node", ...] = ()


class Tree(NamedTuple):
    side: Side
    root: Node


class ProblemLoss(NamedTuple):
    """A problem's part of its pair's loss; without a number, what the finding itself costs."""

    number: str
    site: str
    description: str
    found: int
    status: str
    due_on: date | None
    lost: Decimal
    gain: str  # what closing it alone brings the district


def tree(session: Session, *, viewer: User, side: Side) -> Tree:
    criteria = ledger.criteria_in_force(session)
    units = _units(session, viewer, side)
    rules = [
        _rule(rule, criteria.indicator[rule.indicator_code], units[code])
        for code, rule in criteria.rules.items()
        if code in units
    ]
    of_indicator = _grouped(rules, lambda rule: criteria.rules[rule.key].indicator_code)
    indicators = [
        _indicator(each, of_indicator[each.code])
        for each in criteria.indicators
        if each.code in of_indicator
    ]
    of_section = _grouped(indicators, lambda node: criteria.indicator[node.key].section)
    numbers = section_keys(criteria)
    parts = [
        _section(each, numbers[each.name], of_section[each.name])
        for each in sections(session, viewer=viewer)
    ]
    if sees_district(viewer):
        return Tree(side, _district(session, side, parts))
    return Tree(side, _own(session, viewer, parts))


def trail(root: Node, keys: Iterable[str | None]) -> list[Node]:
    """From the root down as far as the keys lead."""
    nodes = [root]
    for key in keys:
        below = next((node for node in nodes[-1].children if node.key == key), None)
        if below is None:
            break
        nodes.append(below)
    return nodes


def keys_of_rule(criteria: Criteria, rule_code: str) -> tuple[str, str, str]:
    """What leads from the root down to a rule: its section's, its indicator's and its own key."""
    indicator = criteria.indicator[criteria.rules[rule_code].indicator_code]
    return section_keys(criteria)[indicator.section], indicator.code, rule_code


def problems_of_pair(
    session: Session, *, viewer: User, side: Side, rule_code: str, unit_code: str
) -> list[ProblemLoss]:
    query = _pairs(viewer, side).where(
        col(Loss.rule_code) == rule_code, col(Loss.unit_code) == unit_code
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return []
    *_, lost = row
    rule = ledger.criteria_in_force(session).rules[rule_code]
    return _split(rule, lost, side, _open_problems(session, rule_code, unit_code))


# ---- the levels ----------------------------------------------------------------------------------


def _pairs(viewer: User, side: Side) -> Any:
    is_claimed = side is Side.CLAIMED
    lost = col(Loss.claimed if is_claimed else Loss.confirmed)
    found = col(PairState.claimed_count if is_claimed else PairState.confirmed_count)
    query = (
        select(col(Loss.rule_code), Unit, found, lost)
        .join(Unit, col(Unit.code) == col(Loss.unit_code))
        .join(
            PairState,
            (col(PairState.rule_code) == col(Loss.rule_code))
            & (col(PairState.unit_code) == col(Loss.unit_code)),
        )
        .where(col(Loss.round_id) == NOW, lost > 0)
        .order_by(col(Unit.position))
    )
    return scoped(query, viewer, Loss.unit_code)


def _units(session: Session, viewer: User, side: Side) -> dict[str, list[Node]]:
    """By rule, in the plan's order."""
    nodes: dict[str, list[Node]] = defaultdict(list)
    for rule_code, unit, found, lost in session.execute(_pairs(viewer, side)):
        group = GROUP_OF[unit.kind].value
        nodes[rule_code].append(Node(unit.code, unit.name, group, None, found, lost))
    return nodes


def _rule(rule: Rule, indicator: Indicator, units: Sequence[Node]) -> Node:
    most = indicator.points if rule.most is None else rule.most
    return _above(rule.code, f"{rule.code} {rule.condition}", _deduction(rule), most, units)


def _deduction(rule: Rule) -> str:
    """每处扣 0.5 分，2 分扣完为止"""
    if rule.kind is not RuleKind.PER_FINDING:
        return f"扣 {plain(rule.deduct)} 分，按核定的结论"
    cap = "" if rule.cap is None else f"，{plain(rule.cap)} 分扣完为止"
    return f"每{rule.per}扣 {plain(rule.deduct)} 分{cap}"


def _indicator(indicator: Indicator, rules: Sequence[Node]) -> Node:
    about = f"{indicator.group} · 牵头{indicator.lead_unit}"
    return _above(
        indicator.code, f"{indicator.code} {indicator.name}", about, indicator.points, rules
    )


def _section(section: Section, number: str, indicators: Sequence[Node]) -> Node:
    about = f"{len(indicators)} 项三级指标失分" if indicators else "没有失分"
    return _above(number, section.name, about, section.points, indicators)


def _above(
    key: str, name: str, about: str, points: Decimal | None, children: Sequence[Node]
) -> Node:
    found = sum(each.found for each in children)
    return Node(key, name, about, points, found, _sum(children), tuple(children))


def _district(session: Session, side: Side, parts: Sequence[Node]) -> Node:
    """What is missing to a hundred; where the score is scaled, that has a line of its own."""
    ranges = totals(indicator_scores(session), preferences.scope_policy(session))
    score = (ranges.claimed if side is Side.CLAIMED else ranges.confirmed).score
    lost = FULL_POINTS - score
    scaled = lost - _sum(parts)
    children = list(parts)
    if scaled:
        why = "不涉及的指标不计分，得分按比例折算到 100 分"
        children.append(Node(RESCALED, "不涉及指标折算", why, None, 0, scaled))
    return _above("", "全区", f"{side.value}分 {score:.2f}", FULL_POINTS, children)


def _own(session: Session, viewer: User, parts: Sequence[Node]) -> Node:
    unit = session.get_one(Unit, own_unit(viewer))
    points = sum((each.points for each in parts if each.points), Decimal(0))
    return _above("", unit.name, "承担的指标", points, parts)


def _sum(nodes: Iterable[Node]) -> Decimal:
    return sum((node.lost for node in nodes), Decimal(0))


def _grouped(nodes: Iterable[Node], key: Any) -> dict[str, list[Node]]:
    groups: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        groups[key(node)].append(node)
    return groups


def section_keys(criteria: Criteria) -> dict[str, str]:
    names = dict.fromkeys(each.section for each in criteria.indicators)
    return {name: str(number) for number, name in enumerate(names, start=1)}


# ---- the problems of a pair -------------------------------------------------------------------


class _Found(NamedTuple):
    problem: Problem
    gain: str


def _open_problems(session: Session, rule_code: str, unit_code: str) -> list[_Found]:
    query = (
        worth.joined(select(Problem, *worth.COLUMNS).select_from(Problem))
        .where(
            col(Problem.rule_code) == rule_code,
            col(Problem.unit_code) == unit_code,
            col(Problem.status).in_(OPEN_STATUSES),
        )
        .order_by(col(Problem.id))
    )
    return [
        _Found(problem, worth.read(problem.count, *values).gain_in_words)
        for problem, *values in session.execute(query)
    ]


def _split(rule: Rule, lost: Decimal, side: Side, found: Sequence[_Found]) -> list[ProblemLoss]:
    """By 处数 among the problems that count; a yes/no or a rate is lost by its finding."""
    by_count = rule.kind is RuleKind.PER_FINDING
    counts = [each.problem.count if by_count and _counts(each, side) else 0 for each in found]
    whole = int(lost * 100)
    parts = apportion(whole, counts) if any(counts) else [0] * len(counts)
    lines = [
        _line(each, Decimal(part).scaleb(-2))
        for each, part in zip(found, parts, strict=True)
        if part or _counts(each, side)
    ]
    if rest := whole - sum(parts):
        lines.append(_of_finding(rule, side, Decimal(rest).scaleb(-2)))
    return lines


def _counts(found: _Found, side: Side) -> bool:
    """What a unit reported itself and does not say to have fixed counts in 自评."""
    is_pending = found.problem.status is RectificationStatus.CLAIMED_FIXED
    return side is Side.CONFIRMED or (found.problem.is_self_reported and not is_pending)


def _line(found: _Found, lost: Decimal) -> ProblemLoss:
    problem = found.problem
    return ProblemLoss(
        number=problem.number,
        site=problem.site,
        description=problem.description,
        found=problem.count,
        status=problem.status.value,
        due_on=problem.due_on,
        lost=lost,
        gain=found.gain,
    )


def _of_finding(rule: Rule, side: Side, lost: Decimal) -> ProblemLoss:
    """A yes/no or a rate: no place of its own, and nothing to close."""
    said = "单位的自查结论" if side is Side.CLAIMED else "创安办核定的结论"
    what = "实测值达不到要求" if rule.kind is RuleKind.RATE else "存在问题"
    return ProblemLoss("", said, what, 0, "重新认定后挽回", None, lost, worth.AFTER_FINDING)
