"""抽查评估 as Streamlit runs it: drawn by the office, filled by an expert, then handled."""

from collections.abc import Callable

import pytest
from spot_check_lives import NAME, PHOTO, draw, hand_in_all, item_of, items_of, prepare, user
from sqlmodel import Session, select
from streamlit.testing.v1 import AppTest

from daxing_safety import settings
from daxing_safety.actions import spot_findings
from daxing_safety.database import reading, transaction
from daxing_safety.models import Problem, SpotCheck, SpotCheckItem, SpotCheckPhoto
from daxing_safety.reports.spot_checks import items
from daxing_safety.ui.kept import kept
from daxing_safety.vocabulary import RectificationStatus, SpotHandling, SpotVerdict

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]
PAGE = settings.ROOT / "pages" / "spot_checks.py"


@pytest.fixture
def prepared(data_dir: object) -> None:
    with transaction() as session:
        prepare(session)


@pytest.fixture
def drawn(prepared: None) -> str:
    """Dealt to both experts; its number as addresses have it."""
    with transaction() as session:
        return str(draw(session).id)


@pytest.fixture
def doubted(drawn: str) -> str:
    """Handed in: 区水务局's 7-1 and P00002 are not as stated."""
    with transaction() as session:
        check = session.get_one(SpotCheck, int(drawn))
        said = {"20_1": SpotVerdict.FALSE, "P00002": SpotVerdict.FALSE}
        hand_in_all(session, check, **said)
    return drawn


def texts(screen: AppTest) -> str:
    """What can be read on the screen."""
    kinds = (*(screen.markdown, screen.caption, screen.text), *(screen.info, screen.error))
    return "\n".join(str(each.value) for kind in kinds for each in kind)


def drawn_boxes(screen: AppTest) -> str:
    """What st.html draws."""
    return "\n".join(each.proto.body for each in screen.get("html"))


def one(session: Session, drawn: str, code: str) -> SpotCheckItem:
    return item_of(session, session.get_one(SpotCheck, int(drawn)), code)


def number_of(drawn: str, code: str) -> int:
    with reading() as session:
        return one(session, drawn, code).id or 0


def own(drawn: str, username: str) -> list[int]:
    with reading() as session:
        check = session.get_one(SpotCheck, int(drawn))
        return [item.id or 0 for item in items_of(session, check, username)]


# ---- the office draws ---------------------------------------------------------------------------


