"""Tabs without a browser, as the load benchmark opens them by the hundred, on the real server.

They speak Streamlit's own protocol, which an upgrade may change: these tests notice it.
"""

from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime
from typing import Any

import pytest
from asides import run_aside
from sqlmodel import col, select
from tabs import PASSWORD

from benchmarks import handing_in
from benchmarks.handing_in import CONFIRM, SCREEN, UPLOADER, Workbook
from benchmarks.sessions import Broken, Browser, Tab
from daxing_safety.actions import rounds
from daxing_safety.database import reading, transaction
from daxing_safety.models import Unit
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import Role

Visit = Callable[[Tab], Coroutine[Any, Any, Any]]
CLERK = "区水务局"


@pytest.fixture
def files(served_data: None, request: pytest.FixtureRequest) -> Iterator[list[Workbook]]:
    """Two of 区水务局's, filled in, while a round of this test's own is open."""
    by, now = operator(Role.OFFICE), datetime(2021, 5, 20, 9, 0)
    name, due_at = f"2021年{request.node.name[-8:]}", datetime(2021, 5, 25, 17, 0)
    with transaction() as session:
        round_ = rounds.open_round(session, name=name, due_at=due_at, by=by, now=now)
    with reading() as session:
        unit = session.scalars(select(Unit).where(col(Unit.name) == CLERK)).one()
        yield handing_in.workbooks(session, 2, [unit])
    with transaction() as session:
        rounds.close_round(session, round_=session.merge(round_), by=by)


def visit(url: str, username: str, screen: tuple[str, str], *then: Visit) -> Any:
    """Signs in, opens the screen, does what follows in its tab; returns what came of the last."""

    async def go() -> Any:
        outcome: Any = None
        async with Browser(url) as browser:
            await browser.sign_in(username, PASSWORD)
            tab = await browser.open(*screen)
            for each in then:
                outcome = await each(tab)
            await tab.close()
        return outcome

    return run_aside(go())


def test_a_tab_holds_what_stands_on_its_page(server: Any) -> None:
    async def texts(tab: Tab) -> str:
        return "\n".join(tab.page.texts())

    assert "填报期" in visit(server.url, CLERK, SCREEN, texts)


def test_what_is_chosen_on_a_page_moves_its_address(server: Any) -> None:
    async def by_stage(tab: Tab) -> Any:
        return await tab.choose_one_of("显示方式", 1)

    async def overdue(tab: Tab) -> str:
        await tab.choose("整改时限", 0)
        return tab.query

    query = visit(server.url, "office", ("problems", "问题整改"), by_stage, overdue)
    assert set(query.split("&")) == {"view=board", "due=overdue"}


def test_a_large_part_of_a_page_that_did_not_change_is_not_sent_twice(server: Any) -> None:
    async def received(tab: Tab) -> int:
        before = tab.bytes_received
        await tab.visit("tasks", "任务分解")
        return tab.bytes_received - before

    async def first(tab: Tab) -> tuple[int, int]:
        return tab.bytes_received, await received(tab)

    once, again = visit(server.url, "office", ("tasks", "任务分解"), first)
    assert again < once / 2


def test_versions_are_acknowledged_in_turn_and_stored_so(
    server: Any, files: list[Workbook]
) -> None:
    async def hand_in_all(tab: Tab) -> list[handing_in.Acknowledged]:
        return [await handing_in.hand_in(tab, each) for each in files]

    before = handing_in.versions_before()
    acknowledged = visit(server.url, CLERK, SCREEN, hand_in_all)
    assert [each.version for each in acknowledged] == [1, 2]
    assert handing_in.faults_of_storing(acknowledged, before) == []
    assert len(handing_in.faults_of_storing(acknowledged[1:], before)) == 1
    assert len(handing_in.faults_of_storing([*acknowledged, acknowledged[0]], before)) == 1


def test_a_refusal_on_the_page_is_an_error(server: Any, files: list[Workbook]) -> None:
    async def nonsense(tab: Tab) -> Any:
        return await tab.upload(UPLOADER, "填报表.xlsx", b"nonsense")

    with pytest.raises(Broken, match="不是 Excel 工作簿"):
        visit(server.url, CLERK, SCREEN, nonsense)


def test_another_page_than_the_one_asked_for_is_an_error(server: Any) -> None:
    with pytest.raises(Broken, match="came instead of “审核”"):
        visit(server.url, CLERK, ("todo", "审核"))


def test_a_tab_whose_sign_in_ended_is_told_so(server: Any) -> None:
    async def sign_out(tab: Tab) -> Any:
        return await tab.click("退出登录")

    with pytest.raises(Broken, match="sent back to the sign-in page"):
        visit(server.url, CLERK, SCREEN, sign_out)


def test_a_button_that_does_not_stand_there_is_an_error(server: Any) -> None:
    async def confirm(tab: Tab) -> Any:
        return await tab.click(CONFIRM)

    with pytest.raises(Broken, match="no button “确认报送”"):
        visit(server.url, CLERK, SCREEN, confirm)
