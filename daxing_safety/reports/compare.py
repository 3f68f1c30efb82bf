"""两日对比: two days side by side, each read as it stood; what changed, the biggest change first.

A day is put together from the reports of the other screens (`standing`); what lies between two
days is found by comparing them (`compared`, pure).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety import ledger, past
from daxing_safety.criteria import Criteria
from daxing_safety.honour_board import Candidate
from daxing_safety.models import Problem, Task, Unit, User, WorkPoint, WorkPointDuty
from daxing_safety.reports import scoped, scores, sections, sees_district
from daxing_safety.reports.honour_board import candidates
from daxing_safety.reports.losses import shares as losses
from daxing_safety.reports.losses import tree as loss_tree
from daxing_safety.reports.losses.shares import RuleLoss
from daxing_safety.reports.scores import Totals, UnitScore
from daxing_safety.reports.sections import Section
from daxing_safety.scoring import unit_rate
from daxing_safety.vocabulary import (
    GROUP_OF,
    OPEN_STATUSES,
    VOID_STATUSES,
    Group,
    ProgressStatus,
    RectificationStatus,
)

NONE = Decimal(0)


class Tally(NamedTuple):
    """What is counted of a unit, or of several together: points, work points, problems."""

    points: Decimal
    claimed_lost: Decimal
    lost: Decimal
    due: int
    done: int  # of those due
    problems: int
    closed: int
    pairs: int
    pairs_seen: int

    @property
    def points_rate(self) -> Decimal | None:
        """得分率 in percent, as confirmed; of several units by their points."""
        return unit_rate(self.points, self.lost) if self.points else None

    @property
    def claimed_rate(self) -> Decimal | None:
        return unit_rate(self.points, self.claimed_lost) if self.points else None

    @property
    def done_rate(self) -> Decimal | None:
        return _percent(self.done, self.due)

    @property
    def closed_rate(self) -> Decimal | None:
        return _percent(self.closed, self.problems)

    @property
    def coverage(self) -> Decimal | None:
        return _percent(self.pairs_seen, self.pairs)

    @property
    def open(self) -> int:
        return self.problems - self.closed


class UnitDay(NamedTuple):
    name: str
    group: Group
    tally: Tally


class RuleDay(NamedTuple):
    """`keys` lead to it in 失分构成."""

    condition: str
    keys: tuple[str, ...]
    lost: Decimal


class ProblemDay(NamedTuple):
    unit: str
    about: str
    status: RectificationStatus


class WorkDay(NamedTuple):
    """A work point that a unit has done."""

    unit: str
    task_no: int
    task_title: str
    text: str


@dataclass(frozen=True)
class Standing:
    """One day; `totals` is the district's alone. By codes and numbers, in the plan's order."""

    on: date
    totals: Totals | None
    sections: tuple[Section, ...]
    section_keys: dict[str, str]  # by name, as they stand in 失分构成
    units: dict[str, UnitDay]
    rules: dict[str, RuleDay]
    problems: dict[str, ProblemDay]
    done: dict[tuple[str, str], WorkDay]  # by unit and work point

    @property
    def whole(self) -> Tally:
        return added(each.tally for each in self.units.values())


# ---- one day ------------------------------------------------------------------------------------


def standing(session: Session, *, viewer: User, today: date) -> Standing:
    """`session` reads the day's state."""
    criteria = ledger.criteria_in_force(session)
    counted = {each.code: each for each in candidates(session, (), today)}
    return Standing(
        on=today,
        totals=scores.district(session, viewer=viewer) if sees_district(viewer) else None,
        sections=tuple(sections.sections(session, viewer=viewer)),
        section_keys=loss_tree.section_keys(criteria),
        units={
            each.unit.code: _unit(each, counted[each.unit.code])
            for each in scores.by_unit(session, viewer=viewer)
        },
        rules=_rules(criteria, losses.by_rule(session, viewer=viewer)),
        problems=_problems(session, viewer),
        done=_done(session, viewer),
    )


def _unit(score: UnitScore, counted: Candidate) -> UnitDay:
    tally = Tally(
        points=score.points_in_duty,
        claimed_lost=score.claimed_lost,
        lost=score.confirmed_lost,
        due=counted.due,
        done=counted.done,
        problems=counted.problems,
        closed=counted.closed,
        pairs=score.pairs,
        pairs_seen=score.pairs_seen,
    )
    return UnitDay(score.unit.name, GROUP_OF[score.unit.kind], tally)


