"""Every answer, whoever asks for whatever, bears the headers that keep a browser from harm."""

import re

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from visits import sign_in

from daxing_safety.web import server
from daxing_safety.web.downloads import DOWNLOADS
from daxing_safety.web.handouts import XLSX, ZIP
from daxing_safety.web.portrait import DOCX

STREAMLITS = (
    "/", "/overview", "/_stcore/health", "/_stcore/host-config", "/_stcore/metrics",
    "/_stcore/upload_file/a/b", "/media/0123456789abcdef.png", "/component/x/index.html",
)  # fmt: skip
ODD = ("/nowhere", "/a/b/c", "/download/unheard-of/1", "/download/evidence/../../etc/passwd", "//x")
WITHOUT_DATA = ("/assets/app.css", "/favicon.ico")
SANDBOX = "sandbox; default-src 'none'"


def ours() -> list[str]:
    """The addresses of our own routes, with something in the places of their parameters."""
    found = []
    for route in server.ROUTES:
        if isinstance(route, Route):
            found.append(re.sub(r"{[^}]*}", "x", route.path))
        else:
            assert isinstance(route, Mount) and route.path == "/assets"
    return sorted(set(found))


@pytest.mark.parametrize("path", [*ours(), *STREAMLITS, *ODD, *WITHOUT_DATA])
@pytest.mark.parametrize("username", ["", "区水务局", "office"])
def test_every_answer_bears_the_headers(stranger: TestClient, username: str, path: str) -> None:
    if username:
        sign_in(stranger, username)
    for method in ("GET", "POST"):
        headers = stranger.request(method, f"http://testserver{path}").headers
        policy = headers["content-security-policy"]
        assert policy == SANDBOX or (
            "default-src 'self'" in policy
            and "frame-ancestors 'none'" in policy
            and "object-src 'none'" in policy
            and "script-src 'self' 'wasm-unsafe-eval';" in policy
            and "http:" not in policy
        )
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert "geolocation=()" in headers["permissions-policy"]
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("path", [*ours(), *STREAMLITS, *ODD])
@pytest.mark.parametrize("username", ["", "区水务局"])
def test_no_browser_keeps_what_may_hold_data(
    stranger: TestClient, username: str, path: str
) -> None:
    if username:
        sign_in(stranger, username)
    if path in WITHOUT_DATA:
        return
    kept = stranger.get(f"http://testserver{path}").headers["cache-control"]
    # The shell is the same for everybody and empty; it is asked for anew each time.
    assert kept == "no-store" or (kept == "no-cache" and re.fullmatch(r"/[a-z_]*", path))


def test_behind_https_a_browser_never_goes_back_to_http(server_app: Starlette) -> None:
    with TestClient(server_app, base_url="https://testserver") as client:
        header = client.get("/login").headers["strict-transport-security"]
    assert int(header.removeprefix("max-age=")) >= 31_536_000


def test_no_answer_says_what_the_server_runs_on(stranger: TestClient) -> None:
    for path in ("/login", "/nowhere", "/healthz"):
        headers = stranger.get(path).headers
        assert "x-powered-by" not in headers and "uvicorn" not in headers.get("server", "")


# ---- what users sent in is only ever saved ------------------------------------------------------

HARMLESS_TYPES = {XLSX, DOCX, ZIP, "application/octet-stream", "image/jpeg"}


def test_files_have_types_that_no_browser_runs() -> None:
    """The types stand in one field, and these are all there are."""
    from daxing_safety.web import evidence, handouts, portrait

    assert {handouts.XLSX, handouts.ZIP, portrait.DOCX, evidence.ANY_FILE, evidence.JPEG} == (
        HARMLESS_TYPES
    )


@pytest.mark.parametrize("kind", DOWNLOADS)
def test_whatever_a_download_answers_nothing_of_it_runs(stranger: TestClient, kind: str) -> None:
    sign_in(stranger, "office")
    for wanted in ("1", "all", "x", "<script>alert(1)", "%00", "..\\app.py"):
        answer = stranger.get(f"/download/{kind}/{wanted}")
        if answer.status_code == 200:
            assert answer.headers["content-disposition"].startswith("attachment")
            assert answer.headers["content-security-policy"] == SANDBOX
            assert answer.headers["content-type"] in HARMLESS_TYPES
        else:
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"


# ---- forms -------------------------------------------------------------------------------------


def posts() -> list[str]:
    return [each.path for each in server.ROUTES if isinstance(each, Route) and takes_post(each)]


def takes_post(route: Route) -> bool:
    return "POST" in (route.methods or ())


@pytest.mark.parametrize("path", posts())
@pytest.mark.parametrize("forged", ["", "csrf=guessed", "csrf="])
def test_a_form_that_is_not_ours_changes_nothing(wang: TestClient, path: str, forged: str) -> None:
    before = dict(wang.cookies)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = wang.post(path, content=forged, headers=kind)
    # /wall is not a clerk's, /setup is gone with the first account: both lead away.
    assert answer.status_code in (303, 400, 403)
    assert wang.cookies.get("daxing_session") == before["daxing_session"]
    assert wang.get("/password").status_code == 200


def test_every_way_to_change_something_is_a_known_post() -> None:
    known = {"/login", "/logout", "/password", "/setup", "/sign_ins", "/wall", "/wall/close"}
    assert set(posts()) <= known
    for route in server.ROUTES:
        if isinstance(route, Route):
            assert (route.methods or set()) <= {"GET", "HEAD", "POST"}


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\u202e", "\u200b"])
def test_what_no_keyboard_writes_is_no_answer_in_a_form(
    stranger: TestClient, character: str
) -> None:
    answer = sign_in(stranger, f"区水务局{character}")
    assert answer.status_code == 400 and answer.text.endswith("。")
