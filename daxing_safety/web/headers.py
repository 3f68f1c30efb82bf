"""Security headers on every answer; an answer may set its own, stricter ones."""

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")

# Everything the screens use works under this; a forgotten call to another host fails at once.
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' {socket}; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

WITHOUT_DATA = ("/assets/", "/static/", "/favicon.ico")  # a browser may keep these


class SecurityHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(MutableHeaders(scope=message), scope)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _complete(headers: MutableHeaders, scope: Scope) -> None:
    is_secure = scope["scheme"] == "https"
    # Older browsers do not count a websocket to the same host as 'self'.
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    socket = f"{'wss' if is_secure else 'ws'}://{host}" if HOST.fullmatch(host) else ""
    headers.setdefault("content-security-policy", POLICY.format(socket=socket))
    for name, value in ALWAYS.items():
        headers.setdefault(name, value)
    if not scope["path"].startswith(WITHOUT_DATA):
        headers.setdefault("cache-control", "no-store")
    if is_secure:
        headers.setdefault("strict-transport-security", "max-age=31536000")
