"""The gate: nobody reaches Streamlit, by HTTP or by websocket, without a sign-in that stands.

Pure ASGI, because Starlette's own kind of middleware does not see websockets. What was asked for
decides the refusal: a page leads to the sign-in, a websocket is told to go there, all else is 401.
"""

import re
from datetime import datetime
from urllib.parse import quote, urlsplit

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from daxing_safety import logs, settings
from daxing_safety.actions import audit, sessions
from daxing_safety.database import reading, through_restarts
from daxing_safety.models import User
from daxing_safety.web import portal
from daxing_safety.web.cookies import by_their_own_names
from daxing_safety.web.headers import HOST
from daxing_safety.web.portal import PORTAL_USER
from daxing_safety.web.sockets import Watch, send_away

OURS = b"x-daxing-"  # headers by which the gate speaks to Streamlit; dropped when they come in
LOGIN_HEADER = b"x-daxing-login"  # server.trustedUserHeaders in .streamlit/config.toml
ADDRESS_HEADER = b"x-daxing-address"  # from where: for the log (ui/access.py)

PUBLIC = {
    "/login",
    "/logout",
    "/auth/logout",  # where Streamlit's st.logout() leads
    "/setup",
    "/healthz",
    "/favicon.ico",
    "/_stcore/health",  # a tab asks these two before it connects again
    "/_stcore/host-config",
}
PUBLIC_FOLDERS = ("/assets/", "/static/")  # our and Streamlit's scripts and styles; no data
# Streamlit would tell every clerk how the server is.
CLOSED = {"/_stcore/metrics", "/_stcore/script-health-check"}
WITH_INITIAL_PASSWORD = "/password"
# All that a wall's sign-in opens; it must not start the next one.
WALL = {("GET", "/wall"), ("POST", "/wall/close")}
PAGE = re.compile(r"/[a-z_]*")
NOT_SIGNED_IN = PlainTextResponse("请先登录。", 401)
NO_SUCH_PAGE = PlainTextResponse("没有这个页面。", 404)


