"""What one version says differently from another, field by field and in words. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from daxing_safety.vocabulary import Finding, ProgressStatus, Sheet
from daxing_safety.workbooks.columns import COLUMNS, Column, Filled

if TYPE_CHECKING:
    import pandas as pd

NOTHING = "（空）"
# What stands where a unit has not said anything yet.
UNSAID = {
    "status": ProgressStatus.NOT_STARTED,
    "percent": Decimal(0),
    "finding": Finding.NOT_CHECKED,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one row; `about` tells people which row `code` is."""

    code: str
    about: str
    field: str
    before: str
    after: str


def changes(
    sheet: Sheet, before: Mapping[str, Any], after: Mapping[str, Any], about: Mapping[str, str]
) -> list[Change]:
    """Rows by their codes, of any class with the fields of workbooks/content.py.

    A row that is missing in `before` had not said anything.
    """
    columns = [column for column in COLUMNS[sheet] if column.filled is Filled.BY_UNIT]
    values = attrgetter(*(column.key for column in columns))
    nothing = (None,) * len(columns)
    found = []
    for code, row in after.items():
        old = values(before[code]) if code in before else nothing
        for column, was, is_now in zip(columns, old, values(row), strict=True):
            if was != is_now and (turn := _turn(column, was, is_now)):
                found.append(Change(code, about[code], column.header, *turn))
    return found


def _turn(column: Column, was: Any, is_now: Any) -> tuple[str, str] | None:
    """None: the same to people, as where nothing was said before and now that nothing is so."""
    unsaid = UNSAID.get(column.key)
    before, after = (in_words(unsaid if value is None else value) for value in (was, is_now))
    return (before, after) if before != after else None


def in_words(value: object) -> str:
    """As people write it in a workbook: 推进中, 62.5, 2021-05-20."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if value not in (None, "") else NOTHING


def change_table(changes: Iterable[Change]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(map(asdict, changes), columns=[field.name for field in fields(Change)])
