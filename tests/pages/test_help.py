"""帮助 shows the manual: to everybody, one's own chapter first, with pictures that exist."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from daxing_safety.ui import help as manual

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]


@pytest.mark.parametrize(
    ("username", "own"),
    [
        ("区水务局", "填报人"),
        ("office", "创安办"),
        ("leader", "区领导"),
        ("expert", "专家"),
        ("admin", "系统管理员"),
        ("auditor", "审计员"),
    ],
)
def test_everybody_reads_the_own_chapter_first_and_nobody_elses(
    sign_in: SignIn, open_page: OpenPage, username: str, own: str
) -> None:
    sign_in(username)
    screen = open_page("help")
    assert not screen.exception
    assert [tab.label for tab in screen.tabs] == [own, "开始之前", "常见问题", "状态一览"]


def test_every_role_with_a_chapter_finds_it_in_the_manual() -> None:
    assert set(manual.OWN_CHAPTERS.values()) <= {each.title for each in manual.manual()}


def test_every_picture_of_the_manual_is_there() -> None:
    text = manual.MANUAL.read_text("utf-8")
    named = [file for _, file in manual.PICTURE.findall(text)]
    assert named
    assert text.count("![") == len(named)
    assert [file for file in named if not (manual.DOCS / file).is_file()] == []