class Gate:
    def __init__(self, app: ASGIApp, watch: Watch) -> None:
        self.app = app
        self.watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not (host_is_served(headers.get("host")) and origin_is_ours(scope, headers)):
            await refuse(scope, receive, send)
            return
        scope = by_their_own_names(without_risky_headers(scope))
        audit.came_from(address_of(scope))
        logs.asked_from(address_of(scope), scope["path"])
        cookies = cookie_parser(Headers(scope=scope).get("cookie", ""))
        token = cookies.get(sessions.COOKIE, "")
        if scope["type"] == "websocket":
            await self._socket(token, scope, receive, send)
        elif not await self._wall(cookies.get(sessions.WALL_COOKIE, ""), scope, receive, send):
            await self._request(token, scope, receive, send)

    async def _wall(self, token: str, scope: Scope, receive: Receive, send: Send) -> bool:
        """大屏 by its own sign-in: its looks do not keep the one that the browser holds besides."""
        if not token or (scope["method"], scope["path"]) not in WALL:
            return False
        found = await to_thread.run_sync(_look_up_wall, token)
        if found is None:
            return False
        user, until = found
        logs.asks(user.username, user.role.name)
        await self.app({**scope, "user": user, "wall_until": until}, receive, send)
        return True

    async def _request(self, token: str, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if is_public(path) and not leads_in_by_portal(scope):
            await self.app(scope, receive, send)
            return
        user = await user_of(token)
        if not is_whom_the_portal_names(user, scope):
            answer = await portal.sign_in(scope, token) if is_page(scope) else NOT_SIGNED_IN
        elif user is None:
            answer = to_sign_in(scope)
        elif path in CLOSED:
            answer = NO_SUCH_PAGE
        elif user.must_change_password and path != WITH_INITIAL_PASSWORD:
            answer = to_new_password(scope)
        else:
            self.watch.note_use(sessions.hash_of(token))
            logs.asks(user.username, user.role.name)
            inside = {**scope, "user": user, "tabs_of": identity_of(sessions.hash_of(token))}
            await self.app(inside, receive, send)
            return
        await answer(scope, receive, send)

    async def _socket(self, token: str, scope: Scope, receive: Receive, send: Send) -> None:
        user = await user_of(token)
        if user is None or not is_whom_the_portal_names(user, scope):
            await send_away(receive, send, "/login?expired=1")
        elif user.must_change_password:
            await send_away(receive, send, WITH_INITIAL_PASSWORD)
        else:
            token_hash = sessions.hash_of(token)
            # Streamlit resumes a session only for whoever shows the same header (st.user).
            identity = (LOGIN_HEADER, identity_of(token_hash).encode())
            address = (ADDRESS_HEADER, address_of(scope).encode("ascii", "replace"))
            scope = {**scope, "headers": [*scope["headers"], identity, address]}
            with self.watch.over(token_hash, receive, send) as socket:
                await self.app(scope, socket.receive, socket.send)


def identity_of(token_hash: str) -> str:
    """By what Streamlit knows whose a tab is (st.user); nobody can sign in by it."""
    return token_hash[:32]


async def user_of(token: str) -> User | None:
    return await to_thread.run_sync(_look_up, token) if token else None


@through_restarts
def _look_up(token: str) -> User | None:
    with reading() as session:
        return sessions.look_up(session, token=token, now=settings.clock())


def address_of(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else ""


def is_public(path: str) -> bool:
    return path in PUBLIC or path.startswith(PUBLIC_FOLDERS)


def leads_in_by_portal(scope: Scope) -> bool:
    """The sign-in page asks nothing of whom a portal names, unless they have just signed out."""
    is_asked = scope["path"] == "/login" and scope["method"] == "GET"
    return is_asked and PORTAL_USER in scope and not scope["query_string"].startswith(b"out=")


def is_whom_the_portal_names(user: User | None, scope: Scope) -> bool:
    """A cookie of somebody else's does not count against the portal's word; without it, it does."""
    named = scope.get(PORTAL_USER)
    return named is None or (user is not None and user.username == named)


def is_page(scope: Scope) -> bool:
    return scope["method"] in ("GET", "HEAD") and PAGE.fullmatch(scope["path"]) is not None


@through_restarts
def _look_up_wall(token: str) -> tuple[User, datetime] | None:
    with reading() as session:
        return sessions.look_up_wall(session, token=token, now=settings.clock())


def host_is_served(host: str | None) -> bool:
    if host is None or not HOST.fullmatch(host):
        return False
    allowed = settings.allowed_hosts()
    return not allowed or (urlsplit(f"//{host}").hostname or "") in allowed


def origin_is_ours(scope: Scope, headers: Headers) -> bool:
    """Other sites' pages may neither call us nor listen; a websocket must say where it is from."""
    origin = headers.get("origin")
    if origin is None:
        return scope["type"] == "http"
    return urlsplit(origin).netloc == headers["host"]  # as Streamlit compares them


def without_risky_headers(scope: Scope) -> Scope:
    """Drops our own headers when they come from outside and, once it was checked, Origin.

    Streamlit would ask an outside address for its own before it believes an Origin, and the whole
    server would wait; on a websocket it compares it with Host first.
    """
    dropped = (OURS, b"origin") if scope["type"] == "http" else (OURS,)
    kept = [(name, value) for name, value in scope["headers"] if not name.startswith(dropped)]
    return {**scope, "headers": kept}


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        refusal = PlainTextResponse("来源不被允许，请直接在浏览器中打开本系统的地址。", 403)
        await refusal(scope, receive, send)


def to_sign_in(scope: Scope) -> Response:
    if is_page(scope):
        query = scope["query_string"].decode("ascii", "replace")
        wanted = scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse("/login?next=" + quote(wanted, safe=""), 303)
    return NOT_SIGNED_IN


def to_new_password(scope: Scope) -> Response:
    if is_page(scope):
        return RedirectResponse(WITH_INITIAL_PASSWORD, 303)
    return PlainTextResponse("请先修改初始密码。", 403)
