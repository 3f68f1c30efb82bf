"""提分路径 and 假设推演: the ledger as a case for improvement.py and what_if.py, and back in words.

Everything that is read is read once for a version of the data; what a viewer tries out is worked
out from it and stored nowhere.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import case as sql_case
from sqlalchemy import func, select
from sqlmodel import Session, col

from daxing_safety import improvement, ledger, what_if
from daxing_safety.actions import preferences
from daxing_safety.criteria import FULL_POINTS, HUNDREDTH, Criteria, Indicator, Rule
from daxing_safety.improvement import Aim, Limits, Obstacles, Path
from daxing_safety.models import OutOfScope, PairState, Problem, Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.scoring import Range, Standing, rule_deduction, total_score
from daxing_safety.vocabulary import (
    OPEN_STATUSES,
    Finding,
    RectificationStatus,
    RuleKind,
    ScopePolicy,
    Severity,
)
from daxing_safety.what_if import Case, OpenProblem
from daxing_safety.workbooks.worker import run_in_worker

WITHOUT_LOSS = (Finding.COMPLIANT, Finding.NOT_CHECKED, Finding.NOT_APPLICABLE)
LONGEST_DAYS = 365
MOST_LOAD = 20
MOST_EFFORT = 20


class Settings(NamedTuple):
    """What the viewer assumes; the effort of a problem counts as so many ordinary ones."""

    target: Decimal
    aim: Aim = Aim.FEWEST
    days: int = 30
    load: int = 2
    delay: int = 0  # days by which what is promised slips
    effort_major: int = 2
    effort_listed: int = 4

    def __str__(self) -> str:
        """For an address; read_settings reads it back."""
        target, aim, *numbers = self
        return "_".join([str(target), aim.name, *map(str, numbers)])


def read_settings(text: str) -> Settings:
    """Of an address, where anything may stand: raises ValueError or InvalidOperation."""
    target, aim, *numbers = text.split("_")
    if aim not in Aim.__members__ or not all(re.fullmatch(r"\d{1,3}", each) for each in numbers):
        raise ValueError(text)
    days, load, delay, major, listed = map(int, numbers)
    read = Settings(Decimal(target), Aim[aim], days, load, delay, major, listed)
    efforts = (read.effort_major, read.effort_listed)
    is_sound = (
        0 <= read.target <= FULL_POINTS
        and read.target == read.target.quantize(HUNDREDTH)
        and 1 <= read.days <= LONGEST_DAYS
        and 1 <= read.load <= MOST_LOAD
        and read.delay <= LONGEST_DAYS
        and all(1 <= each <= MOST_EFFORT for each in efforts)
    )
    if not is_sound:
        raise ValueError(text)
    return read


class Open(NamedTuple):
    """An open problem that counts."""

    number: str
    rule_code: str
    unit_code: str
    unit: str
    site: str
    found: int
    severity: Severity
    status: RectificationStatus
    due_on: date | None


class Ground(NamedTuple):
    """What is tried out stands on: the open problems, the rules, and what else the score takes."""

    today: date
    policy: ScopePolicy
    target: Decimal  # 内部目标分
    indicators: tuple[tuple[Indicator, bool], ...]  # with whether each is in scope
    rules: tuple[what_if.Rule, ...]
    problems: tuple[Open, ...]
    limits: dict[Severity, date]  # by when what has no date yet would be due

    @property
    def in_scope(self) -> Decimal:
        return sum((each.points for each, counts in self.indicators if counts), Decimal(0))

    @property
    def granted(self) -> Decimal:
        return sum((each.points for each, counts in self.indicators if not counts), Decimal(0))


class Section(NamedTuple):
    name: str
    points: Decimal
    lost: Decimal


class Figures(NamedTuple):
    """The district's points, and what each section loses."""

    score: Range
    sections: tuple[Section, ...]


class Step(NamedTuple):
    """A closing of the path; `gain` and `score` with all those before it."""

    problem: Open
    day: date
    gain: Decimal
    score: Decimal


