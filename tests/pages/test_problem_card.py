"""One problem as Streamlit runs it: who is offered which moves when, and what comes of them."""

from collections.abc import Callable
from datetime import date

import pytest
from problem_lives import NOW, Status, bring_to, register, show
from sqlmodel import Session, col, select
from streamlit.testing.v1 import AppTest

from daxing_safety.actions import closings, rectifying
from daxing_safety.database import reading, transaction
from daxing_safety.models import (
    Evidence,
    EvidenceUse,
    Problem,
    ProblemEvent,
    ProblemRequest,
    RectificationStep,
    Unit,
    User,
)
from daxing_safety.vocabulary import Move, PhotoStage, Severity

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]

WANG, LIU, LI, ZHANG = "区水务局", "区城管委", "leader", "office"
JPEG = b"\xff\xd8\xff\xe0..."
MOVES = {
    *("交办", "复查", "销号", "退回整改", "延期", "重新挂账", "恢复", "改派", "更正"),
    *("认定误报", "合并", "申请销号", "制定措施", "开始整改", "撤回申请", "申请延期"),
    *("申请误报认定", "增加步骤", "完成", "删去", "同意", "不同意"),
}


def user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()


def found_at_the_water_bureau(status: Status, **said: object) -> str:
    """The number of a problem that has come so far."""
    with transaction() as session:
        unit = session.exec(select(Unit).where(col(Unit.name) == WANG)).one()
        office, clerk = user(session, ZHANG), user(session, WANG)
        problem = register(session, unit, office, **said)
        bring_to(session, problem, status, clerk, office)
        return problem.number


def stands(number: str) -> Problem:
    with reading() as session:
        return session.exec(select(Problem).where(col(Problem.number) == number)).one()


def moves_of(number: str) -> list[Move]:
    query = select(ProblemEvent).where(col(ProblemEvent.problem_number) == number)
    with reading() as session:
        return [event.move for event in session.exec(query.order_by(col(ProblemEvent.id)))]


def texts(screen: AppTest) -> str:
    kinds = ("title", "markdown", "text", "caption", "error", "info", "success", "warning", "html")
    said = (str(getattr(each, "value", "") or "") for kind in kinds for each in screen.get(kind))
    drawn = (str(getattr(each.proto, "body", "")) for each in screen.get("html"))
    return "\n".join([*said, *drawn]).replace("\\", "")


def offered(screen: AppTest) -> set[str]:
    return MOVES & {each.label for each in screen.button}


def click(screen: AppTest, key: str) -> AppTest:
    screen = screen.button(key=key).click().run()
    assert not screen.exception
    return screen


# ---- who is offered what when ------------------------------------------------------------------

OFFICE_MAY = {
    Status.UNASSIGNED: {"交办", "改派", "更正", "认定误报"},
    Status.NOT_STARTED: {"延期", "改派", "更正", "认定误报"},
    Status.IN_PROGRESS: {"延期", "改派", "更正", "认定误报"},
    Status.CLAIMED_FIXED: {"复查", "销号", "退回整改", "更正", "认定误报"},
    Status.CLOSED: {"重新挂账"},
    Status.DISMISSED: {"恢复"},
    Status.MERGED: {"恢复"},
}
AT_WORK = {"申请销号", "制定措施", "申请延期", "申请误报认定", "增加步骤"}
UNIT_MAY = {
    Status.NOT_STARTED: AT_WORK | {"开始整改"},
    Status.IN_PROGRESS: AT_WORK,
    Status.CLAIMED_FIXED: {"撤回申请"},
}


@pytest.mark.parametrize("status", Status)
def test_each_role_is_offered_its_own_moves_of_the_status(
    sign_in: SignIn, open_page: OpenPage, status: Status
) -> None:
    number = found_at_the_water_bureau(status)
    expected = {ZHANG: OFFICE_MAY[status], WANG: UNIT_MAY.get(status, set()), LI: set()}
    for username, moves in expected.items():
        sign_in(username)
        screen = open_page("problems", problem=number)
        assert not screen.exception
        assert number in texts(screen)
        assert offered(screen) == moves, username


