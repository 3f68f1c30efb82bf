"""审核: what the office accepts is confirmed; what it returns comes back with a reason."""

from decimal import Decimal

import pytest
from filling import NOW, hand_in, rules, work_points
from sqlmodel import Session, col, select

from daxing_safety import ledger
from daxing_safety.actions import reviews
from daxing_safety.errors import BadInput, Conflict, NotAllowed
from daxing_safety.models import IndicatorScore, Round, Submission, Unit, User
from daxing_safety.vocabulary import Finding, ProgressStatus, ReviewState

BELOW_80 = rules(_4_2={"finding": Finding.HAS_PROBLEM, "measured": Decimal("76.5")})


def four(session: Session) -> IndicatorScore:
    query = select(IndicatorScore).where(
        col(IndicatorScore.indicator_code) == "4", col(IndicatorScore.round_id) == 0
    )
    return session.exec(query.execution_options(populate_existing=True)).one()


@pytest.fixture
def submission(
    session: Session, second_quarter: Round, city_management: Unit, neighbour: User
) -> Submission:
    """区城管委, which leads indicator 4, says that 76.5 % of the old pipes are renewed."""
    return hand_in(session, second_quarter, city_management, BELOW_80, by=neighbour).submission


def test_a_rate_counts_as_claimed_at_once_and_as_confirmed_when_accepted(
    session: Session, submission: Submission, office: User
) -> None:
    assert (four(session).claimed, four(session).confirmed) == (Decimal("1.00"), Decimal("2.00"))
    reviews.accept(session, submission=submission, by=office, now=NOW)
    assert submission.state is ReviewState.ACCEPTED
    assert four(session).confirmed == Decimal("1.00")
    assert ledger.differences(session) == []


def test_a_returned_submission_says_why(
    session: Session, submission: Submission, office: User
) -> None:
    reviews.send_back(session, submission=submission, reason="请附改造台账", by=office, now=NOW)
    assert (submission.state, submission.review_remark) == (ReviewState.RETURNED, "请附改造台账")
    assert four(session).confirmed == Decimal("2.00")


def test_returning_needs_a_reason(session: Session, submission: Submission, office: User) -> None:
    with pytest.raises(BadInput, match="退回原因"):
        reviews.send_back(session, submission=submission, reason=" ", by=office, now=NOW)


def test_two_reviewers_never_overwrite_each_other(
    session: Session, submission: Submission, office: User
) -> None:
    reviews.accept(session, submission=submission, by=office, now=NOW)
    with pytest.raises(Conflict, match="已通过"):
        reviews.send_back(session, submission=submission, reason="迟了一步", by=office, now=NOW)


@pytest.mark.parametrize("who", ["clerk", "neighbour", "leader", "admin"])
def test_nobody_but_the_office_reviews(
    session: Session, submission: Submission, who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotAllowed):
        reviews.accept(session, submission=submission, by=request.getfixturevalue(who), now=NOW)


def test_a_newer_version_takes_the_place_of_one_that_waits(
    session: Session,
    submission: Submission,
    second_quarter: Round,
    city_management: Unit,
    neighbour: User,
    office: User,
) -> None:
    more = work_points(_3_01={"status": ProgressStatus.IN_PROGRESS, "percent": Decimal(40)})
    newer = hand_in(session, second_quarter, city_management, more, by=neighbour).submission
    assert (newer.version, newer.is_latest) == (2, True)
    assert (submission.state, submission.is_latest) == (ReviewState.SUPERSEDED, False)
    with pytest.raises(Conflict):
        reviews.accept(session, submission=submission, by=office, now=NOW)
