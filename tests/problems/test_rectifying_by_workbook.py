"""整改 through the quarterly workbook: 延期 as a wish, the timeline, and 撤回 of the version."""

from datetime import date, datetime

import pytest
from filling import NOW, dry_hydrant, hand_in, rules
from filling import problems as lines
from problem_lives import pass_reinspection, stands_as, timeline
from sqlmodel import Session, select

from daxing_safety import ledger, prefill
from daxing_safety.actions import closings, rectifying, requests, withdrawals
from daxing_safety.actions.submissions import RejectedWorkbook
from daxing_safety.errors import Conflict
from daxing_safety.models import Problem, ProblemRequest, Round, Submission, Unit, User
from daxing_safety.vocabulary import Finding, Move, RectificationStatus, RequestKind
from daxing_safety.workbooks.content import ProblemRow

Status = RectificationStatus
LATER = date(2021, 8, 31)


class Workbook:
    """小王's workbook of the second quarter, which says this and that of the one problem."""

    def __init__(self, session: Session, round_: Round, unit: Unit, clerk: User) -> None:
        self.session, self.round_, self.unit, self.clerk = session, round_, unit, clerk

    def known(self) -> ProblemRow:
        (row,) = prefill.content(self.session, self.round_, self.unit).problems
        return row

    def says(self, *, now: datetime = NOW, **changes: object) -> Submission:
        row = self.known()._replace(**changes)  # type: ignore[arg-type]  # a test's own words
        has_problem = rules(_4_1={"finding": Finding.HAS_PROBLEM})
        stored = hand_in(
            *(self.session, self.round_, self.unit, has_problem, lines(row)),
            by=self.clerk,
            now=now,
        )
        self.session.expire_all()
        return stored.submission


@pytest.fixture
def workbook(session: Session, second_quarter: Round, water_bureau: Unit, clerk: User) -> Workbook:
    """Of a unit that has reported a dry hydrant, due on 30 June."""
    has_problem = rules(_4_1={"finding": Finding.HAS_PROBLEM})
    hand_in(session, second_quarter, water_bureau, has_problem, lines(dry_hydrant()), by=clerk)
    return Workbook(session, second_quarter, water_bureau, clerk)


@pytest.fixture
def problem(session: Session, workbook: Workbook) -> Problem:
    return session.exec(select(Problem)).one()


def wishes(session: Session) -> list[ProblemRequest]:
    return list(session.exec(select(ProblemRequest)))


# ---- 延期 ------------------------------------------------------------


def test_a_later_deadline_in_the_workbook_is_a_wish_and_the_stored_one_stands(
    session: Session, workbook: Workbook, problem: Problem
) -> None:
    version = workbook.says(due_on=LATER, remark="等配件到货")
    (wish,) = wishes(session)
    assert (wish.kind, wish.problem_number) == (RequestKind.EXTENSION, problem.number)
    assert (wish.due_on, wish.reason, wish.asked_by) == (LATER, "等配件到货", "区水务局")
    assert wish.submission_id == version.id
    assert (problem.due_on, problem.first_due_on) == (date(2021, 6, 30), date(2021, 6, 30))


def test_the_same_wish_is_heard_once(session: Session, workbook: Workbook) -> None:
    workbook.says(due_on=LATER, remark="等配件到货")
    workbook.says(due_on=LATER, remark="等配件到货，已催")
    assert len(wishes(session)) == 1


def test_a_later_deadline_without_a_reason_is_refused_with_the_cell_and_the_cure(
    session: Session, workbook: Workbook
) -> None:
    with pytest.raises(RejectedWorkbook) as refusal:
        workbook.says(due_on=LATER)
    (fault,) = refusal.value.checked.errors
    assert (fault.sheet, fault.cell) == ("问题整改", "N4")
    assert "请在“整改说明”写明原因" in fault.cure
    assert wishes(session) == []


def test_the_clerk_is_told_that_it_is_a_wish(session: Session, workbook: Workbook) -> None:
    checked = hand_in(
        *(session, workbook.round_, workbook.unit),
        lines(workbook.known()._replace(due_on=LATER, remark="等配件到货")),
        by=workbook.clerk,
    ).checked
    assert any(
        warning.cure == "入库后作为延期申请，批准前仍按原时限2021-06-30。"
        for warning in checked.warnings
    )


def test_an_earlier_deadline_needs_nobodys_consent(
    session: Session, workbook: Workbook, problem: Problem
) -> None:
    workbook.says(due_on=date(2021, 6, 1))
    assert (problem.due_on, problem.first_due_on) == (date(2021, 6, 1), date(2021, 6, 30))
    assert wishes(session) == []


