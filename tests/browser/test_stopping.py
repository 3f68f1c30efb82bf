"""The server is asked to stop while people hand in: what was begun ends, and nothing is lost."""

import asyncio
import re
import shutil
import signal
import sqlite3
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from asides import run_aside
from served import Server, free_port, give_passwords, process_on
from sqlmodel import col, select
from tabs import PASSWORD

from benchmarks import handing_in
from benchmarks.handing_in import CONFIRM, SCREEN, UPLOADER, Workbook
from benchmarks.sessions import Broken, Browser, Tab
from daxing_safety import database, logs, settings
from daxing_safety.actions import rounds
from daxing_safety.database import reading, transaction
from daxing_safety.models import Unit
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import Role

CLERKS = ("区水务局", "区城管委")
OF_EACH = 3
STOPPING = "系统正在停止"
Running = tuple[Server, subprocess.Popen[bytes]]


@pytest.fixture
def files(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[Workbook]]:
    """Filled workbooks of both clerks' units, in a folder of data of this test's own."""
    folder = tmp_path / "data"
    shutil.copytree(installed, folder)
    monkeypatch.setenv("DAXING_DATA_DIR", str(folder))
    monkeypatch.delenv("DAXING_DATABASE_URL", raising=False)
    give_passwords()
    due_at, now = datetime(2021, 5, 25, 17, 0), datetime(2021, 5, 20, 9, 0)
    with transaction() as session:
        by = operator(Role.OFFICE)
        rounds.open_round(session, name="2021年第二季度", due_at=due_at, by=by, now=now)
    with reading() as session:
        units = session.scalars(select(Unit).where(col(Unit.name).in_(CLERKS))).all()
        yield handing_in.workbooks(session, OF_EACH * len(CLERKS), units)
    database.engines(settings.database_url()).dispose()


@pytest.fixture
def running(files: list[Workbook]) -> Iterator[Running]:
    port = free_port()
    with process_on(port, settings.data_dir()) as process:
        yield Server(f"http://127.0.0.1:{port}", settings.data_dir()), process


async def ready_to_confirm(url: str, workbook: Workbook) -> Tab:
    """A tab with the preview of a workbook, which is not stored yet."""
    with reading() as session:
        clerk = session.get_one(Unit, workbook.unit_code).name
    browser = Browser(url)
    await browser.sign_in(clerk, PASSWORD)
    tab = await browser.open(*SCREEN)
    await tab.upload(UPLOADER, "填报表.xlsx", workbook.data)
    return tab


async def confirmed(tab: Tab, workbook: Workbook) -> handing_in.Acknowledged | None:
    """None where the page says that the server stops, and that nothing was stored."""
    try:
        page = await tab.click(CONFIRM)
    except Broken as refusal:
        assert STOPPING in str(refusal)
        return None
    (version,) = re.findall(r"报送成功：第(\d+)版", "\n".join(page.texts()))
    return handing_in.Acknowledged(workbook.unit_code, int(version), workbook.sha256)


def health(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def children_of(process: "subprocess.Popen[bytes]") -> list[int]:
    tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def test_what_was_begun_is_stored_and_acknowledged_and_nothing_else_begins(
    running: Running, files: list[Workbook]
) -> None:
    server, process = running
    children = children_of(process)
    assert children

    async def stop_while_they_confirm() -> list[handing_in.Acknowledged | None]:
        tabs = [await ready_to_confirm(server.url, workbook) for workbook in files]
        late = await ready_to_confirm(server.url, files[0])
        with closing(sqlite3.connect(server.data_dir / "daxing.db")) as other:
            other.execute("BEGIN IMMEDIATE")  # so that all of them wait for their turn
            confirming = [
                asyncio.create_task(confirmed(tab, workbook))
                for tab, workbook in zip(tabs, files, strict=True)
            ]
            await asyncio.sleep(3)
            assert not any(each.done() for each in confirming)
            process.send_signal(signal.SIGTERM)
            while (await asyncio.to_thread(health, server.url))[0] == 200:
                await asyncio.sleep(0.05)
            assert STOPPING in health(server.url)[1]
            assert await confirmed(late, files[0]) is None
            assert not any(each.done() for each in confirming)
            other.rollback()
        return await asyncio.gather(*confirming)

    acknowledged = run_aside(stop_while_they_confirm())
    assert process.wait(30) == 0
    stored = [each for each in acknowledged if each is not None]
    assert stored
    assert handing_in.faults_of_storing(stored, {}) == []
    assert not any(Path(f"/proc/{child}").exists() for child in children)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_stops_with_success(running: Running, how: signal.Signals) -> None:
    _, process = running
    children = children_of(process)
    process.send_signal(how)
    assert process.wait(30) == 0
    assert not any(Path(f"/proc/{child}").exists() for child in children)
    assert "Stopped" in logs.file().read_text("utf-8")


def test_the_number_on_a_page_leads_to_who_asked_for_what(running: Running) -> None:
    server, _ = running
    with closing(sqlite3.connect(server.data_dir / "daxing.db")) as file:
        file.execute("DROP TABLE meeting_item")  # as if we had forgotten it

    async def open_meetings() -> None:
        async with Browser(server.url) as browser:
            await browser.sign_in("office", PASSWORD)
            await browser.open("meeting", "调度会")

    with pytest.raises(Broken) as shown:
        run_aside(open_meetings())
    number = re.search(r"编号 ([0-9a-f]{8})", str(shown.value))
    assert number, shown.value
    found = logs.find(number[1])
    assert found
    assert (found["user"], found["role"], found["path"]) == ("office", "OFFICE", "/meeting")
    assert "no such table" in found["traceback"]
    assert logs.file().read_text("utf-8").count('"level": "ERROR"') == 1
