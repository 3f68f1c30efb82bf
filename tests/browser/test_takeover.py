"""A Streamlit session belongs to the sign-in that opened it, whoever else knows its id."""

import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from tabs import PASSWORD
from websockets.sync.client import connect


def cookies_of(url: str, username: str) -> str:
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(f"{url}/login").read().decode()
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf
    fields = {"csrf": csrf.group(1), "username": username, "password": PASSWORD}
    browser.open(f"{url}/login", urllib.parse.urlencode(fields).encode())
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def session_id(url: str, cookies: str, *, resume: str = "") -> str:
    """Opens a page over a websocket as a browser does and returns its session's id."""
    subprotocols: list[Any] = ["streamlit", "token", *([resume] if resume else [])]
    with connect(
        f"{url.replace('http', 'ws')}/_stcore/stream",
        subprotocols=subprotocols,
        origin=url,  # type: ignore[arg-type]  # a new type of str
        additional_headers={"Cookie": cookies},
        max_size=None,
    ) as socket:
        message = BackMsg()
        message.rerun_script.query_string = ""
        socket.send(message.SerializeToString())
        while True:
            told = ForwardMsg.FromString(socket.recv(timeout=30))  # type: ignore[arg-type]
            if told.WhichOneof("type") == "new_session":
                return told.new_session.initialize.session_id


def test_another_user_who_knows_a_sessions_id_gets_a_session_of_his_own(server: Any) -> None:
    office, auditor = cookies_of(server.url, "office"), cookies_of(server.url, "auditor")
    opened = session_id(server.url, office)
    assert session_id(server.url, office, resume=opened) == opened
    assert session_id(server.url, auditor, resume=opened) != opened
