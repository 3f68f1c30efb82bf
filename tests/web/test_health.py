"""/healthz tells a balancer the truth, and a bug's number tells an administrator where."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from log_lines import kept
from starlette.applications import Starlette
from starlette.testclient import TestClient
from visits import sign_in

from daxing_safety import disks, logs
from daxing_safety.database import transaction
from daxing_safety.disks import Space
from daxing_safety.errors import StorageFault
from daxing_safety.web import health, login
from daxing_safety.writes import Stopping, Writes


@pytest.fixture(autouse=True)
def writes(monkeypatch: pytest.MonkeyPatch) -> Writes:
    """A server's of its own, which may come to its end."""
    fresh = Writes()
    monkeypatch.setattr(health, "writes", fresh)
    monkeypatch.setattr("daxing_safety.database.writes", fresh)
    return fresh


def test_all_is_well_and_no_more_is_said(stranger: TestClient) -> None:
    answer = stranger.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.headers["cache-control"] == "no-store"


def test_a_server_that_stops_says_so_and_takes_no_more_writes(
    stranger: TestClient, writes: Writes
) -> None:
    writes.refuse()
    answer = stranger.get("/healthz")
    assert (answer.status_code, "正在停止" in answer.text) == (503, True)
    assert "正在停止" in sign_in(stranger, "区水务局").text
    with pytest.raises(Stopping), transaction():
        pass


def test_a_write_that_failed_is_told_until_one_succeeds(
    stranger: TestClient, writes: Writes
) -> None:
    with pytest.raises(StorageFault), writes.one():
        raise StorageFault("服务器磁盘已满。")
    answer = stranger.get("/healthz")
    assert (answer.status_code, answer.text) == (503, "服务器磁盘已满。")
    with transaction():
        pass
    assert stranger.get("/healthz").status_code == 200


def test_a_write_that_failed_long_ago_says_nothing_about_now(writes: Writes) -> None:
    with pytest.raises(StorageFault), writes.one():
        raise StorageFault("服务器磁盘已满。")
    assert writes.fault(within_s=60)
    assert writes.fault(within_s=0) is None


def test_a_disk_that_is_as_good_as_full_is_told(
    stranger: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disks, "space", lambda _: Space(free=10**8, total=10**11))
    answer = stranger.get("/healthz")
    assert (answer.status_code, "快满了" in answer.text) == (503, True)


def test_a_stop_waits_for_what_is_under_way_and_not_for_ever(writes: Writes) -> None:
    with writes.one():
        writes.refuse()
        assert not writes.wait(0.01)
    assert writes.wait(0)


@pytest.fixture
def visitor(server_app: Starlette, data_dir: Path) -> Iterator[TestClient]:
    with TestClient(server_app, follow_redirects=False, raise_server_exceptions=False) as client:
        assert sign_in(client, "区水务局").status_code == 303
        yield client


def test_the_number_that_a_visitor_is_told_finds_the_request(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "password_page", lambda _: 1 // 0)
    with kept():
        answer = visitor.get("/password?secret=Lin-hai-7788")
    assert answer.status_code == 500
    assert "Zero" not in answer.text
    number = re.search(r"编号 ([0-9a-f]{8})", answer.text)
    assert number
    found = logs.find(number[1])
    assert found
    assert (found["user"], found["role"], found["path"]) == ("区水务局", "UNIT", "/password")
    assert found["exception"] == "ZeroDivisionError"
    assert "Lin-hai" not in logs.file().read_text("utf-8")
