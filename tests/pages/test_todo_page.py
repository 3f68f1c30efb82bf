"""待办 as Streamlit runs it: the number in the navigation, the links, the answers on the spot."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from filling import NOW, hand_in, work_points
from sqlmodel import Session, col, select
from streamlit.testing.v1 import AppTest

from daxing_safety import settings
from daxing_safety.actions import appeals, problems, rounds, verdicts
from daxing_safety.database import reading, transaction
from daxing_safety.models import DutyDecision, RowVerdict, Unit, User
from daxing_safety.ui import messages
from daxing_safety.vocabulary import Discovery, ProgressStatus, Role, Sheet

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]
CORRIDOR = (Sheet.PROGRESS, "3-01")  # of 区城管委


def user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()


def city_management(session: Session) -> Unit:
    return session.exec(select(Unit).where(col(Unit.name) == "区城管委")).one()


def words(screen: AppTest) -> str:
    kinds = ("markdown", "text", "caption", "subheader", "success")
    said = (str(getattr(each, "value", "")) for kind in kinds for each in screen.get(kind))
    return "\n".join(said).replace("\\", "")


def labels(screen: AppTest) -> list[str]:
    return [each.label for each in screen.button]


@pytest.fixture
def returned_and_disclaimed(data_dir: object) -> None:
    """3-01 of 区城管委 was returned by office; 3-04 it says is not its duty."""
    fill = work_points(
        _3_01={"status": ProgressStatus.IN_PROGRESS, "percent": Decimal(50)},
        _3_04={"status": ProgressStatus.NOT_OURS, "remark": "由区住建委实施"},
    )
    with transaction() as session:
        office, unit = user(session, "office"), city_management(session)
        session.add(
            User(
                username="office2",
                display_name="李工",
                role=Role.OFFICE,
                password_hash="",
                created_at=NOW,
                password_changed_at=NOW,
            )
        )
        due_at = datetime(2021, 5, 25, 17, 0)
        round_ = rounds.open_round(session, name="2021年5月", due_at=due_at, by=office, now=NOW)
        submission = hand_in(session, round_, unit, fill, by=user(session, "区城管委")).submission
        verdicts.return_rows(
            session,
            submission=submission,
            rows=[CORRIDOR],
            reason="请附里程统计",
            seen={},
            by=office,
            now=NOW,
        )


def contest() -> None:
    with transaction() as session:
        appeals.contest(
            session,
            unit=city_management(session),
            row=CORRIDOR,
            reason="已附统计",
            by=user(session, "区城管委"),
            now=NOW,
        )


def corridor() -> RowVerdict:
    with reading() as session:
        return session.get_one(RowVerdict, (city_management(session).code, *CORRIDOR))


@pytest.mark.parametrize("who", ["区城管委", "区水务局", "office", "leader", "admin"])
def test_every_link_leads_to_a_page_of_the_viewer(
    returned_and_disclaimed: None, sign_in: SignIn, open_page: OpenPage, who: str
) -> None:
    sign_in(who)
    screen = open_page("todo")
    assert not screen.exception and not screen.error
    assert screen.title[0].value == "待办"
    assert screen.get("page_link")


def test_who_has_no_part_in_it_does_not_see_the_page(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("auditor")
    assert all(title.value != "待办" for title in open_page().title)


def test_the_clerk_contests_a_returned_row_in_place(
    returned_and_disclaimed: None, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("区城管委")
    screen = open_page("todo")
    assert "退回原因：请附里程统计。有不同意见的，可以申诉一次。" in words(screen)
    screen = next(each for each in screen.button if each.label == "申诉").click().run()
    screen.text_area(key="contest_reason").input("已附统计")
    screen = next(each for each in screen.button if each.label == "提交申诉").click().run()
    assert not screen.exception
    assert corridor().appeal == "已附统计"
    assert "申诉" not in labels(screen)


def test_another_units_clerk_sees_nothing_of_it(
    returned_and_disclaimed: None, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("区水务局")
    screen = open_page("todo")
    assert "3-01" not in words(screen) and "里程统计" not in words(screen)
    assert "申诉" not in labels(screen)


def test_who_judged_cannot_answer_and_a_colleague_can(
    returned_and_disclaimed: None, sign_in: SignIn, open_page: OpenPage
) -> None:
    contest()
    sign_in("office")
    screen = open_page("todo")
    assert "原审核人张工的理由：请附里程统计。须由另一位审核人答复。" in words(screen)
    assert "答复申诉" not in labels(screen)
    sign_in("office2")
    screen = open_page("todo")
    screen = next(each for each in screen.button if each.label == "答复申诉").click().run()
    screen = screen.button(key="say_so").click().run()
    assert "请选择支持还是不支持" in screen.error[0].value
    screen = next(each for each in screen.button if each.label == "答复申诉").click().run()
    screen.radio(key="answer_verdict").set_value("支持申诉，按单位所报认可")
    screen.text_area(key="answer_text").input("属实")
    screen = screen.button(key="say_so").click().run()
    assert not screen.exception
    assert (corridor().is_upheld, corridor().answered_by) == (True, "office2")


@pytest.mark.parametrize(
    ("to_unit", "says"), [(None, "3-04 已驳回。"), ("区水务局", "3-04 已改派。")]
)
def test_the_office_refuses_or_reassigns_a_disclaimed_work_point(
    returned_and_disclaimed: None,
    sign_in: SignIn,
    open_page: OpenPage,
    to_unit: str | None,
    says: str,
) -> None:
    sign_in("office")
    screen = open_page("todo")
    screen = next(each for each in screen.button if each.label == "处理异议").click().run()
    if to_unit:
        screen.selectbox(key="duty_unit").select(to_unit)
    screen.text_area(key="duty_reason").input("按三定方案")
    screen = screen.button(key="say_so").click().run()
    assert not screen.exception
    assert messages.plain(says) in [each.value for each in screen.success]
    with reading() as session:
        decision = session.exec(select(DutyDecision)).one()
        receiver = session.get(Unit, decision.to_unit_code) if decision.to_unit_code else None
    assert (receiver.name if receiver else None) == to_unit
    assert "处理异议" not in labels(screen)


def test_a_decision_without_a_reason_is_refused_and_changes_nothing(
    returned_and_disclaimed: None, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = open_page("todo")
    screen = next(each for each in screen.button if each.label == "处理异议").click().run()
    screen = screen.button(key="say_so").click().run()
    assert "请写明理由" in screen.error[0].value
    assert "处理异议" in labels(screen)


def test_the_office_copies_a_reminder_from_the_board(
    returned_and_disclaimed: None, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    text = open_page("submit").code[0].value
    assert text.startswith("【填报提醒】2021年5月") and "区水务局" in text
    assert "区城管委" not in text


def test_the_number_beside_the_name_is_that_of_the_lines(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = open_page("todo")
    before = screen.session_state["number_waiting"].value
    with transaction() as session:
        problems.register(
            session,
            unit=city_management(session),
            rule_code=None,
            site="黄村西大街",
            description="井盖缺失",
            count=1,
            discovery=Discovery.INSPECTION,
            found_on=settings.today(),
            by=user(session, "office"),
            now=settings.now(),
        )
    screen.run()
    assert screen.session_state["number_waiting"].value == before + 1