class Route(NamedTuple):
    path: Path
    before: Decimal
    after: Decimal
    steps: tuple[Step, ...]
    obstacles: Obstacles


def ground(session: Session, *, viewer: User, today: date) -> Ground:
    require(viewer, Permission.SEE_DISTRICT)
    criteria = ledger.criteria_in_force(session)
    left_out = set(session.scalars(select(col(OutOfScope.indicator_code))))
    return Ground(
        today=today,
        policy=preferences.scope_policy(session),
        target=preferences.target_score(session),
        indicators=tuple((each, each.code not in left_out) for each in criteria.indicators),
        rules=_rules(session, criteria, left_out),
        problems=_problems(session, criteria, left_out),
        limits={
            severity: preferences.time_limit(session, severity).from_day(today)
            for severity in Severity
        },
    )


# ---- 提分路径 ---------------------------------------------------------------------------------


def route(ground: Ground, settings: Settings) -> Route:
    made, limits = case(ground, settings), limits_of(ground, settings)
    found = _path(made, limits, settings.aim)
    by_number = {each.number: each for each in ground.problems}
    steps, before = [], found.lost_before
    for closing in found.closings:
        gain = Decimal(before - closing.lost).scaleb(-2)
        day = ground.today + timedelta(days=closing.day)
        problem = by_number[closing.number]
        steps.append(Step(problem, day, gain, score_with(ground, closing.lost)))
        before = closing.lost
    return Route(
        path=found,
        before=score_with(ground, found.lost_before),
        after=score_with(ground, found.lost_after),
        steps=tuple(steps),
        obstacles=improvement.obstacles(made, limits),
    )


@lru_cache(maxsize=64)
def _path(made: Case, limits: Limits, aim: Aim) -> Path:
    """Worked out in the worker: the solver must hold up nobody's screen."""
    found: Path = run_in_worker(improvement.path, made, limits, aim)
    return found


def case(ground: Ground, settings: Settings) -> Case:
    points = tuple(
        (each.code, int(each.points * 100)) for each, counts in ground.indicators if counts
    )
    problems = tuple(_open_problem(each, ground, settings) for each in ground.problems)
    return Case(points, ground.rules, problems)


def limits_of(ground: Ground, settings: Settings) -> Limits:
    allowed = what_if.allowed_loss(
        settings.target, in_scope=ground.in_scope, granted=ground.granted, policy=ground.policy
    )
    return Limits(allowed, settings.days, settings.load)


def _open_problem(problem: Open, ground: Ground, settings: Settings) -> OpenProblem:
    """What has been mended waits for the office alone; all else until the day it is promised."""
    is_pending = problem.status is RectificationStatus.CLAIMED_FIXED
    promised = problem.due_on or ground.limits[problem.severity]
    ready = max((promised - ground.today).days, 0) + settings.delay
    efforts = {
        Severity.GENERAL: 1,
        Severity.MAJOR: settings.effort_major,
        Severity.LISTED: settings.effort_listed,
    }
    return OpenProblem(
        number=problem.number,
        rule=problem.rule_code,
        unit=problem.unit_code,
        found=problem.found,
        effort=0 if is_pending else efforts[problem.severity],
        ready=0 if is_pending else ready,
        is_pending=is_pending,
    )


# ---- 假设推演 ---------------------------------------------------------------------------------


def figures(
    ground: Ground,
    *,
    closed: Collection[str] = (),
    met: Collection[str] = (),
    added: Mapping[str, int] | None = None,
) -> Figures:
    """As if these problems were closed, these rules met, and so many 处 found besides."""
    made = case(ground, Settings(ground.target))
    stood = what_if.standing(made, closed=closed, met=met, added=added)
    rows = []
    for each, counts in ground.indicators:
        lost = (_points(part.get(each.code, 0)) for part in stood)
        score, low, high = (each.points - part for part in lost)
        rows.append((each.points, Range(score, low, high), counts))
    return Figures(total_score(rows, ground.policy), _sections(ground, stood.lost))


