"""user add | import | list | reset | disable."""

import argparse
import sys
from datetime import datetime

from sqlmodel import Session, col, select

from daxing_safety import database, passwords, settings
from daxing_safety.actions import accounts, audit, sessions
from daxing_safety.cli.installing import read_password
from daxing_safety.cli.outcome import CLEAN, FAULTS, UNREADABLE, print_json
from daxing_safety.documents.slips import Slip, Slips, write_slips
from daxing_safety.errors import BadInput, Conflict, NotFound
from daxing_safety.models import Unit, User
from daxing_safety.permissions import operator
from daxing_safety.reports import account_list
from daxing_safety.vocabulary import Role
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.account_list import Checked


def add(options: argparse.Namespace) -> int:
    password = read_password(options)
    with database.transaction() as session:
        accounts.add_user(
            session,
            username=options.username,
            display_name=options.name,
            role=Role[options.role.upper()],
            unit_code=_code(session, options.unit) if options.unit else None,
            password=password,
            by=audit.SYSTEM,
            now=settings.clock(),
            valid_until=options.valid_until,
        )
    print(f"已新增账号“{options.username}”，首次登录须修改密码。")
    return CLEAN


def _code(session: Session, name: str) -> str:
    code = session.exec(select(Unit.code).where(col(Unit.name) == name)).one_or_none()
    if code is None:
        raise NotFound(f"没有名为“{name}”的单位。")
    return code


def take_in(options: argparse.Namespace) -> int:
    """All accounts of a list with their slips, or none."""
    try:
        raw = worker.read_account_list_in_worker(options.file.read_bytes())
    except BadInput as refusal:
        print(refusal, file=sys.stderr)
        return UNREADABLE
    now = settings.clock()
    with database.reading() as session:
        checked = account_list.preview(session, viewer=operator(Role.ADMIN), raw=raw, now=now)
    for fault in checked.faults:
        print(f"{fault.sheet}!{fault.cell} {fault.message}。{fault.cure}")
    if checked.faults:
        return FAULTS
    issued = [passwords.issue() for _ in checked.lines]
    _write_slips(options, checked, issued, now)
    new = [
        (account_list.account(line), each.hash)
        for line, each in zip(checked.lines, issued, strict=True)
    ]
    with database.transaction() as session:
        accounts.add_users(session, new=new, by=audit.SYSTEM, now=now)
    print(f"已开通 {len(new)} 个账号，密码条在 {options.slips}。打印分发后请删去这个文件。")
    return CLEAN


def _write_slips(
    options: argparse.Namespace, checked: Checked, issued: list[passwords.Issued], now: datetime
) -> None:
    """First: what cannot be printed must not be opened. Readable by its owner only."""
    slips = Slips(
        slips=tuple(
            Slip(*account_list.holder(line), each.password)
            for line, each in zip(checked.lines, issued, strict=True)
        ),
        address=options.address,
        good_until=(now + sessions.INITIAL_PASSWORD_LASTS).date(),
        contact="系统管理员",
        made_at=now,
    )
    try:
        options.slips.touch(mode=0o600, exist_ok=False)
    except FileExistsError as known:
        raise Conflict(f"{options.slips} 已经存在，没有开通任何账号。请换一个文件名。") from known
    options.slips.write_bytes(write_slips(slips))


def reset(options: argparse.Namespace) -> int:
    password = read_password(options)
    with database.transaction() as session:
        accounts.reset_password(
            session,
            username=options.username,
            password=password,
            by=audit.SYSTEM,
            now=settings.clock(),
        )
    print(f"已重置“{options.username}”的密码，下次登录须修改密码。")
    return CLEAN


def disable(options: argparse.Namespace) -> int:
    with database.transaction() as session:
        accounts.disable(session, username=options.username, by=audit.SYSTEM)
    print(f"已停用账号“{options.username}”。")
    return CLEAN


def show_all(options: argparse.Namespace) -> int:
    with database.reading() as session:
        users = session.exec(select(User).order_by(col(User.id))).all()
    rows = [
        {
            "username": user.username,
            "name": user.display_name,
            "role": user.role.name.lower(),
            "unit": user.unit_code,
            "disabled": user.is_disabled,
            "valid_until": user.valid_until.isoformat() if user.valid_until else None,
        }
        for user in users
    ]
    if options.json:
        print_json(rows)
    for user in [] if options.json else users:
        state = "停用" if user.is_disabled else "启用"
        print(f"{user.username}  {user.display_name}  {user.role.value}  {state}")
    return CLEAN