def test_what_is_mended_asks_for_no_later_day(session: Session, workbook: Workbook) -> None:
    workbook.says(
        due_on=LATER, status=Status.CLAIMED_FIXED, done_on=date(2021, 5, 19), remark="已换"
    )
    assert wishes(session) == []


def test_the_office_grants_it_like_any_other(
    session: Session, workbook: Workbook, problem: Problem, office: User
) -> None:
    workbook.says(due_on=LATER, remark="等配件到货")
    requests.grant(session, request=wishes(session)[0], by=office, now=NOW)
    assert (problem.due_on, problem.first_due_on) == (LATER, date(2021, 6, 30))


# ---- the timeline ------------------------------------------------------------


def test_the_timeline_tells_what_a_workbook_changed(
    session: Session, workbook: Workbook, problem: Problem
) -> None:
    workbook.says(status=Status.CLAIMED_FIXED, done_on=date(2021, 5, 19), remark="阀门已换")
    event = timeline(session, problem)[-1]
    assert (event.move, event.by, event.remark) == (Move.REPORT, "区水务局", "阀门已换")
    assert (event.status_before, event.status_after) == (Status.IN_PROGRESS, Status.CLAIMED_FIXED)
    assert problem.claimed_at == NOW


def test_a_workbook_that_says_nothing_new_leaves_no_trace(
    session: Session, workbook: Workbook, problem: Problem
) -> None:
    revision = problem.revision
    workbook.says()
    assert (timeline(session, problem), problem.revision) == ([], revision)


# ---- 撤回 ------------------------------------------------------------


def test_taking_back_restores_the_problem_and_says_so(
    session: Session, workbook: Workbook, problem: Problem, clerk: User
) -> None:
    before = stands_as(problem)
    version = workbook.says(
        status=Status.CLAIMED_FIXED, done_on=date(2021, 5, 19), remark="阀门已换"
    )
    withdrawals.take_back(session, submission=version, by=clerk, now=NOW)
    session.refresh(problem)
    assert stands_as(problem) == before
    event = timeline(session, problem)[-1]
    assert (event.move, event.status_after) == (Move.TAKE_BACK, Status.IN_PROGRESS)
    assert ledger.differences(session) == []


def test_taking_back_forgets_what_nobody_has_answered(
    session: Session, workbook: Workbook, clerk: User
) -> None:
    version = workbook.says(due_on=LATER, remark="等配件到货")
    withdrawals.take_back(session, submission=version, by=clerk, now=NOW)
    assert wishes(session) == []


def test_a_granted_wish_holds_its_submission_fast(
    session: Session, workbook: Workbook, clerk: User, office: User
) -> None:
    version = workbook.says(due_on=LATER, remark="等配件到货")
    requests.grant(session, request=wishes(session)[0], by=office, now=NOW)
    with pytest.raises(Conflict, match="又有了处理"):
        withdrawals.take_back(session, submission=version, by=clerk, now=NOW)


def test_a_problem_that_was_worked_on_since_holds_the_submission_fast(
    session: Session, workbook: Workbook, problem: Problem, clerk: User
) -> None:
    version = workbook.says(measure="更换两个阀门")
    rectifying.ask_misreport(session, problem=problem, reason="不在本区", by=clerk, now=NOW)
    with pytest.raises(Conflict, match=problem.number):
        withdrawals.take_back(session, submission=version, by=clerk, now=NOW)


def test_a_复查_of_the_claim_holds_the_submission_fast(
    session: Session, workbook: Workbook, problem: Problem, clerk: User, office: User
) -> None:
    version = workbook.says(
        status=Status.CLAIMED_FIXED, done_on=date(2021, 5, 19), remark="阀门已换"
    )
    pass_reinspection(session, problem, office)
    with pytest.raises(Conflict, match=problem.number):
        withdrawals.take_back(session, submission=version, by=clerk, now=NOW)


def test_what_a_submission_brought_and_the_office_closed_holds_it_fast(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, office: User
) -> None:
    mended = dry_hydrant(status=Status.CLAIMED_FIXED, done_on=date(2021, 5, 19), remark="已换")
    version = hand_in(session, second_quarter, water_bureau, lines(mended), by=clerk).submission
    problem = session.exec(select(Problem)).one()
    closings.close(session, problem=problem, remark="看过", by=office, now=NOW)
    with pytest.raises(Conflict, match=problem.number):
        withdrawals.take_back(session, submission=version, by=clerk, now=NOW)
