"""The end of a problem: 复查, 销号, 退回."""

from datetime import date, timedelta
from typing import Any

import pytest
from problem_lives import (
    NOW,
    TODAY,
    bring_to,
    claim,
    close,
    colleague,
    pass_reinspection,
    refused,
    register,
    show,
    timeline,
)
from sqlmodel import Session

from daxing_safety.actions import (
    closings,
    voidings,
)
from daxing_safety.errors import BadInput, Conflict, NotAllowed
from daxing_safety.models import (
    Problem,
    Unit,
    User,
)
from daxing_safety.vocabulary import (
    Move,
    PhotoStage,
    RectificationStatus,
    Severity,
)

Status = RectificationStatus
LATER = NOW + timedelta(days=7)


def test_closing_says_when_by_whom_and_why(session: Session, closed: Problem) -> None:
    assert (closed.status, closed.closed_on, closed.closed_by) == (Status.CLOSED, TODAY, "office")
    assert closed.office_remark == "看过照片"
    assert [event.move for event in timeline(session, closed)] == [
        Move.ASSIGN,
        Move.CLAIM_FIXED,
        Move.CLOSE,
    ]


def claim_by_word(session: Session, problem: Problem, office: User) -> None:
    """As a workbook claims: with a remark, but no file."""
    problem.status, problem.claimed_at = Status.CLAIMED_FIXED, NOW
    session.add(problem)
    session.flush()


def test_without_evidence_or_复查_the_office_says_on_what_ground_it_closes(
    session: Session, assigned: Problem, clerk: User, office: User
) -> None:
    show(session, assigned, clerk, stage=PhotoStage.BEFORE)
    claim_by_word(session, assigned, office)
    with refused(session, BadInput, "写明凭什么销号"):
        close(session, assigned, office, remark="  ")
    close(session, assigned, office, remark="5月20日电话核实并看过视频")
    assert assigned.status is Status.CLOSED


@pytest.mark.parametrize("ground", ["evidence", "reinspection"])
def test_evidence_or_a_passed_复查_is_ground_enough(
    session: Session, assigned: Problem, clerk: User, office: User, ground: str
) -> None:
    claim_by_word(session, assigned, office)
    if ground == "evidence":
        show(session, assigned, clerk)
    else:
        pass_reinspection(session, assigned, office)
    close(session, assigned, office)
    assert assigned.status is Status.CLOSED


@pytest.mark.parametrize("severity", [Severity.MAJOR, Severity.LISTED])
def test_a_grave_problem_is_closed_only_after_a_复查_that_it_passed(
    session: Session, water_bureau: Unit, clerk: User, office: User, severity: Severity
) -> None:
    problem = register(session, water_bureau, office, severity=severity)
    bring_to(session, problem, Status.CLAIMED_FIXED, clerk, office)
    with refused(session, Conflict, "复查合格后才能销号"):
        close(session, problem, office, remark="看过照片")
    pass_reinspection(session, problem, office)
    close(session, problem, office)
    assert problem.status is Status.CLOSED


def test_a_复查_from_before_the_last_claim_does_not_count(
    session: Session, water_bureau: Unit, clerk: User, office: User
) -> None:
    problem = register(session, water_bureau, office, severity=Severity.MAJOR)
    bring_to(session, problem, Status.CLAIMED_FIXED, clerk, office)
    pass_reinspection(session, problem, office)
    closings.send_back(session, problem=problem, reason="隔日又无水", by=office, now=NOW)
    claim(session, problem, clerk)  # at the very same moment, by the clock of the test
    with refused(session, Conflict, "复查合格后才能销号"):
        close(session, problem, office)


def test_what_failed_its_last_复查_is_not_closed_on_photos(
    session: Session, claimed: Problem, office: User
) -> None:
    pass_reinspection(session, claimed, office)
    pass_reinspection(session, claimed, office, is_passed=False)
    with refused(session, Conflict, "最近一次复查不合格"):
        close(session, claimed, office, remark="看过照片")
    pass_reinspection(session, claimed, office)
    close(session, claimed, office)
    assert claimed.status is Status.CLOSED


def test_a_复查_is_told_in_the_timeline_with_its_outcome(
    session: Session, claimed: Problem, office: User
) -> None:
    with refused(session, BadInput, "复查的情况"):
        closings.reinspect(session, problem=claimed, is_passed=True, remark="", by=office, now=NOW)
    pass_reinspection(session, claimed, office, is_passed=False)
    event = timeline(session, claimed)[-1]
    assert (event.move, event.is_passed) == (Move.REINSPECT, False)
    assert "到现场放水" in event.remark
    assert claimed.status is Status.CLAIMED_FIXED


def test_a_problem_is_never_judged_by_who_has_to_mend_it(
    session: Session, claimed: Problem, water_bureau: Unit, office: User
) -> None:
    own = colleague(session, water_bureau)
    twin = register(session, water_bureau, own)  # registering is everybody's
    judge: dict[str, Any] = {"problem": claimed, "by": own, "now": NOW}
    with refused(session, NotAllowed, "您所在单位的问题"):
        closings.reinspect(session, is_passed=True, remark="看过", **judge)
    with refused(session, NotAllowed, "您所在单位的问题"):
        closings.close(session, remark="看过", **judge)
    with refused(session, NotAllowed, "您所在单位的问题"):
        voidings.dismiss(session, reason="误报", **judge)
    with refused(session, NotAllowed, "您所在单位的问题"):
        voidings.merge(session, into=twin, reason="重复", **judge)
    close(session, claimed, office)


def test_a_colleague_another_unit_may_judge(
    session: Session, claimed: Problem, city_management: Unit
) -> None:
    close(session, claimed, colleague(session, city_management))
    assert claimed.status is Status.CLOSED


def test_退回_says_why_and_the_claim_is_gone(
    session: Session, claimed: Problem, office: User
) -> None:
    with refused(session, BadInput, "退回原因"):
        closings.send_back(session, problem=claimed, reason=" ", by=office, now=NOW)
    closings.send_back(session, problem=claimed, reason="照片不清", by=office, now=NOW)
    assert (claimed.status, claimed.done_on, claimed.claimed_at) == (Status.IN_PROGRESS, None, None)
    assert claimed.office_remark == "照片不清"


def test_重新挂账_costs_again_with_a_deadline_of_its_own_and_the_first_one_kept(
    session: Session, closed: Problem, office: User
) -> None:
    first = closed.first_due_on
    closings.reopen(session, problem=closed, reason="回头看又无水", by=office, now=LATER)
    assert (closed.status, closed.closed_on, closed.closed_by) == (Status.IN_PROGRESS, None, None)
    assert (closed.due_on, closed.first_due_on) == (date(2021, 6, 10), first)
    assert (closed.done_on, closed.claimed_at) == (None, None)
