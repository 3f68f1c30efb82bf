"""接诉即办: 响应率, 解决率, 满意率 and 按时答复率, each with the sample it is of."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from daxing_safety.models import PublicReport, Unit, User
from daxing_safety.reports import scoped
from daxing_safety.vocabulary import GROUP_OF, Group, ReportStatus, Satisfaction

if TYPE_CHECKING:
    import pandas as pd

FEW = 5  # fewer are no sample: no share is given
SATISFIED = (Satisfaction.SATISFIED, Satisfaction.FAIRLY)


class Share(NamedTuple):
    part: int
    of: int

    @property
    def value(self) -> Decimal | None:
        """Between 0 and 1; None where there are too few to say."""
        return Decimal(self.part) / self.of if self.of >= FEW else None


class Rates(NamedTuple):
    """How reports were dealt with: the last 回访 of each counts, and what it could not ask is out.

    `answered` in time, of what was answered or should have been.
    """

    dispatched: int
    answered: Share
    contacted: Share  # 响应率
    resolved: Share  # 解决率
    satisfied: Share  # 满意率


class UnitRates(NamedTuple):
    unit: str
    group: Group
    rates: Rates


def _is(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def rates_by_unit(session: Session, *, viewer: User, now: datetime) -> list[UnitRates]:
    """Of the units that were ever given one, in the plan's order."""
    report = PublicReport
    is_answered = col(report.answered_at).is_not(None)
    should_be = (col(report.status) == ReportStatus.DISPATCHED) & (col(report.due_at) < now)
    query = (
        select(
            col(Unit.name),
            col(Unit.kind),
            func.count(),
            _is(is_answered & (col(report.answered_at) <= col(report.due_at))),
            _is(is_answered | should_be),
            _is(col(report.is_contacted).is_(True)),
            _is(col(report.is_contacted).is_not(None)),
            _is(col(report.is_resolved).is_(True)),
            _is(col(report.is_resolved).is_not(None)),
            _is(col(report.satisfaction).in_(SATISFIED)),
            _is(col(report.satisfaction).is_not(None)),
        )
        .join(Unit, col(Unit.code) == col(report.unit_code))
        .group_by(col(Unit.code))
        .order_by(col(Unit.position))
    )
    rows = session.execute(scoped(query, viewer, report.unit_code))
    return [UnitRates(unit, GROUP_OF[kind], _rates(numbers)) for unit, kind, *numbers in rows]


def _rates(numbers: Sequence[int]) -> Rates:
    dispatched, *parts = map(int, numbers)
    shares = (Share(*pair) for pair in zip(parts[::2], parts[1::2], strict=True))
    return Rates(dispatched, *shares)


def overall(units: Iterable[UnitRates]) -> Rates:
    """Of all reports together, not a mean of the units' rates."""
    flat = [
        (each.rates.dispatched, *(number for share in each.rates[1:] for number in share))
        for each in units
    ]
    return _rates([sum(column) for column in zip(*flat, strict=True)] or [0] * 9)


def rates_by_group(units: Sequence[UnitRates]) -> list[tuple[Group, Rates]]:
    groups = {group: [each for each in units if each.group is group] for group in Group}
    return [(group, overall(found)) for group, found in groups.items() if found]


def rate_table(rates: Iterable[tuple[str, str, Rates]]) -> "pd.DataFrame":
    """Rows of (name, group, rates): a percentage a rate, and the sample it is of."""
    import pandas as pd  # only where a frame is made

    shares = ("answered", "contacted", "resolved", "satisfied")
    return pd.DataFrame(
        [
            {"unit": name, "group": group, "dispatched": each.dispatched}
            | {kind: _percent(getattr(each, kind)) for kind in shares}
            | {f"{kind}_of": getattr(each, kind).of for kind in shares}
            for name, group, each in rates
        ]
    )


def _percent(share: Share) -> float | None:
    """For a column that sorts; only here, where nothing is computed with it any more."""
    return None if share.value is None else float(round(share.value * 100, 1))
