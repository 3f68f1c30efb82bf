"""What a visitor does with the server's plain pages."""

import re

import httpx2
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from daxing_safety.actions import sessions

HERE = "http://testserver"
PASSWORD = "Lin-hai-7788"


def form(client: TestClient, path: str) -> str:
    """Opens a page of ours and returns the value that its form must send back."""
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(path).text)
    assert found
    return found.group(1)


def sign_in(
    client: TestClient, username: str, password: str = PASSWORD, **fields: str
) -> httpx2.Response:
    fields = {"csrf": form(client, "/login"), "username": username, "password": password} | fields
    return client.post("/login", data=fields)


def change_password(
    client: TestClient, current: str, new: str, again: str | None = None
) -> httpx2.Response:
    fields = {"csrf": form(client, "/password"), "current": current, "new": new}
    return client.post("/password", data=fields | {"again": new if again is None else again})


def hash_at(client: TestClient) -> str:
    """What is stored of the client's sign-in."""
    return sessions.hash_of(client.cookies["daxing_session"])


def told_to_go(client: TestClient, **headers: str) -> str:
    """Where a websocket that is not let in sends its tab."""
    with client.websocket_connect("/_stcore/stream", headers={"origin": HERE} | headers) as socket:
        message = ForwardMsg.FromString(socket.receive_bytes())
        with pytest.raises(WebSocketDisconnect):
            socket.receive_bytes()
    return message.auth_redirect.url
