"""Whatever people wrote is shown as they wrote it, on every screen and to every role.

Every text of the programme is hostile (tests/threats/hostile_texts.py). The tabs' own watch fails
the test when a script raises, anything asks another machine or breaks the content security policy.
"""

import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from served import Server, serving
from tabs import settled

sys.path.append(str(Path(__file__).parent.parent / "threats"))
from hostile_texts import BODIES, ELSEWHERE, build, hostile

# What a page must not have made out of a text: a link, a picture or a script of somebody else's.
MADE_OF_TEXT = f"""() => [...document.querySelectorAll('a[href], img[src], script, iframe, svg a')]
  .filter((each) => /{re.escape(ELSEWHERE)}|^javascript:|alert\\(/i.test(
    (each.getAttribute('href') || '') + (each.getAttribute('xlink:href') || '')
    + (each.getAttribute('src') || '') + (each.tagName === 'SCRIPT' ? each.textContent : '')))
  .map((each) => each.outerHTML)"""
ACTS = (
    "() => [...document.querySelectorAll('[onerror], [onload], [onclick]')].map(e => e.outerHTML)"
)
MARKERS = ("<script>alert(2)</script>", "![图](", "<b>粗</b>A<b>&C&amp;", ":red[红]", "{{7*7}}{%")
UNSEEN = "\N{WORD JOINER}"  # by which ui.messages.plain keeps addresses from becoming links


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("hostile") / "data"
    build(folder)
    with serving(folder) as started:
        yield started


@pytest.fixture
def dialogs() -> list[str]:
    return []


@pytest.fixture
def signed_in(sign_in: Callable[..., Page], dialogs: list[str]) -> Callable[[str], Page]:
    def opened(username: str) -> Page:
        tab = sign_in(username)

        def note(dialog: object) -> None:
            dialogs.append(str(dialog))
            dialog.dismiss()  # type: ignore[attr-defined]

        tab.on("dialog", note)
        return tab

    return opened


def screens(tab: Page) -> list[str]:
    tab.get_by_test_id("stSidebarNavLink").first.wait_for(state="attached")
    links = tab.get_by_test_id("stSidebarNavLink").all()
    return [link.get_attribute("href") or "" for link in links]


def opened(tab: Page, address: str) -> None:
    tab.goto(address)
    tab.locator("h1, h2, h3").first.wait_for()
    if tab.get_by_test_id("stApp").count():
        settled(tab)


def number_of_a_problem(folder: Path, unit: str) -> str:
    with closing(sqlite3.connect(folder / "daxing.db")) as database:
        its = "unit_code = (SELECT code FROM unit WHERE name = ?)"
        query = f"SELECT number FROM problem WHERE {its} ORDER BY number"
        found = database.execute(query, [unit]).fetchone()
    return found[0] if found else ""


def unharmed(tab: Page) -> list[str]:
    return [*tab.evaluate(MADE_OF_TEXT), *tab.evaluate(ACTS)]


# What lies behind a click: a row, a card, a square.
BEHIND = {
    "office": (
        "/problems?problem=P00001", "/problems?problem=P00079", "/problems?problem=P00070",
        "/problems?problem=P00085", "/problems?view=board", "/progress?cell=U14.3",
        "/problems?q=%3Cscript%3Ealert(1)%3C/script%3E&status=NOT_STARTED", "/hotline?report=1",
        "/evidence?material=1", "/tasks?point=1-05", "/review?submission=188",
        "/meeting?meeting=1", "/portrait?unit=U14", "/losses?bill=U14",
    ),
    "leader": ("/portrait?unit=U16", "/problems?problem=P00001", "/compare?before=2021-04-15"),
    "区教委": ("/problems?problem={own}", "/evidence?view=files"),
    "auditor": ("/log?q=%3Cimg%20src=x%20onerror=alert(1)%3E", "/log?event=1"),
    "admin": (),
    "expert": (),
}  # fmt: skip


@pytest.mark.parametrize("username", BEHIND)
def test_no_text_acts_on_any_screen(
    server: Server, signed_in: Callable[[str], Page], dialogs: list[str], username: str
) -> None:
    tab = signed_in(username)
    own = number_of_a_problem(server.data_dir, username)
    found, literal = {}, 0
    for address in (*screens(tab), *(each.format(own=own) for each in BEHIND[username])):
        opened(tab, address)
        if harm := unharmed(tab):
            found[address] = harm
        text = tab.locator("body").inner_text()
        literal += any(marker in text for marker in MARKERS)
    assert found == {}
    assert dialogs == []
    # An administrator's screens show names and counts alone, an expert's what was drawn for it.
    assert literal or username in ("admin", "expert")


def test_a_problem_says_letter_by_letter_what_was_written(
    signed_in: Callable[[str], Page],
) -> None:
    tab = signed_in("office")
    opened(tab, "/problems?problem=P00001")
    expect(tab.get_by_text("<script>alert(2)</script>").first).to_be_visible()
    assert hostile(0) in tab.locator("body").inner_text().replace(UNSEEN, "")
    assert unharmed(tab) == []


def test_the_wall_shows_texts_too(signed_in: Callable[[str], Page], dialogs: list[str]) -> None:
    tab = signed_in("leader")
    tab.goto("/wall")
    tab.get_by_role("button").first.click()
    tab.locator(".wall, main, body").first.wait_for()
    assert unharmed(tab) == [] and dialogs == []


@pytest.mark.parametrize("body", BODIES)
def test_the_plain_pages_give_back_what_was_typed_as_text(
    new_tab: Callable[..., Page], body: str
) -> None:
    tab = new_tab()
    tab.goto("/login?next=" + "javascript:alert(1)")
    tab.fill("#username", body)
    tab.fill("#password", body)
    tab.get_by_role("button", name="登录").click()
    expect(tab.locator("#username")).to_have_value(body)
    assert unharmed(tab) == []
