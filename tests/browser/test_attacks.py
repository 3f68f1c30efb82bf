"""What somebody with a sign-in of one's own, or with none, tries on the running server.

What the gate does by itself is tried without a server in tests/web/test_login_gate.py.
"""

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string
from tabs import PASSWORD
from test_takeover import cookies_of, session_id
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from daxing_safety.actions import accounts, audit, sessions
from daxing_safety.database import transaction

ACTS_WITHIN_S = 5


@contextmanager
def tab(url: str, cookies: str, *, origin: str | None = "", **headers: str) -> Iterator[Any]:
    """A websocket as a browser opens it; `origin` empty: the server's own."""
    with connect(
        f"{url.replace('http', 'ws')}/_stcore/stream",
        subprotocols=["streamlit", "token"],  # type: ignore[list-item]  # a new type of str
        origin=url if origin == "" else origin,  # type: ignore[arg-type]
        additional_headers={"Cookie": cookies, **headers},
        max_size=None,
    ) as socket:
        yield socket


def opened(socket: ClientConnection) -> str:
    """Runs the page and returns the number of its session."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    socket.send(message.SerializeToString())
    while True:
        told = ForwardMsg.FromString(socket.recv(timeout=30))  # type: ignore[arg-type]
        if told.WhichOneof("type") == "new_session":
            return told.new_session.initialize.session_id


def answer(url: str, method: str, path: str, *, cookies: str = "", **headers: str) -> int:
    """The status; what a browser may not set a script of an attacker may."""
    said = {"Cookie": cookies, **{name.replace("_", "-"): each for name, each in headers.items()}}
    request = urllib.request.Request(f"{url}{path}", method=method, headers=said, data=BODY)
    try:
        with urllib.request.build_opener(Stay).open(request) as given:
            return int(given.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code


BODY = (
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.xlsx"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\nPK\r\n--x--\r\n"
)
MULTIPART = "multipart/form-data; boundary=x"
PAIR = generate_xsrf_token_string()  # anybody can make one
XSRF = {"cookies": f"_streamlit_xsrf={PAIR}", "X_Xsrftoken": PAIR, "Content_Type": MULTIPART}


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def test_a_header_with_anothers_identity_opens_no_session_of_theirs(server: Any) -> None:
    office, auditor = cookies_of(server.url, "office"), cookies_of(server.url, "auditor")
    theirs = session_id(server.url, office)
    token = office.partition("daxing_session=")[2].partition(";")[0]
    forged = {"x-daxing-login": sessions.hash_of(token)[:32], "X-Daxing-Address": "10.0.0.1"}
    with connect(
        f"{server.url.replace('http', 'ws')}/_stcore/stream",
        subprotocols=["streamlit", "token", theirs],
        origin=server.url,
        additional_headers={"Cookie": auditor, **forged},
        max_size=None,
    ) as socket:
        assert opened(socket) != theirs


@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://elsewhere.example", "http://127.0.0.1:1", "http://localhost:8501"],
)
def test_a_websocket_from_anywhere_else_is_refused_at_once(server: Any, origin: str | None) -> None:
    cookies = cookies_of(server.url, "office")
    start = time.monotonic()
    with pytest.raises(InvalidStatus), tab(server.url, cookies, origin=origin):
        pass
    assert answer(server.url, "GET", "/healthz") == 200
    assert time.monotonic() - start < ACTS_WITHIN_S  # nobody waits for an outside address


def test_a_stranger_with_a_valid_pair_against_forgery_uploads_nothing(server: Any) -> None:
    with tab(server.url, cookies_of(server.url, "office")) as socket:
        path = f"/_stcore/upload_file/{opened(socket)}/1"
        assert answer(server.url, "PUT", path, **XSRF) == 401
        assert answer(server.url, "DELETE", path, **XSRF) == 401


def test_nobody_changes_the_files_of_anothers_tab(server: Any) -> None:
    own, other = cookies_of(server.url, "office"), cookies_of(server.url, "auditor")
    with tab(server.url, own) as socket:
        path = f"/_stcore/upload_file/{opened(socket)}/1"
        for cookies, status in ((other, 403), (own, 204)):
            said = XSRF | {"cookies": f"{cookies}; {XSRF['cookies']}"}
            assert answer(server.url, "PUT", path, **said) == status
            assert answer(server.url, "DELETE", path, **said) == status


@pytest.mark.parametrize(
    "path",
    ["/media/0123456789.png", "/_stcore/metrics", "/_stcore/script-health-check", "/component/x/y"],
)
def test_a_stranger_is_answered_by_nothing_of_streamlits(server: Any, path: str) -> None:
    assert answer(server.url, "GET", path) == 401


@pytest.mark.usefixtures("served_data")
@pytest.mark.parametrize("how", ["signing out", "disabling", "ending all sign-ins"])
def test_what_ends_a_sign_in_ends_its_open_tabs_within_five_seconds(server: Any, how: str) -> None:
    cookies = cookies_of(server.url, "leader")
    token = cookies.partition("daxing_session=")[2].partition(";")[0]
    with tab(server.url, cookies) as socket:
        opened(socket)
        with transaction() as session:
            if how == "signing out":
                sessions.end(session, token=token)
            elif how == "disabling":
                accounts.disable(session, username="leader", by=audit.SYSTEM)
            else:
                accounts.end_sessions(session, username="leader", by=audit.SYSTEM)
        start = time.monotonic()
        with pytest.raises(ConnectionClosed):
            while time.monotonic() - start < 2 * ACTS_WITHIN_S:
                socket.recv(timeout=2 * ACTS_WITHIN_S)
    if how == "disabling":
        with transaction() as session:
            accounts.enable(session, username="leader", by=audit.SYSTEM)
    assert time.monotonic() - start < ACTS_WITHIN_S


def test_the_sixth_wrong_password_is_not_even_looked_at(server: Any) -> None:
    """And every server counts alike: the failures stand in the database."""
    for _ in range(5):
        assert signs_in(server.url, "expert", "wrong") == 401
    assert signs_in(server.url, "expert", PASSWORD) == 401
    assert signs_in(server.url, "auditor", PASSWORD) == 303


def signs_in(url: str, username: str, password: str) -> int:
    with urllib.request.urlopen(f"{url}/login") as page:
        cookie = page.headers["set-cookie"].partition(";")[0]
        csrf = page.read().decode().partition('name="csrf" value="')[2].partition('"')[0]
    fields = {"csrf": csrf, "username": username, "password": password}
    request = urllib.request.Request(
        f"{url}/login", data=urlencode(fields).encode(), headers={"Cookie": cookie}
    )
    try:
        with urllib.request.build_opener(Stay).open(request) as given:
            return int(given.status)
    except urllib.error.HTTPError as told:
        return told.code
