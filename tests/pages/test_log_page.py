"""操作日志: the auditor searches and reads it, and sees nothing else; nobody else sees it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from daxing_safety import settings, verification
from daxing_safety.actions import audit
from daxing_safety.database import reading, transaction
from daxing_safety.errors import NotAllowed
from daxing_safety.log_chain import Checked
from daxing_safety.models import AuditEvent, User
from daxing_safety.permissions import operator
from daxing_safety.reports import log
from daxing_safety.reports.log import Filters
from daxing_safety.vocabulary import Role

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]
MARKUP = '<img src=x onerror="alert(1)"> **粗** =1+1'
AUDITOR = operator(Role.AUDITOR)


@pytest.fixture(autouse=True)
def written(data_dir: Path) -> None:
    with transaction() as session:
        audit.record(
            session,
            "销号问题",
            "P00012",
            by="office",
            remark=MARKUP,
            before={"status": "CLAIMED_FIXED", "count": 2},
            after={"status": "CLOSED", "count": None},
        )
        audit.came_from("10.1.2.3")
        audit.record(session, "报送", "区水务局 第 1 版", by="区水务局")
        audit.came_from("")


def table(screen: AppTest) -> list[tuple[str, ...]]:
    frame = screen.dataframe[0].value
    return [tuple(row) for row in frame[["who", "address", "action", "subject"]].to_numpy()]


# ---- the screen ---------------------------------------------------------------------------------


def test_the_auditor_sees_the_log_and_the_manual_and_nothing_else(sign_in: SignIn) -> None:
    sign_in("auditor")
    for file in sorted((settings.ROOT / "pages").glob("*.py")):
        screen = AppTest.from_file(file, default_timeout=60).run()
        is_open = not any("没有查看这个页面的权限" in each.value for each in screen.error)
        assert is_open == (file.stem in ("log", "help")), file.stem


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_nobody_else_reads_the_log(role: Role) -> None:
    with reading() as session:
        for read in (log.rows, log.total):
            with pytest.raises(NotAllowed):
                read(session, viewer=operator(role), filters=Filters())
        for look in (log.state, log.chain, log.actions):
            with pytest.raises(NotAllowed):
                look(session, viewer=operator(role))
        with pytest.raises(NotAllowed):
            log.event(session, viewer=operator(role), number="1")


def test_the_newest_stands_on_top_with_person_and_address(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("auditor")
    screen = open_page("log")
    assert not screen.exception
    assert table(screen)[1:3] == [
        ("小王（区水务局）", "10.1.2.3", "报送", "区水务局 第 1 版"),
        ("张工（office）", "本机", "销号问题", "P00012"),
    ]
    assert "共 4 条" in screen.main.text[0].value


def test_the_address_says_what_is_shown(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("auditor")
    screen = open_page("log", who="小王", **{"from": "2021-05-20", "to": "2021-05-20"})
    assert [row[0] for row in table(screen)] == ["小王（区水务局）"]
    assert screen.text_input(key="log_who").value == "小王"
    assert not open_page("log", address="10.9").dataframe


def test_a_filter_that_is_chosen_stands_in_the_address(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("auditor")
    screen = open_page("log")
    screen.selectbox(key="log_action").select("销号问题").run()
    assert screen.query_params["action"] == "销号问题"
    assert [row[3] for row in table(screen)] == ["P00012"]


@pytest.mark.parametrize(
    ("filters", "subjects"),
    [
        (Filters(who="office"), ["P00012"]),
        (Filters(text="00012"), ["P00012"]),
        (Filters(text="onerror"), ["P00012"]),
        (Filters(text="%"), []),
        (Filters(address="10.1"), ["区水务局 第 1 版"]),
        (Filters(address="本机", action="销号问题"), ["P00012"]),
        (Filters(only_set_back=True), []),
        (Filters(since=datetime(2021, 5, 21).date()), []),
    ],
)
def test_every_filter_narrows_the_list(filters: Filters, subjects: list[str]) -> None:
    with reading() as session:
        found = log.rows(session, viewer=AUDITOR, filters=filters)
        assert log.total(session, viewer=AUDITOR, filters=filters) == len(subjects)
    assert [row.subject for row in found] == subjects
    assert Filters.read(dict(parse_qsl(filters.query()))) == filters


def test_what_changed_is_told_in_words() -> None:
    with reading() as session:
        (row,) = log.rows(session, viewer=AUDITOR, filters=Filters(text="P00012"))
    assert log.in_words(row.changes) == "状态：申请销号 → 已销号；处数：2 → （空）"


def test_one_event_is_opened_by_its_number(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("auditor")
    with reading() as session:
        event = session.exec(select(AuditEvent).where(col(AuditEvent.subject) == "P00012")).one()
    screen = open_page("log", event=str(event.id))
    assert not screen.exception
    facts = next(each.proto.body for each in screen.get("html") if event.hash in each.proto.body)
    assert "&lt;img" in facts and "<img" not in facts
    assert "没有这一条" in open_page("log", event="99x").error[0].value


def test_the_chain_is_gone_through_at_the_press_of_a_button(
    sign_in: SignIn, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in("auditor")
    screen = open_page("log")
    screen.button(key="check_chain").click().run()
    assert "首尾相连" in screen.success[0].value
    broken = Checked(2, "操作日志缺少第 3 条", ())
    monkeypatch.setattr(verification, "check_log", lambda _: (broken, None))
    screen.button(key="check_chain").click().run()
    assert "缺少第 3 条" in screen.error[0].value


def test_a_right_that_is_wanting_is_noted_with_who_wanted_it(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    """小王 opens 操作日志 by its address."""
    sign_in("区水务局")
    screen = AppTest.from_file(settings.ROOT / "pages" / "log.py", default_timeout=60).run()
    assert "没有查看这个页面的权限" in screen.error[0].value
    with reading() as session:
        (row, *_) = log.rows(session, viewer=AUDITOR, filters=Filters(action="越权访问"))
    assert (row.username, row.subject) == ("区水务局", "SEE_LOG")


def test_a_verb_that_was_refused_is_noted_too(sign_in: SignIn, data_dir: Path) -> None:
    from daxing_safety.ui import messages
    from daxing_safety.web import upkeep

    with reading() as session:
        clerk = session.exec(select(User).where(col(User.username) == "区水务局")).one()
    with messages.outcome():
        upkeep.check(by=clerk)
    with reading() as session:
        (row, *_) = log.rows(session, viewer=AUDITOR, filters=Filters(action="越权访问"))
    assert (row.username, row.subject) == ("区水务局", "MANAGE_SYSTEM")
