"""The command line: on whose behalf a command acts, what it refuses, and what the log says of it.

Whoever may run it may read the database's file as well: it is the server's own. So it acts as
创安办 or as the server itself, save `submit --by`, which is held to that account's rights.
"""

import argparse
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from filling import written
from marked_lives import Life
from problem_list_files import exported
from sqlmodel import col, select
from test_walk_callbacks import rows
from test_walk_pages import USERNAMES

from daxing_safety import cli
from daxing_safety.actions import accounts, audit
from daxing_safety.cli.outcome import CLEAN, FAULTS
from daxing_safety.database import reading, transaction
from daxing_safety.models import AuditEvent, Round, Unit, User
from daxing_safety.vocabulary import Role

# A new command: say here on whose behalf it acts.
ACTS_AS = {
    "init": "the server",
    "serve": "the server",
    "template": "创安办",
    "check": "创安办",
    "submit": "创安办, or the account named with --by",
    "export problems": "创安办",
    "score": "nobody: district figures",
    "backup": "the server",
    "restore": "the server",
    "verify": "nobody: reads",
    "log find": "nobody: reads what the server wrote of itself",
    "user add": "the server",
    "user import": "the server",
    "user list": "nobody: reads",
    "user reset": "the server",
    "user disable": "the server",
}


def _commands(parser: argparse.ArgumentParser, before: str = "") -> Iterator[str]:
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for group in groups:
        for name, inner in group.choices.items():
            yield from _commands(inner, f"{before} {name}".strip())
    if not groups:
        yield before


def test_of_every_command_it_is_said_on_whose_behalf_it_acts() -> None:
    assert set(_commands(cli._parser())) == ACTS_AS.keys()


@pytest.fixture
def workbook(data_dir: Path, tmp_path: Path, water: Life) -> Path:
    """区水务局's, of the open round."""
    path = tmp_path / "区水务局.xlsx"
    with reading() as session:
        round_ = session.exec(select(Round)).one()
        path.write_bytes(written(session, round_, session.get_one(Unit, water.code)))
    return path


@pytest.fixture
def problem_list(data_dir: Path, tmp_path: Path) -> Path:
    """区水务局's own 问题整改清单."""
    path = tmp_path / "清单.xlsx"
    with reading() as session:
        clerk = session.exec(select(User).where(col(User.username) == "区水务局")).one()
        path.write_bytes(exported(session, clerk))
    return path


def noted() -> AuditEvent:
    with reading() as session:
        return session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(1)).one()


MAY_NOT = [USERNAMES[role] for role in Role if role is not Role.OFFICE]


@pytest.mark.parametrize("username", MAY_NOT)
def test_a_workbook_is_not_handed_in_for_who_may_not(
    username: str, workbook: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = rows(data_dir)
    assert cli.main(["submit", str(workbook), "--by", username]) == FAULTS
    said = capsys.readouterr().out
    assert "没有这项权限" in said or "这是别的单位的" in said
    assert rows(data_dir) == before


@pytest.mark.parametrize("username", [*MAY_NOT, "office"])
def test_a_units_own_list_is_handed_in_for_nobody_else(
    username: str, problem_list: Path, data_dir: Path
) -> None:
    before = rows(data_dir)
    assert cli.main(["submit", str(problem_list), "--by", username]) == FAULTS
    assert rows(data_dir) == before


def test_a_disabled_account_hands_in_nothing(workbook: Path, data_dir: Path) -> None:
    with transaction() as session:
        accounts.disable(session, username="区水务局", by=audit.SYSTEM)
    before = rows(data_dir)
    assert cli.main(["submit", str(workbook), "--by", "区水务局"]) == FAULTS
    assert rows(data_dir) == before


def test_an_unknown_account_is_told_so(workbook: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["submit", str(workbook), "--by", "某某局"]) == FAULTS
    assert capsys.readouterr().err == "没有用户名为“某某局”的账号。\n"


def test_its_own_clerk_hands_it_in_and_stands_in_the_log(workbook: Path) -> None:
    assert cli.main(["submit", str(workbook), "--by", "区水务局"]) == CLEAN
    assert (noted().username, noted().action, noted().address) == ("区水务局", "报送", "")


@pytest.mark.parametrize(
    ("command", "action"),
    [
        (["user", "disable", "区水务局"], "停用账号"),
        (["user", "reset", "区水务局", "--password-stdin"], "重置密码"),
        (["user", "add", "新人", "--role", "leader", "--password-stdin"], "新增账号"),
    ],
)
def test_what_is_done_with_accounts_on_the_server_is_noted_as_the_servers(
    command: list[str], action: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("Lin-hai-7788\n"))
    assert cli.main(command) == CLEAN
    assert (noted().username, noted().action, noted().address) == (audit.SYSTEM, action, "")


def test_what_leaves_over_the_command_line_is_noted(data_dir: Path, tmp_path: Path) -> None:
    assert cli.main(["export", "problems", "--out", str(tmp_path)]) == CLEAN
    assert (noted().username, noted().action) == (audit.SYSTEM, "导出")
