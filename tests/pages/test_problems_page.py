"""问题整改 as Streamlit runs it, for each role: the list, its filters, the board, registering."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import Session, col, select
from streamlit.testing.v1 import AppTest

from daxing_safety import settings
from daxing_safety.actions import problems
from daxing_safety.database import reading, transaction
from daxing_safety.models import Problem, Unit, User
from daxing_safety.reports import saved_views
from daxing_safety.vocabulary import Discovery, RectificationStatus

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]


def user(session: Session, username: str) -> User:
    return session.scalars(select(User).where(col(User.username) == username)).one()


def unit(session: Session, name: str) -> Unit:
    return session.scalars(select(Unit).where(col(Unit.name) == name)).one()


@pytest.fixture
def registered(data_dir: object) -> tuple[str, str]:
    """One problem of 区水务局, assigned, and one of 区城管委, not yet."""
    with transaction() as session:
        office, now = user(session, "office"), settings.now()
        at_water, at_city = (
            problems.register(
                session,
                unit=unit(session, name),
                rule_code="4-1",
                site=site,
                description="消火栓无水",
                count=1,
                discovery=Discovery.EXPERT,
                found_on=date(2021, 5, 18),
                by=office,
                now=now,
            )
            for name, site in (("区水务局", "黄村西大街12号院"), ("区城管委", "旧宫*北门*"))
        )
        problems.assign(session, problem=at_water, by=office, now=now)
        return at_water.number, at_city.number


def words(screen: AppTest) -> str:
    kinds = ("markdown", "text", "caption", "subheader", "error", "info", "success", "warning")
    return "\n".join(str(each.value) for kind in kinds for each in screen.get(kind))


def labels(screen: AppTest) -> list[str]:
    return [button.label for button in screen.button]


def listed(screen: AppTest) -> list[str]:
    return list(screen.dataframe[0].value["number"])


def click(screen: AppTest, label: str) -> AppTest:
    screen = next(each for each in screen.button if each.label == label).click().run()
    assert not screen.exception
    return screen


def problem(number: str) -> Problem:
    with reading() as session:
        return session.scalars(select(Problem).where(col(Problem.number) == number)).one()


# ---- who sees what ----


def test_the_office_sees_every_problem_and_what_it_may_do_with_them(
    registered: tuple[str, str], sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = open_page("problems")
    assert not screen.exception and not screen.error
    assert screen.title[0].value == "问题整改"
    assert set(listed(screen)) == set(registered)
    assert {"登记问题", "批量交办", "批量延期"} <= set(labels(screen))
    assert "共 2 个问题，当前第 1 页，共 1 页" in words(screen)


def test_the_leader_reads(
    registered: tuple[str, str], sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("leader")
    screen = open_page("problems")
    assert set(listed(screen)) == set(registered)
    assert not {"登记问题", "批量交办", "批量延期"} & set(labels(screen))
    assert "等我办理" not in screen.multiselect(key="problems_only").options
    assert "没有符合条件的问题" in words(open_page("problems", only="mine"))


def test_a_clerk_sees_the_own_units_problems_alone(
    registered: tuple[str, str], sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("区水务局")
    screen = open_page("problems")
    assert listed(screen) == [registered[0]]
    assert "我的问题" in words(screen)
    assert not {"登记问题", "批量交办", "批量延期"} & set(labels(screen))
    sign_in("区城管委")
    assert listed(open_page("problems")) == [registered[1]]
    assert "没有符合条件的问题" in words(open_page("problems", q="黄村"))


def test_who_has_no_part_in_it_is_not_led_there(
    registered: tuple[str, str], sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("auditor")
    assert all(title.value != "问题整改" for title in open_page().title)


@pytest.mark.parametrize(
    ("who", "told"),
    [
        ("office", "点“登记问题”登记"),
        ("区水务局", "自查发现的问题，请填在填报表"),
        ("leader", "台账里还没有问题"),
    ],
)
def test_an_empty_ledger_says_what_to_do(
    sign_in: SignIn, open_page: OpenPage, who: str, told: str
) -> None:
    sign_in(who)
    assert told in words(open_page("problems"))


# ---- filters ----


def test_the_address_alone_decides_what_is_shown(
    registered: tuple[str, str], sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = open_page("problems", status="UNASSIGNED", q="旧宫", sort="gain")
    assert listed(screen) == [registered[1]]
    assert screen.text_input(key="problems_q").value == "旧宫"
    assert screen.selectbox(key="problems_sort").value == "gain"
    assert "没有符合条件的问题" in words(open_page("problems", q="没有这个点位"))


def test_a_choice_goes_into_the_address_and_back_to_the_first_page(
    registered: tuple[str, str], sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = open_page("problems", page="7", sort="number")
    screen = screen.multiselect(key="problems_only").select("recurring").run()
    assert dict(screen.query_params) == {"sort": "number", "only": "recurring"}
    assert "没有符合条件的问题" in words(screen)
    screen = click(screen, "清除条件")
    assert dict(screen.query_params) == {"sort": "number"}
    assert listed(screen) == list(registered)


def test_an_address_with_rubbish_shows_what_can_be_understood(
    registered: tuple[str, str], sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    rubbish = {"status": "x", "unit": "U999", "page": "-1", "due": "ever", "view": "?"}
    screen = open_page("problems", **rubbish)
    assert not screen.exception
    assert set(listed(screen)) == set(registered)


# ---- 台账流转 ----


def test_the_board_has_a_column_a_stage_and_opens_a_problem(
    registered: tuple[str, str], sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = open_page("problems", view="board")
    headings = [each.value for each in screen.markdown if each.value.startswith("####")]
    assert ["待交办" in headings[0], "整改中" in headings[1]] == [True, True]
    assert [heading.split()[-1] for heading in headings] == ["1", "1", "0", "0"]
    assert r"旧宫\*北门\*" in words(screen)  # the users' text, not markdown
    card = next(label for label in labels(screen) if label.startswith(registered[1]))
    screen = click(screen, card)
    assert screen.query_params["problem"] == registered[1]
    assert screen.query_params["view"] == "board"


# ---- 常用视图 ----


def test_a_view_is_saved_and_belongs_to_who_saved_it(
    registered: tuple[str, str], sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = open_page("problems", due="none")
    screen.session_state["problems_views"] = True  # what a click on 常用视图 sets
    screen = screen.run()
    screen.text_input(key="saved_view_name").input("没定时限的").run()
    screen = click(screen, "保存当前视图")
    with reading() as session:
        office, leader = user(session, "office"), user(session, "leader")
        (kept,) = saved_views.of_page(session, viewer=office, page="problems")
        assert (kept.name, kept.query) == ("没定时限的", {"due": "none"})
        assert saved_views.of_page(session, viewer=leader, page="problems") == []


# ---- 登记 ----


def filled_in(screen: AppTest, *, site: str = "黄村西大街12号院") -> AppTest:
    screen = click(screen, "登记问题")
    with reading() as session:
        code = unit(session, "区水务局").code
    screen.selectbox(key="problem_0_unit").select(code)
    screen.text_input(key="problem_0_site").input(site)
    screen.text_area(key="problem_0_description").input("消火栓无水")
    return screen


def test_the_office_registers_and_assigns_in_one_go(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("office")
    screen = filled_in(open_page("problems"))
    assert "整改时限为 2021-06-03（今天起 10个工作日，按严重程度）" in words(screen)
    screen = click(screen, "登记并交办")
    assert "已登记 P00001 并交办" in words(screen)
    entered = problem("P00001")
    assert (entered.site, entered.rule_code) == ("黄村西大街12号院", None)
    assert entered.status is RectificationStatus.NOT_STARTED
    assert entered.discovery is Discovery.EXPERT


def test_registered_alone_it_waits_for_assignment(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("office")
    click(filled_in(open_page("problems")), "登记")
    assert problem("P00001").status is RectificationStatus.UNASSIGNED


def test_without_a_site_nothing_is_registered(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("office")
    screen = click(filled_in(open_page("problems"), site=" "), "登记")
    assert "请写明点位" in words(screen)
    with reading() as session:
        assert session.scalars(select(Problem)).all() == []
