"""Lines for the ledger, as tests of the reports write them."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from daxing_safety import ledger
from daxing_safety.actions import problems
from daxing_safety.models import Problem, Round, Submission, Unit, User
from daxing_safety.vocabulary import Discovery, RectificationStatus

TODAY = date(2021, 5, 20)
NOW = datetime(2021, 5, 20, 10, 0)


def unit(session: Session, name: str) -> Unit:
    return session.exec(select(Unit).where(col(Unit.name) == name)).one()


def found(
    session: Session,
    at: Unit,
    by: User,
    *,
    rule_code: str | None = "4-1",
    count: int = 1,
    due_on: date | None = date(2021, 6, 18),
    status: RectificationStatus = RectificationStatus.NOT_STARTED,
) -> Problem:
    """What an expert found, and how far its rectification has come."""
    problem = problems.register(
        session,
        unit=at,
        rule_code=rule_code,
        site="黄村西大街12号院北门",
        description="消火栓无水",
        count=count,
        discovery=Discovery.EXPERT,
        found_on=date(2021, 5, 18),
        by=by,
        now=NOW,
    )
    problem.status, problem.due_on, problem.first_due_on = status, due_on, due_on
    if status is RectificationStatus.CLAIMED_FIXED:
        problem.claimed_at = NOW
    session.add(problem)
    ledger.refresh(session, {at.code})
    session.expire_all()  # the kept sums are written past the session's objects
    return problem


def handed_in(session: Session, at: Unit, round_: Round) -> None:
    """A workbook came, whatever it says."""
    assert round_.id is not None
    session.add(
        Submission(
            round_id=round_.id,
            unit_code=at.code,
            version=1,
            criteria_revision_id=round_.criteria_revision_id,
            submitted_at=NOW,
            submitted_by=at.name,
            is_late=False,
            file_name="填报表.xlsx",
            file_sha256="",
        )
    )
    session.flush()
