"""Signing in and out, and changing one's own password: plain HTML that works without scripts."""

from urllib.parse import urlsplit

from anyio import to_thread
from sqlmodel import col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from daxing_safety import passwords, settings
from daxing_safety.actions import accounts, security_rules, sessions
from daxing_safety.actions.security_rules import SecurityRules
from daxing_safety.actions.sessions import COOKIE, Visitor, WrongPassword
from daxing_safety.database import reading, through_restarts, transaction
from daxing_safety.errors import BadInput, NotAllowed, UserFacingError
from daxing_safety.models import User
from daxing_safety.web.cookies import forget_cookie, set_cookie
from daxing_safety.web.forms import (
    HASHES_AT_ONCE,
    StaleForm,
    local_path,
    page,
    posted,
)
from daxing_safety.web.gate import user_of
from daxing_safety.web.portal import PORTAL_USER

NOTICES = {
    "expired": "登录已超时或已在别处退出，请重新登录。",
    "out": "您已安全退出。",
    "ready": "初始化完成，请登录。",
    "demo": "演示数据已建立。可用 office、admin、leader 等账号登录，密码是您刚才设置的密码。",
}
STALE = "页面已过期，请重新填写。"


async def show_login(request: Request) -> Response:
    if await to_thread.run_sync(has_no_accounts):
        return RedirectResponse("/setup", 303)
    if await user_of(request.cookies.get(COOKIE, "")):
        return RedirectResponse(wanted_page(request), 303)
    if "out" in request.query_params and PORTAL_USER in request.scope:
        return page(request, "portal_out.html", name=request.scope[PORTAL_USER])
    notice = next((NOTICES[key] for key in NOTICES if key in request.query_params), "")
    return page(request, "login.html", next=wanted_page(request), notice=notice)


async def sign_in(request: Request) -> Response:
    try:
        fields = await posted(request)
    except StaleForm:
        return page(request, "login.html", status=400, error=STALE)
    username, wanted = fields.get("username", "").strip(), local_path(fields.get("next", "/"))
    try:
        token = await to_thread.run_sync(
            _sign_in, username, fields.get("password", ""), visitor(request), limiter=HASHES_AT_ONCE
        )
    except UserFacingError as refusal:
        known = {"username": username, "next": wanted}
        return page(request, "login.html", status=401, error=str(refusal), **known)
    response = RedirectResponse(wanted, 303)
    set_cookie(response, request, COOKIE, token)
    return response


async def show_logout(request: Request) -> Response:
    """A link leads here; one on another site must not sign anybody out unasked."""
    if not request.cookies.get(COOKIE):
        return RedirectResponse("/login", 303)
    if came_from_here(request):
        return await _signed_out(request)
    return page(request, "logout.html")


async def sign_out(request: Request) -> Response:
    try:
        await posted(request)
    except StaleForm:
        return page(request, "logout.html", status=400)
    return await _signed_out(request)


async def _signed_out(request: Request) -> Response:
    await to_thread.run_sync(_sign_out, request.cookies.get(COOKIE, ""))
    response = RedirectResponse("/login?out=1", 303)
    forget_cookie(response, request, COOKIE)
    return response


async def show_password(request: Request) -> Response:
    return await password_page(request)


async def change_password(request: Request) -> Response:
    try:
        fields = await posted(request)
        token = await to_thread.run_sync(
            _change_password, request.user, fields, visitor(request), limiter=HASHES_AT_ONCE
        )
    except StaleForm:
        return await password_page(request, status=400, error=STALE)
    except UserFacingError as refusal:
        return await password_page(request, status=400, error=str(refusal))
    response = RedirectResponse("/", 303)
    set_cookie(response, request, COOKIE, token)
    return response


async def password_page(request: Request, *, status: int = 200, error: str = "") -> Response:
    user, rules = request.user, await to_thread.run_sync(_rules)
    has_expired = rules.has_expired(user, settings.clock())
    return page(
        request,
        "password.html",
        status=status,
        error=error,
        rules=str(rules.strength),
        username=user.username,
        is_forced=user.must_change_password,
        has_password=bool(user.password_hash),
        lasted=rules.expires_after if has_expired else 0,
    )


def _rules() -> SecurityRules:
    with reading() as session:
        return security_rules.in_force(session)


def visitor(request: Request) -> Visitor:
    return Visitor(
        address=request.client.host if request.client else "",
        browser=request.headers.get("user-agent", ""),
        token=request.cookies.get(COOKIE, ""),
    )


@through_restarts
def _sign_in(username: str, password: str, who: Visitor) -> str:
    """Returns the token of the new session."""
    _check_password(username, password, who.address)
    try:
        with transaction() as session:
            return sessions.start(session, username=username, visitor=who, now=settings.clock())
    except NotAllowed as refusal:
        with transaction() as session:
            sessions.refuse(session, username=username, address=who.address, why=str(refusal))
        raise


def _check_password(username: str, password: str, address: str) -> None:
    """Raises WrongPassword or TooManyAttempts; every place that asks for one comes through here."""
    now = settings.clock()
    with transaction() as session:
        expected = sessions.admit(session, username=username, address=address, now=now)
    is_right = passwords.matches(password[: passwords.LONGEST], expected)
    if not is_right or len(password) > passwords.LONGEST:
        with transaction() as session:
            sessions.refuse(session, username=username, address=address)
        raise WrongPassword


@through_restarts
def _change_password(user: User, fields: dict[str, str], who: Visitor) -> str:
    """Returns the token of a new session: the change ends the old ones."""
    new = fields.get("new", "")
    if new != fields.get("again"):
        raise BadInput("两次输入的新密码不一致，请重新输入。")
    passwords.check_strength(new, username=user.username, strength=_rules().strength)
    try:
        _check_password(user.username, fields.get("current", ""), who.address)
    except WrongPassword as wrong:
        raise BadInput("原密码不正确，请重新输入。") from wrong
    with reading() as session:
        checked = accounts.check_new_password(session, user=user, new=new)
    now = settings.clock()
    with transaction() as session:
        accounts.change_password(session, user=user, checked=checked, now=now)
        return sessions.start(session, username=user.username, visitor=who, now=now)


@through_restarts
def _sign_out(token: str) -> None:
    with transaction() as session:
        sessions.end(session, token=token)


@through_restarts
def has_no_accounts() -> bool:
    with reading() as session:
        return session.exec(select(col(User.id)).limit(1)).first() is None


def wanted_page(request: Request) -> str:
    """`next`, or the page that a signed-out tab was on (it sends its address as Referer)."""
    if "next" in request.query_params:
        return local_path(request.query_params["next"])
    came_from = urlsplit(request.headers.get("referer", ""))
    if "expired" in request.query_params and came_from.netloc == request.headers["host"]:
        return local_path(came_from.path + (f"?{came_from.query}" if came_from.query else ""))
    return "/"


def came_from_here(request: Request) -> bool:
    """Whether a link on one of our own pages was followed."""
    if site := request.headers.get("sec-fetch-site"):
        return site == "same-origin"
    return urlsplit(request.headers.get("referer", "")).netloc == request.headers["host"]
