"""Accounts: who may come in, until when, and with which password.

`by` is a user, or audit.SYSTEM for the set-up and the command line on the server itself.
Whatever changes an account's password or state ends its sign-ins at once. Hashing takes long:
where it is more than one, it is done before the transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session, col, delete, func, select

from daxing_safety import passwords
from daxing_safety.actions import audit, security_rules
from daxing_safety.errors import BadInput, Conflict, NotFound
from daxing_safety.models import LoginFailure, LoginSession, OldPassword, Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import Role

OLD_KEPT = security_rules.BOUNDS["not_again"].most  # replaced passwords of an account

# 创安办 sits within a unit, and nobody closes the problems of a unit of their own.
WITH_UNIT = (Role.UNIT, Role.OFFICE)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """`valid_until` is the last day on which it may sign in."""

    username: str
    display_name: str
    role: Role
    unit_code: str | None
    phone: str = ""
    valid_until: date | None = None


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
    valid_until: date | None = None,
    must_change_password: bool = True,
) -> User:
    _require_manager(by)
    new = NewAccount(username, display_name, role, unit_code, phone, valid_until)
    strength = security_rules.in_force(session).strength
    _check_new(session, new, now)
    passwords.check_strength(password, username=username, strength=strength)
    user = _add(session, new, passwords.hash_of(password), by=by, now=now)
    user.must_change_password = must_change_password
    return user


def add_users(
    session: Session, *, new: Sequence[tuple[NewAccount, str]], by: User | str, now: datetime
) -> None:
    """All of them with the hashes of their initial passwords, or none."""
    _require_manager(by)
    for account, password_hash in new:
        _check_new(session, account, now)
        _add(session, account, password_hash, by=by, now=now)
    audit.record(session, "批量开通账号", f"{len(new)} 个账号", by=by)


def _check_new(session: Session, new: NewAccount, now: datetime) -> None:
    if not passwords.USERNAME.fullmatch(new.username):
        raise BadInput(passwords.USERNAME_RULE)
    if _named(session, new.username):
        raise Conflict(f"用户名“{new.username}”已经有人使用，请换一个。")
    _check_unit(session, new.role, new.unit_code)
    _check_last_day(new.valid_until, now)


def _add(
    session: Session, new: NewAccount, password_hash: str, *, by: User | str, now: datetime
) -> User:
    user = User(
        username=new.username,
        display_name=new.display_name.strip() or new.username,
        role=new.role,
        unit_code=new.unit_code,
        phone=new.phone.strip(),
        password_hash=password_hash,
        must_change_password=True,
        created_at=now,
        password_changed_at=now,
        valid_until=new.valid_until,
    )
    session.add(user)
    after = {"role": new.role.name, "unit": new.unit_code}
    if new.valid_until:
        after["valid_until"] = new.valid_until.isoformat()
    audit.record(session, "新增账号", new.username, by=by, after=after)
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


def set_valid_until(
    session: Session, *, username: str, valid_until: date | None, by: User | str, now: datetime
) -> None:
    """The last day on which the account may sign in; None: no end."""
    _require_manager(by)
    user = _existing(session, username)
    _check_last_day(valid_until, now)
    if user.valid_until == valid_until:
        raise Conflict(f"账号“{username}”的有效期没有变化。")
    if valid_until and user.role is Role.ADMIN and not _other_admins(session, user):
        raise BadInput("至少要保留一个没有到期日的系统管理员账号。")
    before, user.valid_until = user.valid_until, valid_until
    session.add(user)
    audit.record(
        session,
        "变更账号有效期",
        username,
        by=by,
        before={"valid_until": before},
        after={"valid_until": valid_until},
    )


def _check_last_day(valid_until: date | None, now: datetime) -> None:
    if valid_until and valid_until < now.date():
        raise BadInput("有效期不能早于今天。要立即停止使用，请用“停用”。")


# ---- passwords ----


def reset_password(
    session: Session, *, username: str, password: str, by: User | str, now: datetime
) -> None:
    """Sets a password that its owner must change when signing in with it."""
    _require_manager(by)
    strength = security_rules.in_force(session).strength
    passwords.check_strength(password, username=username, strength=strength)
    _reset(session, username, passwords.hash_of(password), by=by, now=now)


def reset_passwords(
    session: Session, *, hashes: Mapping[str, str], by: User | str, now: datetime
) -> None:
    """The accounts, by username, with the hashes of their new initial passwords."""
    _require_manager(by)
    if isinstance(by, User) and by.username in hashes:
        raise BadInput("其中有您自己的账号。自己的密码请点左侧“修改密码”更改。")
    for username, password_hash in hashes.items():
        _reset(session, username, password_hash, by=by, now=now)


def _reset(
    session: Session, username: str, password_hash: str, *, by: User | str, now: datetime
) -> None:
    user = _existing(session, username)
    _set_password(session, user, password_hash, now)
    user.must_change_password = True
    audit.record(session, "重置密码", username, by=by)


class Checked(NamedTuple):
    """A new password's hash, and the one that it was held against."""

    hash: str
    was: str


