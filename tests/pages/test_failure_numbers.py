"""系统: the number that a user read out leads the administrator to when, where and who."""

from collections.abc import Callable, Iterator

import pytest
from log_lines import broken, kept
from streamlit.testing.v1 import AppTest

from daxing_safety import logs
from daxing_safety.errors import NotAllowed
from daxing_safety.logs.scene import Scene, _scene
from daxing_safety.permissions import operator
from daxing_safety.reports import system
from daxing_safety.vocabulary import Role

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]


@pytest.fixture
def number(data_dir: object) -> Iterator[str]:
    """Of a bug that 张工 met on 问题整改."""
    with kept():
        before = _scene.set(Scene(address="10.0.0.7", path="/problems", username="office"))
        yield logs.failure(broken())
        _scene.reset(before)


def found_on_screen(screen: AppTest, typed: str) -> AppTest:
    screen.text_input(key="failure").input(typed)
    return screen.button(key="find_failure").click().run()


def test_a_number_leads_to_who_met_the_error_where(
    sign_in: SignIn, open_page: OpenPage, number: str
) -> None:
    sign_in("admin")
    screen = found_on_screen(open_page("system"), number.upper())
    assert not screen.exception
    shown = " ".join(each.proto.body for each in screen.get("html"))
    assert all(each in shown for each in ("/problems", "office", "10.0.0.7", "ZeroDivisionError"))
    assert "Traceback" not in shown


def test_a_number_that_nobody_was_told_is_not_found(
    sign_in: SignIn, open_page: OpenPage, number: str
) -> None:
    sign_in("admin")
    screen = found_on_screen(open_page("system"), "00000000")
    assert any("没有这个编号" in each.value for each in screen.info)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_else_asks(number: str, role: Role) -> None:
    with pytest.raises(NotAllowed):
        system.failure(number, viewer=operator(role))
