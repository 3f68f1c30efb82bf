"""A real server with data of its own, and Chromium in front of it.

Every tab fails its test when anything asks another machine, breaks the content security policy
or raises in the browser.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from served import Server, give_passwords, serving
from tabs import fill_in

from daxing_safety import database, settings

# Other tests run beside these on the same two cores.
expect.set_options(timeout=30_000)

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The product as it is started for work, with the cast's accounts."""
    folder = tmp_path_factory.mktemp("served") / "data"
    shutil.copytree(installed, folder)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAXING_DATA_DIR", str(folder))
        give_passwords()
    with serving(folder) as started:
        yield started


@pytest.fixture
def served_data(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the test writes now, the server sees."""
    monkeypatch.setenv("DAXING_DATA_DIR", str(server.data_dir))
    monkeypatch.delenv("DAXING_DATABASE_URL", raising=False)
    yield
    database.engines(settings.database_url()).dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def new_tab(server: Server, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a tab in a browser of its own: `new_tab(width=390, color_scheme="dark")`."""
    contexts, faults = [], []

    def watch(page: Page) -> None:
        local = (server.url, "data:", "blob:")
        page.on(
            "request",
            lambda request: None if request.url.startswith(local) else faults.append(request.url),
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: faults.append(said.text) if "Content Security" in said.text else None,
        )

    def opened(*, width: int = 1366, height: int = 850, **options: Any) -> Page:
        context = chromium.new_context(
            base_url=server.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": height},
            **options,
        )
        context.set_default_timeout(30_000)
        context.on("page", watch)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def sign_in(new_tab: Callable[..., Page]) -> Callable[..., Page]:
    """A tab in which this user has just signed in: `sign_in("office", "/tasks")`."""

    def signed_in(username: str, path: str = "/", **options: Any) -> Page:
        tab = new_tab(**options)
        tab.goto(path)
        fill_in(tab, username)
        tab.wait_for_selector('[data-testid="stAppViewContainer"]')
        return tab

    return signed_in
