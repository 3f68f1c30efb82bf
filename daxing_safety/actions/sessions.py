"""Signing in and out. A sign-in is a random token in a cookie; only its hash is stored.

Times come from settings.clock(), not from the business day. Checking a password takes long and
must not happen in a transaction, so signing in is two verbs: `admit` counts the attempt and says
which hash the password must match, then `start` or `refuse` writes the outcome.

大屏 has a sign-in of its own, started out of somebody's: it opens the wall alone and lasts its
hours without anybody touching it, while the sign-in it came from ends when it idles.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, bindparam
from sqlalchemy import select as select_columns
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, delete, select, update

from daxing_safety import passwords
from daxing_safety.actions import audit, security_rules
from daxing_safety.actions.security_rules import SecurityRules
from daxing_safety.errors import NotAllowed, NotFound
from daxing_safety.models import LoginFailure, LoginSession, Preference, User
from daxing_safety.permissions import Permission, require
from daxing_safety.wording import day

COOKIE = "daxing_session"
WALL_COOKIE = "daxing_wall"
INITIAL_PASSWORD_LASTS = timedelta(days=7)

WINDOW = timedelta(hours=1)  # how long a failure counts
KEPT = timedelta(days=1)
CLOCKS_APART = timedelta(minutes=2)  # of several servers; what is later still never happened
FIRST_LOCK = timedelta(seconds=30)

HANDLE = re.compile(r"[0-9a-f]{20}")  # the beginning of a token's hash
GONE = "这次登录已经结束了，没有改动。"
BY_PORTAL = "统一认证"  # in the log: the password was not asked for
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
    name, rules = username.casefold(), security_rules.in_force(session)
    of_account, of_address = rules.free_per_account, rules.free_per_address
    longest = timedelta(minutes=rules.longest_lock)
    session.exec(delete(LoginFailure).where(col(LoginFailure.failed_at) < now - KEPT))
    _refuse_if_locked(session, col(LoginFailure.username) == name, of_account, longest, now)
    _refuse_if_locked(session, col(LoginFailure.address) == address, of_address, longest, now)
    session.add(LoginFailure(username=name, address=address, failed_at=now))
    user = _usable(session, username)
    return user.password_hash if user else passwords.decoy()


def _refuse_if_locked(
    session: Session, whose: ColumnElement[bool], free: int, longest: timedelta, now: datetime
) -> None:
    # Not those of a clock that was ahead, either: they would shut the door until it catches up.
    counted = col(LoginFailure.failed_at).between(now - WINDOW, now + CLOCKS_APART)
    failed = select(LoginFailure.failed_at).where(whose, counted)
    times = session.exec(failed).all()
    if len(times) < free:
        return
    wait = max(times) + lock_after(len(times) - free, longest) - now
    if wait > timedelta(0):
        raise TooManyAttempts(wait)


def lock_after(excess: int, longest: timedelta) -> timedelta:
    """How long the door stays shut after so many failures beyond the free ones."""
    return min(FIRST_LOCK * 2 ** min(excess, 10), longest)


def _usable(session: Session, username: str) -> User | None:
    return session.exec(
        select(User).where(User.username == username, col(User.is_disabled).is_(False))
    ).one_or_none()


def start(
    session: Session, *, username: str, visitor: Visitor, now: datetime, by_portal: bool = False
) -> str:
    """The password was right: returns the token of a new session, which replaces the browser's.

    `by_portal`: a portal that we believe has asked for it in our place.
    """
    user, rules = _usable(session, username), security_rules.in_force(session)
    if user is None:  # disabled while its password was being checked
        raise WrongPassword
    _refuse_if_over(user, now)
    if by_portal:
        _do_without_password(session, user, rules, now)
    elif user.must_change_password and now - user.password_changed_at > INITIAL_PASSWORD_LASTS:
        raise NotAllowed("初始密码已过期（7 天内有效），请联系系统管理员重置密码。")
    end(session, token=visitor.token)
    session.exec(delete(LoginFailure).where(col(LoginFailure.username) == username.casefold()))
    session.exec(delete(LoginSession).where(col(LoginSession.started_at) < now - rules.absolute))
    token = _new_session(session, user, visitor, now)
    remark = f"{BY_PORTAL}，{visitor.address}" if by_portal else visitor.address
    audit.record(session, "登录", user.username, by=user, remark=remark)
    return token


def _refuse_if_over(user: User, now: datetime) -> None:
    if user.valid_until and user.valid_until < now.date():
        raise NotAllowed(
            f"您的账号有效期到{day(user.valid_until)}为止。需要继续使用的，请联系系统管理员延长。"
        )


def _do_without_password(session: Session, user: User, rules: SecurityRules, now: datetime) -> None:
    """A password that its owner would have to change first is good for nothing any more."""
    if user.must_change_password or rules.has_expired(user, now):
        user.password_hash, user.must_change_password = "", False
        session.add(user)
        audit.record(session, "作废密码", user.username, by=user, remark=BY_PORTAL)


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
    """大屏 on this browser; returns its token, which replaces an older one's."""
    require(by, Permission.SEE_DISTRICT)
    end(session, token=visitor.token)
    token = _new_session(session, by, visitor, now, is_wall=True)
    audit.record(session, "打开大屏", by.username, by=by, remark=visitor.address)
    return token


