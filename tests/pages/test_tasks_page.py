"""任务分解 as Streamlit runs it, one click after another."""

from decimal import Decimal

from page_work import (
    OpenPage,
    SignIn,
    first_point,
    frame,
    hand_in,
    texts,
)

from daxing_safety.vocabulary import (
    ProgressStatus,
)


def test_a_clerk_first_sees_the_own_duties_and_can_turn_to_the_whole_plan(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("区水务局")
    assert "共 16 条工作要点" in texts(open_page("tasks"))
    screen = open_page("tasks", scope="全区")
    assert "共 224 条工作要点" in texts(screen)
    assert "荣华街道、博兴街道是否参与创建待确认" in texts(screen)


def test_the_filters_stand_in_the_address(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("leader")
    screen = open_page("tasks", unit="区水务局", due="2021年6月")
    assert not screen.exception
    assert frame(screen, "work_point_code") == ["3-13", "3-14", "11-07"]


def test_a_filter_that_finds_nothing_says_what_to_do(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("office")
    screen = open_page("tasks", find="没有这样的要点")
    assert "请放宽上面的条件" in texts(screen)


def test_the_tasks_stand_on_a_tab_of_their_own(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("office")
    screen = open_page("tasks", view="任务")
    assert frame(screen, "task_no") == list(range(1, 23))


def test_a_card_shows_a_clerk_nothing_of_other_units(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    hand_in(first_point(status=ProgressStatus.IN_PROGRESS, percent=Decimal(5), remark="内部话"))
    sign_in("区城管委")
    screen = open_page("tasks", point="1-05")
    assert not screen.exception
    assert "本单位不承担这条工作要点" in texts(screen)
    shown = "".join(str(each.value) for each in [*screen.dataframe, *screen.table])
    assert "内部话" not in texts(screen) + shown


def test_a_card_that_does_not_exist_is_refused_in_words(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = open_page("tasks", point="<b>1-99</b>")
    assert not screen.exception
    assert "任务分解表中没有编号为" in texts(screen)
