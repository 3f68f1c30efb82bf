"""Every screen of the navigation, on a programme that is under way: in Chinese, and it fits."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page
from served import Server, serving
from tabs import PASSWORD, english_on, settled

from daxing_safety import database, settings
from daxing_safety.demo import build_demo

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """In place of the empty one: the demo, with the cast's password."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAXING_DATA_DIR", str(folder))
        environment.setenv("DAXING_TODAY", settings.DEMO_DAY.isoformat())
        environment.delenv("DAXING_DATABASE_URL", raising=False)
        database.upgrade()
        build_demo(password=PASSWORD)
        database.engines(settings.database_url()).dispose()
    with serving(folder) as started:
        yield started


def screens(tab: Page) -> list[str]:
    tab.get_by_test_id("stSidebarNavLink").first.wait_for(state="attached")
    links = tab.get_by_test_id("stSidebarNavLink").all()
    return [link.get_attribute("href") or "" for link in links]


def opened(tab: Page, address: str) -> None:
    tab.goto(address)
    tab.locator("h1").first.wait_for()
    if tab.get_by_test_id("stApp").count():
        settled(tab)


@pytest.mark.parametrize("username", ["office", "区水务局", "expert", "admin", "auditor"])
def test_no_screen_speaks_english(sign_in: Callable[..., Page], username: str) -> None:
    tab = sign_in(username)
    found = {}
    for address in screens(tab):
        opened(tab, address)
        found[address] = english_on(tab)
    assert {address: texts for address, texts in found.items() if texts} == {}


@pytest.mark.parametrize("username", ["office", "区水务局", "expert"])
def test_on_a_phone_no_screen_is_wider_than_the_phone(
    sign_in: Callable[..., Page], username: str
) -> None:
    tab = sign_in(username, **PHONE)
    wide = {}
    for address in screens(tab):
        opened(tab, address)
        width = tab.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            wide[address] = width
    assert wide == {}
