"""The routes that are no page and no download: signed out, from another site, without our token.

Every route of ours stands in a table written by hand; so does what Streamlit serves itself.
"""

from collections.abc import Callable

import httpx2
import pytest
from sqlmodel import col, select
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from daxing_safety import passwords, settings
from daxing_safety.actions import sessions
from daxing_safety.database import transaction
from daxing_safety.models import User
from daxing_safety.web import gate, server

Visit = Callable[..., TestClient]
PASSWORD = "Lin-hai-7788"
ELSEWHERE = {"origin": "https://elsewhere.example"}

# A new route of ours: say here whether it answers without a sign-in, and why it may.
PUBLIC = {
    "GET /login": "where one signs in",
    "POST /login": "where one signs in",
    "GET /logout": "a sign-in that is over may be left once more",
    "POST /logout": "the same",
    "GET /auth/logout": "where Streamlit's own button leads",
    "GET /setup": "leads on to /login once there is an account",
    "POST /setup": "asks for the code on the terminal, and only until there is an account",
    "GET /healthz": "says ok",
    "GET /favicon.ico": "a picture",
    "GET /assets": "scripts and styles, no data",
}
SIGNED_IN = {
    *("GET /password", "POST /password", "GET /wall", "POST /wall", "POST /wall/close"),
    *("GET /download/{kind}/{id}", "GET /{page:page}"),
    *("GET /sign_ins", "POST /sign_ins"),
}
# Of Streamlit's, everything but these two asks for a sign-in.
STREAMLITS_PUBLIC = ("/_stcore/health", "/_stcore/host-config")
STREAMLITS = (
    *("/_stcore/stream", "/_stcore/upload_file/session/file", "/_stcore/metrics"),
    *(
        "/_stcore/script-health-check",
        "/_stcore/bidi-components/x/y.js",
        "/_stcore/agent/openapi.json",
    ),
    *("/media/0123.png", "/component/x/index.html", "/app/static/x.html", "/oauth2callback"),
    *("/auth/login", "/~/+/media/0123.png", "/problems/_stcore/health", "/problems/media/0123.png"),
)


def _routes() -> set[str]:
    """METHOD path, a mount by its folder."""
    found = set()
    for each in server.ROUTES:
        methods = each.methods or () if isinstance(each, Route) else ("GET",)
        assert isinstance(each, Route | Mount)
        found |= {f"{method} {each.path}" for method in methods if method != "HEAD"}
    return found


POSTS = sorted(each.removeprefix("POST ") for each in _routes() if each.startswith("POST"))


def test_of_every_route_it_is_said_who_may_ask() -> None:
    assert _routes() == PUBLIC.keys() | SIGNED_IN


def test_the_gate_lets_no_other_path_through() -> None:
    ours = {each.split(" ")[1] for each in PUBLIC if not each.endswith("/assets")}
    assert ours | {*STREAMLITS_PUBLIC} == gate.PUBLIC
    assert gate.PUBLIC_FOLDERS == ("/assets/", "/static/")


def refuses(answer: httpx2.Response) -> bool:
    leads_in = answer.headers.get("location", "").startswith("/login")
    return answer.status_code == 401 or (answer.status_code == 303 and leads_in)


@pytest.mark.parametrize("route", sorted(SIGNED_IN))
def test_a_stranger_is_sent_to_the_sign_in(route: str, visit: Visit) -> None:
    method, path = route.split(" ")
    path = path.replace("{kind}/{id}", "problems/all").replace("{page:page}", "problems")
    assert refuses(visit().request(method, path))


