"""可信度: how much of what units say of themselves the experts found to be so.

属实 ÷ (属实 + 部分属实 + 不属实), of what stands; what could not be verified does not count.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from sqlmodel import Session

from daxing_safety.models import User
from daxing_safety.reports.spot_checks import checks
from daxing_safety.reports.spot_checks.items import Row, rows
from daxing_safety.vocabulary import SpotVerdict

if TYPE_CHECKING:
    import pandas as pd


class Trust(NamedTuple):
    """Of a unit or a rule; `name` is what people read."""

    code: str
    name: str
    verdicts: Counter[SpotVerdict]

    @property
    def checked(self) -> int:
        return self.verdicts.total()

    @property
    def share(self) -> Decimal | None:
        """None where nothing could be verified."""
        known = self.checked - self.verdicts[SpotVerdict.UNVERIFIABLE]
        return Decimal(self.verdicts[SpotVerdict.TRUE]) / known if known else None


class Found(NamedTuple):
    """The least trustworthy first."""

    overall: Trust
    units: list[Trust]
    rules: list[Trust]


def found(session: Session, *, viewer: User, today: date, check_id: int | None = None) -> Found:
    """Of one check, or of all that were not withdrawn."""
    withdrawn = {
        head.id
        for head in checks.heads(session, viewer=viewer, today=today)
        if head.state == checks.WITHDRAWN
    }
    return of_rows(
        row
        for row in rows(session, viewer=viewer, today=today, check_id=check_id)
        if row.check_id not in withdrawn
    )


def of_unit(session: Session, *, viewer: User, today: date, unit_code: str) -> Trust | None:
    """For who reviews what this unit says; None where nothing of it has been checked."""
    units = found(session, viewer=viewer, today=today).units
    return next((each for each in units if each.code == unit_code), None)


def of_rows(found: Iterable[Row]) -> Found:
    overall: Counter[SpotVerdict] = Counter()
    units: dict[tuple[str, str], Counter[SpotVerdict]] = defaultdict(Counter)
    rules: dict[tuple[str, str], Counter[SpotVerdict]] = defaultdict(Counter)
    for row in found:
        if row.answer is None or not row.is_settled:
            continue
        verdict = row.answer.verdict
        overall[verdict] += 1
        units[row.unit_code, row.unit][verdict] += 1
        if row.rule:
            rules[row.rule.code, f"{row.rule.code}　{row.rule.condition}"][verdict] += 1
    return Found(Trust("", "合计", overall), _in_order(units), _in_order(rules))


def _in_order(found: Mapping[tuple[str, str], Counter[SpotVerdict]]) -> list[Trust]:
    each = (Trust(code, name, verdicts) for (code, name), verdicts in found.items())
    return sorted(each, key=lambda one: (one.share is None, one.share or 0, -one.checked))


def table(found: Iterable[Trust]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        {
            "code": each.code,
            "name": each.name,
            "share": float(each.share * 100) if each.share is not None else None,
            "checked": each.checked,
            **{verdict.name: each.verdicts[verdict] for verdict in SpotVerdict},
        }
        for each in found
    )