def check_new_password(session: Session, *, user: User, new: str) -> Checked:
    """Held against the rules and the passwords before. Takes long: not in a transaction."""
    stored, rules = _existing(session, user.username), security_rules.in_force(session)
    passwords.check_strength(new, username=user.username, strength=rules.strength)
    if passwords.matches(new, stored.password_hash):
        raise BadInput("新密码不能与原密码相同。")
    former = _replaced(session, stored)[: rules.not_again]
    if any(passwords.matches(new, each.password_hash) for each in former):
        raise BadInput(f"新密码不能与最近用过的 {rules.not_again} 个密码相同。")
    return Checked(passwords.hash_of(new), stored.password_hash)


def change_password(session: Session, *, user: User, checked: Checked, now: datetime) -> None:
    """The owner's own change, after the current password was asked for (sessions.admit).

    Ends all sign-ins, the one at hand too.
    """
    stored = _existing(session, user.username)
    if stored.password_hash != checked.was:
        raise Conflict("您的密码刚刚在别处改过，这次没有改动。请重新登录。")
    _set_password(session, stored, checked.hash, now)
    stored.must_change_password = False
    audit.record(session, "修改密码", stored.username, by=stored)


def _set_password(session: Session, user: User, password_hash: str, now: datetime) -> None:
    _keep_old(session, user, now)
    user.password_hash = password_hash
    user.password_changed_at = now
    session.add(user)
    session.exec(delete(LoginFailure).where(col(LoginFailure.username) == user.username.casefold()))
    _end_sessions(session, user)


def _keep_old(session: Session, user: User, now: datetime) -> None:
    """As many as a rule may ask for, even while it asks for fewer."""
    assert user.id is not None
    for each in _replaced(session, user)[OLD_KEPT - 1 :]:
        session.delete(each)
    if user.password_hash:
        old = OldPassword(user_id=user.id, password_hash=user.password_hash, replaced_at=now)
        session.add(old)


def _replaced(session: Session, user: User) -> Sequence[OldPassword]:
    """The newest first."""
    query = select(OldPassword).where(OldPassword.user_id == user.id)
    return session.exec(query.order_by(col(OldPassword.id).desc())).all()


# ---- may it come in ----


def disable(session: Session, *, username: str, by: User | str) -> None:
    _require_manager(by)
    user = _existing(session, username)
    if user.is_disabled:
        raise Conflict(f"账号“{username}”已经停用。")
    if isinstance(by, User) and user.id == by.id:
        raise BadInput("不能停用自己的账号，请由另一位系统管理员操作。")
    if user.role is Role.ADMIN and not _other_admins(session, user):
        raise BadInput("至少要保留一个可用的系统管理员账号。")
    user.is_disabled = True
    session.add(user)
    _end_sessions(session, user)
    audit.record(session, "停用账号", username, by=by)


def disable_all(session: Session, *, usernames: Sequence[str], by: User | str) -> None:
    """All of them, or none where one may not be; who is disabled already stays so."""
    _require_manager(by)
    for username in usernames:
        if not _existing(session, username).is_disabled:
            disable(session, username=username, by=by)


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


def _other_admins(session: Session, user: User) -> int:
    """Who can still come in when this one cannot; one whose account ends does not count."""
    usable = (
        User.role == Role.ADMIN,
        col(User.is_disabled).is_(False),
        col(User.valid_until).is_(None),
        col(User.id) != user.id,
    )
    return session.exec(select(func.count()).select_from(User).where(*usable)).one()
