"""Signing in and out. A sign-in is a random token in a cookie; only its hash is stored.

Times come from settings.clock(), not from the business day. Checking a password takes long and
must not happen in a transaction, so signing in is two verbs: `admit` counts the attempt and says
which hash the password must match, then `start` or `refuse` writes the outcome.

大屏 has a sign-in of its own, started out of somebody's: it opens the wall alone and lasts its
twelve hours without anybody touching it, while the sign-in it came from ends when it idles.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, col, delete, select, update

from daxing_safety import passwords
from daxing_safety.actions import audit
from daxing_safety.errors import NotAllowed
from daxing_safety.models import LoginFailure, LoginSession, User
from daxing_safety.permissions import Permission, require

COOKIE = "daxing_session"
WALL_COOKIE = "daxing_wall"
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
INITIAL_PASSWORD_LASTS = timedelta(days=7)

WINDOW = timedelta(hours=1)  # how long a failure counts
KEPT = timedelta(days=1)
FREE_PER_ACCOUNT = 5
FREE_PER_ADDRESS = 30  # a whole office may sit behind one address
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(minutes=15)

NO_SUCH_ACCOUNT = "（没有这个账号）"  # what was typed may be a password, so it is not logged


@dataclass(frozen=True)
class Visitor:
    """Where a request comes from, and the sign-in its browser holds ("" for none)."""

    address: str
    browser: str
    token: str


class WrongPassword(NotAllowed):
    def __init__(self) -> None:
        super().__init__("用户名或密码不正确，请重新输入。")


class TooManyAttempts(NotAllowed):
    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, int(wait.total_seconds()))
        left = f"{seconds} 秒" if seconds < 60 else f"{-(-seconds // 60)} 分钟"
        super().__init__(f"尝试次数过多，请 {left}后再试。忘记密码请联系系统管理员重置。")


def admit(session: Session, *, username: str, address: str, now: datetime) -> str:
    """Counts an attempt before its outcome is known and returns the hash to compare with.

    Counting first keeps a burst of simultaneous guesses within the limit. Raises TooManyAttempts.
    """
    name = username.casefold()
    session.exec(delete(LoginFailure).where(col(LoginFailure.failed_at) < now - KEPT))
    _refuse_if_locked(session, col(LoginFailure.username) == name, FREE_PER_ACCOUNT, now)
    _refuse_if_locked(session, col(LoginFailure.address) == address, FREE_PER_ADDRESS, now)
    session.add(LoginFailure(username=name, address=address, failed_at=now))
    user = _usable(session, username)
    return user.password_hash if user else passwords.decoy()


def _refuse_if_locked(
    session: Session, whose: ColumnElement[bool], free: int, now: datetime
) -> None:
    failed = select(LoginFailure.failed_at).where(whose, LoginFailure.failed_at > now - WINDOW)
    times = session.exec(failed).all()
    if len(times) < free:
        return
    wait = max(times) + lock_after(len(times) - free) - now
    if wait > timedelta(0):
        raise TooManyAttempts(wait)


def lock_after(excess: int) -> timedelta:
    """How long the door stays shut after so many failures beyond the free ones."""
    return min(FIRST_LOCK * 2 ** min(excess, 10), LONGEST_LOCK)


def _usable(session: Session, username: str) -> User | None:
    return session.exec(
        select(User).where(User.username == username, col(User.is_disabled).is_(False))
    ).one_or_none()


def start(session: Session, *, username: str, visitor: Visitor, now: datetime) -> str:
    """The password was right: returns the token of a new session, which replaces the browser's."""
    user = _usable(session, username)
    if user is None:  # disabled while its password was being checked
        raise WrongPassword
    if user.must_change_password and now - user.password_changed_at > INITIAL_PASSWORD_LASTS:
        raise NotAllowed("初始密码已过期（7 天内有效），请联系系统管理员重置密码。")
    end(session, token=visitor.token)
    session.exec(delete(LoginFailure).where(col(LoginFailure.username) == username.casefold()))
    session.exec(delete(LoginSession).where(col(LoginSession.started_at) < now - ABSOLUTE))
    token = _new_session(session, user, visitor, now)
    audit.record(session, "登录", user.username, by=user, remark=visitor.address)
    return token


