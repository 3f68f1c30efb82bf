"""What units ask for: 延期, 误报."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from problem_lives import (
    NOW,
    claim,
    close,
    refused,
    register,
    timeline,
)
from sqlmodel import Session

from daxing_safety.actions import (
    problems,
    rectifying,
    requests,
)
from daxing_safety.errors import BadInput, Conflict, NotAllowed
from daxing_safety.models import (
    Problem,
    ProblemRequest,
    Unit,
    User,
)
from daxing_safety.vocabulary import (
    RectificationStatus,
    RequestKind,
)

Status = RectificationStatus
LATER = NOW + timedelta(days=7)


def extend(session: Session, problem: Problem, due_on: date, by: User, **said: Any) -> None:
    usual: dict[str, Any] = {"reason": "等配件", "now": NOW}
    requests.extend(session, problem=problem, due_on=due_on, by=by, **(usual | said))


def test_延期_leaves_the_first_deadline_visible(
    session: Session, assigned: Problem, office: User
) -> None:
    extend(session, assigned, date(2021, 6, 30), office)
    extend(session, assigned, date(2021, 7, 15), office)
    assert (assigned.due_on, assigned.first_due_on) == (date(2021, 7, 15), date(2021, 6, 3))
    event = timeline(session, assigned)[-1]
    assert (event.due_before, event.due_after) == (date(2021, 6, 30), date(2021, 7, 15))


@pytest.mark.parametrize("due_on", [date(2021, 6, 3), date(2021, 6, 2), date(2021, 5, 1)])
def test_延期_is_never_to_the_same_or_an_earlier_day(
    session: Session, assigned: Problem, office: User, due_on: date
) -> None:
    with refused(session, BadInput, "晚于原时限 2021-06-03"):
        extend(session, assigned, due_on, office)


def test_延期_of_what_is_overdue_is_not_to_a_day_that_is_over_too(
    session: Session, assigned: Problem, office: User
) -> None:
    later = datetime(2021, 6, 20, 9, 0)
    with refused(session, BadInput, "不早于今天"):
        extend(session, assigned, date(2021, 6, 19), office, now=later)
    extend(session, assigned, date(2021, 6, 20), office, now=later)


def test_延期_needs_a_reason_and_an_unchanged_state(
    session: Session, assigned: Problem, office: User
) -> None:
    with refused(session, BadInput, "延期的原因"):
        extend(session, assigned, date(2021, 6, 30), office, reason="")
    seen = assigned.revision
    extend(session, assigned, date(2021, 6, 30), office, seen=seen)
    with refused(session, Conflict, "张工 延期"):
        extend(session, assigned, date(2021, 7, 30), office, seen=seen)


def test_many_are_extended_together_or_none_of_them(
    session: Session, assigned: Problem, water_bureau: Unit, office: User
) -> None:
    other = register(session, water_bureau, office)
    problems.assign(session, problem=other, due_on=date(2021, 8, 1), by=office, now=NOW)
    both: dict[str, Any] = {
        "problems": [assigned, other],
        "reason": "汛期停工",
        "by": office,
        "now": NOW,
    }
    with pytest.raises(BadInput, match=other.number), session.begin_nested():
        requests.extend_all(session, due_on=date(2021, 7, 1), **both)
    assert assigned.due_on == date(2021, 6, 3)
    requests.extend_all(session, due_on=date(2021, 9, 1), **both)
    assert assigned.due_on == other.due_on == date(2021, 9, 1)


@pytest.fixture
def wish(session: Session, assigned: Problem, clerk: User) -> ProblemRequest:
    """小王 asks for a later deadline."""
    return rectifying.ask_extension(
        session, problem=assigned, due_on=date(2021, 6, 30), reason="等配件", by=clerk, now=NOW
    )


def test_a_granted_wish_moves_the_deadline_and_says_who_consented(
    session: Session, assigned: Problem, wish: ProblemRequest, office: User
) -> None:
    requests.grant(session, request=wish, answer="仅此一次", by=office, now=NOW)
    assert (assigned.due_on, assigned.first_due_on) == (date(2021, 6, 30), date(2021, 6, 3))
    assert (wish.is_granted, wish.answer, wish.answered_by) == (True, "仅此一次", "office")


def test_a_refused_wish_leaves_the_deadline_and_the_unit_reads_why(
    session: Session, assigned: Problem, wish: ProblemRequest, office: User
) -> None:
    with refused(session, BadInput, "不同意的原因"):
        requests.refuse(session, request=wish, reason="", by=office, now=NOW)
    requests.refuse(session, request=wish, reason="汛期将至", by=office, now=NOW)
    assert assigned.due_on == date(2021, 6, 3)
    assert (wish.is_granted, wish.answer, assigned.office_remark) == (False, "汛期将至", "汛期将至")
    assert timeline(session, assigned)[-1].remark == "延期：汛期将至"


def test_a_wish_is_answered_once(session: Session, wish: ProblemRequest, office: User) -> None:
    requests.grant(session, request=wish, by=office, now=NOW)
    with refused(session, Conflict, "已由 office 答复“同意”"):
        requests.refuse(session, request=wish, reason="反悔", by=office, now=NOW)
    with refused(session, Conflict, "已由 office 答复“同意”"):
        requests.grant(session, request=wish, by=office, now=NOW)


@pytest.mark.parametrize("role", ["clerk", "leader"])
def test_nobody_but_the_office_answers_wishes(
    session: Session, wish: ProblemRequest, role: str, request: pytest.FixtureRequest
) -> None:
    by = request.getfixturevalue(role)
    with refused(session, NotAllowed, "没有这项权限"):
        requests.grant(session, request=wish, by=by, now=NOW)
    with refused(session, NotAllowed, "没有这项权限"):
        requests.refuse(session, request=wish, reason="不行", by=by, now=NOW)


def test_granting_a_day_that_is_over_meanwhile_is_refused_as_a_whole(
    session: Session, wish: ProblemRequest, office: User
) -> None:
    with refused(session, BadInput, "不早于今天"):
        requests.grant(session, request=wish, by=office, now=datetime(2021, 7, 5, 9, 0))


def test_a_granted_误报_is_dismissed_and_every_other_wish_lapses(
    session: Session, assigned: Problem, wish: ProblemRequest, clerk: User, office: User
) -> None:
    misreport = rectifying.ask_misreport(
        session, problem=assigned, reason="点位属丰台区", by=clerk, now=NOW
    )
    requests.grant(session, request=misreport, by=office, now=NOW)
    session.expire_all()
    assert assigned.status is Status.DISMISSED
    assert (misreport.kind, misreport.is_granted) == (RequestKind.MISREPORT, True)
    assert (wish.is_granted, "不再办理" in wish.answer) == (False, True)


def test_a_wish_lapses_when_its_problem_is_closed(
    session: Session, assigned: Problem, wish: ProblemRequest, clerk: User, office: User
) -> None:
    claim(session, assigned, clerk)
    close(session, assigned, office)
    session.expire_all()
    assert (wish.is_granted, "已销号" in wish.answer) == (False, True)