def refuse(session: Session, *, username: str, address: str, why: str = "") -> None:
    """The password was wrong, or `why` not; the attempt has been counted already."""
    known = _usable(session, username)
    name = known.username if known else NO_SUCH_ACCOUNT
    remark = "，".join(filter(None, (why, address)))
    audit.record(session, "登录失败", name, by=name, remark=remark)


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


def end_one(session: Session, *, handle: str, by: User) -> None:
    """One sign-in out of a list, one's own or, for who looks after accounts, anybody's."""
    if not HANDLE.fullmatch(handle):
        raise NotFound(GONE)
    whose = col(LoginSession.token_hash).startswith(handle)
    found = session.exec(select(LoginSession, User).join(User).where(whose)).one_or_none()
    if found is None:
        raise NotFound(GONE)
    login, user = found
    if user.id != by.id:
        require(by, Permission.MANAGE_ACCOUNTS)
    session.delete(login)
    remark = f"{login.started_at:%Y-%m-%d %H:%M} 自 {login.address} 的登录"
    audit.record(session, "结束登录", user.username, by=by, remark=remark)


def handle_of(token_hash: str) -> str:
    """Names a sign-in in a list and opens nothing."""
    return token_hash[:20]


def look_up(session: Session, *, token: str, now: datetime) -> User | None:
    """Whose sign-in the token is, if it still stands.

    A password that had expired when the sign-in began must be changed, like an initial one.
    """
    found = session.exec(LOOK_UP, params={"token_hash": hash_of(token)}).one_or_none()
    if found is None:
        return None
    user, started_at, seen_at, kept = found
    rules = security_rules.read(kept)
    if not stands(rules, started_at, seen_at, user.valid_until, now):
        return None
    if rules.has_expired(user, started_at):
        # Follows from the rules and the day; nobody's flush may store it.
        set_committed_value(user, "must_change_password", True)
    return user


def look_up_wall(session: Session, *, token: str, now: datetime) -> tuple[User, datetime] | None:
    """Whose wall the token keeps open, and until when."""
    query = (
        select(User, LoginSession.started_at)
        .join(LoginSession)
        .where(
            col(LoginSession.token_hash) == hash_of(token),
            col(LoginSession.is_wall),
            col(User.is_disabled).is_(False),
        )
    )
    found, rules = session.exec(query).one_or_none(), security_rules.in_force(session)
    if found is None:
        return None
    user, started_at = found
    # A wall is not touched: it never idles.
    if not stands(rules, started_at, now, user.valid_until, now):
        return None
    return user, started_at + rules.absolute


def standing(session: Session, *, now: datetime) -> set[str]:
    """The hashes of all tokens that are still good."""
    rules = security_rules.in_force(session)
    return {
        token_hash
        for token_hash, started_at, seen_at, valid_until in session.execute(STANDING)
        if stands(rules, started_at, seen_at, valid_until, now)
    }


def stands(
    rules: SecurityRules,
    started_at: datetime,
    seen_at: datetime,
    valid_until: date | None,
    now: datetime,
) -> bool:
    # Between, not only after: a clock that was set back must not lengthen anybody's session.
    soon = now + CLOCKS_APART
    is_fresh = now - rules.absolute <= started_at <= soon and now - rules.idle <= seen_at <= soon
    return is_fresh and (valid_until is None or now.date() <= valid_until)


# Asked at every click, so made once, and with the rules in the same query.
_may = (col(LoginSession.is_wall).is_(False), col(User.is_disabled).is_(False))
RULES = select(Preference.value).where(Preference.name == security_rules.KEPT_AS).scalar_subquery()
STANDING = (
    select_columns(
        col(LoginSession.token_hash),
        col(LoginSession.started_at),
        col(LoginSession.seen_at),
        col(User.valid_until),
    )
    .join(User)
    .where(*_may)
)
LOOK_UP = (
    select(User, LoginSession.started_at, LoginSession.seen_at, RULES)
    .join(LoginSession)
    .where(col(LoginSession.token_hash) == bindparam("token_hash"), *_may)
)


def touch(session: Session, *, token_hashes: Iterable[str], now: datetime) -> None:
    """Notes that these sessions are in use. The one write without an audit record."""
    session.exec(
        update(LoginSession)
        .where(col(LoginSession.token_hash).in_(tuple(token_hashes)))
        .values(seen_at=now)
    )


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
