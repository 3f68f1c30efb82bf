"""Two people at the same problem at the same moment: real transactions on a database file."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from problem_lives import NOW, bring_to, colleague, register, timeline
from sqlmodel import Session, col, select

from daxing_safety import ledger
from daxing_safety.actions import closings, moves, problems
from daxing_safety.database import reading, transaction
from daxing_safety.errors import Conflict
from daxing_safety.models import Problem, Unit, User
from daxing_safety.vocabulary import Move, RectificationStatus, Severity

Verb = Callable[[Session, Problem, User], None]
Status = RectificationStatus
PATIENCE_S = 30


def user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()


@pytest.fixture
def number(data_dir: Path) -> str:
    """A problem that waits for 销号; 张工 and 李工 of 创安办 are both at it."""
    with transaction() as session:
        office, clerk = user(session, "office"), user(session, "区水务局")
        colleague(session)
        water_bureau = session.exec(select(Unit).where(col(Unit.name) == "区水务局")).one()
        problem = register(session, water_bureau, office)
        bring_to(session, problem, Status.CLAIMED_FIXED, clerk, office)
        return problem.number


def at_once(number: str, *verbs: Verb) -> list[str]:
    """Each by another colleague, begun at the same moment; what each was told, "" for done."""
    together = threading.Barrier(len(verbs))
    told = [""] * len(verbs)

    def act(place: int, username: str, verb: Verb) -> None:
        together.wait(PATIENCE_S)
        try:
            with transaction() as session:
                by = user(session, username)
                verb(session, moves.find(session, number, viewer=by), by)
        except Conflict as conflict:
            told[place] = str(conflict)

    threads = [
        threading.Thread(target=act, args=(place, username, verb))
        for place, (username, verb) in enumerate(zip(("office", "office2"), verbs, strict=True))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert not any(thread.is_alive() for thread in threads)
    return told


def close(session: Session, problem: Problem, by: User) -> None:
    closings.close(session, problem=problem, remark="看过照片", by=by, now=NOW)


def send_back(session: Session, problem: Problem, by: User) -> None:
    closings.send_back(session, problem=problem, reason="照片不清", by=by, now=NOW)


def correct(seen: int, count: int) -> Verb:
    def verb(session: Session, problem: Problem, by: User) -> None:
        problems.correct(
            session,
            problem=problem,
            rule_code="4-1",
            site=problem.site,
            description=problem.description,
            count=count,
            severity=Severity.GENERAL,
            reason="现场核实",
            by=by,
            now=NOW + timedelta(minutes=1),
            seen=seen,
        )

    return verb


def how_it_stands(number: str) -> tuple[Problem, list[Move]]:
    with reading() as session:
        problem = session.exec(select(Problem).where(col(Problem.number) == number)).one()
        return problem, [event.move for event in timeline(session, problem)]


def test_two_who_close_the_same_problem_close_it_once(number: str) -> None:
    told = at_once(number, close, close)
    assert sorted(told) == ["", f"{number} 现在是“已销号”，不能销号，没有改动。"]
    problem, told_of = how_it_stands(number)
    assert problem.status is Status.CLOSED
    assert told_of.count(Move.CLOSE) == 1
    assert problem.closed_by == ("office", "office2")[told.index("")]


def test_one_closes_while_another_sends_back_and_exactly_one_of_them_wins(number: str) -> None:
    told = at_once(number, close, send_back)
    assert told.count("") == 1
    problem, told_of = how_it_stands(number)
    won, refusal = told.index(""), next(filter(None, told))
    assert (problem.status, refusal) == (
        (Status.CLOSED, f"{number} 现在是“已销号”，不能退回，没有改动。"),
        (Status.IN_PROGRESS, f"{number} 现在是“整改中”，不能销号，没有改动。"),
    )[won]
    assert told_of[-1] is (Move.CLOSE, Move.SEND_BACK)[won]


def test_of_two_corrections_of_the_same_state_the_second_is_told_of_the_first(
    number: str,
) -> None:
    seen = how_it_stands(number)[0].revision
    told = at_once(number, correct(seen, 3), correct(seen, 5))
    assert told.count("") == 1
    won = told.index("")
    name = ("张工", "李工")[won]
    assert next(filter(None, told)) == (
        f"{number} 在您打开之后已由 {name} 更正，没有保存。请看过最新情况再办。"
    )
    assert how_it_stands(number)[0].count == (3, 5)[won]
    with transaction() as session:
        assert ledger.differences(session) == []
