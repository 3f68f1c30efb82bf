"""Two units' lives under their marks, lived once; every test walks a copy of its own."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import pytest
from marked_lives import Life, live
from reading_screens import Reader
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.components.v2.component_manager import BidiComponentManager

from daxing_safety import database, settings
from daxing_safety.actions import sessions
from daxing_safety.ui import access
from daxing_safety.web import server

TODAY = "2021-05-20"
LIVES = "lives.json"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who may do what is decided before any database is asked; one run of the walk will do."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.sqlite)


@pytest.fixture(scope="session")
def lived(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lived") / "data"
    shutil.copytree(installed, folder)
    with pytest.MonkeyPatch.context() as environment:
        _point_at(folder, environment)
        with database.transaction() as session:
            lives = live(session)
        database.engines(settings.database_url()).dispose()
    text = json.dumps({name: asdict(life) for name, life in lives.items()}, ensure_ascii=False)
    (folder / LIVES).write_text(text, encoding="utf-8")
    return folder


def _point_at(folder: Path, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DAXING_DATA_DIR", str(folder))
    environment.setenv("DAXING_TODAY", TODAY)
    environment.delenv("DAXING_DATABASE_URL", raising=False)


@pytest.fixture
def data_dir(lived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "data"
    shutil.copytree(lived, folder)
    _point_at(folder, monkeypatch)
    yield folder
    database.engines(settings.database_url()).dispose()


@pytest.fixture(scope="session")
def lives(lived: Path) -> dict[str, Life]:
    told = json.loads((lived / LIVES).read_text(encoding="utf-8"))
    return {name: Life(**life | {"points": tuple(life["points"])}) for name, life in told.items()}


@pytest.fixture(scope="session")
def water(lives: dict[str, Life]) -> Life:
    """What 区水务局's things go by."""
    return lives["区水务局"]


@pytest.fixture(scope="session")
def city(lives: dict[str, Life]) -> Life:
    """What 区城管委's things go by."""
    return lives["区城管委"]


@pytest.fixture
def sign_in(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """From here on the pages are opened by this user; returns the token of the sign-in."""

    def signed_in(username: str) -> str:
        token = token_of(username)
        monkeypatch.setattr(access, "session_token", lambda: token)
        return token

    return signed_in


@pytest.fixture(scope="session", autouse=True)
def no_search_for_components() -> Iterator[None]:
    """We use none, and searching all installed packages for some costs ten times a page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            BidiComponentManager, "discover_and_register_components", lambda *_, **__: None
        )
        yield


@pytest.fixture
def reader(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    return Reader(monkeypatch)


@pytest.fixture
def visit(data_dir: Path) -> Iterator[Callable[..., TestClient]]:
    """A browser before our gate, signed in as somebody or nobody: `visit("leader")`."""
    app = Starlette(
        routes=server.ROUTES,
        middleware=server.MIDDLEWARE,
        exception_handlers=server.EXCEPTION_HANDLERS,
    )
    with ExitStack() as opened:

        def visited(username: str = "", scheme: str = "http") -> TestClient:
            address = f"{scheme}://testserver"
            client = opened.enter_context(TestClient(app, address, follow_redirects=False))
            if username:
                client.cookies.set(sessions.COOKIE, token_of(username))
            return client

        yield visited


def token_of(username: str) -> str:
    visitor = sessions.Visitor(address="testclient", browser="test", token="")
    with database.transaction() as session:
        return sessions.start(session, username=username, visitor=visitor, now=settings.clock())
