"""The server's own pages while the database cannot be used: a sentence each, and no restart."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kept_work import PDF, do_some_work
from locked_database import held
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from visits import HERE, hash_at, sign_in

from daxing_safety import database, files
from daxing_safety.web import sockets
from daxing_safety.web.trouble import TRY_AGAIN_LATER

pytestmark = pytest.mark.sqlite


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE_S", 1)


@pytest.fixture
def visitor(server_app: Starlette) -> Iterator[TestClient]:
    """小王, who sees what the server answers, whatever it was that failed."""
    with TestClient(server_app, follow_redirects=False, raise_server_exceptions=False) as client:
        assert sign_in(client, "区水务局").status_code == 303
        yield client


@contextmanager
def away(file: Path) -> Iterator[None]:
    """Somebody has taken it away meanwhile."""
    elsewhere = file.with_suffix(".elsewhere")
    shutil.move(file, elsewhere)
    yield
    shutil.move(elsewhere, file)


@pytest.mark.parametrize("path", ["/healthz", "/", "/todo", "/download/tasks/all", "/login"])
def test_every_address_says_what_is_wrong_and_works_again_afterwards(
    visitor: TestClient, data_dir: Path, path: str
) -> None:
    before = visitor.get(path).status_code
    with away(data_dir / "daxing.db"):
        answer = visitor.get(path)
        assert answer.status_code == 503
        assert answer.text.startswith("打不开数据库")
    assert visitor.get(path).status_code == before


def test_a_browser_gets_a_page_with_every_header_that_others_have(
    visitor: TestClient, data_dir: Path
) -> None:
    as_browsers_ask = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    with away(data_dir / "daxing.db"):
        answer = visitor.get("/todo", headers=as_browsers_ask)
    assert answer.status_code == 503
    assert "暂时不能使用" in answer.text and "打不开数据库" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")


def test_a_tab_is_told_to_come_back_later(visitor: TestClient, data_dir: Path) -> None:
    with (
        away(data_dir / "daxing.db"),
        pytest.raises(WebSocketDisconnect) as closed,
        visitor.websocket_connect("/_stcore/stream", headers={"origin": HERE}),
    ):
        pass
    assert closed.value.code == TRY_AGAIN_LATER


@pytest.mark.usefixtures("impatient")
def test_who_wants_to_sign_in_is_told_and_may_try_again(
    stranger: TestClient, data_dir: Path
) -> None:
    with held(data_dir):
        assert "数据库正被占用" in sign_in(stranger, "区水务局").text
    assert sign_in(stranger, "区水务局").status_code == 303


@pytest.mark.usefixtures("impatient")
def test_nothing_is_handed_out_that_the_log_cannot_note(
    visitor: TestClient, data_dir: Path
) -> None:
    with held(data_dir):
        answer = visitor.get("/download/template/U12")
        assert (answer.status_code, answer.text[:8]) == (503, "数据库正被占用，")


@pytest.mark.usefixtures("impatient")
def test_who_signed_out_is_seen_even_while_nothing_can_be_noted(
    visitor: TestClient, data_dir: Path
) -> None:
    signed_in = hash_at(visitor)
    with held(data_dir):
        assert sockets._touch_and_list({signed_in}) == {signed_in}


def test_evidence_whose_file_is_gone_is_said_to_be_gone(visitor: TestClient) -> None:
    do_some_work()
    assert visitor.get("/download/evidence/1").content == PDF
    path = files.path_of(files.keep(PDF))
    path.unlink()
    answer = visitor.get("/download/evidence/1")
    assert answer.status_code == 404
    assert answer.text == "存档文件不在磁盘上，请联系系统管理员从备份中恢复。"