def _rules(criteria: Criteria, lost: Iterable[RuleLoss]) -> dict[str, RuleDay]:
    return {
        each.rule.code: RuleDay(
            each.rule.condition, loss_tree.keys_of_rule(criteria, each.rule.code), each.confirmed
        )
        for each in lost
    }


def _problems(session: Session, viewer: User) -> dict[str, ProblemDay]:
    query = (
        select(
            col(Problem.number),
            col(Unit.name),
            col(Problem.site),
            col(Problem.description),
            col(Problem.status),
        )
        .join(Unit, col(Unit.code) == col(Problem.unit_code))
        .order_by(col(Problem.id))
    )
    rows = session.execute(scoped(query, viewer, Problem.unit_code))
    return {
        number: ProblemDay(unit, f"{site}：{description}", status)
        for number, unit, site, description, status in rows
    }


def _done(session: Session, viewer: User) -> dict[tuple[str, str], WorkDay]:
    query = (
        select(
            col(Unit.code),
            col(WorkPoint.code),
            col(Unit.name),
            col(WorkPoint.task_no),
            col(Task.title),
            col(WorkPoint.text),
        )
        .join(WorkPointDuty, col(WorkPointDuty.unit_code) == col(Unit.code))
        .join(WorkPoint, col(WorkPoint.code) == col(WorkPointDuty.work_point_code))
        .join(Task, col(Task.no) == col(WorkPoint.task_no))
        .where(col(WorkPointDuty.status) == ProgressStatus.DONE)
        .order_by(col(Unit.position), col(WorkPoint.position))
    )
    rows = session.execute(scoped(query, viewer, Unit.code))
    return {(unit, code): WorkDay(*row) for unit, code, *row in rows}


def added(tallies: Iterable[Tally]) -> Tally:
    parts = list(tallies)
    return Tally(
        points=sum((each.points for each in parts), NONE),
        claimed_lost=sum((each.claimed_lost for each in parts), NONE),
        lost=sum((each.lost for each in parts), NONE),
        due=sum(each.due for each in parts),
        done=sum(each.done for each in parts),
        problems=sum(each.problems for each in parts),
        closed=sum(each.closed for each in parts),
        pairs=sum(each.pairs for each in parts),
        pairs_seen=sum(each.pairs_seen for each in parts),
    )


def _percent(part: int, whole: int) -> Decimal | None:
    return Decimal(part) * 100 / whole if whole else None


# ---- two days -----------------------------------------------------------------------------------


class Change(NamedTuple):
    """None where there was nothing to measure."""

    before: Decimal | None
    after: Decimal | None

    @property
    def by(self) -> Decimal:
        return (self.after or NONE) - (self.before or NONE) if self.is_known else NONE

    @property
    def is_known(self) -> bool:
        return self.before is not None and self.after is not None


class SectionChange(NamedTuple):
    key: str  # in 失分构成
    name: str
    points: Decimal
    claimed: Change
    confirmed: Change


class TallyChange(NamedTuple):
    """Of a unit by its code, or of a group."""

    key: str
    name: str
    lost: Change
    points_rate: Change
    done_rate: Change
    closed_rate: Change

    @property
    def size(self) -> tuple[Decimal, Decimal]:
        rates = (self.points_rate, self.done_rate, self.closed_rate)
        return abs(self.lost.by), max(abs(each.by) for each in rates)

    @property
    def is_change(self) -> bool:
        both = (self.lost, self.points_rate, self.done_rate, self.closed_rate)
        return any(each.before != each.after for each in both)


class RuleChange(NamedTuple):
    code: str
    condition: str
    keys: tuple[str, ...]
    lost: Change


class Fate(Enum):
    """What became of a problem between the days."""

    OPENED = "新增"
    CLOSED = "销号"
    REOPENED = "重新挂账"
    DROPPED = "误报或合并"


class ProblemChange(NamedTuple):
    fate: Fate
    number: str
    unit: str
    about: str


class WorkChange(NamedTuple):
    """Done between the days, or no longer done."""

    is_done: bool
    unit_code: str
    code: str
    work: WorkDay


@dataclass(frozen=True)
class Comparison:
    """Sections in the standard's order; all else by the size of its change. Only what changed."""

    before: Standing
    after: Standing
    sections: tuple[SectionChange, ...]
    groups: tuple[TallyChange, ...]
    units: tuple[TallyChange, ...]
    rules: tuple[RuleChange, ...]
    problems: tuple[ProblemChange, ...]
    work: tuple[WorkChange, ...]

    def number(self, fate: Fate) -> int:
        return sum(each.fate is fate for each in self.problems)


