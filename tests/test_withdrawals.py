"""撤回: the last version is taken back, unless something was built on it."""

from datetime import date
from decimal import Decimal

import pytest
from filling import NOW, dry_hydrant, hand_in, problems, rules, work_points
from sqlmodel import Session, func, select

from daxing_safety import ledger, prefill
from daxing_safety.actions import closings, evidence, reviews, withdrawals
from daxing_safety.errors import Conflict, NotAllowed
from daxing_safety.models import Problem, Round, Submission, Unit, User
from daxing_safety.vocabulary import (
    EvidenceOf,
    Finding,
    ProgressStatus,
    RectificationStatus,
    ReviewState,
)

HAS_PROBLEM = rules(_4_1={"finding": Finding.HAS_PROBLEM})
HALF_WAY = work_points(_1_05={"status": ProgressStatus.IN_PROGRESS, "percent": Decimal(50)})


@pytest.fixture
def first(session: Session, second_quarter: Round, water_bureau: Unit, clerk: User) -> Submission:
    return hand_in(session, second_quarter, water_bureau, HALF_WAY, by=clerk).submission


@pytest.fixture
def second(
    session: Session, first: Submission, second_quarter: Round, water_bureau: Unit, clerk: User
) -> Submission:
    further = work_points(_1_05={"percent": Decimal(70)})
    fills = HAS_PROBLEM, further, problems(dry_hydrant())
    return hand_in(session, second_quarter, water_bureau, *fills, by=clerk).submission


def test_everything_stands_again_as_before(
    session: Session,
    first: Submission,
    second_quarter: Round,
    water_bureau: Unit,
    clerk: User,
) -> None:
    before = prefill.content(session, second_quarter, water_bureau)
    fills = HAS_PROBLEM, work_points(_1_05={"percent": Decimal(70)}), problems(dry_hydrant())
    second = hand_in(session, second_quarter, water_bureau, *fills, by=clerk).submission
    withdrawals.take_back(session, submission=second, by=clerk, now=NOW)
    session.expire_all()
    assert prefill.content(session, second_quarter, water_bureau) == before
    assert (first.is_latest, first.state) == (True, ReviewState.PENDING)
    assert (second.is_latest, second.state) == (False, ReviewState.TAKEN_BACK)
    assert ledger.differences(session) == []


def test_a_number_that_was_taken_back_is_never_given_out_again(
    session: Session, second: Submission, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    withdrawals.take_back(session, submission=second, by=clerk, now=NOW)
    assert session.exec(select(func.count()).select_from(Problem)).one() == 0
    fills = HAS_PROBLEM, problems(dry_hydrant(site="另一处"))
    hand_in(session, second_quarter, water_bureau, *fills, by=clerk)
    assert session.exec(select(Problem.number)).all() == ["P00002"]


def test_a_rectification_that_was_reported_is_taken_back_too(
    session: Session, second: Submission, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    (known,) = prefill.content(session, second_quarter, water_bureau).problems
    mended = known._replace(
        status=RectificationStatus.CLAIMED_FIXED,
        done_on=date(2021, 5, 19),
        remark="阀门已换",
    )
    third = hand_in(session, second_quarter, water_bureau, problems(mended), by=clerk).submission
    withdrawals.take_back(session, submission=third, by=clerk, now=NOW)
    session.expire_all()
    assert prefill.content(session, second_quarter, water_bureau).problems == (known,)


def test_only_the_last_version_can_be_taken_back(
    session: Session, first: Submission, second: Submission, clerk: User
) -> None:
    with pytest.raises(Conflict, match="最近的一版"):
        withdrawals.take_back(session, submission=first, by=clerk, now=NOW)


def test_what_the_office_has_reviewed_stays(
    session: Session, second: Submission, clerk: User, office: User
) -> None:
    reviews.accept(session, submission=second, by=office, now=NOW)
    with pytest.raises(Conflict, match="已通过"):
        withdrawals.take_back(session, submission=second, by=clerk, now=NOW)


def test_a_problem_with_evidence_holds_its_submission_fast(
    session: Session, second: Submission, water_bureau: Unit, clerk: User
) -> None:
    evidence.add(
        session,
        unit=water_bureau,
        data=b"\xff\xd8\xff\xe0 photo",
        name="整改前.jpg",
        uses=[(EvidenceOf.PROBLEM, "P00001")],
        material_on=date(2021, 5, 12),
        description="",
        by=clerk,
        now=NOW,
    )
    with pytest.raises(Conflict, match="P00001"):
        withdrawals.take_back(session, submission=second, by=clerk, now=NOW)


def test_a_problem_the_office_has_answered_holds_its_submission_fast(
    session: Session,
    second_quarter: Round,
    water_bureau: Unit,
    clerk: User,
    office: User,
) -> None:
    mended = dry_hydrant(
        status=RectificationStatus.CLAIMED_FIXED, done_on=date(2021, 5, 19), remark="已换"
    )
    only = hand_in(session, second_quarter, water_bureau, problems(mended), by=clerk).submission
    problem = session.exec(select(Problem)).one()
    closings.send_back(session, problem=problem, reason="照片不清", by=office, now=NOW)
    with pytest.raises(Conflict, match="P00001"):
        withdrawals.take_back(session, submission=only, by=clerk, now=NOW)


def test_a_neighbour_takes_nothing_back(
    session: Session, second: Submission, neighbour: User
) -> None:
    with pytest.raises(NotAllowed):
        withdrawals.take_back(session, submission=second, by=neighbour, now=NOW)
