"""The gate as a stranger, a signed-in user and an attacker meet it."""

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from visits import HERE, hash_at, sign_in, told_to_go

from daxing_safety.actions import accounts, audit
from daxing_safety.database import transaction
from daxing_safety.web import server

STREAMLITS_OWN = (
    "/_stcore/metrics",
    "/_stcore/upload_file/a-session/a-file",
    "/_stcore/agent/interact",
    "/media/0123456789abcdef.xlsx",
    "/component/x/index.html",
    "/manifest.json",
)


def test_a_page_leads_a_stranger_to_the_sign_in_and_back(stranger: TestClient) -> None:
    answer = stranger.get("/tasks?unit=U05&month=2021-10")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Ftasks%3Funit%3DU05%26month%3D2021-10"

    page = stranger.get(answer.headers["location"])
    assert 'name="next" value="/tasks?unit=U05&amp;month=2021-10"' in page.text

    answer = sign_in(stranger, "区水务局", next="/tasks?unit=U05&month=2021-10")
    assert answer.headers["location"] == "/tasks?unit=U05&month=2021-10"


@pytest.mark.parametrize("path", STREAMLITS_OWN)
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "OPTIONS"])
def test_nothing_of_streamlit_answers_a_stranger(
    stranger: TestClient, reached: list[str], method: str, path: str
) -> None:
    assert stranger.request(method, path).status_code == 401
    assert reached == []


def test_a_strangers_websocket_is_sent_to_the_sign_in_and_makes_no_session(
    stranger: TestClient, reached: list[str]
) -> None:
    assert told_to_go(stranger) == "/login?expired=1"
    assert told_to_go(stranger, cookie="daxing_session=guessed") == "/login?expired=1"
    assert reached == []


def test_what_a_tab_needs_to_connect_again_answers_without_a_sign_in(
    stranger: TestClient, reached: list[str]
) -> None:
    assert stranger.get("/_stcore/health").status_code == 200
    assert stranger.get("/_stcore/host-config").status_code == 200
    assert stranger.get("/healthz").text == "ok"


@pytest.mark.parametrize("path", ["/static/../_stcore/metrics", "//overview", "/Overview", "/a/b"])
def test_odd_paths_are_no_way_around(stranger: TestClient, path: str) -> None:
    answer = stranger.get(HERE + path)
    assert "behind the gate" not in answer.text or path.startswith("/static/")


def test_a_signed_in_websocket_carries_the_gates_identity_and_nobody_elses(
    wang: TestClient, reached: list[str]
) -> None:
    forged = {"origin": HERE, "x-daxing-login": "forged", "X-Daxing-User": "office"}
    with wang.websocket_connect("/_stcore/stream", headers=forged) as socket:
        socket.send_bytes(b"a click")
    assert reached == [f"socket {hash_at(wang)[:32]}", "a click", "closed"]


def test_identity_headers_from_outside_are_dropped(wang: TestClient) -> None:
    answer = wang.get("/media/0123.xlsx", headers={"x-daxing-login": "forged", "x-other": "kept"})
    assert "x-daxing-login" not in answer.headers
    assert answer.headers["x-other"] == "kept"


def test_a_sign_in_that_ends_takes_its_open_websocket_along(
    wang: TestClient, reached: list[str]
) -> None:
    with wang.websocket_connect("/_stcore/stream", headers={"origin": HERE}) as socket:
        socket.send_bytes(b"before")
        wang.portal.call(server.watch.sweep)
        with transaction() as session:
            accounts.disable(session, username="区水务局", by=audit.SYSTEM)
        wang.portal.call(server.watch.sweep)
        message = ForwardMsg.FromString(socket.receive_bytes())
        assert message.auth_redirect.url == "/login?expired=1"
        with pytest.raises(WebSocketDisconnect):
            socket.receive_bytes()
        socket.send_bytes(b"after")
    assert reached[1:] == ["before", "closed"]


def test_streamlit_never_has_to_judge_an_origin(wang: TestClient) -> None:
    # It would ask an outside address for its own first, and everybody would wait.
    answer = wang.put("/_stcore/upload_file/a/b", headers={"origin": HERE})
    assert answer.text == "behind the gate"
    assert "origin" not in answer.headers


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "http://testserver:8000", "null"])
def test_other_sites_are_refused_before_streamlit(
    wang: TestClient, reached: list[str], origin: str
) -> None:
    assert wang.get("/media/0123.xlsx", headers={"origin": origin}).status_code == 403
    assert wang.post("/logout", headers={"origin": origin}).status_code == 403
    with (
        pytest.raises(WebSocketDisconnect),
        wang.websocket_connect("/_stcore/stream", headers={"origin": origin}),
    ):
        pass
    assert reached == []


def test_a_websocket_must_say_where_it_comes_from(wang: TestClient, reached: list[str]) -> None:
    with pytest.raises(WebSocketDisconnect), wang.websocket_connect("/_stcore/stream"):
        pass
    assert reached == []


def test_only_the_servers_own_names_are_answered_when_they_are_given(
    stranger: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAXING_HOSTS", "chuangan.bjdx.local,testserver")
    assert stranger.get("/login").status_code == 200
    assert stranger.get("/login", headers={"host": "chuangan.bjdx.local:8501"}).status_code == 200
    assert stranger.get("/login", headers={"host": "rebound.example"}).status_code == 403


@pytest.mark.parametrize("host", ["", "a b", "x/y", "user@testserver"])
def test_a_host_that_is_no_host_is_refused(stranger: TestClient, host: str) -> None:
    assert stranger.get("/login", headers={"host": host}).status_code == 403
