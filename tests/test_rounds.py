"""填报期: one at a time, closed and opened again, frozen for good."""

from datetime import datetime

import pytest
from sqlmodel import Session, select

from daxing_safety.actions import rounds
from daxing_safety.errors import BadInput, Conflict, NotAllowed, NotFound
from daxing_safety.models import AuditEvent, Round, User
from daxing_safety.vocabulary import RoundState, Sheet

NOW = datetime(2021, 5, 20, 10, 0)
DUE = datetime(2021, 5, 25, 17, 0)


def test_only_one_round_is_open_at_a_time(
    session: Session, office: User, second_quarter: Round
) -> None:
    with pytest.raises(Conflict, match="还在填报中"):
        rounds.open_round(session, name="六月", due_at=DUE, by=office, now=NOW)


def test_a_round_cannot_be_due_in_the_past(session: Session, office: User) -> None:
    with pytest.raises(BadInput, match="已经过去"):
        rounds.open_round(session, name="五月", due_at=datetime(2021, 5, 1), by=office, now=NOW)


def test_two_rounds_cannot_bear_one_name(
    session: Session, office: User, second_quarter: Round
) -> None:
    rounds.close_round(session, round_=second_quarter, by=office)
    with pytest.raises(Conflict, match="换一个名称"):
        rounds.open_round(session, name=second_quarter.name, due_at=DUE, by=office, now=NOW)


def test_a_closed_round_opens_again_with_a_new_deadline(
    session: Session, office: User, second_quarter: Round
) -> None:
    rounds.close_round(session, round_=second_quarter, by=office)
    later = datetime(2021, 5, 28, 17, 0)
    rounds.reopen_round(session, round_=second_quarter, due_at=later, by=office)
    assert (second_quarter.state, second_quarter.due_at) == (RoundState.OPEN, later)


def test_a_frozen_round_stays_frozen(session: Session, office: User, second_quarter: Round) -> None:
    rounds.close_round(session, round_=second_quarter, by=office)
    rounds.freeze_round(session, round_=second_quarter, by=office, now=NOW)
    with pytest.raises(Conflict, match="已封存"):
        rounds.reopen_round(session, round_=second_quarter, due_at=DUE, by=office)


def test_a_round_may_ask_for_some_sheets_only(session: Session, office: User) -> None:
    round_ = rounds.open_round(
        session, name="周报", due_at=DUE, sheets=[Sheet.PROGRESS], by=office, now=NOW
    )
    assert round_.sheets == "PROGRESS"


@pytest.mark.parametrize("who", ["clerk", "leader", "admin"])
def test_nobody_but_the_office_opens_a_round(
    session: Session, who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotAllowed):
        rounds.open_round(
            session, name="五月", due_at=DUE, by=request.getfixturevalue(who), now=NOW
        )


def test_without_an_open_round_the_office_is_told_to_open_one(session: Session) -> None:
    with pytest.raises(NotFound, match="先开启填报期"):
        rounds.find_round(session, None)


def test_what_happens_to_a_round_is_in_the_log(
    session: Session, office: User, second_quarter: Round
) -> None:
    rounds.close_round(session, round_=second_quarter, by=office)
    logged = session.exec(select(AuditEvent.action).where(AuditEvent.username == "office")).all()
    assert logged == ["开启填报期", "截止填报期"]
