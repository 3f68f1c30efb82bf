"""The checks themselves: how they were drawn, who takes part, how far they are."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import defer
from sqlmodel import Session, col

from daxing_safety import ledger, spot_checks
from daxing_safety.actions import spot_draws
from daxing_safety.actions.spot_draws import Scope
from daxing_safety.errors import NotFound
from daxing_safety.models import SpotCheck, SpotCheckExpert, SpotCheckItem, Task, Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.reports.spot_checks.items import visible
from daxing_safety.spot_checks import Candidate
from daxing_safety.vocabulary import GROUP_OF, DrawnFrom, Group, Role
from daxing_safety.wording import gist, task

OPEN, OVER, WITHDRAWN = "进行中", "已结束", "已撤销"
MOST_CHARACTERS = 40


class Taker(NamedTuple):
    """An expert of a check, and how far they have come."""

    username: str
    name: str
    items: int
    answered: int
    doubts: int  # that wait for the office, once they stand
    handed_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class Head:
    id: int
    name: str
    until: date
    state: str
    scope: str
    population: int
    drawn: int
    designated: int
    seed: str
    drawn_at: datetime
    drawn_by: str
    withdrawal_reason: str
    takers: tuple[Taker, ...]

    @property
    def items(self) -> int:
        return sum(taker.items for taker in self.takers)

    @property
    def answered(self) -> int:
        return sum(taker.answered for taker in self.takers)

    @property
    def waiting(self) -> int:
        return sum(taker.doubts for taker in self.takers)

    @property
    def is_handed_in(self) -> bool:
        return all(taker.handed_in_at for taker in self.takers)


def heads(session: Session, *, viewer: User, today: date) -> list[Head]:
    """The newest first; of an expert only the own part of each."""
    query = (
        select(SpotCheck, IN_POPULATION, col(User.display_name))
        .options(defer(SpotCheck.population))  # type: ignore[arg-type]  # a column of its class
        .outerjoin(User, col(User.username) == col(SpotCheck.drawn_by))
        .order_by(col(SpotCheck.id).desc())
    )
    counts = _counts(session, viewer, today)
    return [
        _head(check, population, by or check.drawn_by, counts[check.id], today)
        for check, population, by in session.execute(query)
        if check.id in counts
    ]


# Counted in the database: the list is long, and only its length is wanted.
IN_POPULATION = (
    func.length(SpotCheck.population)
    - func.length(func.replace(SpotCheck.population, spot_checks.BETWEEN, ""))
    + 1
)


def head(session: Session, *, viewer: User, check_id: int, today: date) -> Head:
    """Raises NotFound where there is none that the viewer may see."""
    found = (each for each in heads(session, viewer=viewer, today=today) if each.id == check_id)
    if (one := next(found, None)) is None:
        raise NotFound("没有这次抽查，或者它已经结束，请从抽查列表中打开。")
    return one


class Count(NamedTuple):
    """Of one expert in one check."""

    username: str
    name: str
    handed_in_at: datetime | None
    items: int
    answered: int
    doubts: int
    designated: int


def _counts(session: Session, viewer: User, today: date) -> dict[int, list[Count]]:
    item, taker = SpotCheckItem, SpotCheckExpert
    is_doubt = col(item.verdict).in_(spot_checks.DOUBTED) & col(item.handling).is_(None)
    of_whom = (
        col(item.check_id),
        col(User.username),
        col(User.display_name),
        col(taker.handed_in_at),
    )
    query = (
        select(
            *of_whom,
            func.count(),
            func.count(col(item.verdict)),
            func.sum(case((is_doubt, 1), else_=0)),
            func.sum(case((col(item.designated_because) != "", 1), else_=0)),
        )
        .join(SpotCheck, col(SpotCheck.id) == col(item.check_id))
        .join(User, col(User.id) == col(item.user_id))
        .join(taker, (col(taker.check_id) == SpotCheck.id) & (col(taker.user_id) == User.id))
        .group_by(*of_whom)
        .order_by(col(User.username))
    )
    found: dict[int, list[Count]] = defaultdict(list)
    for check_id, *numbers in session.execute(visible(query, viewer, today)):
        found[check_id].append(Count(*numbers))
    return found


def _head(check: SpotCheck, population: int, by: str, counts: Sequence[Count], today: date) -> Head:
    designated = sum(each.designated for each in counts)
    return Head(
        id=check.id or 0,
        name=check.name,
        until=check.until,
        state=_state(check, today),
        scope=check.scope,
        population=population,
        drawn=sum(each.items for each in counts) - designated,
        designated=designated,
        seed=check.seed,
        drawn_at=check.drawn_at,
        drawn_by=by,
        withdrawal_reason=check.withdrawal_reason,
        takers=tuple(_taker(check, each, today) for each in counts),
    )


def _taker(check: SpotCheck, of: Count, today: date) -> Taker:
    stands = spot_checks.is_settled(check, of.handed_in_at, today) and not check.withdrawn_at
    doubts = of.doubts if stands else 0
    return Taker(of.username, of.name, of.items, of.answered, doubts, of.handed_in_at)


def _state(check: SpotCheck, today: date) -> str:
    if check.withdrawn_at:
        return WITHDRAWN
    return OPEN if spot_checks.is_open(check, today) else OVER


# ---- that the draw was fair ---------------------------------------------------------------------


class Lot(NamedTuple):
    """One of all that could have been drawn; `expert` is empty where it was not."""

    unit: str
    candidate: Candidate
    lot: str
    expert: str


class Redrawn(NamedTuple):
    """The draw made once more from what was kept; `is_same` where it gives what is on record."""

    is_same: bool
    lots: tuple[Lot, ...]  # in the order of the draw


def redrawn(session: Session, *, viewer: User, check_id: int, today: date) -> Redrawn:
    """Raises NotFound like `head`."""
    about = head(session, viewer=viewer, check_id=check_id, today=today)
    check = session.get_one(SpotCheck, check_id)
    population = spot_checks.from_text(check.population)
    names = {taker.username: taker.name for taker in about.takers}
    again = spot_checks.draw(
        population, _takers(session, check), wanted=check.wanted, seed=check.seed
    )
    expert_of = {each.candidate: each.expert for each in again}
    units = dict(session.execute(select(col(Unit.code), col(Unit.name))).all())
    lots = (
        Lot(
            units[each.unit_code],
            each,
            spot_checks.lot(check.seed, each.key),
            names.get(expert_of.get(each, ""), ""),
        )
        for each in population
    )
    return Redrawn(
        set(expert_of.items()) == _on_record(session, check),
        tuple(sorted(lots, key=lambda each: each.lot)),
    )


def _takers(session: Session, check: SpotCheck) -> list[str]:
    query = (
        select(col(User.username))
        .join(SpotCheckExpert, col(SpotCheckExpert.user_id) == col(User.id))
        .where(col(SpotCheckExpert.check_id) == check.id)
    )
    return list(session.scalars(query))


def _on_record(session: Session, check: SpotCheck) -> set[tuple[Candidate, str]]:
    item = SpotCheckItem
    query = (
        select(col(item.source), col(item.unit_code), col(item.code), col(User.username))
        .join(User, col(User.id) == col(item.user_id))
        .where(col(item.check_id) == check.id, col(item.designated_because) == "")
    )
    return {
        (Candidate(source, unit, code), expert)
        for source, unit, code, expert in session.execute(query)
    }


# ---- before it is drawn -------------------------------------------------------------------------


class Choices(NamedTuple):
    """What the form of a draw offers, by the values that it asks for."""

    experts: dict[str, str]
    units: dict[str, str]
    tasks: dict[int, str]
    rules: dict[str, str]


def choices(session: Session, *, viewer: User) -> Choices:
    require(viewer, Permission.MANAGE_SPOT_CHECKS)
    experts = select(col(User.username), col(User.display_name)).where(
        col(User.role) == Role.EXPERT, col(User.is_disabled).is_(False)
    )
    units = select(col(Unit.code), col(Unit.name)).order_by(col(Unit.position))
    tasks = select(col(Task.no), col(Task.title)).order_by(col(Task.no))
    rules = ledger.criteria_in_force(session).rules
    return Choices(
        dict(session.execute(experts.order_by(col(User.username))).all()),
        dict(session.execute(units).all()),
        {number: task(number, title) for number, title in session.execute(tasks)},
        {code: f"{code}　{gist(rule.condition, MOST_CHARACTERS)}" for code, rule in rules.items()},
    )


class Preview(NamedTuple):
    """How much may be drawn; not what."""

    size: int
    by_source: Counter[DrawnFrom]
    by_group: Counter[Group]
    units: int


def preview(session: Session, *, viewer: User, scope: Scope) -> Preview:
    require(viewer, Permission.MANAGE_SPOT_CHECKS)
    found = spot_draws.population(session, scope)
    kinds = dict(session.execute(select(col(Unit.code), col(Unit.kind))).all())
    return Preview(
        len(found),
        Counter(each.source for each in found),
        Counter(GROUP_OF[kinds[each.unit_code]] for each in found),
        len({each.unit_code for each in found}),
    )


def left_of_unit(
    session: Session, *, viewer: User, check_id: int, unit_code: str
) -> dict[Candidate, str]:
    """What may still be designated of a unit, in words."""
    require(viewer, Permission.MANAGE_SPOT_CHECKS)
    item = SpotCheckItem
    inside = select(col(item.code)).where(
        col(item.check_id) == check_id, col(item.unit_code) == unit_code
    )
    taken, rules = set(session.scalars(inside)), ledger.criteria_in_force(session).rules
    scope = Scope(tuple(DrawnFrom), units=(unit_code,))
    return {
        each: _in_words(each, rules[each.code].condition if each.code in rules else "")
        for each in spot_draws.population(session, scope)
        if each.code not in taken
    }


def _in_words(candidate: Candidate, condition: str) -> str:
    return f"{candidate.source.value}　{candidate.code}　{gist(condition, MOST_CHARACTERS)}".strip()
