"""A stop that was asked for by a signal: what is being written is finished first.

While that goes on the server still answers, so that whoever has just submitted is told so, and
/healthz says that it stops. Then uvicorn does what it always does: it closes the tabs' sockets
("service restart", a tab connects again by itself) and ends.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from anyio import to_thread
from uvicorn.server import HANDLED_SIGNALS

from daxing_safety.writes import writes

WRITES_END_WITHIN_S = 20
ANSWERS_TAKE_S = 2  # until the pages that say what was stored are drawn and sent
ANSWERS_END_WITHIN_S = 5  # a stalled download holds nobody up for longer

log = logging.getLogger(__name__)


def listen() -> None:
    """Within the running server's loop: its signals come here first."""
    if threading.current_thread() is not threading.main_thread():
        return  # signals are the main thread's
    loop = asyncio.get_running_loop()
    for number in HANDLED_SIGNALS:
        go_on = signal.getsignal(number)
        if callable(go_on):
            _limit_waiting(go_on)
            signal.signal(number, partial(_asked_to_stop, loop, go_on))


def leave_with_success() -> None:
    """Uvicorn raises its signal again when all has ended; a stop as asked for is no failure."""
    for number in HANDLED_SIGNALS:
        signal.signal(number, _leave)


def _leave(*_: object) -> None:
    raise SystemExit(0)


def _limit_waiting(go_on: Callable[..., Any]) -> None:
    server = getattr(go_on, "__self__", None)
    if isinstance(server, uvicorn.Server):
        server.config.timeout_graceful_shutdown = ANSWERS_END_WITHIN_S


def _asked_to_stop(
    loop: asyncio.AbstractEventLoop, go_on: Callable[..., Any], number: int, frame: FrameType | None
) -> None:
    if writes.are_refused:  # asked again: at once
        go_on(number, frame)
        return
    writes.refuse()
    loop.call_soon_threadsafe(_finish, partial(go_on, number, frame))


def _finish(go_on: Callable[[], Any]) -> None:
    asyncio.get_running_loop().create_task(_wait_for_writes(go_on), name="stop")


async def _wait_for_writes(go_on: Callable[[], Any]) -> None:
    log.info("Asked to stop; no new write begins")
    if not await to_thread.run_sync(writes.wait, WRITES_END_WITHIN_S):
        log.warning("Some writes did not end within %s s", WRITES_END_WITHIN_S)
    await asyncio.sleep(ANSWERS_TAKE_S)
    go_on()