def test_another_units_clerk_is_told_that_there_is_no_such_problem(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    number = found_at_the_water_bureau(Status.NOT_STARTED)
    sign_in(LIU)
    screen = open_page("problems", problem=number)
    assert f"没有编号为“{number}”的问题" in texts(screen)
    assert "消火栓" not in texts(screen)
    assert offered(screen) == set()


def test_the_leader_uploads_nothing(sign_in: SignIn, open_page: OpenPage) -> None:
    number = found_at_the_water_bureau(Status.NOT_STARTED)
    sign_in(LI)
    assert "上传" not in {each.label for each in open_page("problems", problem=number).button}


def test_a_severe_problem_is_not_offered_for_closing_before_its_reinspection(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    number = found_at_the_water_bureau(Status.CLAIMED_FIXED, severity=Severity.LISTED)
    sign_in(ZHANG)
    assert "销号" not in offered(open_page("problems", problem=number))
    with transaction() as session:
        problem = session.exec(select(Problem).where(col(Problem.number) == number)).one()
        closings.reinspect(
            session,
            problem=problem,
            is_passed=True,
            remark="到现场放水",
            by=user(session, ZHANG),
            now=NOW,
        )
    assert "销号" in offered(open_page("problems", problem=number))


def test_merging_is_offered_where_another_stands_at_the_same_site(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    first = found_at_the_water_bureau(Status.UNASSIGNED)
    second = found_at_the_water_bureau(Status.UNASSIGNED)
    sign_in(ZHANG)
    screen = click(open_page("problems", problem=second), "merge")
    assert screen.selectbox(key="move_into").options[0].startswith(first)
    screen.text_area(key="move_reason").set_value("同一次检查登记了两遍")
    screen = click(screen, "make_move")
    assert f"{second} 已合并" in texts(screen)
    assert stands(second).merged_into == first


# ---- 创安办 --------------------------------------------------------------------------------------


def test_assigning_without_a_deadline_takes_the_default_and_says_which(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    number = found_at_the_water_bureau(Status.UNASSIGNED)
    sign_in(ZHANG)
    screen = click(open_page("problems", problem=number), "assign")
    assert screen.text_input(key="move_due").label == "整改时限（一般问题默认 10个工作日）"
    assert "即 2021-06-03（星期四），从今天起 10 个工作日" in texts(screen)
    screen = click(screen, "make_move")
    assert f"{number} 已交办" in texts(screen)
    assert stands(number).due_on == date(2021, 6, 3)


@pytest.mark.parametrize(
    ("said", "due_on"),
    [
        ("5个工作日", date(2021, 5, 27)),
        ("30天", date(2021, 6, 19)),
        ("2021-07-01", date(2021, 7, 1)),
        ("2021年7月1日", date(2021, 7, 1)),
    ],
)
def test_a_deadline_may_be_said_in_several_ways(
    sign_in: SignIn, open_page: OpenPage, said: str, due_on: date
) -> None:
    number = found_at_the_water_bureau(Status.UNASSIGNED)
    sign_in(ZHANG)
    screen = click(open_page("problems", problem=number), "assign")
    screen.text_input(key="move_due").set_value(said)
    click(screen, "make_move")
    assert stands(number).due_on == due_on


@pytest.mark.parametrize("said", ["月底前", "2021-02-30", "0天"])
def test_a_deadline_that_nobody_understands_is_refused_with_a_sentence(
    sign_in: SignIn, open_page: OpenPage, said: str
) -> None:
    number = found_at_the_water_bureau(Status.UNASSIGNED)
    sign_in(ZHANG)
    screen = click(open_page("problems", problem=number), "assign")
    screen.text_input(key="move_due").set_value(said)
    screen = click(screen, "make_move")
    assert said in screen.error[0].value.replace("\\", "")
    assert stands(number).status is Status.UNASSIGNED


def test_an_extension_is_counted_from_the_deadline_and_the_first_stays_visible(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    number = found_at_the_water_bureau(Status.NOT_STARTED)
    sign_in(ZHANG)
    screen = click(open_page("problems", problem=number), "extend")
    screen.text_input(key="move_due").set_value("5个工作日")
    screen.text_area(key="move_reason").set_value("汛期先抢险")
    screen = click(screen, "make_move")
    assert stands(number).due_on == date(2021, 6, 10)
    assert "首次时限 2021-06-03" in texts(screen)


@pytest.mark.parametrize(
    ("result", "status", "moves"),
    [
        ("合格，随即销号", Status.CLOSED, [Move.REINSPECT, Move.CLOSE]),
        ("合格，暂不销号", Status.CLAIMED_FIXED, [Move.REINSPECT]),
        ("不合格，退回整改", Status.IN_PROGRESS, [Move.REINSPECT, Move.SEND_BACK]),
    ],
)
def test_a_reinspection_and_what_follows_are_one_write(
    sign_in: SignIn, open_page: OpenPage, result: str, status: Status, moves: list[Move]
) -> None:
    number = found_at_the_water_bureau(Status.CLAIMED_FIXED)
    sign_in(ZHANG)
    screen = click(open_page("problems", problem=number), "reinspect")
    screen.radio(key="move_result").set_value(result)
    screen.text_area(key="move_remark").set_value("张工5月20日到现场放水")
    click(screen, "make_move")
    assert stands(number).status is status
    assert moves_of(number)[-len(moves) :] == moves


def test_a_reinspection_without_a_result_or_words_stores_nothing(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    number = found_at_the_water_bureau(Status.CLAIMED_FIXED)
    sign_in(ZHANG)
    screen = click(click(open_page("problems", problem=number), "reinspect"), "make_move")
    assert "请选择复查结论" in texts(screen)
    screen = click(screen, "reinspect")
    screen.radio(key="move_result").set_value("不合格，退回整改")
    screen = click(screen, "make_move")
    assert "请写明复查的情况" in texts(screen)
    assert stands(number).status is Status.CLAIMED_FIXED


def test_a_problem_is_given_to_another_unit_under_a_rule_of_its_own(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    number = found_at_the_water_bureau(Status.NOT_STARTED)
    sign_in(ZHANG)
    screen = click(open_page("problems", problem=number), "reassign")
    assert WANG not in screen.selectbox(key="move_unit").options
    screen = click(screen, "make_move")
    assert "请选择改派给哪个单位" in texts(screen)
    screen = click(screen, "reassign")
    with reading() as session:
        other = session.exec(select(Unit.code).where(col(Unit.name) == LIU)).one()
    screen.selectbox(key="move_unit").set_value(other)
    screen.text_area(key="move_reason").set_value("属区城管委管理")
    click(screen, "make_move")
    assert (stands(number).unit_code, stands(number).rule_code) == (other, None)


def test_a_correction_starts_from_what_stands(sign_in: SignIn, open_page: OpenPage) -> None:
    number = found_at_the_water_bureau(Status.NOT_STARTED)
    sign_in(ZHANG)
    screen = click(open_page("problems", problem=number), "correct")
    screen.number_input(key="move_count").set_value(3)
    screen.text_area(key="move_reason").set_value("现场重新清点")
    screen = click(screen, "make_move")
    after = stands(number)
    assert (after.count, after.rule_code, after.description) == (3, "4-1", "消火栓无水")
    assert "处数：1 → 3" in texts(screen)


def asked_for_extension(number: str) -> None:
    with transaction() as session:
        problem = session.exec(select(Problem).where(col(Problem.number) == number)).one()
        rectifying.ask_extension(
            session,
            problem=problem,
            due_on=date(2021, 6, 30),
            reason="阀门缺货",
            by=user(session, WANG),
            now=NOW,
        )


def test_a_request_is_answered_where_it_stands(sign_in: SignIn, open_page: OpenPage) -> None:
    number = found_at_the_water_bureau(Status.NOT_STARTED)
    asked_for_extension(number)
    with reading() as session:
        request = session.exec(select(ProblemRequest.id)).one()
    sign_in(ZHANG)
    screen = open_page("problems", problem=number)
    assert "申请延期至 2021-06-30：阀门缺货" in texts(screen)
    assert {"同意", "不同意"} <= offered(screen)
    screen = click(click(screen, f"refuse_{request}"), "make_move")
    assert "请写明不同意的原因" in texts(screen)
    screen = click(click(screen, f"grant_{request}"), "make_move")
    assert stands(number).due_on == date(2021, 6, 30)
    assert "同意延期申请" in texts(screen)


def test_a_unit_that_waits_for_an_answer_cannot_ask_the_same_again(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    number = found_at_the_water_bureau(Status.NOT_STARTED)
    asked_for_extension(number)
    sign_in(WANG)
    screen = open_page("problems", problem=number)
    assert "申请延期至 2021-06-30：阀门缺货" in texts(screen)
    assert "申请延期" not in offered(screen) and "申请误报认定" in offered(screen)
    assert "同意" not in offered(screen)


# ---- 责任单位 ------------------------------------------------------------------------------------


def test_a_plan_is_made_with_a_nearer_deadline(sign_in: SignIn, open_page: OpenPage) -> None:
    number = found_at_the_water_bureau(Status.NOT_STARTED)
    sign_in(WANG)
    screen = click(open_page("problems", problem=number), "plan")
    assert screen.text_input(key="move_due").value == "2021-06-03"
    screen.text_input(key="move_target").set_value("恢复供水")
    screen.text_area(key="move_measure").set_value("更换阀门")
    screen.text_input(key="move_responsible").set_value("王科长")
    screen.text_input(key="move_due").set_value("5个工作日")
    screen = click(screen, "make_move")
    after = stands(number)
    assert (after.measure, after.responsible, after.due_on) == (
        "更换阀门",
        "王科长",
        date(2021, 5, 27),
    )
    assert "更换阀门" in texts(screen)


def test_whoever_promises_a_date_sees_what_became_of_earlier_promises(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    found_at_the_water_bureau(Status.CLOSED, site="清源路")
    number = found_at_the_water_bureau(Status.NOT_STARTED)
    sign_in(WANG)
    for form in ("plan", "ask_extension"):
        screen = click(open_page("problems", problem=number), form)
        assert "本单位以往：申请销号已有结果 1 次，认可 1 次" in texts(screen)


def test_a_claim_comes_with_its_photo_or_not_at_all(sign_in: SignIn, open_page: OpenPage) -> None:
    number = found_at_the_water_bureau(Status.NOT_STARTED)
    sign_in(WANG)
    screen = click(open_page("problems", problem=number), "claim")
    screen.text_area(key="move_remark").set_value("阀门已换，已试水")
    screen = click(screen, "make_move")
    assert "请先上传整改后的照片" in texts(screen)

    screen = click(screen, "claim")
    screen.file_uploader(key="move_files").upload("照片.jpg", JPEG).upload("假的.jpg", b"MZ")
    screen.text_area(key="move_remark").set_value("阀门已换，已试水")
    screen = click(screen, "make_move")
    assert "“假的.jpg”的内容不是 jpg" in texts(screen)
    with reading() as session:
        assert session.exec(select(Evidence)).all() == []

    screen = click(screen, "claim")
    screen.file_uploader(key="move_files").upload("照片.jpg", JPEG).upload("单.pdf", b"%PDF-1.7")
    screen.text_area(key="move_remark").set_value("阀门已换，已试水")
    screen = click(screen, "make_move")
    assert stands(number).status is Status.CLAIMED_FIXED
    with reading() as session:
        uses = session.exec(select(EvidenceUse).order_by(col(EvidenceUse.evidence_id))).all()
    assert [use.stage for use in uses] == [PhotoStage.AFTER, None]
    assert f"/download/photo/{uses[0].evidence_id}" in texts(screen)


def test_starting_takes_one_click_and_a_second_one_does_nothing(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    number = found_at_the_water_bureau(Status.NOT_STARTED)
    sign_in(WANG)
    screen = click(open_page("problems", problem=number), "start")
    assert "已开始整改" in texts(screen)
    assert not screen.error
    assert "开始整改" not in offered(screen)
    assert moves_of(number)[-1] is Move.START


def test_steps_are_added_finished_and_dropped(sign_in: SignIn, open_page: OpenPage) -> None:
    number = found_at_the_water_bureau(Status.NOT_STARTED)
    sign_in(WANG)
    screen = open_page("problems", problem=number)
    for text in ("更换阀门", "试水"):
        screen = click(screen, "add_step")
        screen.text_input(key="move_text").set_value(text)
        screen.text_input(key="move_responsible").set_value("李工")
        screen.text_input(key="move_due").set_value("3天")
        screen = click(screen, "make_move")
    with reading() as session:
        first, second = session.exec(select(RectificationStep.id)).all()
    screen = click(click(screen, f"finish_step_{first}"), f"drop_step_{second}")
    with reading() as session:
        (step,) = session.exec(select(RectificationStep)).all()
    assert (step.text, step.done_on) == ("更换阀门", NOW.date())
    assert "2021-05-20 完成" in texts(screen)
    assert stands(number).status is Status.IN_PROGRESS


def test_a_step_may_not_outlast_the_deadline(sign_in: SignIn, open_page: OpenPage) -> None:
    number = found_at_the_water_bureau(Status.NOT_STARTED)
    sign_in(WANG)
    screen = click(open_page("problems", problem=number), "add_step")
    screen.text_input(key="move_text").set_value("更换阀门")
    screen.text_input(key="move_responsible").set_value("李工")
    screen.text_input(key="move_due").set_value("2021-06-04")
    screen = click(screen, "make_move")
    assert "步骤的时限不能晚于整改时限 2021-06-03" in texts(screen)


# ---- stale screens -------------------------------------------------------------------------------


def test_a_move_on_what_somebody_changed_meanwhile_is_refused(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    number = found_at_the_water_bureau(Status.CLAIMED_FIXED)
    sign_in(ZHANG)
    screen = click(open_page("problems", problem=number), "close")
    with transaction() as session:
        problem = session.exec(select(Problem).where(col(Problem.number) == number)).one()
        clerk = user(session, WANG)
        rectifying.withdraw_claim(session, problem=problem, reason="又漏水", by=clerk, now=NOW)
        show(session, problem, clerk)
        rectifying.claim_fixed(
            session, problem=problem, done_on=NOW.date(), remark="再次改好", by=clerk, now=NOW
        )
    screen = click(screen, "make_move")
    assert "没有保存。请看过最新情况再办" in texts(screen)
    assert stands(number).status is Status.CLAIMED_FIXED


# ---- photos, relatives, the way back -------------------------------------------------------------


def test_the_office_may_show_how_it_was_before(sign_in: SignIn, open_page: OpenPage) -> None:
    number = found_at_the_water_bureau(Status.NOT_STARTED)
    sign_in(ZHANG)
    screen = click(open_page("problems", problem=number), "upload_before")
    assert screen.file_uploader(key="proof_0_files").proto.type == [".jpg", ".jpeg", ".png"]
    assert f"用于 1 项：问题 {number}" in texts(screen)


def test_the_problem_that_came_back_leads_to_the_closed_one_and_on_to_the_list(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    closed = found_at_the_water_bureau(Status.CLOSED)
    number = found_at_the_water_bureau(Status.NOT_STARTED, found_on=NOW.date())
    sign_in(ZHANG)
    screen = open_page("problems", problem=number, due="week", sort="gain")
    assert "反复" in texts(screen)
    screen = click(screen, f"to_{closed}")
    assert closed in screen.title[0].value
    screen = click(screen, "back")
    assert "problem" not in screen.query_params
    assert (screen.query_params["due"], screen.query_params["sort"]) == ("week", "gain")


def test_a_problem_without_a_rule_says_that_it_costs_nothing(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    number = found_at_the_water_bureau(Status.NOT_STARTED, rule_code=None)
    sign_in(WANG)
    assert "没有对应扣分条款，不影响得分" in texts(open_page("problems", problem=number))
