"""What every answer carries, and Streamlit's own page as we hand it out."""

import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.web.server.app_discovery import discover_asgi_app

from daxing_safety import settings
from daxing_safety.web import shell


@pytest.mark.parametrize("path", ["/login", "/assets/zh.js", "/media/x", "/overview", "/healthz"])
def test_every_answer_carries_the_security_headers(stranger: TestClient, path: str) -> None:
    headers = stranger.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_our_pages_are_kept_nowhere(stranger: TestClient) -> None:
    assert stranger.get("/login").headers["cache-control"] == "no-store"


def test_streamlits_page_is_served_in_chinese_and_without_inline_scripts(wang: TestClient) -> None:
    html = wang.get("/overview").text
    assert '<html lang="zh-CN"' in html
    assert "<title>大兴创安工作台</title>" in html
    assert not re.search(r"<script>|You need to enable JavaScript|openapi\.json", html)


def test_a_streamlit_whose_page_changed_fails_at_start() -> None:
    changed = shell.index_of_streamlit().replace("<title>Streamlit</title>", "<title>New</title>")
    with pytest.raises(RuntimeError, match="title"):
        shell.translated(changed)


def test_a_bug_is_told_by_number_and_never_by_traceback(
    server_app: Starlette, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr("daxing_safety.web.login.has_no_accounts", broken)
    with TestClient(server_app, raise_server_exceptions=False) as client:
        answer = client.get("/login")
    assert answer.status_code == 500
    number = re.search(r"编号 ([0-9a-f]{8})", answer.text)
    assert number and number.group(1) in [getattr(each, "number", "") for each in caplog.records]
    assert "ZeroDivisionError" not in answer.text


def test_streamlit_recognises_the_app_and_so_runs_it_with_the_gate() -> None:
    assert discover_asgi_app(settings.ROOT / "app.py").import_string == "app:app"
