"""user add | list | reset | disable."""

import argparse

from sqlmodel import Session, col, select

from daxing_safety import database, settings
from daxing_safety.actions import accounts, audit
from daxing_safety.cli.installing import read_password
from daxing_safety.cli.outcome import CLEAN, print_json
from daxing_safety.errors import NotFound
from daxing_safety.models import Unit, User
from daxing_safety.vocabulary import Role


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
        )
    print(f"已新增账号“{options.username}”，首次登录须修改密码。")
    return CLEAN


def _code(session: Session, name: str) -> str:
    code = session.exec(select(Unit.code).where(col(Unit.name) == name)).one_or_none()
    if code is None:
        raise NotFound(f"没有名为“{name}”的单位。")
    return code


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
        }
        for user in users
    ]
    if options.json:
        print_json(rows)
    for user in [] if options.json else users:
        state = "停用" if user.is_disabled else "启用"
        print(f"{user.username}  {user.display_name}  {user.role.value}  {state}")
    return CLEAN
