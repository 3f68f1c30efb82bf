"""Two servers of the workbench on one PostgreSQL, behind nginx as docs/nginx.conf has it.

One test: to start all of them takes longer than what is done with them.
"""

import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import nginx
import pytest
from clusters import Cluster
from filling import work_points, written
from playwright.sync_api import Page, expect
from served import Server, free_port, give_passwords, process_on
from sqlmodel import col, select
from tabs import heading, settled

from daxing_safety import settings
from daxing_safety.actions import accounts, audit, rounds
from daxing_safety.database import transaction
from daxing_safety.models import Unit
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import ProgressStatus, Role

pytestmark = pytest.mark.postgresql

SignIn = Callable[..., Page]
Replicas = dict[str, "subprocess.Popen[bytes]"]  # by their addresses as nginx notes them


@pytest.fixture
def replicas(data_dir: Path) -> Iterator[Replicas]:
    give_passwords()
    with ExitStack() as stack:
        yield {
            f"127.0.0.1:{port}": stack.enter_context(process_on(port, data_dir))
            for port in (free_port(), free_port())
        }


@pytest.fixture
def proxy_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "nginx"
    folder.mkdir()
    return folder


@pytest.fixture
def server(replicas: Replicas, data_dir: Path, proxy_folder: Path) -> Iterator[Server]:
    """The proxy, where browsers are concerned."""
    plain, secure = free_port(), free_port()
    with nginx.running(proxy_folder, list(replicas), plain=plain, secure=secure):
        yield Server(f"https://127.0.0.1:{secure}", data_dir)


@pytest.fixture
def replica_of(proxy_folder: Path) -> Callable[[Page], str]:
    """Which server the proxy keeps a tab with."""

    def asked() -> list[str]:
        lines = (proxy_folder / "daxing.log").read_text().splitlines()
        return [line for line in lines if " /healthz " in line]  # no tab asks that by itself

    def found(tab: Page) -> str:
        before = len(asked())
        assert tab.request.get("/healthz").ok
        while len(asked()) == before:
            time.sleep(0.01)
        return asked()[-1].split()[-1]

    return found


@pytest.fixture
def workbook(data_dir: Path, tmp_path: Path) -> Path:
    """区水务局's of a round that is open."""
    path = tmp_path / "填报表.xlsx"
    now = settings.now()
    with transaction() as session:
        round_ = rounds.open_round(
            session,
            name="2021年第二季度",
            due_at=now.replace(month=6),
            by=operator(Role.OFFICE),
            now=now,
        )
        unit = session.exec(select(Unit).where(col(Unit.name) == "区水务局")).one()
        said = {"status": ProgressStatus.IN_PROGRESS, "percent": 80}
        path.write_bytes(written(session, round_, unit, work_points(_1_05=said)))
    return path


def test_people_go_on_while_servers_come_and_go(
    workbook: Path,
    sign_in: SignIn,
    replica_of: Callable[[Page], str],
    replicas: Replicas,
    cluster: Cluster,
    proxy_folder: Path,
) -> None:
    office = sign_in("office", "/review", ignore_https_errors=True)
    cookies = {cookie["name"]: cookie for cookie in office.context.cookies()}
    assert cookies["__Host-daxing_session"]["secure"]
    clerks = (sign_in("区水务局", "/submit", ignore_https_errors=True) for _ in range(12))
    clerk = next(tab for tab in clerks if replica_of(tab) != replica_of(office))

    clerk.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(workbook)
    expect(clerk.get_by_text("核对通过，请看一遍再确认")).to_be_visible()
    settled(clerk)
    clerk.get_by_role("button", name="确认报送").click()
    expect(clerk.get_by_text("报送成功：第1版")).to_be_visible()

    office.reload()
    expect(office.get_by_role("heading", name="区水务局 · 2021年第二季度 · 第1版")).to_be_visible()
    settled(office)
    cluster.stop("immediate")
    back = threading.Timer(3, cluster.start)
    back.start()
    office.get_by_role("button", name="审核通过").click()
    expect(office.get_by_text("没有待审核的报送")).to_be_visible()
    back.join()
    clerk.reload()
    expect(clerk.get_by_text(re.compile("第1版.*已通过审核"))).to_be_visible()

    lost = replicas[replica_of(office)]
    with office.expect_websocket():
        lost.kill()
    settled(office)
    office.get_by_role("link", name="总览").click()
    heading(office, "总览")
    assert replica_of(office) == replica_of(clerk)

    with transaction() as session:
        accounts.disable(session, username="区水务局", by=audit.SYSTEM)
    clerk.wait_for_url("**/login?*")
    noted = (proxy_folder / "daxing.log").read_text()
    assert "/_stcore/upload_file/ " in noted
    assert not re.search(r"upload_file/\S", noted)
    assert cookies["__Host-daxing_session"]["value"] not in noted
