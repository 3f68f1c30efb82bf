"""守诺: how often a unit's 申请销号 was borne out, how long 销号 takes, which dates were kept.

Read from the problems that stand against a unit now (误报 and 合并 left out) and their timelines;
what a former unit did before a 改派 is not the present one's. How it is judged: claims.py.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from daxing_safety.models import Problem, ProblemEvent, Unit, User
from daxing_safety.reports import scoped
from daxing_safety.reports.problems.claims import FEW, Life, Promises, Turn, judged, total
from daxing_safety.vocabulary import GROUP_OF, VOID_STATUSES, Group, Move
from daxing_safety.wording import percent, plain

if TYPE_CHECKING:
    import pandas as pd


class UnitPromises(NamedTuple):
    unit: Unit
    group: Group
    promises: Promises


# ---- reading ----------------------------------------------------------------------------------


def of_unit(session: Session, *, viewer: User, unit_code: str, today: date) -> Promises:
    """Of a unit that the viewer does not see: nothing."""
    lives = _lives(session, viewer, unit_code)
    return judged(lives[unit_code], today)


def by_unit(session: Session, *, viewer: User, today: date) -> list[UnitPromises]:
    """In the plan's order; without the units that nothing can be said of."""
    lives = _lives(session, viewer)
    units = session.scalars(select(Unit).order_by(col(Unit.position)))
    found = [
        UnitPromises(unit, GROUP_OF[unit.kind], judged(lives[unit.code], today))
        for unit in units
        if unit.code in lives
    ]
    return [each for each in found if each.promises.claims or each.promises.promised]


def _lives(
    session: Session, viewer: User, unit_code: str | None = None
) -> defaultdict[str, list[Life]]:
    """By unit."""
    mine: list[ColumnElement[bool]] = [col(Problem.status).not_in(VOID_STATUSES)]
    if unit_code is not None:
        mine.append(col(Problem.unit_code) == unit_code)
    turns = _turns(session, viewer, mine)
    query = select(
        col(Problem.unit_code),
        col(Problem.number),
        col(Problem.status),
        col(Problem.opened_at),
        col(Problem.assigned_on),
        col(Problem.due_on),
        col(Problem.first_due_on),
        col(Problem.closed_on),
    ).where(*mine)
    lives: defaultdict[str, list[Life]] = defaultdict(list)
    for unit, number, *row in session.execute(scoped(query, viewer, Problem.unit_code)):
        lives[unit].append(Life(turns[number], *row))
    return lives


def _turns(
    session: Session, viewer: User, mine: Sequence[ColumnElement[bool]]
) -> defaultdict[str, list[Turn]]:
    """By problem, since it came to its present unit."""
    query = (
        select(
            col(ProblemEvent.problem_number),
            col(ProblemEvent.at),
            col(ProblemEvent.move),
            col(ProblemEvent.status_before),
            col(ProblemEvent.status_after),
        )
        .join(Problem, col(Problem.number) == col(ProblemEvent.problem_number))
        .where(
            *mine,
            (col(ProblemEvent.status_before) != col(ProblemEvent.status_after))
            | (col(ProblemEvent.move) == Move.REASSIGN),
        )
        .order_by(col(ProblemEvent.id))
    )
    turns: defaultdict[str, list[Turn]] = defaultdict(list)
    for number, *turn in session.execute(scoped(query, viewer, Problem.unit_code)):
        turns[number].append(Turn(*turn))
        if turns[number][-1].move is Move.REASSIGN:
            turns[number] = turns[number][-1:]
    return turns


# ---- as they are shown ------------------------------------------------------------------------


def in_words(promises: Promises) -> str:
    """本单位's record in one line; empty where there is none."""
    parts = []
    if decided := promises.confirmed + promises.sent_back:
        parts.append(
            f"申请销号已有结果 {decided} 次，认可 {promises.confirmed} 次、"
            f"退回 {promises.sent_back} 次"
        )
    if promises.promised:
        parts.append(
            f"已到期的 {promises.promised} 个问题，按时限整改好 {promises.kept} 个"
            f"（按最初时限 {promises.first_kept} 个）"
        )
    if promises.median_days_to_close is not None:
        parts.append(f"从交办到销号一般用 {plain(promises.median_days_to_close)} 天")
    if not parts:
        return ""
    few = "件数还少，仅供参考。" if promises.is_small_sample else ""
    return f"{'；'.join(parts)}。{few}"


def table(rows: Sequence[UnitPromises]) -> "pd.DataFrame":
    """Of a group's units, below what all of them come to."""
    import pandas as pd  # only where a frame is made

    named = [("全组", total(row.promises for row in rows))]
    named += [(row.unit.name, row.promises) for row in rows]
    return pd.DataFrame(
        {
            "unit": name,
            "claims": said.claims,
            "confirmed": said.confirmed,
            "sent_back": said.sent_back,
            "confirmed_rate": _in_percent(said.confirmed_rate),
            "promised": said.promised,
            "kept": said.kept,
            "kept_rate": _in_percent(said.kept_rate),
            "first_kept": said.first_kept,
            "days": _in_days(said.median_days_to_close),
            "remark": f"不足 {FEW} 件" if said.is_small_sample else "",
        }
        for name, said in named
    )


def _in_percent(share: Decimal | None) -> str:
    return "—" if share is None else percent(share)


def _in_days(days: Decimal | None) -> str:
    return "—" if days is None else plain(days)
