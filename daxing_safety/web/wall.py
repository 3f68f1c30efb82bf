"""大屏: a page of our own rather than Streamlit's, drawn anew by the server at every look.

An open Streamlit tab that refreshes itself keeps its sign-in from ever idling, with all that the
sign-in may do. This page has a sign-in of its own (actions/sessions.open_wall) that opens nothing
else and ends after some hours; its cookie goes to this address only.
"""

from decimal import Decimal

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from daxing_safety import settings, wording
from daxing_safety.actions import preferences, security_rules, sessions
from daxing_safety.actions.security_rules import SecurityRules
from daxing_safety.actions.sessions import Visitor
from daxing_safety.database import reading, transaction
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.ui import wall
from daxing_safety.web.cookies import forget_cookie, set_cookie
from daxing_safety.web.forms import StaleForm, page, posted
from daxing_safety.web.login import visitor

ADDRESS = "/wall"
EVERY_S = 20


async def show(request: Request) -> Response:
    """The figures, where a wall's sign-in stands; else the offer to open one."""
    if not allows(request.user, Permission.SEE_DISTRICT):
        return _refused()
    until = request.scope.get("wall_until")
    if until is None:
        rules = await to_thread.run_sync(_rules)
        return page(request, "wall_start.html", hours=rules.absolute_hours, idle=rules.idle_minutes)
    figures, target, is_demo = await to_thread.run_sync(_read, request.user)
    return page(
        request,
        "wall.html",
        figures=figures,
        target=wording.plain(target),
        moment=f"{wording.moment(settings.now())}:{settings.now():%S}",
        notice="演示数据，数字均为虚构" if is_demo else "",
        until=f"{wording.day_of_year(until)} {until:%H:%M}",
        every=EVERY_S,
    )


def _rules() -> SecurityRules:
    with reading() as session:
        return security_rules.in_force(session)


def _read(viewer: User) -> tuple[str, Decimal, bool]:
    with reading() as session:
        target, is_demo = preferences.target_score(session), preferences.is_demo(session)
    return wall.figures(viewer), target, is_demo


async def start(request: Request) -> Response:
    try:
        await posted(request)
    except StaleForm:
        return RedirectResponse(ADDRESS, 303)
    if not allows(request.user, Permission.SEE_DISTRICT):
        return _refused()
    who = visitor(request)
    old = request.cookies.get(sessions.WALL_COOKIE, "")
    who = Visitor(address=who.address, browser=who.browser, token=old)
    token = await to_thread.run_sync(_start, request.user, who)
    response = RedirectResponse(ADDRESS, 303)
    set_cookie(response, request, sessions.WALL_COOKIE, token, path=ADDRESS)
    return response


def _start(user: User, who: Visitor) -> str:
    with transaction() as session:
        return sessions.open_wall(session, by=user, visitor=who, now=settings.clock())


async def close(request: Request) -> Response:
    try:
        await posted(request)
    except StaleForm:
        return RedirectResponse(ADDRESS, 303)
    await to_thread.run_sync(_end, request.cookies.get(sessions.WALL_COOKIE, ""))
    response = RedirectResponse("/", 303)
    forget_cookie(response, request, sessions.WALL_COOKIE, path=ADDRESS)
    return response


def _end(token: str) -> None:
    with transaction() as session:
        sessions.end(session, token=token)


def _refused() -> Response:
    return PlainTextResponse("您没有查看大屏的权限。如工作需要，请与区创安办联系。", 403)
