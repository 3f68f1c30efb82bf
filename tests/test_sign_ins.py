"""Who is signed in, as the lists tell it."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from daxing_safety.actions import accounts, sessions
from daxing_safety.errors import NotAllowed
from daxing_safety.models import User
from daxing_safety.reports import sign_ins

NOW = datetime(2021, 5, 20, 10, 0)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.91"
)


def visitor(address: str = "10.0.0.1", browser: str = EDGE) -> sessions.Visitor:
    return sessions.Visitor(address=address, browser=browser, token="")


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (EDGE, "Edge 120（Windows）"),
        (EDGE.split(" Edg/")[0], "Chrome 120（Windows）"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0",
         "Firefox 115（Linux）"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/103.0 Safari/537.36 WPSOffice/12.1",
         "WPS 12（Windows）"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) Version/16.5 Mobile Safari/604.1",
         "Safari 16（iPhone）"),
        ("Mozilla/5.0 (Linux; Android 13) Chrome/116 Mobile MicroMessenger/8.0.40",
         "微信 8（安卓）"),
        ("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko",
         "Internet Explorer（Windows）"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/108.0 Safari/537.36 QIHU 360SE",
         "360 浏览器（Windows）"),
        ("curl/8.0", "其他程序"),
        ("", "其他程序"),
    ],
)  # fmt: skip
def test_a_browser_is_called_what_its_user_calls_it(user_agent: str, words: str) -> None:
    assert sign_ins.in_words(user_agent) == words


def test_the_list_tells_who_from_where_with_what_and_whether_on_a_wall(
    session: Session, admin: User, leader: User
) -> None:
    sessions.start(session, username="区水务局", visitor=visitor(), now=NOW - timedelta(minutes=9))
    sessions.open_wall(session, by=leader, visitor=visitor("10.0.0.9"), now=NOW)
    wall, clerk = sign_ins.standing(session, viewer=admin, now=NOW)
    assert (wall.username, wall.address, wall.is_wall) == ("leader", "10.0.0.9", True)
    assert (clerk.unit, clerk.display_name) == ("区水务局", "小王")
    assert (clerk.browser, clerk.is_wall) == ("Edge 120（Windows）", False)
    assert clerk.started_at == NOW - timedelta(minutes=9)


def test_what_is_over_is_not_listed(session: Session, admin: User, leader: User) -> None:
    for username in ("区水务局", "区城管委"):
        sessions.start(session, username=username, visitor=visitor(), now=NOW)
    sessions.open_wall(session, by=leader, visitor=visitor(), now=NOW)
    accounts.disable(session, username="区城管委", by=admin)

    def listed(minutes: int) -> list[str]:
        later = NOW + timedelta(minutes=minutes)
        found = sign_ins.standing(session, viewer=admin, now=later)
        return sorted(each.username for each in found)

    assert listed(5) == ["leader", "区水务局"]
    assert listed(31) == ["leader"], "a wall never idles"
    assert listed(12 * 60 + 1) == []


def test_ones_own_are_ones_own_only(session: Session, clerk: User, neighbour: User) -> None:
    for username in ("区水务局", "区城管委", "区水务局"):
        sessions.start(session, username=username, visitor=visitor(), now=NOW)
    own = sign_ins.own(session, viewer=clerk, now=NOW)
    assert [each.username for each in own] == ["区水务局", "区水务局"]


@pytest.mark.parametrize("who", ["office", "leader", "clerk"])
def test_nobody_else_sees_where_everybody_is(
    session: Session, who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotAllowed):
        sign_ins.standing(session, viewer=request.getfixturevalue(who), now=NOW)
