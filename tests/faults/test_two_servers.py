"""Two servers on one database of one machine: they take turns, and see what the other wrote."""

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asides import run_aside
from servers import PASSWORD, Server, hand_in_all, serving
from sqlmodel import select
from websockets.exceptions import ConnectionClosed

from benchmarks import handing_in
from benchmarks.handing_in import SCREEN, Workbook, faults_of_storing
from benchmarks.sessions import Broken, Browser
from daxing_safety import backups, passwords, settings
from daxing_safety.actions import rounds, upkeep
from daxing_safety.database import reading, transaction
from daxing_safety.models import Unit, User
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import Role

CLERK, NEIGHBOUR = "区水务局", "区城管委"
EACH = 4
ONCE_A_NIGHT = """
from daxing_safety.web import upkeep
print(upkeep.do_what_is_due())
"""


@pytest.fixture
def two(data_dir: Path) -> Iterator[tuple[Server, Server]]:
    known = passwords.hash_of(PASSWORD)
    with transaction() as session:
        for user in session.exec(select(User)):
            user.password_hash = known
            user.password_changed_at = settings.clock()
        rounds.open_round(
            session,
            name="2021年第二季度",
            due_at=datetime(2021, 5, 25, 17, 0),
            by=operator(Role.OFFICE),
            now=settings.now(),
        )
    with serving() as first, serving() as second:
        yield first, second


def workbooks(*names: str) -> list[list[Workbook]]:
    """So many for each of these units; no two alike."""
    with reading() as session:
        every = session.exec(select(Unit)).all()
        units = [next(unit for unit in every if unit.name == name) for name in names]
        made = handing_in.workbooks(session, EACH * len(units), units)
    return [[each for each in made if each.unit_code == unit.code] for unit in units]


def test_submissions_to_both_are_counted_on_without_a_gap(two: tuple[Server, Server]) -> None:
    (ours,) = workbooks(CLERK)

    answers: list[handing_in.Acknowledged] = []

    async def both() -> None:
        first, second = two
        await asyncio.gather(
            hand_in_all(first, CLERK, ours[::2], answers),
            hand_in_all(second, CLERK, ours[1::2], answers),
        )

    run_aside(both())
    assert sorted(each.version for each in answers) == list(range(1, EACH + 1))
    assert faults_of_storing(answers, {}) == []


def test_who_signed_out_at_one_is_signed_out_at_the_other(two: tuple[Server, Server]) -> None:
    async def go() -> None:
        async with Browser(two[0].address) as here, Browser(two[1].address) as there:
            await here.sign_in(CLERK, PASSWORD)
            there._http.cookies = here._http.cookies  # the same browser, at the other server
            tab = await there.open(*SCREEN)
            form = (await here._http.get("/logout")).text
            csrf = re.search(r'name="csrf" value="([^"]+)"', form)
            if csrf:
                await here._http.post("/logout", data={"csrf": csrf[1]})
            with pytest.raises((Broken, ConnectionClosed)):
                for _ in range(100):  # within a sweep or two
                    await asyncio.sleep(0.1)
                    await tab.visit(*SCREEN)

    run_aside(go())


def test_one_of_two_killed_in_the_middle_loses_nothing_and_the_other_goes_on(
    two: tuple[Server, Server],
) -> None:
    ours, theirs = workbooks(CLERK, NEIGHBOUR)
    first, second = two
    killed: list[handing_in.Acknowledged] = []
    spared: list[handing_in.Acknowledged] = []

    async def kill_in_the_middle() -> None:
        while not killed:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.4)
        first.process.kill()

    async def go() -> None:
        await asyncio.gather(
            kill_in_the_middle(),
            hand_in_all(first, CLERK, ours, killed),
            hand_in_all(second, NEIGHBOUR, theirs, spared),
        )

    run_aside(go())
    assert len(spared) == EACH
    found = faults_of_storing([*killed, *spared], {})
    # What was stored a moment before the kill, the clerk may not have been told any more.
    assert [each for each in found if not each.startswith("stored, not acknowledged")] == []
    assert len(found) <= 1


def test_a_tab_says_that_the_database_is_gone_and_goes_on_when_it_is_back(
    two: tuple[Server, Server], data_dir: Path, tmp_path: Path
) -> None:
    async def go() -> None:
        async with Browser(two[0].address) as browser:
            await browser.sign_in(CLERK, PASSWORD)
            tab = await browser.open(*SCREEN)
            shutil.move(data_dir / "daxing.db", tmp_path / "elsewhere.db")
            with pytest.raises(Broken, match="打不开数据库"):
                await tab.visit(*SCREEN)
            shutil.move(tmp_path / "elsewhere.db", data_dir / "daxing.db")
            await tab.visit(*SCREEN)
            assert tab.page.faults() == []

    run_aside(go())


def test_of_many_servers_one_makes_the_daily_backup(data_dir: Path) -> None:
    now = settings.clock()
    due = now.replace(second=0) - timedelta(minutes=5)
    with transaction() as session:
        upkeep.claim_daily_backup(session, now=now - timedelta(days=1))
        admin = session.exec(select(User).where(User.username == "admin")).one()
        upkeep.set_schedule(session, at=f"{due:%H:%M}", keep=3, by=admin)
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", ONCE_A_NIGHT],
            cwd=settings.ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    said = sorted(server.communicate()[0].strip() for server in servers)
    assert said == ["False", "False", "False", "True"]
    assert len(backups.kept()) == 1
