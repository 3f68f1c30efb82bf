"""统一认证: whose word counts for who somebody is, and whose does not."""

import os
from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest
from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect
from visits import HERE, PASSWORD, change_password, form, sign_in, told_to_go

from daxing_safety import settings
from daxing_safety.actions import accounts, audit
from daxing_safety.database import reading, transaction
from daxing_safety.errors import UserFacingError
from daxing_safety.models import AuditEvent, User
from daxing_safety.web import portal

PROXY = "10.0.0.5"


def raw(headers: dict[str, str]) -> dict[bytes, bytes]:
    """As a proxy passes them on."""
    return {name.encode(): value.encode() for name, value in headers.items()}


WANG, LIU = raw({"x-remote-user": "区水务局"}), raw({"x-remote-user": "区城管委"})


@pytest.fixture
def portal_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAXING_PROXY_USER_HEADER", "X-Remote-User")
    monkeypatch.setenv("DAXING_PROXY_ADDRESSES", f"10.0.0.4, {PROXY}")


def client_from(app: Starlette, address: str) -> TestClient:
    return TestClient(app, follow_redirects=False, client=(address, 50000))


@pytest.fixture
def proxied(server_app: Starlette, portal_on: None) -> TestClient:
    """A browser that comes in through the portal's proxy."""
    return client_from(server_app, PROXY)


def last_events(number: int) -> list[AuditEvent]:
    with reading() as session:
        query = select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(number)
        return list(reversed(session.exec(query).all()))


def account(username: str) -> User:
    with reading() as session:
        return session.exec(select(User).where(col(User.username) == username)).one()


# ---- in ----------------------------------------------------------------------------------------


def test_whom_the_portal_names_is_signed_in_without_a_password(
    proxied: TestClient, reached: list[str]
) -> None:
    answer = proxied.get("/problems?unit=U05", headers=WANG)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/problems?unit=U05"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert proxied.get("/media/0123.xlsx", headers=WANG).status_code == 200
    assert reached == ["/media/0123.xlsx"]
    (event,) = last_events(1)
    assert (event.username, event.action) == ("区水务局", "登录")
    assert event.remark == f"统一认证，{PROXY}"


def test_the_sign_in_page_leads_on_instead_of_asking(proxied: TestClient) -> None:
    answer = proxied.get("/login?next=%2Ftasks%3Funit%3DU05", headers=WANG)
    assert answer.headers["location"] == "/tasks?unit=U05"
    answer = proxied.get("/login?next=//elsewhere.example", headers=LIU)
    assert answer.headers["location"] == "/"


def test_the_browsers_own_address_and_protocol_come_from_the_proxy(proxied: TestClient) -> None:
    forwarded = {"x-forwarded-for": "10.9.9.9", "x-forwarded-proto": "https"}
    answer = proxied.get("/tasks", headers=WANG | raw(forwarded))
    assert "Secure" in answer.headers["set-cookie"]
    assert last_events(1)[0].remark == "统一认证，10.9.9.9"


def test_without_a_name_a_password_is_asked_for_as_ever(proxied: TestClient) -> None:
    assert proxied.get("/tasks").headers["location"].startswith("/login?next=")
    assert sign_in(proxied, "区水务局").status_code == 303


def test_a_websocket_hangs_on_the_same_user(proxied: TestClient, reached: list[str]) -> None:
    proxied.get("/tasks", headers=WANG)
    with proxied.websocket_connect("/_stcore/stream", headers={"origin": HERE} | WANG) as socket:
        socket.send_bytes(b"a click")
    assert "a click" in reached


# ---- not in --------------------------------------------------------------------------------------


def test_while_it_is_off_the_header_means_nothing(stranger: TestClient) -> None:
    answer = stranger.get("/tasks", headers=WANG)
    assert answer.headers["location"].startswith("/login?next=")
    assert stranger.get("/media/x", headers=WANG).status_code == 401


@pytest.mark.usefixtures("portal_on")
@pytest.mark.parametrize(
    "forged",
    [{}, {"x-forwarded-for": PROXY}, {"x-real-ip": PROXY}, {"forwarded": f"for={PROXY}"}],
)
def test_nobody_but_the_proxy_is_believed_whatever_they_say_of_themselves(
    server_app: Starlette, forged: dict[str, str]
) -> None:
    elsewhere = client_from(server_app, "10.0.0.66")
    answer = elsewhere.get("/tasks", headers=WANG | raw(forged))
    assert answer.headers["location"].startswith("/login?next=")
    assert "set-cookie" not in answer.headers


def test_a_browser_behind_the_proxy_cannot_make_itself_the_proxy(proxied: TestClient) -> None:
    # The proxy names whom it signed in; what came from the browser in X-Forwarded-For is no peer.
    answer = proxied.get("/tasks", headers={"x-forwarded-for": f"{PROXY}, 10.9.9.9"})
    assert answer.headers["location"].startswith("/login?next=")


