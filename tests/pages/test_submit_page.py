"""填报 as Streamlit runs it, for a clerk and for the office."""

import hashlib
from datetime import datetime

import pytest
from page_work import (
    OpenPage,
    SignIn,
    click,
    frame,
    half_done,
    hand_in,
    stored,
    texts,
    undated,
    upload,
    user,
    workbook,
)
from sqlmodel import select

from daxing_safety import settings
from daxing_safety.actions import reviews
from daxing_safety.database import reading, transaction
from daxing_safety.models import LateAllowance, Round, Submission
from daxing_safety.vocabulary import (
    ReviewState,
    RoundState,
)

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
    assert "有 1 处需要改正" not in texts(screen)
    screen.session_state["1_区城管委.xlsx"] = True  # its line is opened
    screen = screen.run()
    assert "有 1 处需要改正" in texts(screen)
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
