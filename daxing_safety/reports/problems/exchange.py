"""What a 问题整改清单 that came back would change, before it is stored."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session

from daxing_safety.actions import problem_imports
from daxing_safety.models import User
from daxing_safety.reports.changes import Change, in_words
from daxing_safety.vocabulary import Move
from daxing_safety.workbooks.problem_list.columns import LIST_COLUMNS
from daxing_safety.workbooks.problem_list.content import CheckedList, Line, ListRow
from daxing_safety.workbooks.problem_list.moves import changed, moves_of
from daxing_safety.workbooks.reading import RawWorkbook

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Preview:
    """With faults there is nothing to be changed; without changes there is nothing to store."""

    checked: CheckedList
    moves: Counter[Move]
    changes: tuple[Change, ...]  # cell by cell
    registered: tuple[ListRow, ...]


def preview(session: Session, *, raw: RawWorkbook, data: bytes, by: User, now: datetime) -> Preview:
    """Stores nothing. Raises like actions.problem_imports.check."""
    checked = problem_imports.check(session, raw=raw, data=data, by=by, now=now)
    moves = {line: moves_of(line, checked.audience) for line in checked.lines}
    return Preview(
        checked=checked,
        moves=Counter(move for of_line in moves.values() for move in of_line),
        changes=tuple(
            change
            for line, of_line in moves.items()
            for change in _changes(line, is_request=Move.ASK in of_line)
        ),
        registered=tuple(row for row, was in checked.lines if was is None),
    )


def _changes(line: Line, *, is_request: bool) -> list[Change]:
    """`is_request`: the new deadline is only asked for."""
    row, was = line
    if was is None:
        return []
    keys = changed(row, was)
    asked = {"due_on"} if is_request else set()
    about = f"{was.unit}　{was.site}"
    return [
        Change(
            row.number,
            about,
            f"{column.header}（申请）" if column.key in asked else column.header,
            in_words(getattr(was, column.key)),
            in_words(getattr(row, column.key)),
        )
        for column in LIST_COLUMNS
        if column.key in keys
    ]


def registered_table(rows: Sequence[ListRow]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        {column.key: _shown(row, column.key) for column in LIST_COLUMNS} for row in rows
    )


def _shown(row: ListRow, key: str) -> object:
    value = getattr(row, key)
    return in_words(value) if hasattr(value, "name") else value


def in_short(moves: Counter[Move]) -> str:
    """登记 2 个，更正 3 个"""
    return "，".join(f"{move.value} {many} 个" for move, many in moves.items())
