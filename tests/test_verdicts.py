"""审核 row by row, and the one 申诉 against each verdict."""

from datetime import datetime
from decimal import Decimal

import pytest
from filling import NOW, hand_in, rules, work_points
from sqlmodel import Session, col, select

from daxing_safety import ledger
from daxing_safety.actions import appeals, duties, reviews, verdicts
from daxing_safety.actions.verdicts import Held
from daxing_safety.errors import BadInput, Conflict, NotAllowed, NotFound
from daxing_safety.models import (
    DutyDecision,
    IndicatorScore,
    Round,
    RowVerdict,
    Submission,
    Unit,
    User,
    WorkPointDuty,
)
from daxing_safety.reports import submissions
from daxing_safety.reports import verdicts as verdict_report
from daxing_safety.vocabulary import Finding, Judgement, ProgressStatus, Role, Sheet

PIPES = (Sheet.SELF_ASSESSMENT, "4-2")
CORRIDOR = (Sheet.PROGRESS, "3-01")
ABOVE_80 = rules(_4_2={"finding": Finding.COMPLIANT, "measured": Decimal("83")})
HALF_WAY = work_points(_3_01={"status": ProgressStatus.IN_PROGRESS, "percent": Decimal(50)})
CORRECTED = Held(finding=Finding.HAS_PROBLEM, measured=Decimal("76.5"))


@pytest.fixture
def submission(
    session: Session, second_quarter: Round, city_management: Unit, neighbour: User
) -> Submission:
    """区城管委 says 83 % of the old pipes are renewed and the corridor is half way."""
    fills = ABOVE_80, HALF_WAY
    return hand_in(session, second_quarter, city_management, *fills, by=neighbour).submission


@pytest.fixture
def colleague(session: Session) -> User:
    """李工, the office's other reviewer."""
    user = User(
        username="office2",
        display_name="李工",
        role=Role.OFFICE,
        password_hash="",
        created_at=NOW,
        password_changed_at=NOW,
    )
    session.add(user)
    session.flush()
    return user


def confirmed(session: Session) -> Decimal:
    query = select(IndicatorScore).where(
        col(IndicatorScore.indicator_code) == "4", col(IndicatorScore.round_id) == 0
    )
    return session.exec(query.execution_options(populate_existing=True)).one().confirmed


def verdict(session: Session, submission: Submission, row: tuple[Sheet, str]) -> RowVerdict:
    return session.get_one(RowVerdict, (submission.unit_code, *row))


def correct(session: Session, submission: Submission, by: User, held: Held = CORRECTED) -> None:
    verdicts.correct_row(
        session,
        submission=submission,
        row=PIPES,
        held=held,
        reason="台账只有 76.5%",
        seen={},
        by=by,
        now=NOW,
    )


def test_a_corrected_rate_is_what_confirmed_points_count_by_and_both_figures_stay(
    session: Session, submission: Submission, office: User
) -> None:
    correct(session, submission, office)
    reviews.accept(session, submission=submission, by=office, now=NOW)
    held = verdict(session, submission, PIPES)
    assert (held.held_measured, held.reason) == (Decimal("76.50"), "台账只有 76.5%")
    assert confirmed(session) == Decimal("1.00")
    assert ledger.differences(session) == []


def test_accepting_the_version_accepts_every_row_not_judged_yet(
    session: Session, submission: Submission, office: User
) -> None:
    reviews.accept(session, submission=submission, by=office, now=NOW)
    assert verdict(session, submission, CORRIDOR).judgement is Judgement.ACCEPTED
    assert verdict(session, submission, PIPES).judgement is Judgement.ACCEPTED


def test_a_version_with_returned_rows_cannot_be_accepted(
    session: Session, submission: Submission, office: User
) -> None:
    verdicts.return_rows(
        session,
        submission=submission,
        rows=[CORRIDOR],
        reason="请附里程统计",
        seen={},
        by=office,
        now=NOW,
    )
    with pytest.raises(Conflict, match="3-01"):
        reviews.accept(session, submission=submission, by=office, now=NOW)


