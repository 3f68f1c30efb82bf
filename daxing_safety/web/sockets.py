"""Open websockets and the sign-ins they hang on.

A websocket outlives the request that opened it. So one sweep every two seconds asks which
sign-ins still stand, sends the others' tabs to the sign-in page and closes their sockets; the
same sweep notes which sign-ins were used, in one write however many there are.
"""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from anyio import to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Message, Receive, Send
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from daxing_safety import settings
from daxing_safety.actions import sessions
from daxing_safety.database import reading, transaction
from daxing_safety.errors import StorageFault

SWEEP_EVERY_S = 2.0
TOUCH_EVERY_S = 30.0
POLICY_VIOLATION = 1008

log = logging.getLogger(__name__)


class Socket:
    """One tab's websocket, as Streamlit sees it."""

    def __init__(self, watch: "Watch", token_hash: str, receive: Receive, send: Send) -> None:
        self.token_hash = token_hash
        self._watch = watch
        self._receive = receive
        self._send = send
        self._is_open = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "websocket.receive":
            if not self._is_open:  # sent before the tab heard that it was signed out
                return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}
            self._watch.note_use(self.token_hash)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "websocket.accept":
            self._is_open = True
        elif not self._is_open:
            return
        await self._send(message)

    async def end(self) -> None:
        if self._is_open:
            self._is_open = False
            with suppress(OSError, RuntimeError):  # the tab may be gone already
                await _redirect(self._send, "/login?expired=1")


class Watch:
    def __init__(self) -> None:
        self._sockets: set[Socket] = set()
        self._used: set[str] = set()
        self._touched_at: dict[str, float] = {}

    @contextmanager
    def over(self, token_hash: str, receive: Receive, send: Send) -> Iterator[Socket]:
        socket = Socket(self, token_hash, receive, send)
        self._sockets.add(socket)
        try:
            yield socket
        finally:
            self._sockets.discard(socket)

    def note_use(self, token_hash: str) -> None:
        self._used.add(token_hash)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            try:
                await self.sweep()
            except (SQLAlchemyError, StorageFault):
                log.exception("The sweep could not read the sign-ins; the next one will")

    async def sweep(self) -> None:
        if not self._sockets and not self._used:
            return
        tick = time.monotonic()
        recently = {each for each, at in self._touched_at.items() if tick - at < TOUCH_EVERY_S}
        due = self._used - recently
        open_before = list(self._sockets)  # a later one's sign-in may be younger than the look
        standing = await to_thread.run_sync(_touch_and_list, due)
        self._used -= due
        self._touched_at |= dict.fromkeys(due, tick)
        self._touched_at = {each: at for each, at in self._touched_at.items() if each in standing}
        for socket in open_before:
            if socket.token_hash not in standing:
                await socket.end()


def _touch_and_list(used: set[str]) -> set[str]:
    now = settings.clock()
    if used:  # where that cannot be noted (the log says why), who signed out is sought all the same
        with suppress(StorageFault), transaction() as session:
            sessions.touch(session, token_hashes=used, now=now)
    with reading() as session:
        return sessions.standing(session, now=now)


async def send_away(receive: Receive, send: Send, address: str) -> None:
    """Opens the socket only to tell its tab where to go: of a refused one a tab learns nothing."""
    await receive()  # websocket.connect
    await send({"type": "websocket.accept", "subprotocol": "streamlit"})
    await _redirect(send, address)


async def _redirect(send: Send, address: str) -> None:
    message = ForwardMsg()
    message.auth_redirect.url = address  # what st.logout() sends
    await send({"type": "websocket.send", "bytes": message.SerializeToString()})
    await send({"type": "websocket.close", "code": POLICY_VIOLATION})