def comparison(session: Session, *, viewer: User, before: date, after: date) -> Comparison:
    """`session` reads how things stood on the later day."""
    with past.reading_on(before) as earlier:
        return compared(
            standing(earlier, viewer=viewer, today=before),
            standing(session, viewer=viewer, today=after),
        )


def compared(before: Standing, after: Standing) -> Comparison:
    return Comparison(
        before=before,
        after=after,
        sections=tuple(_sections(before, after)),
        groups=_by_size(_groups(before, after)),
        units=_by_size(_units(before, after)),
        rules=tuple(_rule_changes(before.rules, after.rules)),
        problems=tuple(_problem_changes(before.problems, after.problems)),
        work=tuple(_work_changes(before.done, after.done)),
    )


def _sections(before: Standing, after: Standing) -> Iterable[SectionChange]:
    """By name: 不涉及 may leave a section out on one of the days."""
    stood = {each.name: each for each in before.sections}
    for now in after.sections:
        then = stood.get(now.name)
        yield SectionChange(
            key=after.section_keys[now.name],
            name=now.name,
            points=now.points,
            claimed=Change(then.claimed if then else None, now.claimed),
            confirmed=Change(then.confirmed if then else None, now.confirmed),
        )


def _units(before: Standing, after: Standing) -> Iterable[TallyChange]:
    for code, now in after.units.items():
        if then := before.units.get(code):
            yield _tally_change(code, now.name, then.tally, now.tally)


def _groups(before: Standing, after: Standing) -> Iterable[TallyChange]:
    for group in Group:
        then, now = (
            [unit.tally for unit in day.units.values() if unit.group is group]
            for day in (before, after)
        )
        if now:
            yield _tally_change(group.name, group.value, added(then), added(now))


def _tally_change(key: str, name: str, then: Tally, now: Tally) -> TallyChange:
    return TallyChange(
        key=key,
        name=name,
        lost=Change(then.lost, now.lost),
        points_rate=Change(then.points_rate, now.points_rate),
        done_rate=Change(then.done_rate, now.done_rate),
        closed_rate=Change(then.closed_rate, now.closed_rate),
    )


def _by_size(changes: Iterable[TallyChange]) -> tuple[TallyChange, ...]:
    found = [each for each in changes if each.is_change]
    return tuple(sorted(found, key=lambda each: each.size, reverse=True))


def _rule_changes(before: Mapping[str, RuleDay], after: Mapping[str, RuleDay]) -> list[RuleChange]:
    changes = []
    for code in [*after, *(code for code in before if code not in after)]:
        then, now = before.get(code), after.get(code)
        rule = now or then
        assert rule
        lost = Change(then.lost if then else NONE, now.lost if now else NONE)
        if lost.by:
            changes.append(RuleChange(code, rule.condition, rule.keys, lost))
    return sorted(changes, key=lambda each: -abs(each.lost.by))


def _problem_changes(
    before: Mapping[str, ProblemDay], after: Mapping[str, ProblemDay]
) -> list[ProblemChange]:
    """One that came and went in between is told as both."""
    order = list(Fate)
    changes = [
        ProblemChange(fate, number, now.unit, now.about)
        for number, now in after.items()
        for fate in _fates(before.get(number), now)
    ]
    return sorted(changes, key=lambda each: order.index(each.fate))


def _fates(then: ProblemDay | None, now: ProblemDay) -> Iterable[Fate]:
    was_open = then is not None and then.status in OPEN_STATUSES
    if then is None and now.status not in VOID_STATUSES:
        yield Fate.OPENED
        was_open = True
    if was_open and now.status is RectificationStatus.CLOSED:
        yield Fate.CLOSED
    if was_open and now.status in VOID_STATUSES:
        yield Fate.DROPPED
    if then is not None and not was_open and now.status in OPEN_STATUSES:
        yield Fate.REOPENED


def _work_changes(
    before: Mapping[tuple[str, str], WorkDay], after: Mapping[tuple[str, str], WorkDay]
) -> list[WorkChange]:
    done = [WorkChange(True, *key, after[key]) for key in after if key not in before]
    undone = [WorkChange(False, *key, before[key]) for key in before if key not in after]
    return done + undone
