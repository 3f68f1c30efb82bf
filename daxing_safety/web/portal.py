"""统一认证: signing in by a header of a reverse proxy; off unless the environment names both.

Who may name the user is decided by the address that the connection came from, which no header can
change: uvicorn is told to leave it alone, and what the proxy says of the browser's own address
and protocol is taken over only after that look. Everybody else's header is dropped unread.
"""

import logging
import os
from typing import Any, cast
from urllib.parse import parse_qs

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from daxing_safety import settings
from daxing_safety.actions import sessions
from daxing_safety.actions.sessions import COOKIE, Visitor
from daxing_safety.database import transaction
from daxing_safety.errors import NotAllowed, UserFacingError
from daxing_safety.settings import Portal
from daxing_safety.texts import INVISIBLE
from daxing_safety.web.cookies import set_cookie
from daxing_safety.web.forms import local_path, page

PORTAL_USER = "portal_user"  # in the scope: whom the portal has let in
BELIEVED = "FORWARDED_ALLOW_IPS"  # uvicorn's own list of proxies
LONGEST_NAME = 64

UNREADABLE = "统一认证传来的用户名无法识别，请联系系统管理员。"

log = logging.getLogger(__name__)


def leave_addresses_alone() -> None:
    """Before uvicorn starts: with a portal, it must not rewrite whom a connection is from."""
    if settings.portal():
        os.environ[BELIEVED] = ""


def check_start() -> None:
    """Raises UserFacingError where the portal is set up and the server was started past `serve`."""
    if settings.portal() and os.environ.get(BELIEVED) != "":
        raise UserFacingError(
            "已设置统一认证，请用 python -m daxing_safety serve 启动；"
            "用其他方式启动的，须把环境变量 FORWARDED_ALLOW_IPS 设为空。"
        )


class PortalHeader:
    """The outermost of our middleware: nothing behind it ever sees the header."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        portal = settings.portal()
        if portal is None or scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        named = [value for name, value in scope["headers"] if name == portal.header]
        kept = [each for each in scope["headers"] if each[0] != portal.header]
        scope = {**scope, "headers": kept}
        if not _is_from(scope, portal):
            if named:
                log.warning("Somebody who is not the portal names a user: %s", scope["client"])
            await self.app(scope, receive, send)
            return
        names = list(map(_name_in, named))
        if len(names) > 1 or "" in names:
            await _refuse(scope, receive, send)
            return
        if names:
            scope |= {PORTAL_USER: names[0]}
        # uvicorn and Starlette have types of their own for the same.
        forwarded: Any = ProxyHeadersMiddleware(cast(Any, self.app), sorted(portal.addresses))
        await forwarded(scope, receive, send)


def _is_from(scope: Scope, portal: Portal) -> bool:
    try:
        return settings.plain_address(scope["client"][0]) in portal.addresses
    except (TypeError, ValueError):  # no address, or no IP address
        return False


def _name_in(value: bytes) -> str:
    """As proxies pass it on: the bytes of a UTF-8 name; "" for what cannot be one."""
    try:
        name = value.decode("utf-8").strip()
    except UnicodeDecodeError:
        return ""
    return "" if len(name) > LONGEST_NAME or INVISIBLE.search(name) else name


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await PlainTextResponse(UNREADABLE, 400)(scope, receive, send)


async def sign_in(scope: Scope, token: str) -> Response:
    """For a page that was asked for: the portal's user is signed in and comes back to it.

    Replaces the sign-in that the browser held, whosever it was.
    """
    request, username = Request(scope), scope[PORTAL_USER]
    who = Visitor(
        address=request.client.host if request.client else "",
        browser=request.headers.get("user-agent", ""),
        token=token,
    )
    try:
        new = await to_thread.run_sync(_sign_in, username, who)
    except NotAllowed as refusal:
        known = {"name": username, "error": str(refusal)}
        return page(request, "portal_refused.html", status=403, **known)
    response = RedirectResponse(_wanted(request), 303)
    set_cookie(response, request, COOKIE, new)
    return response


def _sign_in(username: str, who: Visitor) -> str:
    try:
        with transaction() as session:
            return sessions.start(
                session, username=username, visitor=who, now=settings.clock(), by_portal=True
            )
    except NotAllowed as refusal:
        why = f"{sessions.BY_PORTAL}：没有可用的账号或账号已到期"
        with transaction() as session:
            sessions.refuse(session, username=username, address=who.address, why=why)
            sessions.end(session, token=who.token)
        if isinstance(refusal, sessions.WrongPassword):
            raise NotAllowed(
                f"您已通过统一认证，但本系统没有用户名为“{username}”的可用账号。"
                "请联系系统管理员开通或启用。"
            ) from refusal
        raise


def _wanted(request: Request) -> str:
    """The page that was asked for, or the one to which the sign-in page would have led."""
    query = request.url.query
    if request.url.path == "/login":
        return local_path(parse_qs(query).get("next", ["/"])[0])
    return local_path(request.url.path + (f"?{query}" if query else ""))
