"""调度会 as it is walked through, and the way to 大屏."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlmodel import update
from streamlit.testing.v1 import AppTest

from daxing_safety.actions import meetings as verbs
from daxing_safety.actions import problems
from daxing_safety.database import reading, transaction
from daxing_safety.models import CriteriaRevision, Meeting, MeetingItem, Unit, User
from daxing_safety.permissions import operator
from daxing_safety.reports import meeting_figures, meetings
from daxing_safety.settings import ROOT, now, today
from daxing_safety.vocabulary import Discovery, Role

SignIn = Callable[[str], str]
Open = Callable[..., AppTest]


@pytest.fixture
def meeting(data_dir: object) -> str:
    """Number of a meeting over all units; 区水务局 (U05) has promised something in it."""
    office: User = operator(Role.OFFICE)
    with transaction() as session:
        slides = meeting_figures.take(session, viewer=office, today=today())
        opened = verbs.open_meeting(
            session,
            name="第一次调度会",
            day=today(),
            figures=meeting_figures.as_text(slides),
            by=office,
            now=now(),
        )
        session.flush()
        verbs.record_promise(
            session,
            meeting=opened,
            unit=session.get_one(Unit, "U05"),
            text="<b>换完阀门</b>",
            due_on=today(),
            by=office,
            now=now(),
        )
        return str(opened.id)


def texts(screen: Any) -> str:
    shown = [*screen.markdown, *screen.caption, *screen.info, *screen.title, *screen.success]
    return "\n".join(str(each.value) for each in shown) + "\n".join(
        str(each.body) for each in screen.get("html")
    )


def button(screen: AppTest, label: str) -> Any:
    (found,) = [each for each in screen.button if each.label == label]
    return found


def test_the_office_opens_a_meeting_and_stands_before_its_first_slide(
    sign_in: SignIn, open_page: Open
) -> None:
    sign_in("office")
    screen = open_page("meeting")
    screen.multiselect(key="meeting_units").set_value(["U06", "U05"])
    button(screen, "召开会议").click().run()
    assert not screen.exception
    assert "meeting" in screen.query_params
    assert "1／2" in screen.selectbox[0].options[0]
    assert "数据截至2021年5月20日" in texts(screen)
    with reading() as session:
        held = meetings.held(session, viewer=operator(Role.OFFICE), meeting_id=1, today=today())
    assert [slide.code for slide in held.slides] == ["U06", "U05"]


def test_a_meeting_over_a_past_day_has_the_figures_of_that_day(
    sign_in: SignIn, open_page: Open
) -> None:
    with transaction() as session:
        session.exec(update(CriteriaRevision).values(loaded_at=datetime(2021, 4, 1)))
        problems.register(
            session,
            unit=session.get_one(Unit, "U05"),
            rule_code="4-1",
            site="林校北路泵站",
            description="井盖破损",
            count=1,
            discovery=Discovery.EXPERT,
            found_on=today(),
            by=operator(Role.OFFICE),
            now=now(),
        )
    sign_in("office")
    for day, lost in ((date(2021, 5, 10), "0.00"), (today(), "0.20")):
        screen = open_page("meeting")
        screen.date_input(key="meeting_day").set_value(day)
        screen.multiselect(key="meeting_units").set_value(["U05"])
        button(screen, "召开会议").click().run()
        assert not screen.exception
        assert f'<p class="value">{lost}<small>分</small></p>' in texts(screen)
        assert ("数据截至2021年5月10日结束时" in texts(screen)) is (day < today())
        screen.button(key="close_meeting").click().run()


def test_the_next_unit_comes_by_a_button_and_stands_in_the_address(
    meeting: str, sign_in: SignIn, open_page: Open
) -> None:
    sign_in("leader")
    screen = open_page("meeting", meeting=meeting)
    assert screen.button(key="turn_before").disabled
    first = screen.selectbox[0].options[1]
    screen.button(key="turn_after").click().run()
    assert not screen.exception
    assert screen.selectbox[0].value == 1
    assert "unit" in screen.query_params
    assert first in screen.selectbox[0].options
    assert not screen.button(key="turn_before").disabled


def test_a_unit_is_opened_by_its_address_with_what_it_promised_as_text(
    meeting: str, sign_in: SignIn, open_page: Open
) -> None:
    sign_in("leader")
    screen = open_page("meeting", meeting=meeting, unit="U05")
    assert "<h2>区水务局</h2>" in texts(screen)
    assert "&lt;b&gt;换完阀门&lt;/b&gt;" in texts(screen)
    labels = [each.label for each in screen.button]
    assert "记承诺" not in labels, "a leader looks"
    assert "已兑现" not in labels


def test_the_office_checks_a_promise_and_strikes_another(
    meeting: str, sign_in: SignIn, open_page: Open
) -> None:
    sign_in("office")
    screen = open_page("meeting", meeting=meeting, unit="U05")
    screen.button(key="check_1_True").click().run()
    assert '<b class="stamp">已兑现</b>' in texts(screen)
    screen.button(key="strike_1").click().run()
    assert not screen.exception
    assert "承诺已删去。" in texts(screen)
    with reading() as session:
        assert session.get(MeetingItem, 1) is None


def test_a_closed_meeting_stays_to_be_read_and_nothing_is_recorded(
    meeting: str, sign_in: SignIn, open_page: Open
) -> None:
    sign_in("office")
    screen = open_page("meeting", meeting=meeting)
    screen.button(key="close_meeting").click().run()
    assert not screen.exception
    assert "会议已结束。" in texts(screen)
    assert len(screen.dataframe) == 1, "its minutes"
    screen.button(key="slides").click().run()
    assert "记承诺" not in [each.label for each in screen.button]
    with reading() as session:
        assert session.get_one(Meeting, int(meeting)).closed_at


@pytest.mark.parametrize("asked", ["99", "第一次", "９", "1" * 40])
def test_an_address_without_a_meeting_says_so(sign_in: SignIn, open_page: Open, asked: str) -> None:
    sign_in("leader")
    screen = open_page("meeting", meeting=asked)
    (refusal,) = screen.error
    assert "没有这次调度会" in refusal.value


@pytest.mark.parametrize("page", ["meeting", "wall"])
def test_a_clerk_has_neither_meetings_nor_a_wall(
    data_dir: object, sign_in: SignIn, page: str
) -> None:
    sign_in("区水务局")
    screen = AppTest.from_file(ROOT / "pages" / f"{page}.py", default_timeout=60).run()
    assert "您没有查看这个页面的权限" in screen.error[0].value
    assert not screen.title


def test_the_way_to_the_wall_says_how_long_it_lasts(sign_in: SignIn, open_page: Open) -> None:
    sign_in("leader")
    screen = open_page("wall")
    assert not screen.exception
    assert any("最长 12 小时" in each.value for each in screen.text)
