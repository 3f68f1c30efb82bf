"""A disk or a database that fails under any address: 503 and the sentence, until it works again.

Before anything was answered; the gate's own look-ups go through here, too.
"""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from daxing_safety.errors import StorageFault
from daxing_safety.web.forms import page

TRY_AGAIN_LATER = 1013  # a websocket's


class Trouble:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def note_and_send(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, note_and_send)
        except StorageFault as fault:
            if has_begun:
                raise
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            else:
                await _told(scope, fault)(scope, receive, send)


def _told(scope: Scope, fault: StorageFault) -> Response:
    if "text/html" in Headers(scope=scope).get("accept", ""):
        return page(Request(scope), "trouble.html", status=503, sentence=str(fault))
    return PlainTextResponse(str(fault), 503)
