"""What a problem costs now and what closing it brings, in the confirmed score.

From the kept sums alone, as expressions for SQL and as rows; every screen that says “+0.50” says
it from here.
"""

from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Integer, case, cast, func, select, type_coerce
from sqlmodel import Session, col

from daxing_safety.criteria import HUNDREDTH
from daxing_safety.models import NOW, Hundredths, Loss, PairState, Problem, RuleLoss
from daxing_safety.reports import Query
from daxing_safety.vocabulary import OPEN_STATUSES

FINE = 10_000  # costs are ordered by whole millionths of a point

NOTHING = "—"
AFTER_FINDING = "随核定结论"


class Worth(NamedTuple):
    """`cost` is the problem's share of its unit's confirmed loss, rounded to 0.01 for show.

    `gain` is None where closing moves nothing: the problem costs nothing, or the loss follows the
    finding on a yes/no rule or a rate and comes back when that is confirmed anew.
    """

    cost: Decimal
    gain: Decimal | None
    is_unplanned: bool  # 失分无整改: it costs points and has no measure or no deadline

    @property
    def cost_in_words(self) -> str:
        return f"{self.cost:.2f}" if self.cost else NOTHING

    @property
    def gain_in_words(self) -> str:
        if self.gain is not None:
            return f"+{self.gain:.2f}"
        return AFTER_FINDING if self.cost else NOTHING


# ---- as SQL: over a query of Problem that went through `joined` --------------------------------


def joined(query: Query) -> Query:
    """With the kept sums beside each problem; NULL where its rule is none of its unit's."""
    return (
        query.outerjoin(
            PairState,
            (col(PairState.rule_code) == col(Problem.rule_code))
            & (col(PairState.unit_code) == col(Problem.unit_code)),
        )
        .outerjoin(
            Loss,
            (col(Loss.round_id) == NOW)
            & (col(Loss.rule_code) == col(PairState.rule_code))
            & (col(Loss.unit_code) == col(PairState.unit_code)),
        )
        .outerjoin(RuleLoss, col(RuleLoss.rule_code) == col(PairState.rule_code))
    )


def _whole(column: Any) -> ColumnElement[int]:
    """Hundredths as the integers that they are in the database."""
    return type_coerce(col(column), Integer)


def _least(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[int]:
    return case((one < other, one), else_=other)


def _lost_with(found: ColumnElement[int]) -> ColumnElement[int]:
    """What the indicator loses when so many 处 stand under the rule: capped twice (扣完为止)."""
    of_rule = _least(found * _whole(RuleLoss.deduct), _whole(RuleLoss.most))
    return _least(_whole(RuleLoss.others) + of_rule, _whole(RuleLoss.points))


_is_open = col(Problem.status).in_(OPEN_STATUSES)
_is_counted = _whole(RuleLoss.deduct) > 0  # by 处; a yes/no rule or a rate is not
_found = type_coerce(col(RuleLoss.found), Integer)
_brought = _lost_with(_found) - _lost_with(_found - col(Problem.count))

GAIN = type_coerce(case((_is_open & _is_counted, _brought)), Hundredths)
LOST_BY_UNIT = type_coerce(case((_is_open, _whole(Loss.confirmed))), Hundredths)
UNPLANNED = (
    _is_open
    & (_is_counted | (_whole(Loss.confirmed) > 0))
    & ((col(Problem.measure) == "") | col(Problem.due_on).is_(None))
)
COLUMNS = (LOST_BY_UNIT, col(PairState.confirmed_count), GAIN, UNPLANNED)

BY_GAIN = func.coalesce(GAIN, 0).desc()
_share = cast(_whole(Loss.confirmed), BigInteger) * col(Problem.count) * FINE
BY_COST = func.coalesce(case((_is_open, _share // col(PairState.confirmed_count))), 0).desc()


# ---- as rows -----------------------------------------------------------------------------------


def read(
    count: int,
    lost_by_unit: Decimal | None,
    found_at_unit: int | None,
    gain: Decimal | None,
    is_unplanned: bool | None,
) -> Worth:
    """Of a problem of so many 处, from the values of COLUMNS."""
    cost = Decimal(0)
    if lost_by_unit and found_at_unit:
        cost = (lost_by_unit * count / found_at_unit).quantize(HUNDREDTH)
    return Worth(cost, gain, bool(is_unplanned))


def of(session: Session, problem: Problem) -> Worth:
    query = joined(select(*COLUMNS).select_from(Problem)).where(col(Problem.id) == problem.id)
    return read(problem.count, *session.execute(query).one())
