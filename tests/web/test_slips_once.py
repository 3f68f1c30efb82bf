"""密码条 are fetched once, by whoever issued them, within ten minutes, and never stored."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.testclient import TestClient
from visits import sign_in

from daxing_safety import settings
from daxing_safety.actions import accounts, audit
from daxing_safety.actions.accounts import NewAccount
from daxing_safety.database import reading, transaction
from daxing_safety.documents.slips import Slip
from daxing_safety.models import AuditEvent, User
from daxing_safety.vocabulary import Role
from daxing_safety.web import slips

WATER = Slip("区水务局", "小王", "区水务局", "ABCD-efgh-2345")


@pytest.fixture
def zhao(stranger: TestClient) -> TestClient:
    """赵工, who looks after the accounts, signed in."""
    assert sign_in(stranger, "admin").status_code == 303
    return stranger


@pytest.fixture
def kept() -> Iterator[str]:
    """The address of 赵工's slips."""
    now = settings.clock()
    with reading() as session:
        by = session.exec(select(User).where(col(User.username) == "admin")).one()
    made = slips.document([WATER], address="http://here", by="系统管理员赵工", now=now)
    id_ = slips.keep(made, by=by, now=now)
    yield f"/download/slips/{id_}"
    slips._kept.clear()


def test_they_come_as_a_word_document_once(zhao: TestClient, kept: str) -> None:
    answer = zhao.get(kept)
    assert answer.status_code == 200
    assert answer.content.startswith(b"PK")
    assert answer.headers["cache-control"] == "no-store"
    again = zhao.get(kept)
    assert again.status_code == 404
    assert "只能下载一次" in again.text


def test_nobody_else_gets_them_and_they_still_wait_for_their_owner(
    server_app: Starlette, zhao: TestClient, kept: str
) -> None:
    with transaction() as session:
        second = NewAccount("admin2", "", Role.ADMIN, None)
        hash_ = session.exec(select(User.password_hash).where(User.username == "admin")).one()
        accounts.add_users(session, new=[(second, hash_)], by=audit.SYSTEM, now=settings.clock())
        new = session.exec(select(User).where(User.username == "admin2")).one()
        new.must_change_password = False
    with TestClient(server_app, follow_redirects=False) as other:
        assert other.get(kept).status_code == 401
        for username, status in [("office", 403), ("区水务局", 403), ("admin2", 404)]:
            other.cookies.clear()
            sign_in(other, username)
            assert other.get(kept).status_code == status
    assert zhao.get(kept).status_code == 200


def test_an_address_that_was_guessed_gives_nothing(zhao: TestClient, kept: str) -> None:
    for guess in ("x", kept.rsplit("/", 1)[1][:-1], "%2e%2e"):
        assert zhao.get(f"/download/slips/{guess}").status_code in (404, 422)


def test_after_ten_minutes_they_are_gone(zhao: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slips, "KEPT_FOR", timedelta(0))
    now = settings.clock()
    with reading() as session:
        by = session.exec(select(User).where(col(User.username) == "admin")).one()
    id_ = slips.keep(b"PK", by=by, now=now)
    for _ in range(500):  # the timer runs in a thread of its own
        if not slips.is_waiting(id_):
            break
        time.sleep(0.01)
    assert not slips.is_waiting(id_)
    assert zhao.get(f"/download/slips/{id_}").status_code == 404


def test_fetching_them_is_in_the_log_and_no_password_is_anywhere(
    zhao: TestClient, kept: str, data_dir: Path
) -> None:
    zhao.get(kept)
    with reading() as session:
        event = session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(1)).one()
    assert (event.username, event.action) == ("admin", "下载")
    assert event.subject.startswith("密码条_")
    stored = b"".join(path.read_bytes() for path in data_dir.rglob("*") if path.is_file())
    assert WATER.password.encode() not in stored


def test_the_list_to_be_filled_in_is_the_administrators(
    server_app: Starlette, zhao: TestClient
) -> None:
    answer = zhao.get("/download/account_list/template")
    assert answer.content.startswith(b"PK")
    with TestClient(server_app, follow_redirects=False) as other:
        sign_in(other, "office")
        assert other.get("/download/account_list/template").status_code == 403