@pytest.mark.parametrize("path", STREAMLITS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_of_streamlits_answers_a_stranger(method: str, path: str, visit: Visit) -> None:
    assert refuses(visit().request(method, path))


@pytest.mark.parametrize(
    "path", ["/assets/../daxing.db", "/assets/%2e%2e/%2e%2e/app.py", "/static/..%2f"]
)
def test_no_folder_leads_out_of_itself(path: str, visit: Visit) -> None:
    assert visit().get(path).status_code in (401, 404)


# ---- posting -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", POSTS)
def test_no_other_site_posts_in_anybodys_name(path: str, visit: Visit) -> None:
    leader = visit("leader")
    answer = leader.post(path, data={"csrf": "x"}, headers=ELSEWHERE)
    assert answer.status_code == 403
    assert leader.get("/password").status_code == 200  # still signed in, all as it was


@pytest.mark.parametrize("path", POSTS)
def test_a_post_without_the_token_of_our_own_form_does_nothing(path: str, visit: Visit) -> None:
    leader = visit("leader")
    for cookie in ("", "guessed"):
        leader.cookies.set("daxing_form", cookie)
        answer = leader.post(path, data={"csrf": "another"})
        assert answer.status_code in (303, 400)
        assert sessions.COOKIE not in answer.headers.get("set-cookie", "")
        assert sessions.WALL_COOKIE not in answer.headers.get("set-cookie", "")
        assert leader.get("/password").status_code == 200


@pytest.mark.parametrize("path", POSTS)
def test_a_stranger_posts_nothing(path: str, visit: Visit) -> None:
    answer = visit().post(path, data={"csrf": "x", "username": "office", "password": "x"})
    assert refuses(answer) or answer.status_code == 400


def test_signing_out_takes_more_than_a_link_on_another_site(visit: Visit) -> None:
    leader = visit("leader")
    for fetched_from in ("cross-site", "same-site", "none"):
        answer = leader.get("/logout", headers={"sec-fetch-site": fetched_from})
        assert answer.status_code == 200
    assert leader.get("/password").status_code == 200


# ---- cookies -------------------------------------------------------------------------------------


def _signed_in(client: TestClient) -> httpx2.Response:
    """The form's cookie and the sign-in's, as the browser keeps them."""
    page = client.get("/login")
    csrf = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    fields = {"csrf": csrf, "username": "leader", "password": PASSWORD}
    return client.post("/login", data=fields)


@pytest.fixture
def leader_with_a_password(visit: Visit) -> None:
    with transaction() as session:
        leader = session.exec(select(User).where(col(User.username) == "leader")).one()
        leader.password_hash = passwords.hash_of(PASSWORD)
        leader.password_changed_at = settings.clock()
        session.add(leader)


@pytest.mark.usefixtures("leader_with_a_password")
def test_over_https_cookies_are_bound_to_this_very_host(visit: Visit) -> None:
    browser = visit(scheme="https")
    told = [*browser.get("/login").headers.get_list("set-cookie")]
    told += _signed_in(browser).headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in told] == [
        "__Host-daxing_form",
        "__Host-daxing_session",
    ]
    for cookie in told:
        assert "HttpOnly" in cookie and "Secure" in cookie and "Path=/;" in cookie
        assert "Domain" not in cookie
    assert browser.get("/password").status_code == 200


@pytest.mark.usefixtures("leader_with_a_password")
def test_the_walls_cookie_is_for_https_and_its_own_path(visit: Visit) -> None:
    browser = visit(scheme="https")
    _signed_in(browser)
    csrf = browser.get("/wall").text.partition('name="csrf" value="')[2].partition('"')[0]
    told = browser.post("/wall", data={"csrf": csrf}).headers["set-cookie"]
    assert told.startswith("__Secure-daxing_wall=")
    assert "Path=/wall" in told and "Secure" in told and "HttpOnly" in told
    assert 'id="wall"' in browser.get("/wall").text


@pytest.mark.usefixtures("leader_with_a_password")
def test_signing_out_over_https_takes_the_cookie_back(visit: Visit) -> None:
    browser = visit(scheme="https")
    _signed_in(browser)
    told = browser.get("/logout", headers={"sec-fetch-site": "same-origin"}).headers["set-cookie"]
    assert told.startswith('__Host-daxing_session=""') and "Secure" in told
    assert "__Host-daxing_session" not in browser.cookies


def test_a_cookie_planted_without_tls_does_not_count_over_https(visit: Visit) -> None:
    """Another host of the domain, or a page over HTTP, may set one without the prefix."""
    victim, attacker = visit(scheme="https"), visit("区城管委")
    victim.cookies.set("daxing_session", attacker.cookies["daxing_session"])
    assert refuses(victim.get("/password"))
