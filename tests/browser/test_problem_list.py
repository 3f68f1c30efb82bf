"""The list of 问题整改 in a browser: its address shared, and 交办 of several with a preview."""

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select
from tabs import settled

from daxing_safety.actions import problems
from daxing_safety.database import reading, transaction
from daxing_safety.models import Problem, Unit
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import Discovery, RectificationStatus, Role

NOW = datetime(2021, 5, 20, 9, 0)
CROSSING, BRIDGE = "桥南路口", "桥北便道"
HEADER = 18  # px from a table's upper left corner to the middle of its first, narrow cell
SignIn = Callable[..., Page]


@pytest.fixture
def found_at(served_data: None) -> Callable[..., list[str]]:
    """What an expert found at these sites of 北臧村镇; their numbers."""

    def registered(*sites: str) -> list[str]:
        with transaction() as session:
            town = session.scalars(select(Unit).where(col(Unit.name) == "北臧村镇")).one()
            return [_register(session, town, site).number for site in sites]

    return registered


def _register(session: Session, town: Unit, site: str) -> Problem:
    return problems.register(
        session,
        unit=town,
        rule_code=None,
        site=site,
        description="护栏缺失",
        count=1,
        discovery=Discovery.EXPERT,
        found_on=date(2021, 5, 18),
        by=operator(Role.OFFICE),
        now=NOW,
    )


def stored(numbers: list[str]) -> list[Problem]:
    with reading() as session:
        return list(session.scalars(select(Problem).where(col(Problem.number).in_(numbers))))


def test_what_one_filters_another_opens_by_the_address(
    found_at: Callable[..., list[str]], sign_in: SignIn
) -> None:
    found_at(CROSSING, CROSSING, BRIDGE)
    tab = sign_in("office", "/problems")
    tab.get_by_label("搜索", exact=True).fill(CROSSING)
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("共 2 个问题")).to_be_visible()
    tab.get_by_text(re.compile("^待交办 2$")).click()
    expect(tab).to_have_url(re.compile("status=UNASSIGNED"))
    settled(tab)

    colleague = sign_in("leader", tab.url.removeprefix(tab.url.split("/problems")[0]))
    expect(colleague.get_by_text("共 2 个问题")).to_be_visible()
    expect(colleague.get_by_label("搜索", exact=True)).to_have_value(CROSSING)

    colleague.get_by_role("button", name="清除条件").click()
    expect(colleague).to_have_url(re.compile("/problems$"))


def test_several_are_assigned_after_a_preview_of_what_will_change(
    found_at: Callable[..., list[str]], sign_in: SignIn
) -> None:
    site = "永定河左堤"
    numbers = found_at(site, site, site)
    with transaction() as session:
        assigned = session.scalars(select(Problem).where(col(Problem.number) == numbers[0])).one()
        problems.assign(session, problem=assigned, by=operator(Role.OFFICE), now=NOW)

    tab = sign_in("office", f"/problems?q={site}")
    expect(tab.get_by_text("共 3 个问题")).to_be_visible()
    settled(tab)
    tab.get_by_test_id("stDataFrame").click(position={"x": HEADER, "y": HEADER})  # all of them
    tab.get_by_role("button", name="批量交办（3）").click()
    dialog = tab.get_by_role("dialog")
    expect(dialog.get_by_text("1 个不能办理，原因见上表")).to_be_visible()
    assert {each.status for each in stored(numbers[1:])} == {RectificationStatus.UNASSIGNED}

    dialog.get_by_role("button", name="确认交办 2 个").click()
    expect(tab.get_by_text("已交办 2 个问题。")).to_be_visible()
    expect(dialog).to_have_count(0)
    assert {each.status for each in stored(numbers)} == {RectificationStatus.NOT_STARTED}
    assert {each.due_on for each in stored(numbers)} == {date(2021, 6, 3)}


def test_what_a_form_refuses_stays_in_it_until_it_is_mended(
    served_data: None, sign_in: SignIn
) -> None:
    tab = sign_in("office", "/problems")
    settled(tab)
    tab.get_by_role("button", name="登记问题").click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_label("点位").fill("兴丰大街天桥")
    dialog.get_by_label("问题描述").fill("踏板松动")
    dialog.get_by_label("问题描述").press("Tab")
    dialog.get_by_role("button", name="登记", exact=True).click()
    expect(dialog.get_by_text("请选择责任单位。")).to_be_visible()
    expect(dialog.get_by_label("问题描述")).to_have_value("踏板松动")

    dialog.get_by_label("责任单位").fill("北臧村镇")
    tab.get_by_role("option", name="北臧村镇").click()
    settled(tab)
    dialog.get_by_label("扣分条款").click()
    tab.get_by_role("option").first.click()
    dialog.get_by_role("button", name="登记并交办").click()
    expect(tab.get_by_text("并交办，整改时限 2021-06-03。")).to_be_visible()
    expect(dialog).to_have_count(0)
    with reading() as session:
        entered = session.scalars(select(Problem).where(col(Problem.site) == "兴丰大街天桥")).one()
    assert (entered.description, entered.status) == ("踏板松动", RectificationStatus.NOT_STARTED)
    assert entered.rule_code is not None
