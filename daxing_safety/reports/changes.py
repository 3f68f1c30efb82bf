"""What one version says differently from another, field by field and in words. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from enum import Enum
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
    return [
        Change(code, about[code], column.header, said_before, said_now)
        for code, row in after.items()
        for column in columns
        if getattr(before.get(code), column.key, None) != getattr(row, column.key)
        for said_before, said_now in [(said(column, before.get(code)), said(column, row))]
        if said_before != said_now
    ]


def said(column: Column, row: object | None) -> str:
    unsaid = UNSAID.get(column.key)
    value = getattr(row, column.key) if row is not None else unsaid
    return in_words(unsaid if value is None else value)


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
