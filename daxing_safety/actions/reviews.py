"""审核: the office accepts a submission or returns it with a reason."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.actions import audit, verdicts
from daxing_safety.errors import BadInput, Conflict
from daxing_safety.models import (
    CriteriaRevision,
    FindingConfirmation,
    FindingEntry,
    Round,
    Submission,
    Unit,
    User,
    WorkPointDuty,
)
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import Finding, ReviewState, RuleKind


def accept(session: Session, *, submission: Submission, by: User, now: datetime) -> None:
    """The office takes the version: what it has not corrected row by row stands as reported.

    Its yes/no findings and rates are now confirmed. Raises Conflict while a row is returned.
    """
    _start_review(session, submission, by)
    corrected = verdicts.accept_the_rest(session, submission, by=by, now=now)
    unit = session.get_one(Unit, submission.unit_code)
    round_ = session.get_one(Round, submission.round_id)
    revision = session.get_one(CriteriaRevision, submission.criteria_revision_id)
    criteria = ledger.parsed(revision.document)
    for entry in _entries(session, submission):
        rule = criteria.rules[entry.rule_code]
        has_one_answer = rule.kind is not RuleKind.PER_FINDING
        was_looked_at = entry.finding is not Finding.NOT_CHECKED
        if has_one_answer and was_looked_at and rule.code not in corrected:
            session.add(
                FindingConfirmation(
                    unit_code=unit.code,
                    rule_code=entry.rule_code,
                    finding=entry.finding,
                    measured=entry.measured,
                    confirmed_at=now,
                    confirmed_by=by.username,
                )
            )
    session.execute(
        update(WorkPointDuty)
        .where(col(WorkPointDuty.unit_code) == unit.code)
        .values(is_accepted=True)
    )
    _finish_review(session, submission, ReviewState.ACCEPTED, by=by, now=now)
    ledger.refresh(session, {unit.code})
    audit.record(session, "审核通过", _title(unit, round_, submission), by=by)


def send_back(
    session: Session, *, submission: Submission, reason: str, by: User, now: datetime
) -> None:
    """The office returns the version; the unit is shown why."""
    if not reason.strip():
        raise BadInput("请写明退回原因，填报单位会看到。")
    _start_review(session, submission, by)
    unit = session.get_one(Unit, submission.unit_code)
    round_ = session.get_one(Round, submission.round_id)
    submission.review_remark = reason.strip()
    _finish_review(session, submission, ReviewState.RETURNED, by=by, now=now)
    ledger.raise_data_version(session)
    audit.record(
        session, "退回报送", _title(unit, round_, submission), by=by, remark=reason.strip()
    )


def _start_review(session: Session, submission: Submission, by: User) -> None:
    require(by, Permission.REVIEW)
    session.refresh(submission)
    if submission.state is not ReviewState.PENDING:
        raise Conflict(
            f"这一版现在是“{submission.state.value}”，不在待审核之列，请刷新页面看最新情况。"
        )


def _finish_review(
    session: Session, submission: Submission, state: ReviewState, *, by: User, now: datetime
) -> None:
    submission.state = state
    submission.reviewed_at = now
    submission.reviewed_by = by.username
    session.add(submission)
    session.flush()


def _entries(session: Session, submission: Submission) -> Iterable[FindingEntry]:
    return session.scalars(
        select(FindingEntry).where(col(FindingEntry.submission_id) == submission.id)
    )


def _title(unit: Unit, round_: Round, submission: Submission) -> str:
    return f"{unit.name} {round_.name} 第{submission.version}版"
