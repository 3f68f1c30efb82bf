"""What a bulk 交办 or 延期 would change, line by line, before anybody confirms it.

The actions check again when they write: what changed in between is a conflict, and nothing of
the whole lot is stored.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from sqlmodel import Session, col, select

from daxing_safety.actions import preferences
from daxing_safety.models import Problem, Unit, User
from daxing_safety.rectification import MOVES, is_allowed
from daxing_safety.reports import scoped
from daxing_safety.vocabulary import Move, Severity
from daxing_safety.working_days import TimeLimit, unknown_years

if TYPE_CHECKING:
    import pandas as pd


class Line(NamedTuple):
    """`obstacle` says why this one cannot; then nothing follows `before`."""

    number: str
    unit: str
    site: str
    before: str
    after: str
    obstacle: str


class Deadline(NamedTuple):
    """The usual one of a severity, for what is assigned today."""

    limit: TimeLimit
    due_on: date
    unknown_years: tuple[int, ...]  # within it, whose holidays nobody has announced yet


def usual_deadlines(session: Session, *, viewer: User, today: date) -> dict[Severity, Deadline]:
    """The office's setting, the same for every viewer."""
    deadlines = {}
    for severity in Severity:
        limit = preferences.time_limit(session, severity)
        due_on = limit.from_day(today)
        unknown = unknown_years(today, due_on) if limit.in_working_days else ()
        deadlines[severity] = Deadline(limit, due_on, tuple(unknown))
    return deadlines


def assignments(
    session: Session, *, viewer: User, numbers: Sequence[str], due_on: date | None, today: date
) -> list[Line]:
    """交办; without a day, each gets the usual deadline of its severity."""
    usual = usual_deadlines(session, viewer=viewer, today=today)
    lines = []
    for problem, unit in _found(session, viewer, numbers):
        due = due_on or usual[problem.severity].due_on
        obstacle = _status_obstacle(problem, Move.ASSIGN)
        if due < today:
            obstacle = obstacle or f"时限 {due} 已经过去"
        after = f"{_end_of(Move.ASSIGN)}，时限 {due}"
        lines.append(_line(problem, unit, problem.status.value, after, obstacle))
    return lines


def extensions(
    session: Session, *, viewer: User, numbers: Sequence[str], due_on: date, today: date
) -> list[Line]:
    """延期 of all to the same day."""
    return [
        _line(
            problem,
            unit,
            f"时限 {problem.due_on}" if problem.due_on else "没有时限",
            f"时限 {due_on}",
            _status_obstacle(problem, Move.EXTEND) or _day_obstacle(problem, due_on, today),
        )
        for problem, unit in _found(session, viewer, numbers)
    ]


def _found(session: Session, viewer: User, numbers: Sequence[str]) -> Sequence[tuple[Problem, str]]:
    """In the order in which they were registered."""
    query = (
        select(Problem, col(Unit.name))
        .join(Unit, col(Unit.code) == col(Problem.unit_code))
        .where(col(Problem.number).in_(numbers))
        .order_by(col(Problem.id))
    )
    return [(problem, unit) for problem, unit in session.execute(scoped(query, viewer, Unit.code))]


def _line(problem: Problem, unit: str, before: str, after: str, obstacle: str) -> Line:
    return Line(problem.number, unit, problem.site, before, "" if obstacle else after, obstacle)


def _status_obstacle(problem: Problem, move: Move) -> str:
    if is_allowed(move, problem.status):
        return ""
    return f"现在是“{problem.status.value}”，不能{move.value}"


def _day_obstacle(problem: Problem, due_on: date, today: date) -> str:
    if due_on < today:
        return f"{due_on} 已经过去"
    if problem.due_on and due_on <= problem.due_on:
        return f"要晚于原时限 {problem.due_on}"
    return ""


def _end_of(move: Move) -> str:
    end = MOVES[move].ends
    assert end is not None
    return end.value


def preview_table(lines: Sequence[Line]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(lines, columns=Line._fields)