@pytest.mark.parametrize("name", ["某某局", "LEADER", "Leader"])
def test_an_unknown_user_is_told_so_and_gets_nothing(proxied: TestClient, name: str) -> None:
    answer = proxied.get("/tasks", headers=raw({"x-remote-user": name}))
    assert answer.status_code == 403
    assert f"没有用户名为“{name}”的可用账号" in answer.text
    assert "daxing_session" not in proxied.cookies
    (event,) = last_events(1)
    assert (event.action, event.subject) == ("登录失败", "（没有这个账号）")


@pytest.mark.parametrize("how", ["disabled", "over"])
def test_an_account_that_may_not_come_in_does_not(proxied: TestClient, how: str) -> None:
    with transaction() as session:
        user = session.exec(select(User).where(col(User.username) == "区水务局")).one()
        if how == "disabled":
            user.is_disabled = True
        else:
            user.valid_until = settings.clock().date().replace(year=2020)
        session.add(user)
    answer = proxied.get("/tasks", headers=WANG)
    assert answer.status_code == 403
    assert "daxing_session" not in proxied.cookies
    assert last_events(1)[0].action == "登录失败"


@pytest.mark.parametrize(
    "names",
    [
        ["leader", "leader"],
        ["leader", "office"],
        ["区水\u200b务局"],
        ["x" * 65],
        [" "],
    ],
)
def test_a_header_that_is_not_one_plain_name_lets_nobody_in(
    proxied: TestClient, names: list[str], reached: list[str]
) -> None:
    headers = [(b"X-Remote-User", name.encode()) for name in names]
    assert proxied.get("/tasks", headers=headers).status_code == 400
    assert "daxing_session" not in proxied.cookies
    assert reached == []


def test_nor_does_it_open_a_websocket(proxied: TestClient, reached: list[str]) -> None:
    proxied.get("/tasks", headers=WANG)
    odd = {"origin": HERE, "x-remote-user": "x" * 65}
    with (
        pytest.raises(WebSocketDisconnect),
        proxied.websocket_connect("/_stcore/stream", headers=odd),
    ):
        pass
    assert reached == []


# ---- somebody else's cookie ----------------------------------------------------------------------


def test_the_portals_word_counts_more_than_somebody_elses_cookie(
    proxied: TestClient, reached: list[str]
) -> None:
    proxied.get("/tasks", headers=WANG)
    former = proxied.cookies["daxing_session"]
    assert proxied.get("/media/0123.xlsx", headers=LIU).status_code == 401
    assert proxied.post("/password", headers=LIU).status_code == 401
    assert told_to_go(proxied, **{"x-remote-user": "leader"}) == "/login?expired=1"
    assert reached == []

    assert proxied.get("/tasks", headers=LIU).status_code == 303
    assert proxied.cookies["daxing_session"] != former
    assert proxied.get("/media/0123.xlsx", headers=LIU).status_code == 200
    old = raw({"cookie": f"daxing_session={former}"}) | WANG
    proxied.cookies.clear()
    assert proxied.get("/media/0123.xlsx", headers=old).status_code == 401, "it was ended"


def test_an_unknown_user_does_not_go_on_with_somebody_elses_cookie(proxied: TestClient) -> None:
    proxied.get("/tasks", headers=WANG)
    unknown = {"x-remote-user": "nobody"}
    assert proxied.get("/tasks", headers=unknown).status_code == 403
    assert proxied.get("/media/0123.xlsx", headers=unknown).status_code == 401


# ---- passwords and signing out -------------------------------------------------------------------


def test_an_initial_password_is_void_once_its_owner_came_through_the_portal(
    proxied: TestClient, server_app: Starlette
) -> None:
    with transaction() as session:
        accounts.reset_password(
            session, username="区水务局", password=PASSWORD, by=audit.SYSTEM, now=settings.clock()
        )
    proxied.get("/tasks", headers=WANG)
    assert proxied.get("/media/0123.xlsx", headers=WANG).status_code == 200
    assert [event.action for event in last_events(2)] == ["作废密码", "登录"]
    assert account("区水务局").password_hash == ""
    assert "没有单独的密码" in proxied.get("/password", headers=WANG).text
    elsewhere = client_from(server_app, "10.0.0.66")
    assert "用户名或密码不正确" in sign_in(elsewhere, "区水务局").text


def test_a_password_of_ones_own_stays(proxied: TestClient, server_app: Starlette) -> None:
    proxied.get("/tasks", headers=WANG)
    assert sign_in(client_from(server_app, "10.0.0.66"), "区水务局").status_code == 303


