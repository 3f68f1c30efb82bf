"""Pages as Streamlit runs them, without a browser, for a user who signed in for real."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from page_work import ROUND, user
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from daxing_safety import settings
from daxing_safety.actions import rounds, sessions
from daxing_safety.database import transaction
from daxing_safety.ui import access
from daxing_safety.web.server import ENTRY

SLOW_FIRST_IMPORTS_S = 60


@pytest.fixture(scope="session", autouse=True)
def no_search_for_components() -> Iterator[None]:
    """We use none, and searching all installed packages for some costs ten times a page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            BidiComponentManager, "discover_and_register_components", lambda *_, **__: None
        )
        yield


@pytest.fixture
def sign_in(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """From here on the pages are looked at by this user; returns the token of the sign-in."""

    def signed_in(username: str) -> str:
        visitor = sessions.Visitor(address="127.0.0.1", browser="test", token="")
        with transaction() as session:
            token = sessions.start(
                session, username=username, visitor=visitor, now=settings.clock()
            )
        monkeypatch.setattr(access, "session_token", lambda: token)
        return token

    return signed_in


@pytest.fixture
def open_page(data_dir: Path) -> Callable[..., AppTest]:
    """Runs a page through the entry script: `open_page("tasks", unit="U05")`."""

    def opened(file: str = "", **filters: str) -> AppTest:
        screen = AppTest.from_file(ENTRY, default_timeout=SLOW_FIRST_IMPORTS_S).run()
        if not file:
            return screen
        screen.switch_page(f"../../pages/{file}.py")
        for name, value in filters.items():
            screen.query_params[name] = value
        return screen.run()

    return opened


@pytest.fixture
def open_round(data_dir: object) -> None:
    with transaction() as session:
        office = user(session, "office")
        rounds.open_round(
            session,
            name=ROUND,
            due_at=datetime(2021, 5, 25, 17, 0),
            by=office,
            now=settings.now(),
        )
