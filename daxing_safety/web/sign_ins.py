"""我的登录: where one's own account is signed in, and the end of whatever should not be."""

from datetime import datetime

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from daxing_safety import settings, wording
from daxing_safety.actions import sessions
from daxing_safety.database import reading, transaction
from daxing_safety.errors import UserFacingError
from daxing_safety.models import User
from daxing_safety.reports import sign_ins as reports
from daxing_safety.reports.sign_ins import SignIn
from daxing_safety.web.forms import StaleForm, page, posted

ADDRESS = "/sign_ins"


async def show(request: Request) -> Response:
    return await _page(request)


async def end(request: Request) -> Response:
    try:
        fields = await posted(request)
        await to_thread.run_sync(_end, request.user, fields.get("handle", ""))
    except StaleForm:
        return await _page(request, status=400, error="页面已过期，请重新操作。")
    except UserFacingError as refusal:
        return await _page(request, status=400, error=str(refusal))
    return RedirectResponse(ADDRESS, 303)


async def _page(request: Request, *, status: int = 200, error: str = "") -> Response:
    found = await to_thread.run_sync(_read, request.user)
    here = sessions.handle_of(sessions.hash_of(request.cookies.get(sessions.COOKIE, "")))
    return page(
        request,
        "sign_ins.html",
        status=status,
        error=error,
        here=[each for each in found if each.handle == here],
        others=[each for each in found if each.handle != here],
        moment=_moment,
    )


def _moment(at: datetime) -> str:
    return f"{wording.day_of_year(at)} {at:%H:%M}"


def _read(viewer: User) -> list[SignIn]:
    with reading() as session:
        return reports.own(session, viewer=viewer, now=settings.clock())


def _end(by: User, handle: str) -> None:
    with transaction() as session:
        sessions.end_one(session, handle=handle, by=by)
