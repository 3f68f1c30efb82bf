"""init, serve."""

import argparse
import getpass
import sys

from daxing_safety import database, settings
from daxing_safety.actions import accounts, audit, installation, preferences
from daxing_safety.cli.outcome import CLEAN
from daxing_safety.errors import BadInput, Conflict
from daxing_safety.vocabulary import Role


def init(options: argparse.Namespace) -> int:
    installation.upgrade(with_backup=not options.without_backup)
    if options.demo:
        return _init_demo(options)
    with database.transaction() as session:
        if installation.is_installed(session):
            print("数据库已是最新，任务分解表和评价细则已在库中。")
            return CLEAN
        installation.install(session)
        if options.password_stdin:
            accounts.add_user(
                session,
                username="admin",
                display_name="系统管理员",
                role=Role.ADMIN,
                unit_code=None,
                password=read_password(options),
                by=audit.SYSTEM,
                now=settings.clock(),
                must_change_password=False,
            )
    print("初始化完成：22 项任务、224 条工作要点、56 个单位、47 项指标、112 条扣分条款已载入。")
    return CLEAN


def _init_demo(options: argparse.Namespace) -> int:
    from daxing_safety.demo import build_demo  # brings the worker and the template along

    with database.reading() as session:
        if installation.is_installed(session):
            raise Conflict(
                "数据库里已有数据，演示数据只能装进空库。请另设 DAXING_DATA_DIR 后再试。"
            )
    build_demo(password=read_password(options))
    print(
        "演示数据已生成（数字均为虚构，业务日 2021-05-20）。账号：office、office2、admin、auditor、"
    )
    print("leader、expert、expert2，各单位账号与单位同名（如 区教委），密码均为刚才设定的密码。")
    return CLEAN


def serve(options: argparse.Namespace) -> int:
    from daxing_safety.web import server  # loads Streamlit's server

    server.serve(options.host, options.port)
    return CLEAN


def read_password(options: argparse.Namespace) -> str:
    """From standard input, or asked for twice."""
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("密码：")
    if getpass.getpass("再输一次：") != password:
        raise BadInput("两次输入的密码不一致，没有改动。")
    return password


def use_demo_day() -> None:
    """A database that holds the demo lives on the demo's day."""
    with database.reading() as session:
        if preferences.is_demo(session):
            settings.use_demo_day()
