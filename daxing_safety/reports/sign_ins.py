"""Who is signed in: of all accounts for who looks after them, and one's own for everybody."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from daxing_safety.actions import security_rules, sessions
from daxing_safety.models import LoginSession, Unit, User
from daxing_safety.permissions import Permission, require

if TYPE_CHECKING:
    import pandas as pd

# What a browser calls itself, the most particular first: most of them claim to be Chrome, too.
BROWSERS = (
    ("企业微信", r"wxwork/([\d.]+)"),
    ("微信", r"MicroMessenger/([\d.]+)"),
    ("钉钉", r"DingTalk/([\d.]+)"),
    ("WPS", r"WPSOffice/([\d.]+)|\bwps(?:office)?\b"),
    ("360 浏览器", r"QihooBrowser/([\d.]+)|360(?:SE|EE|Browser)"),
    ("QQ 浏览器", r"M?QQBrowser/([\d.]+)"),
    ("搜狗浏览器", r"MetaSr(?: ([\d.]+))?|SogouM?SE"),
    ("Edge", r"Edg(?:e|A|iOS)?/([\d.]+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/([\d.]+)"),
    ("Chrome", r"(?:Chrome|CriOS)/([\d.]+)"),
    ("Safari", r"Version/([\d.]+).*Safari"),
    ("Internet Explorer", r"MSIE ([\d.]+)|Trident/"),
)
SYSTEMS = (
    ("鸿蒙", "OpenHarmony|HarmonyOS"),
    ("安卓", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Linux", "Linux|X11"),
    ("macOS", "Macintosh"),
)
UNKNOWN_BROWSER = "其他程序"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One that still stands. `handle` names it in a list (sessions.end_one)."""

    handle: str
    username: str
    display_name: str
    unit: str
    started_at: datetime
    seen_at: datetime
    address: str
    browser: str
    is_wall: bool


def standing(session: Session, *, viewer: User, now: datetime) -> list[SignIn]:
    """Everybody's, the last used first."""
    require(viewer, Permission.MANAGE_ACCOUNTS)
    return _standing(session, now)


def own(session: Session, *, viewer: User, now: datetime) -> list[SignIn]:
    assert viewer.id is not None
    return _standing(session, now, viewer.id)


def _standing(session: Session, now: datetime, user_id: int | None = None) -> list[SignIn]:
    rules = security_rules.in_force(session)
    query = (
        select(LoginSession, User, Unit.name)
        .select_from(LoginSession)
        .join(User)
        .outerjoin(Unit, col(Unit.code) == User.unit_code)
        .where(col(User.is_disabled).is_(False))
    )
    if user_id is not None:
        query = query.where(LoginSession.user_id == user_id)
    found = session.exec(query.order_by(col(LoginSession.seen_at).desc()))
    return [
        _line(login, user, unit or "")
        for login, user, unit in found
        if sessions.stands(
            rules,
            login.started_at,
            now if login.is_wall else login.seen_at,  # a wall never idles
            user.valid_until,
            now,
        )
    ]


def _line(login: LoginSession, user: User, unit: str) -> SignIn:
    return SignIn(
        handle=sessions.handle_of(login.token_hash),
        username=user.username,
        display_name=user.display_name,
        unit=unit,
        started_at=login.started_at,
        seen_at=login.seen_at,
        address=login.address,
        browser=in_words(login.browser),
        is_wall=login.is_wall,
    )


def in_words(user_agent: str) -> str:
    """Edge 120（Windows）; what cannot be told is left out."""
    system = next((name for name, mark in SYSTEMS if re.search(mark, user_agent)), "")
    browser = next(filter(None, (_browser(*each, user_agent) for each in BROWSERS)), "")
    if not browser:
        return system or UNKNOWN_BROWSER
    return f"{browser}（{system}）" if system else browser


def _browser(name: str, pattern: str, user_agent: str) -> str:
    found = re.search(pattern, user_agent, re.IGNORECASE)
    if found is None:
        return ""
    version = (found[1] if found.lastindex else "").split(".")[0]
    return f"{name} {version}".strip()


def table(found: Iterable[SignIn]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        {
            "username": each.username,
            "display_name": each.display_name,
            "unit": each.unit,
            "started_at": each.started_at,
            "seen_at": None if each.is_wall else each.seen_at,
            "address": each.address,
            "browser": each.browser,
            "kind": "大屏" if each.is_wall else "",
        }
        for each in found
    )