def test_the_office_sees_how_much_there_is_and_draws(
    prepared: None, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = open_page("spot_checks")
    assert not screen.exception
    assert "范围内共 7 项，涉及 2 家单位" in texts(screen)
    screen.multiselect(key="draw_0_experts").set_value(["expert", "expert2"]).run()
    screen.text_input(key="draw_0_name").input(NAME)
    next(each for each in screen.number_input if each.label == "抽取数量").set_value(4).run()
    screen = screen.button(key="draw").click().run()
    assert not screen.exception
    assert screen.title[0].value == NAME
    assert "已抽取 4 项" in screen.success[0].value
    with reading() as session:
        assert len(session.exec(select(SpotCheckItem)).all()) == 4


def test_a_refused_draw_says_why_and_keeps_what_was_chosen(
    drawn: str, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = open_page("spot_checks")
    screen.multiselect(key="draw_0_experts").set_value(["expert"]).run()
    screen.text_input(key="draw_0_name").input(NAME)
    screen = screen.button(key="draw").click().run()
    assert "请换一个名称" in screen.error[0].value
    assert screen.multiselect(key="draw_0_experts").value == ["expert"]


def test_the_check_shows_that_its_draw_was_fair(
    drawn: str, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("leader")
    screen = open_page("spot_checks", check=drawn)
    assert not screen.exception
    assert "按种子重抽一次，与名单一致" in drawn_boxes(screen)
    labels = {button.label for button in screen.button}
    assert not labels & {"指定", "延期", "确认撤销"}, "a leader reads"


def test_the_office_prolongs_and_withdraws(
    drawn: str, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = open_page("spot_checks", check=drawn)
    screen = screen.button(key="prolong").click().run()
    assert "请写明延期的原因" in screen.error[0].value
    screen.text_input(key="prolong_reason").input("汛期")
    screen = screen.button(key="prolong").click().run()
    assert "已延期" in screen.success[0].value
    screen.text_input(key="withdraw_reason").input("范围选错")
    screen = screen.button(key="withdraw_check").click().run()
    assert "已撤销：范围选错" in screen.warning[0].value


@pytest.mark.parametrize("check", ["99", "x", "1 or 1"])
def test_a_check_that_there_is_not_is_refused_in_words(
    drawn: str, sign_in: SignIn, open_page: OpenPage, check: str
) -> None:
    sign_in("office")
    screen = open_page("spot_checks", check=check)
    assert not screen.exception
    assert "没有这次抽查" in screen.error[0].value


# ---- the expert ---------------------------------------------------------------------------------


def test_the_bare_address_leads_an_expert_to_the_own_list(
    drawn: str, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("expert")
    screen = open_page()
    assert screen.title[0].value == "抽查评估"
    shown = {button.key for button in screen.button if (button.key or "").startswith("look_")}
    assert shown == {f"look_{number}" for number in own(drawn, "expert")}


def test_another_experts_thing_is_not_there(
    drawn: str, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("expert")
    for address in (own(drawn, "expert2")[0], "x", "99"):
        screen = open_page("spot_checks", item=str(address))
        assert not screen.exception
        assert screen.title[0].value == "抽查评估", "the list instead"
        assert not screen.text_area


def test_without_anything_drawn_a_sentence_says_so(
    prepared: None, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("expert")
    assert "现在没有抽给您核查的事项" in open_page("spot_checks").info[0].value


def test_an_expert_saves_one_thing_and_goes_on(
    drawn: str, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("expert")
    first = own(drawn, "expert")[0]
    screen = open_page("spot_checks", item=str(first))
    screen = screen.button(key=f"spot_{first}_save").click().run()
    assert "请选择核查结论" in screen.error[0].value
    screen.button_group(key=f"spot_{first}_verdict").set_value(SpotVerdict.FALSE).run()
    screen.text_area(key=f"spot_{first}_found").input("阀门锈死")
    screen.text_input(key=f"spot_{first}_site").input("林校北路3号")
    screen = screen.button(key=f"spot_{first}_save").click().run()
    assert not screen.exception
    assert "已保存" in screen.success[0].value
    with reading() as session:
        item = session.get_one(SpotCheckItem, first)
        assert (item.verdict, item.found, item.count) == (SpotVerdict.FALSE, "阀门锈死", 1)


def test_an_expert_hands_in_once_all_is_answered(
    drawn: str, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("expert")
    screen = open_page("spot_checks")
    screen = screen.button(key=f"hand_in_{drawn}").click().run()
    assert "没有填写" in screen.error[0].value
    with transaction() as session:
        for number in own(drawn, "expert"):
            item = session.get_one(SpotCheckItem, number)
            spot_findings.record(
                session,
                item=item,
                verdict=SpotVerdict.TRUE,
                found="看过",
                site="",
                count=None,
                suggestion="",
                by=user(session, "expert"),
                now=session.get_one(SpotCheck, int(drawn)).drawn_at,
            )
    screen = open_page("spot_checks")
    screen = screen.button(key=f"hand_in_{drawn}").click().run()
    assert "已交回，谢谢" in screen.success[0].value
    screen = open_page("spot_checks", item=str(own(drawn, "expert")[0]))
    assert not screen.text_area, "what was handed in is only read"


def test_an_expert_takes_a_photo_away_again(
    drawn: str, sign_in: SignIn, open_page: OpenPage
) -> None:
    first = own(drawn, "expert")[0]
    with transaction() as session:
        spot_findings.add_photo(
            session,
            item=session.get_one(SpotCheckItem, first),
            data=PHOTO,
            name="现场.jpg",
            by=user(session, "expert"),
            now=session.get_one(SpotCheck, int(drawn)).drawn_at,
        )
    sign_in("expert")
    screen = open_page("spot_checks", item=str(first))
    assert "/download/spot_photo/1" in drawn_boxes(screen)
    screen.button(key="remove_1").click().run()
    with reading() as session:
        assert not session.exec(select(SpotCheckPhoto)).all()


def test_two_experts_never_share_what_is_kept_for_a_click(drawn: str) -> None:
    with reading() as session:
        experts = user(session, "expert"), user(session, "expert2")
        today = session.get_one(SpotCheck, int(drawn)).drawn_at.date()
    first, second = (kept(items.rows, viewer=each, today=today) for each in experts)
    assert {row.id for row in first} & {row.id for row in second} == set()


# ---- the office handles -------------------------------------------------------------------------


def test_the_office_adopts_and_a_problem_is_registered(
    doubted: str, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    number = number_of(doubted, "20-1")
    screen = open_page("spot_checks", check=doubted)
    assert not screen.exception
    screen.text_input(key=f"handle_{number}_site").input("林校北路3号东侧")
    screen = screen.button(key=f"handle_{number}_register").click().run()
    assert "登记为问题 P00003" in screen.success[0].value
    with reading() as session:
        assert session.exec(select(Problem.site)).all()[-1] == "林校北路3号东侧"
        assert one(session, doubted, "20-1").handling is SpotHandling.ADOPTED


def test_the_office_returns_what_was_not_mended_and_files_the_rest(
    doubted: str, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    closed, rule = number_of(doubted, "P00002"), number_of(doubted, "20-1")
    screen = open_page("spot_checks", check=doubted)
    screen = screen.button(key=f"handle_{closed}_return").click().run()
    assert "P00002 退回责任单位整改" in screen.success[0].value
    screen = screen.button(key=f"handle_{rule}_file").click().run()
    assert "请写明阅存的理由" in screen.error[0].value
    screen.text_area(key=f"handle_{rule}_filed").input("证据不足")
    screen = screen.button(key=f"handle_{rule}_file").click().run()
    assert "没有等待处理的结论" in screen.info[0].value
    with reading() as session:
        status = {each.number: each.status for each in session.exec(select(Problem))}
        assert status["P00002"] is RectificationStatus.IN_PROGRESS


def test_a_leader_reads_what_was_found_and_handles_nothing(
    doubted: str, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("leader")
    screen = open_page("spot_checks", check=doubted)
    assert "专家所见" in [each.value for each in screen.caption]
    assert not [each for each in screen.button if (each.key or "").startswith("handle_")]
    screen = open_page("spot_checks", check=doubted, part="全部事项")
    assert not screen.exception
    screen = open_page("spot_checks", view="可信度")
    assert not screen.exception
    assert screen.metric[0].value == "71.4%"


@pytest.mark.parametrize("username", ["区水务局", "admin", "auditor"])
def test_nobody_else_has_the_screen(doubted: str, sign_in: SignIn, username: str) -> None:
    sign_in(username)
    screen = AppTest.from_file(PAGE, default_timeout=60)
    screen.query_params["check"] = doubted
    screen.run()
    assert "没有查看这个页面的权限" in screen.error[0].value
    assert NAME not in texts(screen) and not screen.title
