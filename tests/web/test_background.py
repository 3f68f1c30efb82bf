"""A bug in what runs beside the requests is logged, and does not end it."""

import asyncio
from collections.abc import Iterator

import pytest
from asides import run_aside
from log_lines import kept, lines

from daxing_safety.web.background import Background


@pytest.fixture(autouse=True)
def log(data_dir: object) -> Iterator[None]:
    with kept():
        yield


def test_a_run_that_failed_is_logged_and_begun_anew() -> None:
    outcomes: list[str] = []

    async def go() -> None:
        again = asyncio.Event()

        async def run() -> None:
            await asyncio.sleep(0)
            if not outcomes:
                outcomes.append("failed")
                raise ZeroDivisionError
            outcomes.append("went on")
            again.set()
            await asyncio.Event().wait()

        background = Background(run)
        await asyncio.wait_for(again.wait(), 10)
        await background.stop()

    run_aside(go())
    assert outcomes == ["failed", "went on"]
    assert [line["exception"] for line in lines()] == ["ZeroDivisionError"]


def test_a_stop_ends_them_all_for_good() -> None:
    ended: list[int] = []

    async def go() -> None:
        async def first() -> None:
            await until_cancelled(1)

        async def second() -> None:
            await until_cancelled(2)

        async def until_cancelled(number: int) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(number)

        background = Background(first, second)
        await asyncio.sleep(0)
        await background.stop()
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1  # this one

    run_aside(go())
    assert ended == [1, 2]
