"""The server's own pages and its gate, with a plain ASGI app in Streamlit's place behind them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from visits import PASSWORD, sign_in

from daxing_safety import passwords, settings
from daxing_safety.database import transaction
from daxing_safety.models import User
from daxing_safety.web import server


@pytest.fixture(autouse=True)
def cast_with_passwords(data_dir: Path) -> None:
    known = passwords.hash_of(PASSWORD)
    with transaction() as session:
        for user in session.exec(select(User)):
            user.password_hash = known
            user.password_changed_at = settings.clock()
            session.add(user)


@pytest.fixture
def reached() -> list[str]:
    """What came through to Streamlit's place."""
    return []


@pytest.fixture
def server_app(reached: list[str]) -> Starlette:
    async def page(request: Request) -> PlainTextResponse:
        reached.append(request.url.path)
        return PlainTextResponse("behind the gate", headers=dict(request.headers))

    async def stream(socket: WebSocket) -> None:
        reached.append("socket " + socket.headers.get("x-daxing-login", "without identity"))
        await socket.accept("streamlit")
        try:
            while True:
                reached.append((await socket.receive_bytes()).decode())
        except WebSocketDisconnect:
            reached.append("closed")

    inner = [
        WebSocketRoute("/_stcore/stream", stream),
        Route("/{path:path}", page, methods=["GET", "PUT"]),
    ]
    return Starlette(
        routes=[*server.ROUTES, *inner],
        middleware=server.MIDDLEWARE,
        exception_handlers=server.EXCEPTION_HANDLERS,
    )


@pytest.fixture
def stranger(server_app: Starlette) -> Iterator[TestClient]:
    with TestClient(server_app, follow_redirects=False) as client:
        yield client


@pytest.fixture
def wang(stranger: TestClient) -> TestClient:
    """小王 of 区水务局, signed in."""
    assert sign_in(stranger, "区水务局").status_code == 303
    return stranger