def _sections(ground: Ground, lost: Mapping[str, int]) -> tuple[Section, ...]:
    counted = [each for each, counts in ground.indicators if counts or _is_granted(ground)]
    return tuple(
        _section(name, tuple(members), lost)
        for name, members in groupby(counted, lambda each: each.section)
    )


def _is_granted(ground: Ground) -> bool:
    return ground.policy is ScopePolicy.FULL


def _section(name: str, members: Collection[Indicator], lost: Mapping[str, int]) -> Section:
    points = sum((each.points for each in members), Decimal(0))
    return Section(name, points, _points(sum(lost.get(each.code, 0) for each in members)))


def score_with(ground: Ground, lost: int) -> Decimal:
    """The district's score with so many hundredths lost of what counts."""
    kept = ground.in_scope - _points(lost)
    rows = [(ground.in_scope, Range(kept, kept, kept), True)]
    if ground.granted:
        rows.append((ground.granted, Range(*[ground.granted] * 3), False))
    return total_score(rows, ground.policy).score


def _points(hundredths: int) -> Decimal:
    return Decimal(hundredths).scaleb(-2)


# ---- reading ------------------------------------------------------------------------------------


def _problems(session: Session, criteria: Criteria, left_out: Collection[str]) -> tuple[Open, ...]:
    """Those under a rule that counts by 处 and that their unit answers for."""
    query = (
        select(
            col(Problem.number),
            col(Problem.rule_code),
            col(Problem.unit_code),
            col(Unit.name),
            col(Problem.site),
            col(Problem.count),
            col(Problem.severity),
            col(Problem.status),
            col(Problem.due_on),
        )
        .join(Unit, col(Unit.code) == col(Problem.unit_code))
        .join(
            PairState,
            (col(PairState.rule_code) == col(Problem.rule_code))
            & (col(PairState.unit_code) == col(Problem.unit_code)),
        )
        .where(
            col(Problem.status).in_(OPEN_STATUSES),
            col(PairState.indicator_code).not_in(left_out),
        )
        .order_by(col(Problem.id))
    )
    return tuple(
        Open(*row)
        for row in session.execute(query)
        if criteria.rules[row[1]].kind is RuleKind.PER_FINDING
    )


def _rules(
    session: Session, criteria: Criteria, left_out: Collection[str]
) -> tuple[what_if.Rule, ...]:
    fixed, seen = _fixed(session, criteria), _seen(session)
    return tuple(
        what_if.Rule(
            code=code,
            indicator=rule.indicator_code,
            deduct=int(rule.deduct * 100) if rule.kind is RuleKind.PER_FINDING else 0,
            most=int(_most(rule, criteria) * 100),
            fixed=fixed.get(code, 0),
            is_seen=seen.get(code, True),
        )
        for code, rule in criteria.rules.items()
        if rule.indicator_code not in left_out
    )


def _most(rule: Rule, criteria: Criteria) -> Decimal:
    return criteria.indicator[rule.indicator_code].points if rule.most is None else rule.most


def _fixed(session: Session, criteria: Criteria) -> dict[str, int]:
    """By yes/no or rate rule, what its confirmed finding takes off, in hundredths."""
    query = select(
        col(PairState.rule_code),
        col(PairState.unit_code),
        col(PairState.confirmed_finding),
        col(PairState.confirmed_measured),
    ).where(col(PairState.confirmed_finding).not_in(WITHOUT_LOSS))
    return {
        code: int(
            rule_deduction(rule, [Standing(unit, 0, finding=finding, measured=measured)]) * 100
        )
        for code, unit, finding, measured in session.execute(query)
        if (rule := criteria.rules[code]).kind is not RuleKind.PER_FINDING
    }


def _seen(session: Session) -> dict[str, bool]:
    held = func.sum(sql_case((col(PairState.is_held), 1), else_=0))
    query = select(col(PairState.rule_code), held == func.count()).group_by(
        col(PairState.rule_code)
    )
    return {code: bool(is_seen) for code, is_seen in session.execute(query)}
