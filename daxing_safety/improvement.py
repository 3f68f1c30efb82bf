"""提分路径: which problems to close so that the district reaches a score. Pure; HiGHS decides.

What closings bring does not add up: a rule takes off no more than its cap and an indicator no more
than its points, so a closing within a cap brings nothing until the loss falls below it. The choice
among all that can be closed by a day is therefore an integer programme:

    x(g)    how many are closed of the problems alike in rule, unit, 处数 and effort
    raw(r)  = fixed(r) + deduct(r) · (found(r) - Σ count(g) x(g))
    d(r)    = min(raw(r), most(r))             what a rule takes off
    l(i)    = min(Σ d(r), points(i))           what an indicator loses
    Σ effort(g) x(g) ≤ load · days / 7         of each unit

A minimum that is pressed down needs a binary z, 1 where the cap bites: value ≥ cap z and
value ≥ raw - (largest raw - cap) z; none where raw cannot exceed the cap. Either Σ l(i) is made
least, or, with Σ l(i) bounded, the number of closings and then their effort. Points being whole
hundredths, a bound of half a hundredth more shuts out the solver's rounding; what a choice brings
is computed from the choice alone, exactly (what_if.py).
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from daxing_safety.what_if import Case, OpenProblem, lost, lost_in_turn

if TYPE_CHECKING:
    from highspy import Highs

DAYS_A_WEEK = 7
HALF = 0.5  # between two whole numbers
LONGEST_S = 6.0  # for one solution, of a dozen at most
NOTHING: frozenset[str] = frozenset()
FEASIBLE = 2  # HiGHS: kSolutionStatusFeasible


class Aim(Enum):
    FEWEST = "销号最少"
    QUICKEST = "时间最短"


class Limits(NamedTuple):
    allowed: int  # the loss with which the score is reached
    days: int
    load: int  # a unit's effort a week


class Closing(NamedTuple):
    number: str
    day: int  # days from today
    lost: int  # by the district from then on


class Path(NamedTuple):
    """The closings in their order; where the aim is out of reach, those that bring the most."""

    is_reached: bool
    is_proven: bool  # that no better ones exist; not so where there are too many to try
    lost_before: int
    closings: tuple[Closing, ...]

    @property
    def lost_after(self) -> int:
        return self.closings[-1].lost if self.closings else self.lost_before


class Obstacles(NamedTuple):
    """What keeps points lost within the limits."""

    fixed: int  # lost though every problem be closed
    late: tuple[str, ...]  # problems that cannot be closed in time
    busy: tuple[str, ...]  # units that have more to close than time for it


def path(case: Case, limits: Limits, aim: Aim) -> Path:
    """The fewest closings that reach the score, done the soonest; or first the soonest day."""
    search, whole = _Search(case, limits), limits.days
    most = search.chosen(whole) or NOTHING
    least = lost(case, most)
    allowed = max(limits.allowed, least)
    # Where time runs out before any fewer are found, all that bring something are closed.
    last = search.chosen(whole, allowed)
    last = most if last is None else last

    def is_day(day: int) -> bool:
        chosen = search.chosen(day, allowed)
        return chosen is not None and (aim is Aim.QUICKEST or len(chosen) <= len(last))

    day = bisect_left(range(whole), True, key=is_day)
    chosen = last if day == whole else search.chosen(day, allowed) or NOTHING
    closings = _in_order(case, limits, chosen)
    return Path(least <= limits.allowed, search.is_proven, lost(case), closings)


def obstacles(case: Case, limits: Limits) -> Obstacles:
    work: dict[str, int] = defaultdict(int)
    for problem in _closable(case, limits.days):
        work[problem.unit] += problem.effort
    return Obstacles(
        fixed=lost(case, {each.number for each in case.problems}),
        late=tuple(each.number for each in case.problems if each.ready > limits.days),
        busy=tuple(unit for unit, effort in work.items() if effort > _room(limits, limits.days)),
    )


def _closable(case: Case, day: int) -> list[OpenProblem]:
    return [each for each in case.problems if each.ready <= day]


def _room(limits: Limits, day: int) -> int:
    """The effort that a unit has until a day."""
    return limits.load * day // DAYS_A_WEEK


def _in_order(case: Case, limits: Limits, chosen: Collection[str]) -> tuple[Closing, ...]:
    """Each unit closes one problem after another, what can be closed first first."""
    spent: dict[str, int] = defaultdict(int)
    days: dict[str, int] = {}
    for problem in sorted(case.problems, key=lambda each: (each.ready, each.number)):
        if problem.number in chosen:
            spent[problem.unit] += problem.effort
            worked = -(-spent[problem.unit] * DAYS_A_WEEK // limits.load)
            days[problem.number] = max(problem.ready, worked)
    numbers = sorted(days, key=lambda number: (days[number], number))
    return tuple(
        Closing(number, days[number], lost)
        for number, lost in zip(numbers, lost_in_turn(case, numbers), strict=True)
    )


# ---- the integer programme -----------------------------------------------------------------------


class _Search:
    """Choices for one case; `is_proven` until a solution took too long to be shown the best."""

    def __init__(self, case: Case, limits: Limits) -> None:
        self._case, self._limits = case, limits
        self._found: dict[tuple[int, int | None], frozenset[str] | None] = {}
        self.is_proven = True

    def chosen(self, day: int, allowed: int | None = None) -> frozenset[str] | None:
        """What to close by the day so that the least is lost, or as few as leave that allowed.

        None where nothing is enough.
        """
        key = day, allowed
        if key not in self._found:
            self._found[key] = self._solve(day, allowed)
        return self._found[key]

    def _solve(self, day: int, allowed: int | None) -> frozenset[str] | None:
        import highspy  # a solver that only this asks for

        groups = _alike(_closable(self._case, day))
        if not groups:
            return NOTHING if allowed is None or lost(self._case) <= allowed else None
        model = _model(highspy.Highs())
        closings = [model.addIntegral(lb=0, ub=len(members)) for members in groups]
        _bind_work(model, groups, closings, _room(self._limits, day))
        left = _add_losses(model, self._case, groups, closings)
        if allowed is None:
            model.minimize(left)
        else:
            model.addConstr(left <= allowed + HALF)
            model.minimize(_number_then_effort(model, groups, closings))
        status = highspy.HighsModelStatus
        self.is_proven &= model.getModelStatus() is not status.kTimeLimit
        is_found = model.getInfo().primal_solution_status == FEASIBLE
        return _closed(model, groups, closings) if is_found else None


def _model(model: "Highs") -> "Highs":
    model.silent()
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("mip_abs_gap", HALF)
    model.setOptionValue("time_limit", LONGEST_S)
    return model


def _closed(model: "Highs", groups: list[list[OpenProblem]], closings: list[Any]) -> frozenset[str]:
    numbers = (round(float(model.variableValue(each))) for each in closings)
    return frozenset(
        problem.number
        for members, number in zip(groups, numbers, strict=True)
        for problem in members[:number]
    )


def _alike(problems: Iterable[OpenProblem]) -> list[list[OpenProblem]]:
    """Problems that the programme need not tell apart, those first that can be closed first."""
    groups: dict[tuple[str, str, int, int], list[OpenProblem]] = defaultdict(list)
    for each in sorted(problems, key=lambda each: (each.ready, each.number)):
        groups[each.rule, each.unit, each.found, each.effort].append(each)
    return list(groups.values())


def _bind_work(
    model: "Highs", groups: list[list[OpenProblem]], closings: list[Any], room: int
) -> None:
    work: dict[str, list[Any]] = defaultdict(list)
    for members, closed in zip(groups, closings, strict=True):
        if members[0].effort:
            work[members[0].unit].append(members[0].effort * closed)
    for parts in work.values():
        model.addConstr(model.qsum(parts) <= room)


def _add_losses(
    model: "Highs", case: Case, groups: list[list[OpenProblem]], closings: list[Any]
) -> Any:
    """All that stays lost, as an expression."""
    found: dict[str, int] = defaultdict(int)
    for problem in case.problems:
        found[problem.rule] += problem.found
    mended: dict[str, list[Any]] = defaultdict(list)
    for members, closed in zip(groups, closings, strict=True):
        mended[members[0].rule].append(members[0].found * closed)
    parts: dict[str, list[Any]] = defaultdict(list)
    most: dict[str, int] = defaultdict(int)
    for rule in case.rules:
        whole = rule.fixed + rule.deduct * found[rule.code]
        raw = whole - rule.deduct * model.qsum(mended[rule.code])
        parts[rule.indicator].append(_smaller(model, raw, whole, rule.most))
        most[rule.indicator] += min(whole, rule.most)
    return model.qsum(
        _smaller(model, model.qsum(parts[code]), most[code], points) for code, points in case.points
    )


def _smaller(model: "Highs", raw: Any, largest: int, cap: int) -> Any:
    """min(raw, cap), as long as it is pressed down; `largest` is all that raw can be."""
    if largest <= cap:
        return raw
    value, bites = model.addVariable(lb=0), model.addBinary()
    model.addConstr(value >= raw - (largest - cap) * bites)
    model.addConstr(value >= cap * bites)
    return value


def _number_then_effort(
    model: "Highs", groups: list[list[OpenProblem]], closings: list[Any]
) -> Any:
    """An objective in which one closing outweighs the effort of all."""
    all_effort = sum(each.effort for members in groups for each in members)
    return model.qsum(
        (all_effort + 1 + members[0].effort) * closed
        for members, closed in zip(groups, closings, strict=True)
    )
