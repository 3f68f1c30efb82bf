"""The kept sums: what every screen adds up, brought up to date in the write's own transaction.

    problems, findings ─► pair_state ─► indicator_score, loss ─► unit_summary
    problems ─► due_count

`refresh` recomputes the units that a write touched and the indicators they answer for; `rebuild`
does all of it from the ledger alone, and `differences` tells where the two disagree.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import Any

from sqlalchemy import delete, insert, literal, select, update
from sqlmodel import Session, col

from daxing_safety.criteria import Criteria, read_document
from daxing_safety.database import table_of
from daxing_safety.ledger.pairs import refresh_pairs
from daxing_safety.ledger.scores import refresh_scores
from daxing_safety.ledger.units import refresh_due_counts, refresh_units
from daxing_safety.models import (
    NOW,
    Base,
    CriteriaRevision,
    DataVersion,
    DueCount,
    IndicatorScore,
    Loss,
    PairState,
    RuleLoss,
    Unit,
    UnitSummary,
)

SUMS: tuple[type[Base], ...] = (
    PairState,
    RuleLoss,
    IndicatorScore,
    Loss,
    UnitSummary,
    DueCount,
)
KEPT_BY_ROUND: tuple[type[Base], ...] = (IndicatorScore, Loss, UnitSummary)


# Statements are made once: making one costs as much as running it.
NEWEST_REVISION = select(CriteriaRevision).order_by(col(CriteriaRevision.id).desc()).limit(1)
NEWEST_DOCUMENT = NEWEST_REVISION.with_only_columns(col(CriteriaRevision.document))
CODES_IN_ORDER = select(col(Unit.name), col(Unit.code)).order_by(col(Unit.position))
VERSION = select(col(DataVersion.number))
NEXT_VERSION = update(DataVersion).values(number=DataVersion.number + 1)


def current_revision(session: Session) -> CriteriaRevision:
    """The criteria in force."""
    return session.scalars(NEWEST_REVISION).one()


def criteria_in_force(session: Session) -> Criteria:
    return parsed(session.scalars(NEWEST_DOCUMENT).one())


@lru_cache(maxsize=8)
def parsed(document: str) -> Criteria:
    return read_document(document)


def refresh(session: Session, units: Collection[str]) -> None:
    """Brings all sums up to date after a write that touched these units (codes)."""
    session.flush()
    criteria = criteria_in_force(session)
    codes = _unit_codes(session)
    touched = {name: code for name, code in codes.items() if code in units}
    indicators = [
        indicator
        for indicator in criteria.indicators
        if any(name in touched for name, _ in indicator.duties)
    ]
    refresh_pairs(session, criteria, touched)
    refresh_scores(session, indicators)
    refresh_units(session, criteria, touched)
    refresh_due_counts(session, touched.values())
    raise_data_version(session)


def rebuild(session: Session) -> None:
    """All sums from the ledger alone: at installation, for new criteria, and for `verify`."""
    for model in SUMS:
        is_now = table_of(model).c.round_id == NOW if model in KEPT_BY_ROUND else literal(True)
        session.execute(delete(model).where(is_now))
    refresh(session, set(_unit_codes(session).values()))


def differences(session: Session) -> list[str]:
    """Which kept sums differ from the ledger's; none when all is well. Leaves them rebuilt."""
    kept = {model: _rows_of(session, model) for model in SUMS}
    rebuild(session)
    return [
        f"{model.__tablename__}: {row}"
        for model in SUMS
        for row in sorted(kept[model] ^ _rows_of(session, model), key=str)
    ]


def _rows_of(session: Session, model: type[Base]) -> set[tuple[Any, ...]]:
    return set(session.execute(select(table_of(model))))


def freeze(session: Session, round_id: int) -> None:
    """Keeps how things stand now under the round's number."""
    for model in KEPT_BY_ROUND:
        table = table_of(model)
        others = [column for column in table.columns if column.name != "round_id"]
        now = select(literal(round_id), *others).where(table.c.round_id == NOW)
        session.execute(delete(table).where(table.c.round_id == round_id))
        names = ["round_id", *(column.name for column in others)]
        session.execute(insert(table).from_select(names, now))


def data_version(session: Session) -> int:
    """A number that rises with every write: what was read of one version is true of all of it."""
    return session.connection().execute(VERSION).scalar_one()


def raise_data_version(session: Session) -> None:
    """Tells every cached chart that something has changed."""
    session.connection().execute(NEXT_VERSION)


def _unit_codes(session: Session) -> dict[str, str]:
    """Name → code, in the units' order."""
    return dict(session.connection().execute(CODES_IN_ORDER).all())
