"""Our cookies under the names that browsers know them by.

Inside, each goes by one name. Over HTTPS a browser is told a prefix before it (RFC 6265bis): it
then takes the cookie from this very host and over HTTPS only, so that no other host of the domain
and no page without TLS can plant a sign-in of its own; one without the prefix does not count.
"""

from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from daxing_safety.actions.sessions import COOKIE, WALL_COOKIE

FORM_COOKIE = "daxing_form"
OURS = (COOKIE, WALL_COOKIE, FORM_COOKIE)
EVERYWHERE, BELOW_A_PATH = "__Host-", "__Secure-"  # the first is for the path / alone
ENCRYPTED = ("https", "wss")


def known_as(name: str, *, is_encrypted: bool, path: str = "/") -> str:
    """How a browser calls one of ours."""
    if not is_encrypted:
        return name
    return f"{EVERYWHERE if path == '/' else BELOW_A_PATH}{name}"


def by_their_own_names(scope: Scope) -> Scope:
    """What came over HTTPS, with our cookies called as we do; a planted one is dropped."""
    if scope["scheme"] not in ENCRYPTED:
        return scope
    sent = ";".join(Headers(scope=scope).getlist("cookie"))
    parts = (each.strip().partition("=") for each in sent.split(";"))
    kept = (f"{name}={value}" for told, _, value in parts if (name := _own_name(told)))
    others = [header for header in scope["headers"] if header[0] != b"cookie"]
    return {**scope, "headers": [*others, (b"cookie", "; ".join(kept).encode("latin-1"))]}


def _own_name(name: str) -> str:
    """Empty for one that must not count."""
    if name in OURS:
        return ""
    plain = name.removeprefix(EVERYWHERE).removeprefix(BELOW_A_PATH)
    return plain if plain in OURS else name


def set_cookie(
    response: Response,
    request: Request,
    name: str,
    value: str,
    *,
    same_site: Any = "lax",
    path: str = "/",
) -> None:
    """For this browser session, out of reach of scripts, and behind HTTPS over HTTPS only."""
    is_encrypted = request.url.scheme in ENCRYPTED
    response.set_cookie(
        known_as(name, is_encrypted=is_encrypted, path=path),
        value,
        path=path,
        httponly=True,
        samesite=same_site,
        secure=is_encrypted,
    )


def forget_cookie(response: Response, request: Request, name: str, *, path: str = "/") -> None:
    """A browser gives up what was set with the same name, path and flags."""
    is_encrypted = request.url.scheme in ENCRYPTED
    response.delete_cookie(
        known_as(name, is_encrypted=is_encrypted, path=path),
        path=path,
        httponly=True,
        samesite="lax",
        secure=is_encrypted,
    )
