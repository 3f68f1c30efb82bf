"""我的登录: everybody sees where they are signed in, and ends what should not be."""

import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from visits import form, hash_at, sign_in

from daxing_safety.actions import sessions


@pytest.fixture
def elsewhere(server_app: Starlette, wang: TestClient) -> TestClient:
    """小王 in a second browser."""
    client = TestClient(server_app, follow_redirects=False, headers={"user-agent": "Edg/120.0"})
    assert sign_in(client, "区水务局").status_code == 303
    return client


def handles(client: TestClient) -> list[str]:
    return re.findall(r'name="handle" value="([^"]+)"', client.get("/sign_ins").text)


def end(client: TestClient, handle: str) -> int:
    fields = {"csrf": form(client, "/password"), "handle": handle}
    return client.post("/sign_ins", data=fields).status_code


def test_the_page_tells_this_place_from_the_others(wang: TestClient, elsewhere: TestClient) -> None:
    page = wang.get("/sign_ins").text
    assert page.count("就是这里") == 1
    assert "Edge 120" in page
    assert handles(wang) == [sessions.handle_of(hash_at(elsewhere))]


def test_another_place_is_ended_and_this_one_stays(wang: TestClient, elsewhere: TestClient) -> None:
    (handle,) = handles(wang)
    assert end(wang, handle) == 303
    assert elsewhere.get("/media/0123.xlsx").status_code == 401
    assert wang.get("/media/0123.xlsx").status_code == 200
    assert handles(wang) == []
    assert end(wang, handle) == 400, "it is over already"


def test_nobody_ends_or_sees_a_colleagues(server_app: Starlette, wang: TestClient) -> None:
    liu = TestClient(server_app, follow_redirects=False)
    sign_in(liu, "区城管委")
    assert handles(liu) == []
    assert end(liu, sessions.handle_of(hash_at(wang))) == 400
    assert wang.get("/media/0123.xlsx").status_code == 200


def test_a_form_from_elsewhere_ends_nothing(wang: TestClient, elsewhere: TestClient) -> None:
    (handle,) = handles(wang)
    assert wang.post("/sign_ins", data={"handle": handle}).status_code == 400
    assert elsewhere.get("/media/0123.xlsx").status_code == 200


def test_it_is_for_who_has_signed_in(stranger: TestClient) -> None:
    assert stranger.get("/sign_ins").headers["location"] == "/login?next=%2Fsign_ins"
    assert stranger.post("/sign_ins").status_code == 401


def test_what_a_browser_calls_itself_is_text(server_app: Starlette) -> None:
    odd = {"user-agent": "<script>alert(1)</script>"}
    client = TestClient(server_app, follow_redirects=False, headers=odd)
    sign_in(client, "区水务局")
    assert "<script>" not in client.get("/sign_ins").text
