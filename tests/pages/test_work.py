"""任务分解, 填报 and 审核 as Streamlit runs them, one click after another."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlmodel import Session, col, select
from streamlit.testing.v1 import AppTest

from daxing_safety import prefill, settings
from daxing_safety.actions import reviews, rounds, submissions
from daxing_safety.database import reading, transaction
from daxing_safety.models import LateAllowance, Problem, Round, Submission, Unit, User
from daxing_safety.vocabulary import (
    Discovery,
    Finding,
    ProgressStatus,
    RectificationStatus,
    ReviewState,
    RoundState,
    RuleKind,
)
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.content import ProblemRow, WorkbookContent
from daxing_safety.workbooks.reading import read_workbook
from daxing_safety.workbooks.template import workbook_bytes

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]
Fill = Callable[[WorkbookContent], WorkbookContent]
ROUND = "2021年第二季度"


@pytest.fixture(scope="module", autouse=True)
def workers() -> Iterator[None]:
    yield
    worker.shutdown()


@pytest.fixture
def open_round(data_dir: object) -> None:
    with transaction() as session:
        office = user(session, "office")
        rounds.open_round(
            session,
            name=ROUND,
            due_at=datetime(2021, 5, 25, 17, 0),
            by=office,
            now=settings.now(),
        )


def user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()


def unchanged(content: WorkbookContent) -> WorkbookContent:
    return content


def first_point(**said: object) -> Fill:
    def fill(content: WorkbookContent) -> WorkbookContent:
        first = content.progress[0]._replace(**said)
        return replace(content, progress=(first, *content.progress[1:]))

    return fill


half_done = first_point(status=ProgressStatus.IN_PROGRESS, percent=Decimal(50), remark="初稿")
undated = first_point(status=ProgressStatus.DONE, percent=Decimal(100), remark="做完了")


def workbook(fill: Fill = unchanged, unit_name: str = "区水务局") -> bytes:
    with reading() as session:
        unit = session.exec(select(Unit).where(col(Unit.name) == unit_name)).one()
        round_ = session.exec(select(Round).where(col(Round.name) == ROUND)).one()
        return workbook_bytes(fill(prefill.content(session, round_, unit)))


def hand_in(fill: Fill = half_done, unit_name: str = "区水务局") -> int:
    data = workbook(fill, unit_name)
    with transaction() as session:
        receipt = submissions.submit(
            session,
            raw=read_workbook(data),
            data=data,
            file_name="填报表.xlsx",
            by=user(session, "office"),
            now=settings.now(),
        )
        assert receipt.submission.id is not None
        return receipt.submission.id


def stored() -> list[Submission]:
    with reading() as session:
        return list(session.exec(select(Submission).order_by(col(Submission.id))))


def texts(screen: AppTest) -> str:
    """All that is written on the screen, tables left out."""
    kinds = ("markdown", "text", "caption", "subheader", "error", "info", "success", "warning")
    return "\n".join(str(each.value) for kind in kinds for each in screen.get(kind))


def click(screen: AppTest, label: str) -> AppTest:
    button = next(each for each in screen.button if each.label == label)
    screen = button.click().run()
    assert not screen.exception
    return screen


def upload(screen: AppTest, data: bytes, name: str = "区水务局.xlsx") -> AppTest:
    screen = screen.file_uploader[0].upload(name, data).run()
    assert not screen.exception
    return screen


def frame(screen: AppTest, column: str) -> list[object]:
    """The first table with such a column."""
    found = next(each.value for each in screen.dataframe if column in each.value)
    return list(found[column])


# ---- 任务分解 ----


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


# ---- 填报: a clerk ----


def test_without_a_round_a_clerk_is_told_to_wait(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("区水务局")
    screen = open_page("submit")
    assert "现在没有要填的表" in texts(screen)
    assert not screen.file_uploader


def test_a_faulty_workbook_is_told_cell_by_cell_and_not_stored(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    sign_in("区水务局")
    screen = upload(open_page("submit"), workbook(undated))
    assert "有 1 处需要改正，还没有入库" in texts(screen)
    assert frame(screen, "cell") == ["I4"]
    assert "确认报送" not in [button.label for button in screen.button]
    assert stored() == []


def test_a_clean_workbook_is_shown_first_and_stored_on_confirmation(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    sign_in("区水务局")
    screen = upload(open_page("submit"), workbook(half_done))
    assert "核对通过" in texts(screen)
    assert ("进展状态", "未启动", "推进中") in list(
        zip(frame(screen, "field"), frame(screen, "before"), frame(screen, "after"), strict=True)
    )
    assert stored() == []

    screen = click(screen, "确认报送")
    assert "报送成功：第1版" in texts(screen)
    assert [each.state for each in stored()] == [ReviewState.PENDING]
    assert "等待创安办审核" in texts(screen)


def test_the_same_file_again_is_no_change(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    sign_in("区水务局")
    data = workbook(half_done)
    screen = click(upload(open_page("submit"), data), "确认报送")
    screen = upload(screen, data)
    assert "与已报送的第1版完全相同，没有变化" in texts(screen)
    assert len(stored()) == 1


def test_what_is_stored_are_the_bytes_that_were_looked_at(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    sign_in("区水务局")
    data = workbook(half_done)
    click(upload(open_page("submit"), data), "确认报送")
    assert stored()[0].file_sha256 == hashlib.sha256(data).hexdigest()


def test_a_file_that_is_no_workbook_is_refused_in_one_sentence(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    sign_in("区水务局")
    screen = upload(open_page("submit"), b"not a workbook")
    assert len(screen.error) == 1
    assert stored() == []


def test_another_units_workbook_is_refused(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    sign_in("区城管委")
    screen = upload(open_page("submit"), workbook(half_done))
    assert "这是别的单位的" in texts(screen)
    assert not screen.dataframe


def test_a_discarded_upload_leaves_an_empty_uploader(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    sign_in("区水务局")
    screen = upload(open_page("submit"), workbook(half_done))
    screen = click(screen, "放弃，换一个文件")
    assert not screen.file_uploader[0].value
    assert "核对通过" not in texts(screen)


def test_a_returned_version_says_why_above_everything(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    hand_in()
    with transaction() as session:
        submission = session.exec(select(Submission)).one()
        office = user(session, "office")
        reviews.send_back(
            session,
            submission=submission,
            reason="没有写**佐证材料**",
            by=office,
            now=settings.now(),
        )
    sign_in("区水务局")
    screen = open_page("submit")
    (error,) = screen.error
    assert "被创安办退回" in error.value
    assert r"\*\*佐证材料\*\*" in error.value  # as text, not as markdown
    assert frame(screen, "state") == [["已退回"]]


def test_a_clerk_takes_the_last_version_back(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    hand_in()
    sign_in("区水务局")
    screen = click(open_page("submit"), "撤回这一版")
    click(screen, "确认撤回")
    assert [each.state for each in stored()] == [ReviewState.TAKEN_BACK]


def test_after_the_due_time_only_a_unit_with_an_allowance_can_upload(
    sign_in: SignIn, open_page: OpenPage, open_round: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAXING_TODAY", "2021-05-26")
    sign_in("区水务局")
    screen = open_page("submit")
    assert "不能再上传" in texts(screen)
    assert not screen.file_uploader
    with transaction() as session:
        session.add(
            LateAllowance(
                round_id=1,
                unit_code="U05",
                until=datetime(2021, 5, 28, 17, 0),
                reason="停电",
                granted_by="office",
            )
        )
    screen = open_page("submit")
    assert "已同意本单位补报" in texts(screen)
    assert screen.file_uploader


# ---- 填报: the office ----


def test_the_office_opens_a_round(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("office")
    screen = open_page("submit")
    screen.text_input(key="round_name").set_value("2021年6月")
    screen = click(screen, "开启")
    with reading() as session:
        round_ = session.exec(select(Round)).one()
    assert (round_.name, round_.state) == ("2021年6月", RoundState.OPEN)
    assert round_.due_at == datetime(2021, 6, 3, 17, 0)
    assert "已开启填报期" in texts(screen)


def test_a_round_without_a_name_is_refused_in_words(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("office")
    screen = click(open_page("submit"), "开启")
    assert "请填写填报期名称" in texts(screen)


def test_the_office_closes_reopens_and_freezes_after_being_asked(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    def state() -> RoundState:
        with reading() as session:
            return session.exec(select(Round)).one().state

    sign_in("office")
    screen = click(open_page("submit"), "截止填报")
    assert state() is RoundState.OPEN
    click(screen, "确认截止填报")
    assert state() is RoundState.CLOSED
    click(click(open_page("submit"), "重新开启"), "确认重新开启")
    assert state() is RoundState.OPEN
    click(click(open_page("submit"), "截止填报"), "确认截止填报")
    click(click(open_page("submit"), "封存"), "确认封存")
    assert state() is RoundState.FROZEN


def test_the_board_shows_who_is_missing(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    hand_in()
    sign_in("office")
    screen = open_page("submit", states="待审核")
    assert frame(screen, "received")[-1] == 1
    assert frame(screen, "unit") == ["区水务局"]
    assert "区水务局" not in screen.code[0].value
    assert "区城管委" in screen.code[0].value


def test_the_office_stores_the_clean_ones_of_many_files(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    sign_in("office")
    screen = open_page("submit")
    files = [
        ("区水务局.xlsx", workbook(half_done)),
        ("区城管委.xlsx", workbook(undated, "区城管委")),
        ("照片.xlsx", b"no workbook"),
    ]
    for name, data in files:
        screen.file_uploader[0].upload(name, data)
    screen = screen.run()
    assert not screen.exception
    labels = [each.label for each in screen.expander]
    assert any("区水务局" in label and "可以入库" in label for label in labels)
    assert any("区城管委" in label and "1 处错误" in label for label in labels)
    assert any("不能识别" in label for label in labels)
    screen = click(screen, "入库 1 份")
    assert [each.unit_code for each in stored()] == ["U05"]
    assert "已入库 1 份：区水务局（第1版）" in texts(screen)


def test_the_office_allows_a_unit_to_be_late(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    sign_in("office")
    screen = click(open_page("submit"), "开通补报")
    screen.selectbox(key="late_unit").set_value("U05")
    screen.text_input(key="late_reason").set_value("停电")
    click(screen, "确认开通")
    with reading() as session:
        allowance = session.exec(select(LateAllowance)).one()
    assert (allowance.unit_code, allowance.until) == ("U05", datetime(2021, 5, 27, 17, 0))


# ---- 审核 ----


def test_an_empty_queue_says_so(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("office")
    assert "没有待审核的报送" in texts(open_page("review"))


def test_the_office_accepts_and_comes_to_the_next(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    hand_in()
    hand_in(half_done, "区城管委")
    sign_in("office")
    screen = open_page("review")
    assert any("区水务局" in each.value for each in screen.subheader)
    assert frame(screen, "field") == ["进展状态", "完成比例(%)", "进展说明"]
    screen = click(screen, "审核通过")
    assert [each.state for each in stored()] == [ReviewState.ACCEPTED, ReviewState.PENDING]
    assert any("区城管委" in each.value for each in screen.subheader)


def test_a_return_needs_its_reason(sign_in: SignIn, open_page: OpenPage, open_round: None) -> None:
    hand_in()
    sign_in("office")
    screen = click(open_page("review"), "退回")
    click(screen, "确认退回")
    assert [each.state for each in stored()] == [ReviewState.PENDING]
    screen = click(open_page("review"), "退回")
    screen.text_area(key="reason").set_value("材料不全")
    click(screen, "确认退回")
    (submission,) = stored()
    assert (submission.state, submission.review_remark) == (ReviewState.RETURNED, "材料不全")


def test_a_version_that_was_answered_meanwhile_is_a_conflict_in_words(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    number = hand_in()
    sign_in("office")
    screen = open_page("review")
    with transaction() as session:
        submission = session.get_one(Submission, number)
        reviews.accept(
            session, submission=submission, by=user(session, "office"), now=settings.now()
        )
    screen = click(screen, "审核通过")
    assert "这一版现在是“已通过”" in texts(screen)


def test_an_address_with_any_rubbish_for_a_version_is_refused_in_words(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    for rubbish in ("99", "9" * 40, "-1", "<b>"):
        screen = open_page("review", submission=rubbish)
        assert not screen.exception


def with_a_problem(content: WorkbookContent) -> WorkbookContent:
    rule = next(row for row in content.findings if row.kind is RuleKind.PER_FINDING)
    problem = ProblemRow(
        number="",
        rule_code=rule.rule_code,
        site="和风路泵站",
        description="配电箱没有上锁",
        count=1,
        discovery=Discovery.SELF_CHECK,
        found_on=date(2021, 5, 10),
        target="全部上锁",
        measure="更换锁具",
        responsible="王科长",
        due_on=date(2021, 6, 30),
        status=RectificationStatus.CLAIMED_FIXED,
        done_on=date(2021, 5, 19),
        remark="已上锁",
    )
    findings = [row._replace(finding=Finding.COMPLIANT) for row in content.findings[:1]]
    return replace(content, findings=(*findings, *content.findings[1:]), problems=(problem,))


def test_claims_wait_beside_the_version_until_some_are_chosen(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    hand_in(with_a_problem)
    sign_in("office")
    screen = open_page("review")
    assert frame(screen, "number") == ["P00001"]
    verb = next(button for button in screen.button if button.label == "销号（0）")
    assert verb.disabled
    with reading() as session:
        assert session.exec(select(Problem)).one().status is RectificationStatus.CLAIMED_FIXED


def test_what_is_kept_for_one_clerk_is_not_shown_to_another(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    hand_in()
    sign_in("区水务局")
    assert frame(open_page("submit"), "version") == ["第1版"]
    sign_in("区城管委")
    assert "还没有报送过" in texts(open_page("submit"))
    sign_in("区水务局")
    assert "推进中 50%" in frame(open_page("tasks"), "progress")
    sign_in("区城管委")
    assert "推进中 50%" not in frame(open_page("tasks", scope="全区"), "progress")


def test_what_is_kept_gives_way_to_what_is_written(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    sign_in("office")
    assert "没有待审核的报送" in texts(open_page("review"))
    hand_in()
    assert "待审核 1 份" in texts(open_page("review"))
