"""Pairs of rule and unit: what stands against each, from problems, findings and confirmations."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Integer,
    Select,
    String,
    bindparam,
    case,
    delete,
    func,
    select,
    type_coerce,
)
from sqlmodel import Session, col

from daxing_safety.criteria import Criteria
from daxing_safety.database import insert_rows
from daxing_safety.models import (
    FindingConfirmation,
    FindingEntry,
    PairState,
    Problem,
    Submission,
)
from daxing_safety.vocabulary import OPEN_STATUSES, Finding, RectificationStatus, RuleKind

CLAIMED_FIXED = RectificationStatus.CLAIMED_FIXED
# By (unit, rule), as the tables keep them: a finding's name, hundredths.
Findings = dict[tuple[str, str], tuple[str, int | None]]
NOT_CHECKED = Finding.NOT_CHECKED.name
UNSEEN = (NOT_CHECKED, None)

# Statements are made once: making one costs as much as running it.
UNITS: BindParameter[str] = bindparam("units", expanding=True)
OLD_PAIRS = delete(PairState).where(col(PairState.unit_code).in_(UNITS))

_is_pending = col(Problem.status) == CLAIMED_FIXED
_is_claimed = col(Problem.is_self_reported) & ~_is_pending
PROBLEM_COUNTS = (
    select(
        col(Problem.unit_code),
        col(Problem.rule_code),
        func.sum(case((_is_claimed, col(Problem.count)), else_=0)),
        func.sum(col(Problem.count)),
        func.sum(case((_is_pending, col(Problem.count)), else_=0)),
    )
    .where(col(Problem.unit_code).in_(UNITS), col(Problem.status).in_(OPEN_STATUSES))
    .group_by(col(Problem.unit_code), col(Problem.rule_code))
)

LATEST_FINDINGS = (
    select(
        col(Submission.unit_code),
        col(FindingEntry.rule_code),
        type_coerce(FindingEntry.finding, String),
        type_coerce(FindingEntry.measured, Integer),
    )
    .join(FindingEntry, col(FindingEntry.submission_id) == col(Submission.id))
    .where(col(Submission.unit_code).in_(UNITS), col(Submission.is_latest))
)

CONFIRMED_FINDINGS = (
    select(
        col(FindingConfirmation.unit_code),
        col(FindingConfirmation.rule_code),
        type_coerce(FindingConfirmation.finding, String),
        type_coerce(FindingConfirmation.measured, Integer),
    )
    .where(col(FindingConfirmation.unit_code).in_(UNITS))
    .order_by(col(FindingConfirmation.id))  # the newest overwrites
)


def refresh_pairs(session: Session, criteria: Criteria, units: Mapping[str, str]) -> None:
    """The pairs of these units (name → code)."""
    connection, codes = session.connection(), list(units.values())
    counts = _problem_counts(connection, codes)
    claimed = _findings(connection, LATEST_FINDINGS, codes)
    confirmed = _findings(connection, CONFIRMED_FINDINGS, codes)
    rows: list[tuple[Any, ...]] = []
    for name, code in units.items():
        for rule in criteria.rules_of_unit.get(name, ()):
            said, measured = claimed.get((code, rule.code), UNSEEN)
            held, held_measured = confirmed.get((code, rule.code), UNSEEN)
            by_unit, by_all, pending = counts.get((code, rule.code), (0, 0, 0))
            is_seen = said != NOT_CHECKED or by_all > 0
            # A yes/no or a rate stands only once the office has confirmed it.
            has_one_answer = rule.kind is not RuleKind.PER_FINDING
            is_held = held != NOT_CHECKED if has_one_answer else is_seen
            values = (is_seen, is_held, by_unit, by_all, pending)
            findings = (said, measured, held, held_measured)
            rows.append((rule.code, code, rule.indicator_code, *values, *findings))
    connection.execute(OLD_PAIRS, {"units": codes})
    insert_rows(session, PairState, rows)


def _problem_counts(
    connection: Connection, units: Sequence[str]
) -> dict[tuple[str, str], tuple[int, int, int]]:
    """(unit, rule) → 处数 of the open problems: claimed, confirmed, waiting for 销号."""
    return {
        (unit, rule): (claimed, confirmed, pending)
        for unit, rule, claimed, confirmed, pending in connection.execute(
            PROBLEM_COUNTS, {"units": units}
        ).all()
    }


def _findings(
    connection: Connection, query: Select[str, str, str, int | None], units: Sequence[str]
) -> Findings:
    return {
        (unit, rule): (finding, measured)
        for unit, rule, finding, measured in connection.execute(query, {"units": units}).all()
    }