def test_signing_out_says_that_the_portal_still_lets_in(proxied: TestClient) -> None:
    proxied.get("/tasks", headers=WANG)
    here = {"sec-fetch-site": "same-origin"}
    answer = proxied.get("/auth/logout", headers=WANG | raw(here))
    assert answer.headers["location"] == "/login?out=1"
    page = proxied.get("/login?out=1", headers=WANG)
    assert page.status_code == 200
    assert "统一认证（区水务局）的登录仍然有效" in page.text
    assert "daxing_session" not in proxied.cookies
    assert proxied.get("/", headers=WANG).status_code == 303


def test_changing_the_password_works_through_the_portal(proxied: TestClient) -> None:
    proxied.get("/tasks", headers=WANG)
    proxied.headers.update(WANG)  # the proxy puts it on every request
    assert change_password(proxied, PASSWORD, "Yong-ding-9931").status_code == 303
    assert proxied.get("/media/0123.xlsx").status_code == 200


def test_a_password_typed_for_another_account_does_not_outdo_the_portal(
    proxied: TestClient, server_app: Starlette
) -> None:
    csrf = form(client_from(server_app, "10.0.0.66"), "/login")
    fields = {"csrf": csrf, "username": "leader", "password": PASSWORD}
    proxied.cookies.set("daxing_form", csrf)
    proxied.post("/login", data=fields, headers=WANG)
    assert proxied.get("/media/0123.xlsx", headers=WANG).status_code == 401


# ---- set up --------------------------------------------------------------------------------------


Told = list[tuple[int, str, bool]]


def through(peer: str, *headers: tuple[bytes, bytes]) -> Told:
    """What comes out behind: the answer's status, the user named, whether the header is there."""
    told: Told = []

    async def behind(scope: Scope, receive: Receive, send: Send) -> None:
        is_there = any(name == b"x-remote-user" for name, _ in scope["headers"])
        told.append((200, scope.get(portal.PORTAL_USER, ""), is_there))

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            told.append((message["status"], "", False))

    scope = {"type": "http", "client": (peer, 1), "headers": list(headers), "scheme": "http"}
    # In a thread of its own: where browser tests ran before, this one has a loop already.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(anyio.run, portal.PortalHeader(behind), scope, receive, send).result()
    return told


@pytest.mark.usefixtures("portal_on")
def test_the_header_is_dropped_before_anybody_else_sees_it() -> None:
    header = (b"x-remote-user", b"leader")
    assert through(PROXY, header) == [(200, "leader", False)]
    assert through("10.0.0.66", header) == [(200, "", False)]


@pytest.mark.usefixtures("portal_on")
def test_a_name_in_another_encoding_is_refused_and_not_guessed_at() -> None:
    assert through(PROXY, (b"x-remote-user", "大兴".encode("gbk"))) == [(400, "", False)]


@pytest.mark.parametrize(
    ("header", "addresses", "told"),
    [
        ("X-Remote-User", "", "必须同时设置"),
        ("", PROXY, "必须同时设置"),
        ("X-Remote-User", "portal.example", "不是 IP 地址"),
        ("X-Remote-User", "10.0.0.0/8", "不是 IP 地址"),
        ("X-Remote-User", "10.0.0.5,", "不是 IP 地址"),
        ("Cookie", PROXY, "不能是“Cookie”"),
        ("x-daxing-login", PROXY, "不能是"),
        ("X Remote", PROXY, "不能是"),
    ],
)
def test_what_is_half_set_up_or_wrong_does_not_start(
    monkeypatch: pytest.MonkeyPatch, header: str, addresses: str, told: str
) -> None:
    monkeypatch.setenv("DAXING_PROXY_USER_HEADER", header)
    monkeypatch.setenv("DAXING_PROXY_ADDRESSES", addresses)
    with pytest.raises(UserFacingError, match=told):
        portal.check_start()
    with pytest.raises(UserFacingError, match=told):
        portal.leave_addresses_alone()


def test_a_server_on_ipv6_knows_the_proxy_by_its_ipv4_address(
    server_app: Starlette, portal_on: None
) -> None:
    client = client_from(server_app, f"::ffff:{PROXY}")
    assert client.get("/tasks", headers=WANG).headers["location"] == "/tasks"


@pytest.mark.usefixtures("portal_on")
def test_a_start_that_would_let_headers_change_the_peer_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(portal.BELIEVED, raising=False)
    with pytest.raises(UserFacingError, match="serve 启动"):
        portal.check_start()
    monkeypatch.setenv(portal.BELIEVED, "10.0.0.5")
    portal.leave_addresses_alone()
    assert os.environ[portal.BELIEVED] == ""
    portal.check_start()


def test_without_a_portal_uvicorn_keeps_its_own_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(portal.BELIEVED, "10.0.0.1")
    portal.leave_addresses_alone()
    portal.check_start()
    assert os.environ[portal.BELIEVED] == "10.0.0.1"
