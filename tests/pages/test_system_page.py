"""系统: the administrator backs up and checks, and sees no business data; nobody else comes in."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session
from streamlit.testing.v1 import AppTest

from daxing_safety import backups, files, settings
from daxing_safety.actions import upkeep
from daxing_safety.database import reading
from daxing_safety.errors import NotAllowed
from daxing_safety.permissions import operator, units_seen_by
from daxing_safety.reports import system
from daxing_safety.vocabulary import Role

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]


def test_the_administrator_sees_no_units_rows() -> None:
    admin = operator(Role.ADMIN)
    assert units_seen_by(admin) == frozenset()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_else_reads_it(session: Session, role: Role) -> None:
    for read in (system.state, system.versions):
        with pytest.raises(NotAllowed):
            read(session, viewer=operator(role))


def test_a_backup_is_made_listed_and_told_of(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("admin")
    screen = open_page("system")
    assert not screen.exception
    assert not screen.dataframe
    screen.button(key="back_up").click().run()
    assert not screen.exception
    (backup,) = backups.kept()
    assert backup.path.name in screen.success[0].value.replace("\\", "")
    assert screen.dataframe[0].value["state"][0] == ["完整"]
    assert f"/download/backup/{backup.path.name}" in screen.dataframe[0].value["link"][0]


def test_a_file_that_is_no_backup_is_shown_as_unusable(
    sign_in: SignIn, open_page: OpenPage, data_dir: Path
) -> None:
    settings.backups_dir().mkdir()
    (settings.backups_dir() / "daxing-auto-20210519-020000.zip").write_bytes(b"PK")
    sign_in("admin")
    table = open_page("system").dataframe[0].value
    assert (table["state"][0], table["kind"][0]) == (["不能使用"], "每日")


def test_the_schedule_is_set(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("admin")
    screen = open_page("system")
    screen.text_input(key="backup_at").input("03:30")
    screen.number_input(key="backups_kept").set_value(30)
    screen.button(key="save_schedule").click().run()
    assert "已保存" in screen.success[0].value
    with reading() as session:
        assert upkeep.schedule(session).keep == 30
    screen.text_input(key="backup_at").input("三点")
    screen.button(key="save_schedule").click().run()
    assert "看不懂" in screen.error[0].value


def test_the_check_says_what_it_found(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("admin")
    screen = open_page("system")
    screen.button(key="check").click().run()
    assert any("全部相符" in each.value for each in screen.success)
    orphan = files.keep(b"orphan")
    screen.button(key="check").click().run()
    assert any("有 1 处不符" in each.value for each in screen.error)
    assert any(orphan in each.value for each in screen.text)
