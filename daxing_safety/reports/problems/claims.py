"""What timelines of problems say of 申请销号 and of promised dates. Pure; `today` is handed in.

- A claim is every step into 申请销号: in the system, by a workbook, or by a problem entered as
  claimed. One that the unit took back, or that ended with 误报 or 合并, does not count. What the
  office did first decides it: 销号 confirms, 退回 sends back.
- Days to close run from 交办 (of what a unit reported itself: from the report) to the last 销号.
- A date was promised if it is over, or the problem is closed; the due day itself is still in time.
  It was kept if a claim since the last 重新挂账 was made by that day and not sent back. The last
  promised date and the first one are judged apart: an extension mends the one and not the other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, auto
from statistics import median
from typing import NamedTuple

from daxing_safety.vocabulary import Move, RectificationStatus

FEW = 5  # of fewer no share is told
CLAIMED, CLOSED = RectificationStatus.CLAIMED_FIXED, RectificationStatus.CLOSED


class Promises(NamedTuple):
    """`claims` that stand: confirmed, sent back, and waiting for the office."""

    claims: int
    confirmed: int
    sent_back: int
    promised: int
    kept: int
    first_promised: int
    first_kept: int
    days_to_close: tuple[int, ...]

    @property
    def median_days_to_close(self) -> Decimal | None:
        return Decimal(median(self.days_to_close)) if self.days_to_close else None

    @property
    def confirmed_rate(self) -> Decimal | None:
        return _share(self.confirmed, self.confirmed + self.sent_back)

    @property
    def kept_rate(self) -> Decimal | None:
        return _share(self.kept, self.promised)

    @property
    def is_small_sample(self) -> bool:
        return min(self.confirmed + self.sent_back, self.promised) < FEW


def total(of: Iterable[Promises]) -> Promises:
    found = list(of)
    return Promises(
        claims=sum(each.claims for each in found),
        confirmed=sum(each.confirmed for each in found),
        sent_back=sum(each.sent_back for each in found),
        promised=sum(each.promised for each in found),
        kept=sum(each.kept for each in found),
        first_promised=sum(each.first_promised for each in found),
        first_kept=sum(each.first_kept for each in found),
        days_to_close=tuple(day for each in found for day in each.days_to_close),
    )


def _share(part: int, whole: int) -> Decimal | None:
    """None of what is too little to be a share of."""
    return Decimal(part) / whole if whole >= FEW else None


class Turn(NamedTuple):
    """A move that led somewhere else, or to another unit."""

    at: datetime
    move: Move
    before: RectificationStatus
    after: RectificationStatus


@dataclass(frozen=True, slots=True)
class Life:
    """A problem and its turns, as far as they are its present unit's."""

    turns: Sequence[Turn]
    status: RectificationStatus
    opened_at: datetime
    assigned_on: date | None
    due_on: date | None
    first_due_on: date | None
    closed_on: date | None

    @property
    def began_on(self) -> date:
        return self.assigned_on or self.opened_at.date()

    @property
    def first_promised(self) -> date | None:
        return self.first_due_on or self.due_on


class Fate(Enum):
    WAITS = auto()
    CONFIRMED = auto()
    SENT_BACK = auto()
    DROPPED = auto()  # taken back, or there was no such problem


FATES = {Move.CLOSE: Fate.CONFIRMED, Move.SEND_BACK: Fate.SENT_BACK}


@dataclass(slots=True)
class Claim:
    made_on: date
    fate: Fate = Fate.WAITS
    is_undone: bool = False  # confirmed, and later 重新挂账


def claims_of(life: Life) -> list[Claim]:
    """Every claim that was ever made, with what became of it."""
    claims: list[Claim] = []
    if (life.turns[0].before if life.turns else life.status) is CLAIMED:
        claims.append(Claim(life.opened_at.date()))
    for turn in life.turns:
        if turn.before is CLAIMED and claims:
            claims[-1].fate = FATES.get(turn.move, Fate.DROPPED)
        if turn.move is Move.REOPEN:
            for claim in claims:
                claim.is_undone = True
        if turn.after is CLAIMED:
            _enter(claims, turn)
    return claims


def _enter(claims: list[Claim], turn: Turn) -> None:
    """A claim is made; what 恢复 brings back is the one that was there before."""
    if turn.move is Move.RESTORE and claims:
        claims[-1].fate = Fate.WAITS
    else:
        claims.append(Claim(turn.at.date()))


def judged(lives: Sequence[Life], today: date) -> Promises:
    made = [(life, claims_of(life)) for life in lives]
    fates = [claim.fate for _, claims in made for claim in claims]
    last = [_is_kept(life, life.due_on, claims, today) for life, claims in made]
    first = [
        _is_kept(life, life.first_due_on or life.due_on, claims, today) for life, claims in made
    ]
    return Promises(
        claims=sum(fate is not Fate.DROPPED for fate in fates),
        confirmed=fates.count(Fate.CONFIRMED),
        sent_back=fates.count(Fate.SENT_BACK),
        promised=sum(each is not None for each in last),
        kept=last.count(True),
        first_promised=sum(each is not None for each in first),
        first_kept=first.count(True),
        days_to_close=tuple(_days_to_close(lives)),
    )


def _is_kept(life: Life, due_on: date | None, claims: Iterable[Claim], today: date) -> bool | None:
    """None while nothing can be said yet."""
    if due_on is None or (due_on >= today and life.status is not CLOSED):
        return None
    return any(
        claim.made_on <= due_on and claim.fate in (Fate.CONFIRMED, Fate.WAITS)
        for claim in claims
        if not claim.is_undone
    )


def _days_to_close(lives: Iterable[Life]) -> Iterator[int]:
    for life in lives:
        if life.closed_on is not None:
            yield (life.closed_on - life.began_on).days
