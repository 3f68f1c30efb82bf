"""What stands in a 问题整改清单, as plain values, and what is known about its problems besides.

The same content is written into the list, and is what a list that comes back is held against.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from daxing_safety.vocabulary import Discovery, RectificationStatus, Severity
from daxing_safety.workbooks.content import CellError
from daxing_safety.workbooks.problem_list.columns import Audience

WHOLE_DISTRICT = "全区"


@dataclass(frozen=True, slots=True)
class ListCover:
    programme: str
    audience: Audience
    unit_code: str  # "" where the list is not one unit's
    unit_name: str  # WHOLE_DISTRICT then
    criteria_revision: int
    exported_at: datetime
    exported_by: str
    starts_on: date  # of the programme: no date of a row lies before
    ends_on: date


class ListRow(NamedTuple):
    """A line of 问题清单; `number` is empty for a problem that is to be registered."""

    number: str
    unit: str
    town: str
    rule_code: str
    site: str
    description: str
    count: int  # type: ignore[assignment]  # 处数; nobody counts values in a row
    severity: Severity | None
    discovery: Discovery
    found_on: date
    found_by: str = ""
    target: str = ""
    measure: str = ""
    responsible: str = ""
    due_on: date | None = None
    extension_reason: str = ""  # only ever filled in: it is told to the timeline
    first_due_on: date | None = None
    status: RectificationStatus | None = None
    done_on: date | None = None
    remark: str = ""
    loss: Decimal | None = None
    gain: Decimal | None = None


class Standing(NamedTuple):
    """What decides whether a change may be made, and is not shown."""

    revision: int
    last_change: str = ""  # 张工 5月19日 延期
    has_evidence: bool = False
    steps_until: date | None = None  # the latest deadline of a step that is not done
    asked_until: date | None = None  # the deadline that the unit has asked for


@dataclass(frozen=True, slots=True)
class ListContent:
    cover: ListCover
    rows: tuple[ListRow, ...]
    standings: Mapping[str, Standing]  # by 问题编号
    units: Mapping[str, str] = field(default_factory=dict)  # every way to write one: its name
    unit_names: tuple[str, ...] = ()  # what the lists of the sheet offer, in the plan's order
    towns: tuple[str, ...] = ()  # names of the 镇 and 街道
    rule_codes: tuple[str, ...] = ()
    rules_of: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by the unit's name


class Line(NamedTuple):
    """A row that came back with something to do, and how it stood; None where it is new."""

    row: ListRow
    was: ListRow | None


@dataclass(frozen=True, slots=True)
class CheckedList:
    """A list that came back, read and checked. With errors, nothing of it is to be stored."""

    audience: Audience
    unit_name: str
    lines: tuple[Line, ...]
    errors: tuple[CellError, ...]
    warnings: tuple[CellError, ...]
    readings: tuple[CellError, ...] = ()
    round_name: str = ""  # a list belongs to no 填报期