def _new_session(
    session: Session, user: User, visitor: Visitor, now: datetime, *, is_wall: bool = False
) -> str:
    assert user.id is not None
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            token_hash=hash_of(token),
            user_id=user.id,
            started_at=now,
            seen_at=now,
            address=visitor.address,
            browser=visitor.browser[:200],
            is_wall=is_wall,
        )
    )
    return token


def open_wall(session: Session, *, by: User, visitor: Visitor, now: datetime) -> str:
    """大屏 on this browser, for twelve hours; returns its token, which replaces an older one's."""
    require(by, Permission.SEE_DISTRICT)
    end(session, token=visitor.token)
    token = _new_session(session, by, visitor, now, is_wall=True)
    audit.record(session, "打开大屏", by.username, by=by, remark=visitor.address)
    return token


def refuse(session: Session, *, username: str, address: str) -> None:
    """The password was wrong; the attempt has been counted already."""
    known = _usable(session, username)
    name = known.username if known else NO_SUCH_ACCOUNT
    audit.record(session, "登录失败", name, by=name, remark=address)


def end(session: Session, *, token: str) -> None:
    """Signs out; a token that is not valid any more is no fault."""
    found = session.exec(
        select(LoginSession, User).join(User).where(LoginSession.token_hash == hash_of(token))
    ).one_or_none()
    if found is None:
        return
    login, user = found
    session.delete(login)
    what = "关闭大屏" if login.is_wall else "退出登录"
    audit.record(session, what, user.username, by=user, remark=login.address)


def look_up(session: Session, *, token: str, now: datetime) -> User | None:
    """Whose sign-in the token is, if it still stands."""
    token_hash = {"token_hash": hash_of(token)}
    return session.exec(LOOK_UP, params=token_hash | _bounds(now)).one_or_none()


def look_up_wall(session: Session, *, token: str, now: datetime) -> tuple[User, datetime] | None:
    """Whose wall the token keeps open, and until when."""
    query = (
        select(User, LoginSession.started_at)
        .join(LoginSession)
        .where(
            col(LoginSession.token_hash) == hash_of(token),
            col(LoginSession.is_wall),
            col(LoginSession.started_at).between(now - ABSOLUTE, now + IDLE),
            col(User.is_disabled).is_(False),
        )
    )
    found = session.exec(query).one_or_none()
    return (found[0], found[1] + ABSOLUTE) if found else None


def standing(session: Session, *, now: datetime) -> set[str]:
    """The hashes of all tokens that are still good."""
    return set(session.exec(STANDING, params=_bounds(now)))


# Asked at every click, so made once. Between, not only after: a clock that was set back must not
# lengthen anybody's session.
_stands = (
    col(LoginSession.is_wall).is_(False),
    col(LoginSession.started_at).between(bindparam("oldest"), bindparam("soon")),
    col(LoginSession.seen_at).between(bindparam("last_use"), bindparam("soon")),
    col(User.is_disabled).is_(False),
)
STANDING = select(LoginSession.token_hash).join(User).where(*_stands)
LOOK_UP = (
    select(User)
    .join(LoginSession)
    .where(col(LoginSession.token_hash) == bindparam("token_hash"), *_stands)
)


def _bounds(now: datetime) -> dict[str, datetime]:
    return {"oldest": now - ABSOLUTE, "last_use": now - IDLE, "soon": now + IDLE}


def touch(session: Session, *, token_hashes: Iterable[str], now: datetime) -> None:
    """Notes that these sessions are in use. The one write without an audit record."""
    session.exec(
        update(LoginSession)
        .where(col(LoginSession.token_hash).in_(tuple(token_hashes)))
        .values(seen_at=now)
    )


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
