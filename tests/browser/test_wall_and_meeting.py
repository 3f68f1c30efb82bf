"""大屏 that follows a write and says when it cannot; a 调度会 walked through."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select
from tabs import fill_in, heading, settled

from daxing_safety import ledger, settings
from daxing_safety.actions import problems
from daxing_safety.database import reading, transaction
from daxing_safety.models import MeetingItem, Problem, Unit
from daxing_safety.permissions import operator
from daxing_safety.reports import scores
from daxing_safety.vocabulary import Discovery, MeetingItemKind, Role, RuleKind
from daxing_safety.web.wall import EVERY_S
from daxing_safety.wording import points

# Names the boxes whose content is larger than they are.
TOO_MUCH = """() => [document.documentElement, ...document.querySelectorAll('main, .box, .tile')]
    .filter((box) => box.scrollHeight > box.clientHeight + 1)
    .map((box) => box.className + box.innerText.slice(0, 20))"""
NewTab = Callable[..., Page]
SignIn = Callable[..., Page]


@pytest.fixture
def wall(new_tab: NewTab) -> Page:
    """Opened by 李区长, with a clock that the test moves."""
    tab = new_tab(width=1920, height=1080)
    tab.clock.install()
    tab.goto("/wall")
    fill_in(tab, "leader")
    tab.get_by_role("button", name="打开大屏").click()
    expect(tab.locator("#wall .confirmed .value")).to_be_visible()
    return tab


def confirmed_score() -> str:
    with reading() as session:
        totals = scores.district(session, viewer=operator(Role.OFFICE))
    return points(totals.confirmed.score)


def rule_with_points_left(unit: str) -> str:
    """Of an indicator that lost nothing yet, whatever other tests left on this server."""
    with reading() as session:
        losing = {
            row.indicator_code
            for row in scores.indicator_scores(session)
            if row.confirmed < row.points
        }
        rules = ledger.criteria_in_force(session).rules_of_unit[unit]
    return next(
        rule.code
        for rule in rules
        if rule.kind is RuleKind.PER_FINDING and rule.indicator_code not in losing
    )


def look_again(wall: Page) -> None:
    wall.clock.run_for((EVERY_S + 1) * 1000)


def test_the_wall_follows_a_write_without_a_hand_on_it(served_data: None, wall: Page) -> None:
    before = confirmed_score()
    shown = wall.locator(".score.confirmed .value")
    expect(shown).to_have_text(f"{before}分")
    with transaction() as session:
        problems.register(
            session,
            unit=session.exec(select(Unit).where(col(Unit.name) == "区水务局")).one(),
            rule_code=rule_with_points_left("区水务局"),
            site="林校北路泵站",
            description="设施损坏",
            count=1,
            discovery=Discovery.EXPERT,
            found_on=date(2021, 5, 20),
            by=operator(Role.OFFICE),
            now=settings.now().replace(year=2021, month=5, day=20),
        )
    assert confirmed_score() != before
    look_again(wall)
    expect(shown).to_have_text(f"{confirmed_score()}分")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
def test_the_wall_fits_its_screen(wall: Page, width: int, height: int) -> None:
    wall.set_viewport_size({"width": width, "height": height})
    assert wall.evaluate(TOO_MUCH) == []


def test_the_map_turns_to_its_next_measure(wall: Page) -> None:
    wall.clock.run_for(1_000)
    name = wall.locator(".map:visible h2").inner_text()
    wall.clock.run_for(13_000)
    expect(wall.locator(".map:visible")).to_have_count(1)
    assert wall.locator(".map:visible h2").inner_text() != name


def test_a_wall_that_cannot_refresh_says_so_until_it_can(wall: Page) -> None:
    wall.context.set_offline(True)
    look_again(wall)
    expect(wall.get_by_text("连接中断，正在重新连接")).to_be_visible()
    wall.clock.run_for(180_000)
    expect(wall.get_by_text("连接中断，已 3 分钟没有刷新")).to_be_visible()
    wall.context.set_offline(False)
    look_again(wall)
    expect(wall.locator("#stale")).to_be_hidden()


def test_a_wall_whose_sign_in_ended_leads_to_the_sign_in(wall: Page) -> None:
    wall.context.clear_cookies()
    look_again(wall)
    expect(wall.locator("#username")).to_be_visible()
    assert "next=%2Fwall" in wall.url


def test_a_meeting_is_walked_through_with_a_promise_and_a_problem(
    served_data: None, sign_in: SignIn
) -> None:
    tab = sign_in("office", "/meeting", width=1920, height=1080)
    heading(tab, "调度会")
    settled(tab)
    tab.get_by_label("会议名称").fill("五月调度会")
    tab.get_by_role("button", name="召开会议").click()
    slide = tab.locator(".slide")
    expect(slide).to_be_visible()
    first = slide.get_by_role("heading", level=2).inner_text()
    settled(tab)
    tab.get_by_role("button", name="下一家").click()
    expect(slide.get_by_role("heading", level=2)).not_to_have_text(first)
    settled(tab)
    unit = slide.get_by_role("heading", level=2).inner_text()

    tab.get_by_role("button", name="记承诺").click()
    form = tab.get_by_role("dialog")
    form.get_by_label("单位承诺做到什么").fill("月底前清理消防通道")
    form.get_by_role("button", name="记录", exact=True).dblclick()
    expect(form).not_to_be_visible()
    expect(slide.get_by_text("月底前清理消防通道")).to_be_visible()
    settled(tab)

    tab.get_by_role("button", name="记问题").click()
    form = tab.get_by_role("dialog")
    form.get_by_role("button", name="记录", exact=True).click()
    expect(form.get_by_text("请写明点位")).to_be_visible()
    form.get_by_label("点位").fill("政府街地下车库")
    form.get_by_label("问题描述").fill("卷帘门不能下降")
    form.get_by_role("button", name="记录", exact=True).click()
    expect(slide.get_by_text("政府街地下车库：卷帘门不能下降")).to_be_visible()
    settled(tab)

    tab.get_by_role("button", name="会议纪要（2 项）").click()
    expect(tab.get_by_text("记录 2 项，涉及 1 家单位")).to_be_visible()
    with reading() as session:
        recorded = session.exec(select(MeetingItem).order_by(col(MeetingItem.id))).all()
        kinds = [item.kind for item in recorded]
        number = recorded[1].problem_number
        problem = session.exec(select(Problem).where(col(Problem.number) == number)).one()
        assert session.get_one(Unit, problem.unit_code).name == unit
    assert kinds == [MeetingItemKind.PROMISE, MeetingItemKind.PROBLEM]
    assert problem.due_on == date(2021, 5, 27)
