"""举一反三 as Streamlit runs it: sent from a problem's card, answered in 待办."""

from collections.abc import Callable
from datetime import date

import pytest
from problem_lives import NOW, register
from sqlmodel import Session, col, select
from streamlit.testing.v1 import AppTest

from daxing_safety.actions import peer_checks
from daxing_safety.database import reading, transaction
from daxing_safety.models import PeerAnswer, Problem, Unit, User

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]


def unit(session: Session, name: str) -> Unit:
    return session.exec(select(Unit).where(col(Unit.name) == name)).one()


def user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()


@pytest.fixture
def number(data_dir: object) -> str:
    """What an expert found at 区城管委; 区水务局 answers for the same rule."""
    with transaction() as session:
        return register(session, unit(session, "区城管委"), user(session, "office")).number


@pytest.fixture
def asked(number: str) -> None:
    with transaction() as session:
        problem = session.exec(select(Problem).where(col(Problem.number) == number)).one()
        office = user(session, "office")
        peer_checks.send(session, problem=problem, question="有没有？", by=office, now=NOW)


def said() -> PeerAnswer:
    with reading() as session:
        return session.exec(
            select(PeerAnswer).where(col(PeerAnswer.unit_code) == unit(session, "区水务局").code)
        ).one()


def button(screen: AppTest, label: str) -> AppTest:
    return next(each for each in screen.button if each.label == label).click().run()


def form(check_id: int) -> None:
    """The form alone: the test runs a page as a whole, which closes a dialog at every click."""
    from daxing_safety.reports.todo.items import Item, Kind, Link, PeerQuestion
    from daxing_safety.ui.problems import peer_answers

    case = PeerQuestion(check_id)
    peer_answers.ask(Item(Kind.PEER_CHECK, "有没有？", Link("problems", "看问题", {}), case=case))


def test_the_question_waits_in_todo_with_its_form(
    asked: None, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("区水务局")
    screen = button(open_page("todo"), "答复举一反三")
    assert screen.radio(key="peer_verdict").options == ["没有同样的问题", "有同样的问题"]
    screen = screen.button(key="say_so").click().run()
    assert not screen.exception
    assert "请选择有没有同样的问题" in screen.error[0].value
    sign_in("区城管委")
    assert "答复举一反三" not in [each.label for each in open_page("todo").button]


def test_the_clerk_says_no_and_a_refused_form_stays_open_with_what_was_typed(
    asked: None, sign_in: SignIn
) -> None:
    sign_in("区水务局")
    screen = AppTest.from_function(form, kwargs={"check_id": 1}).run()
    screen = screen.radio(key="peer_verdict").set_value("没有同样的问题").run()
    screen = screen.button(key="say_so").click().run()
    assert "核查了哪些点位" in screen.error[0].value
    assert screen.radio(key="peer_verdict").value == "没有同样的问题"
    screen.text_area(key="peer_checked").input("抽查 30 处，均有水")
    screen = screen.button(key="say_so").click().run()
    assert not screen.exception
    assert (said().has_same, said().remark) == (False, "抽查 30 处，均有水")


def test_the_clerk_says_yes_and_a_problem_is_opened(asked: None, sign_in: SignIn) -> None:
    sign_in("区水务局")
    screen = AppTest.from_function(form, kwargs={"check_id": 1}).run()
    screen = screen.radio(key="peer_verdict").set_value("有同样的问题").run()
    words = {"site": "清源路9号", "target": "恢复供水", "responsible": "王科长"}
    for field, word in words.items():
        screen.text_input(key=f"peer_{field}").input(word)
    screen.text_area(key="peer_description").input("消火栓无水")
    screen.text_area(key="peer_measure").input("更换阀门")
    screen.number_input(key="peer_count").set_value(2)
    screen.date_input(key="peer_due_on").set_value(date(2021, 6, 4))
    screen = screen.button(key="say_so").click().run()
    assert not screen.exception
    with reading() as session:
        query = select(Problem).where(col(Problem.number) == said().problem_number)
        problem = session.exec(query).one()
    assert (problem.site, problem.count, problem.due_on) == ("清源路9号", 2, date(2021, 6, 4))


def test_the_office_sends_a_check_from_the_card_and_sees_who_has_not_answered(
    number: str, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = button(open_page("problems", problem=number), "发起举一反三")
    screen = screen.button(key="send_now").click().run()
    assert not screen.exception and said().has_same is None
    reminders = [each.value for each in screen.code]
    assert any("区水务局" in text for text in reminders)


def test_a_clerk_does_not_see_what_the_peers_say(
    asked: None, number: str, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("区城管委")
    screen = open_page("problems", problem=number)
    assert not screen.exception
    assert "举一反三" not in [each.value for each in screen.subheader]
