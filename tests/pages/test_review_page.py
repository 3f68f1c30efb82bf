"""审核 as Streamlit runs it, one click after another."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from page_work import (
    OpenPage,
    SignIn,
    click,
    first_point,
    frame,
    half_done,
    hand_in,
    stored,
    texts,
    user,
)
from sqlmodel import select

from daxing_safety import settings
from daxing_safety.actions import reviews
from daxing_safety.database import reading, transaction
from daxing_safety.models import Problem, Submission
from daxing_safety.vocabulary import (
    Discovery,
    Finding,
    ProgressStatus,
    RectificationStatus,
    ReviewState,
    RuleKind,
)
from daxing_safety.workbooks.content import ProblemRow, WorkbookContent


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


def test_a_version_that_nobody_looked_at_before_the_next_came_says_so(
    sign_in: SignIn, open_page: OpenPage, open_round: None
) -> None:
    number = hand_in()
    hand_in(first_point(status=ProgressStatus.IN_PROGRESS, percent=Decimal(80), remark="送审稿"))
    sign_in("office")
    assert "这一版已被新版替代" in texts(open_page("review", submission=str(number)))


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
