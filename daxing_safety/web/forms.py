"""What the plain HTML pages share: templates, reading a posted form, and the guard against forgery.

A form carries the value of a cookie that only our own pages can know (double submit); together
with the gate's check of Origin, no other site can post in a user's name.
"""

import hmac
import re
import secrets
from typing import Any
from urllib.parse import parse_qsl

from anyio import CapacityLimiter
from jinja2 import Environment, PackageLoader
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from daxing_safety import programme
from daxing_safety.texts import INVISIBLE
from daxing_safety.web.cookies import FORM_COOKIE, set_cookie

LARGEST_FORM = 8 * 1024
HASHES_AT_ONCE = CapacityLimiter(2)  # each takes a core and 19 MiB
OLDEST_CHROME = 103

_templates = Environment(loader=PackageLoader("daxing_safety.web"), autoescape=True)
_templates.globals["programme"] = programme.NAME
_templates.globals["oldest_chrome"] = OLDEST_CHROME


class StaleForm(Exception):
    """The form was made before the browser forgot its cookie, or elsewhere."""


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """One of our pages with a form on it."""
    csrf = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)
    html = _templates.get_template(template).render(
        csrf=csrf, is_old_browser=is_old(request.headers.get("user-agent", "")), **values
    )
    response = HTMLResponse(html, status, headers={"cache-control": "no-store"})
    set_cookie(response, request, FORM_COOKIE, csrf, same_site="strict")
    return response


async def posted(request: Request) -> dict[str, str]:
    """The fields of a form; raises StaleForm unless one of our pages sent it."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise HTTPException(413, "提交的内容过长。")
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if any(INVISIBLE.search(value) for value in fields.values()):  # no keyboard writes these
        raise HTTPException(400, "填写的内容里有看不见的字符，请删去后重新填写。")
    expected = request.cookies.get(FORM_COOKIE, "")
    if not expected or not hmac.compare_digest(fields.get("csrf", "").encode(), expected.encode()):
        raise StaleForm
    return fields


def local_path(wanted: str) -> str:
    """A path within this site; anything else becomes the home page."""
    # Not //host or /\host, which browsers take for another site; no blank, no line break.
    is_local = re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", wanted)
    return wanted if is_local else "/"


def is_old(user_agent: str) -> bool:
    """Too old to show the screens; browsers that do not say their Chrome version get no warning."""
    if "MSIE " in user_agent or "Trident/" in user_agent:
        return True
    version = re.search(r"Chrome/(\d+)", user_agent)
    return version is not None and int(version.group(1)) < OLDEST_CHROME
