"""Files for a signed-in viewer."""

import pytest
from starlette.testclient import TestClient

from daxing_safety.errors import NotFound
from daxing_safety.models import User
from daxing_safety.web import downloads
from daxing_safety.web.downloads import Download


@pytest.fixture
def one_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(viewer: User, name: str) -> Download:
        if name != "1":
            raise NotFound("没有这份文件。")
        return Download(f"{viewer.username} 填报表.xlsx", b"PK")

    monkeypatch.setitem(downloads.DOWNLOADS, "example", fetch)


@pytest.mark.usefixtures("one_kind")
def test_a_file_is_always_saved_and_never_shown(wang: TestClient) -> None:
    answer = wang.get("/download/example/1")
    assert answer.content == b"PK"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"download.xlsx\"; filename*=UTF-8''"
        "%E5%8C%BA%E6%B0%B4%E5%8A%A1%E5%B1%80%20%E5%A1%AB%E6%8A%A5%E8%A1%A8.xlsx"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.usefixtures("one_kind")
def test_what_a_viewer_may_not_have_is_refused_in_a_sentence(wang: TestClient) -> None:
    assert wang.get("/download/example/2").text == "没有这份文件。"
    assert wang.get("/download/unheard-of/1").status_code == 404
    wang.cookies.clear()
    assert wang.get("/download/example/1").status_code == 401


@pytest.mark.parametrize("name", ['a".xlsx', "a.xl\r\nx: y", "表.数据", "无后缀"])
def test_no_name_breaks_out_of_the_header(name: str) -> None:
    header = downloads.disposition(name)
    assert header.isascii() and header.isprintable()
    assert header.count('"') == 2
