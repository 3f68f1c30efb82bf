"""Accounts: who may come in, and with which password.

`by` is a user, or audit.SYSTEM for the set-up and the command line on the server itself.
Whatever changes an account's password or state ends its sign-ins at once.
"""

import re
from datetime import datetime

from sqlmodel import Session, col, delete, func, select

from daxing_safety import passwords
from daxing_safety.actions import audit
from daxing_safety.errors import BadInput, Conflict, NotFound
from daxing_safety.models import LoginFailure, LoginSession, Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import Role

USERNAME = re.compile(r"[\w.\-]{2,32}")


# 创安办 sits within a unit, and nobody closes the problems of a unit of their own.
WITH_UNIT = (Role.UNIT, Role.OFFICE)


def add_user(
    session: Session,
    *,
    username: str,
    display_name: str,
    role: Role,
    unit_code: str | None,
    password: str,
    by: User | str,
    now: datetime,
    phone: str = "",
    must_change_password: bool = True,
) -> User:
    _require_manager(by)
    if not USERNAME.fullmatch(username):
        raise BadInput("用户名须为 2 至 32 个汉字、字母、数字、下划线、点或连字符，不能有空格。")
    if _named(session, username):
        raise Conflict(f"用户名“{username}”已经有人使用，请换一个。")
    _check_unit(session, role, unit_code)
    passwords.check_strength(password, username=username)
    user = User(
        username=username,
        display_name=display_name.strip() or username,
        role=role,
        unit_code=unit_code,
        phone=phone.strip(),
        password_hash=passwords.hash_of(password),
        must_change_password=must_change_password,
        created_at=now,
        password_changed_at=now,
    )
    session.add(user)
    audit.record(session, "新增账号", username, by=by, after={"role": role.name, "unit": unit_code})
    return user


def _check_unit(session: Session, role: Role, unit_code: str | None) -> None:
    if role is Role.UNIT and not unit_code:
        raise BadInput("填报人账号必须选择所属单位。")
    if role not in WITH_UNIT and unit_code:
        raise BadInput("只有填报人和创安办账号才选择所属单位。")
    if unit_code and session.get(Unit, unit_code) is None:
        raise NotFound(f"没有编号为“{unit_code}”的单位。")


def set_unit(session: Session, *, username: str, unit_code: str | None, by: User | str) -> None:
    """Where somebody of 创安办 sits; None for 创安办 itself."""
    _require_manager(by)
    user = _existing(session, username)
    if user.role is not Role.OFFICE:
        raise BadInput("只有创安办账号可以改所在单位；填报人换了单位的，请停用旧账号，另开新账号。")
    _check_unit(session, user.role, unit_code)
    before, user.unit_code = user.unit_code, unit_code
    session.add(user)
    after = {"unit": unit_code}
    audit.record(session, "变更所在单位", username, by=by, before={"unit": before}, after=after)


def reset_password(
    session: Session, *, username: str, password: str, by: User | str, now: datetime
) -> None:
    """Sets a password that its owner must change when signing in with it."""
    _require_manager(by)
    user = _existing(session, username)
    _set_password(session, user, password, now)
    user.must_change_password = True
    audit.record(session, "重置密码", username, by=by)


def change_password(session: Session, *, user: User, new: str, now: datetime) -> None:
    """The owner's own change, after the current password was asked for (sessions.admit).

    Ends all sign-ins, the one at hand too.
    """
    stored = _existing(session, user.username)
    if passwords.matches(new, stored.password_hash):
        raise BadInput("新密码不能与原密码相同。")
    _set_password(session, stored, new, now)
    stored.must_change_password = False
    audit.record(session, "修改密码", stored.username, by=stored)


def _set_password(session: Session, user: User, password: str, now: datetime) -> None:
    passwords.check_strength(password, username=user.username)
    user.password_hash = passwords.hash_of(password)
    user.password_changed_at = now
    session.add(user)
    session.exec(delete(LoginFailure).where(col(LoginFailure.username) == user.username.casefold()))
    _end_sessions(session, user)


def disable(session: Session, *, username: str, by: User | str) -> None:
    _require_manager(by)
    user = _existing(session, username)
    if user.is_disabled:
        raise Conflict(f"账号“{username}”已经停用。")
    if isinstance(by, User) and user.id == by.id:
        raise BadInput("不能停用自己的账号，请由另一位系统管理员操作。")
    if user.role is Role.ADMIN and _admins(session) == 1:
        raise BadInput("至少要保留一个可用的系统管理员账号。")
    user.is_disabled = True
    session.add(user)
    _end_sessions(session, user)
    audit.record(session, "停用账号", username, by=by)


def enable(session: Session, *, username: str, by: User | str) -> None:
    _require_manager(by)
    user = _existing(session, username)
    if not user.is_disabled:
        raise Conflict(f"账号“{username}”没有停用。")
    user.is_disabled = False
    session.add(user)
    audit.record(session, "启用账号", username, by=by)


def end_sessions(session: Session, *, username: str, by: User | str) -> None:
    """Signs the account out everywhere."""
    _require_manager(by)
    _end_sessions(session, _existing(session, username))
    audit.record(session, "结束全部登录", username, by=by)


def _end_sessions(session: Session, user: User) -> None:
    session.exec(delete(LoginSession).where(col(LoginSession.user_id) == user.id))


def _require_manager(by: User | str) -> None:
    if by != audit.SYSTEM:
        assert isinstance(by, User)
        require(by, Permission.MANAGE_ACCOUNTS)


def _named(session: Session, username: str) -> User | None:
    return session.exec(select(User).where(User.username == username)).one_or_none()


def _existing(session: Session, username: str) -> User:
    user = _named(session, username)
    if user is None:
        raise NotFound(f"没有用户名为“{username}”的账号。")
    return user


def _admins(session: Session) -> int:
    usable = (User.role == Role.ADMIN, col(User.is_disabled).is_(False))
    return session.exec(select(func.count()).select_from(User).where(*usable)).one()