def test_a_row_reopens_when_a_later_version_changes_it_and_only_then(
    session: Session,
    submission: Submission,
    second_quarter: Round,
    city_management: Unit,
    neighbour: User,
    office: User,
) -> None:
    reviews.accept(session, submission=submission, by=office, now=NOW)
    further = work_points(_3_01={"percent": Decimal(80)})
    hand_in(session, second_quarter, city_management, further, by=neighbour)
    assert session.get(RowVerdict, (city_management.code, *CORRIDOR)) is None
    assert verdict(session, submission, PIPES).judgement is Judgement.ACCEPTED


def test_a_second_reviewer_who_did_not_see_the_first_changes_nothing(
    session: Session, submission: Submission, office: User, colleague: User
) -> None:
    correct(session, submission, office)
    with pytest.raises(Conflict, match="刚刚已由其他审核人处理（office）"):
        verdicts.accept_rows(
            session, submission=submission, rows=[PIPES], seen={}, by=colleague, now=NOW
        )
    assert verdict(session, submission, PIPES).judgement is Judgement.CORRECTED


@pytest.mark.parametrize(
    ("held", "says"),
    [
        (Held(), "自查结论"),
        (Held(finding=Finding.HAS_PROBLEM), "实测值"),
        (Held(finding=Finding.COMPLIANT, measured=Decimal(70)), "不一致"),
        (Held(finding=Finding.HAS_PROBLEM, measured=Decimal(170)), "实测值"),
    ],
)
def test_a_correction_must_agree_with_itself(
    session: Session, submission: Submission, office: User, held: Held, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        correct(session, submission, office, held)


def test_points_lost_to_problems_are_not_corrected_by_typing(
    session: Session, submission: Submission, office: User
) -> None:
    with pytest.raises(BadInput, match="按问题扣分"):
        verdicts.correct_row(
            session,
            submission=submission,
            row=(Sheet.SELF_ASSESSMENT, "4-1"),
            held=Held(finding=Finding.COMPLIANT),
            reason="没有问题",
            seen={},
            by=office,
            now=NOW,
        )


def test_a_row_that_is_not_in_the_version_cannot_be_judged(
    session: Session, submission: Submission, office: User
) -> None:
    with pytest.raises(NotFound, match="1-01"):
        verdicts.accept_rows(
            session,
            submission=submission,
            rows=[(Sheet.PROGRESS, "1-01")],
            seen={},
            by=office,
            now=NOW,
        )


def contest(session: Session, unit: Unit, by: User) -> None:
    appeals.contest(session, unit=unit, row=PIPES, reason="四月又改造 3 公里", by=by, now=NOW)


def test_a_unit_contests_once_and_somebody_else_answers(
    session: Session,
    submission: Submission,
    city_management: Unit,
    neighbour: User,
    office: User,
    colleague: User,
) -> None:
    correct(session, submission, office)
    reviews.accept(session, submission=submission, by=office, now=NOW)
    contest(session, city_management, neighbour)
    with pytest.raises(Conflict, match="只能申诉一次"):
        contest(session, city_management, neighbour)
    reply = {"unit": city_management, "row": PIPES, "is_upheld": True, "text": "属实", "now": NOW}
    with pytest.raises(NotAllowed, match="另一位审核人"):
        appeals.answer(session, by=office, **reply)  # type: ignore[arg-type]
    appeals.answer(session, by=colleague, **reply)  # type: ignore[arg-type]
    assert verdict(session, submission, PIPES).judgement is Judgement.ACCEPTED
    assert confirmed(session) == Decimal("2.00")
    assert ledger.differences(session) == []


def test_a_refused_appeal_leaves_the_correction_as_it_was(
    session: Session,
    submission: Submission,
    city_management: Unit,
    neighbour: User,
    office: User,
    colleague: User,
) -> None:
    correct(session, submission, office)
    contest(session, city_management, neighbour)
    appeals.answer(
        session,
        unit=city_management,
        row=PIPES,
        is_upheld=False,
        text="新增里程未验收",
        by=colleague,
        now=NOW,
    )
    assert verdict(session, submission, PIPES).held_measured == Decimal("76.50")
    assert confirmed(session) == Decimal("1.00")


def test_an_accepted_row_needs_no_appeal_and_a_stranger_has_none(
    session: Session,
    submission: Submission,
    city_management: Unit,
    neighbour: User,
    clerk: User,
    office: User,
) -> None:
    reviews.accept(session, submission=submission, by=office, now=NOW)
    with pytest.raises(Conflict, match="已认可"):
        contest(session, city_management, neighbour)
    with pytest.raises(NotAllowed):
        contest(session, city_management, clerk)


def test_the_reviewer_sees_what_waits_first_and_both_figures_of_what_was_corrected(
    session: Session, submission: Submission, office: User
) -> None:
    correct(session, submission, office)
    version = submissions.version(session, viewer=office, submission_id=submission.id or 0)
    rows = verdict_report.rows(session, viewer=office, version=version)
    assert rows.iloc[0]["judgement"] == verdict_report.NOT_JUDGED
    last = rows.iloc[-1]
    assert last[["code", "judgement", "said", "held", "reason", "seen"]].tolist() == [
        "4-2",
        "更正",
        "达标（83%）",
        "存在问题（76.5%）",
        "台账只有 76.5%",
        1,
    ]
    assert not rows[rows["code"] == "4-1"].iloc[0]["is_correctable"]


def test_nobody_but_the_office_reads_the_verdicts_of_a_version(
    session: Session, submission: Submission, office: User, leader: User
) -> None:
    version = submissions.version(session, viewer=office, submission_id=submission.id or 0)
    with pytest.raises(NotAllowed):
        verdict_report.rows(session, viewer=leader, version=version)


# ---- 不属本单位职责 ---------------------------------------------------------------------------

NOT_OURS = work_points(_3_01={"status": ProgressStatus.NOT_OURS, "remark": "管廊已移交区住建委"})


@pytest.fixture
def disclaimed(
    session: Session, second_quarter: Round, city_management: Unit, neighbour: User
) -> Submission:
    return hand_in(session, second_quarter, city_management, NOT_OURS, by=neighbour).submission


def test_a_disclaimed_work_point_is_given_to_another_unit_and_both_words_are_kept(
    session: Session,
    disclaimed: Submission,
    city_management: Unit,
    water_bureau: Unit,
    office: User,
) -> None:
    duties.reassign(
        session,
        work_point_code="3-01",
        unit=city_management,
        to_unit=water_bureau,
        reason="按新三定方案",
        by=office,
        now=NOW,
    )
    assert session.get(WorkPointDuty, ("3-01", city_management.code)) is None
    assert session.get(WorkPointDuty, ("3-01", water_bureau.code)) is not None
    kept = session.exec(select(DutyDecision)).one()
    assert (kept.unit_reason, kept.reason) == ("管廊已移交区住建委", "按新三定方案")
    assert ledger.differences(session) == []


def test_a_refused_disclaimer_leaves_the_work_point_not_started(
    session: Session, disclaimed: Submission, city_management: Unit, office: User
) -> None:
    duties.refuse(
        session,
        work_point_code="3-01",
        unit=city_management,
        reason="移交手续未办",
        by=office,
        now=NOW,
    )
    duty = session.get_one(WorkPointDuty, ("3-01", city_management.code))
    assert duty.status is ProgressStatus.NOT_STARTED
    with pytest.raises(Conflict, match="没有对 3-01 提出"):
        duties.refuse(
            session,
            work_point_code="3-01",
            unit=city_management,
            reason="再驳一次",
            by=office,
            now=datetime(2021, 5, 21),
        )


def test_only_the_office_decides_whose_work_it_is(
    session: Session, disclaimed: Submission, city_management: Unit, neighbour: User
) -> None:
    with pytest.raises(NotAllowed):
        duties.refuse(
            session,
            work_point_code="3-01",
            unit=city_management,
            reason="",
            by=neighbour,
            now=NOW,
        )
