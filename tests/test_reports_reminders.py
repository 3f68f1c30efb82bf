"""催报: who is missing, until when and how to hand in, in a tone that follows the clock."""

from datetime import datetime

import pytest
from filling import NOW, hand_in
from sqlmodel import Session

from daxing_safety.actions import reviews, rounds
from daxing_safety.models import Round, Unit, User
from daxing_safety.reports.reminders import Tone, reminder, tone
from daxing_safety.reports.submissions import board
from daxing_safety.vocabulary import RoundState


def text(session: Session, round_: Round, office: User, now: datetime = NOW) -> str:
    assert round_.id is not None
    return reminder(round_, board(session, viewer=office, round_id=round_.id), now)


def test_a_reminder_names_the_missing_by_group_the_due_time_and_the_way(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, office: User
) -> None:
    hand_in(session, second_quarter, water_bureau, by=clerk)
    said = text(session, second_quarter, office)
    assert said.startswith("【填报提醒】2021年第二季度\n各有关单位：\n")
    assert "请于2021年5月25日（星期二）17:00前完成报送，距截止还有 5 天 7 小时" in said
    assert "\n镇（14 个）：" in said and "区城管委" in said
    assert "区水务局" not in said
    assert "在“填报”页下载本单位填报表" in said
    assert said.endswith("大兴区创安办\n2021年5月20日")


@pytest.mark.parametrize(
    ("now", "expected", "says"),
    [
        (datetime(2021, 5, 22, 16, 59), Tone.FRIENDLY, "工作正在进行"),
        (datetime(2021, 5, 22, 17, 0), Tone.PRESSING, "距截止仅剩 3 天 0 小时"),
        (datetime(2021, 5, 25, 17, 0), Tone.PRESSING, "请抓紧报送"),
        (datetime(2021, 5, 26, 17, 0), Tone.OVERDUE, "至今已逾期 1 天 0 小时"),
    ],
)
def test_the_tone_follows_the_time_that_is_left(
    session: Session,
    second_quarter: Round,
    office: User,
    now: datetime,
    expected: Tone,
    says: str,
) -> None:
    assert tone(second_quarter, now) is expected
    assert says in text(session, second_quarter, office, now)


def test_a_late_reminder_says_who_may_still_hand_in_and_that_others_must_ask(
    session: Session, second_quarter: Round, water_bureau: Unit, office: User
) -> None:
    rounds.allow_late(
        session,
        round_=second_quarter,
        unit=water_bureau,
        until=datetime(2021, 5, 28, 17, 0),
        reason="汛期值守",
        by=office,
    )
    said = text(session, second_quarter, office, datetime(2021, 5, 26, 9))
    assert "区水务局（已同意补报至5月28日17:00）" in said
    assert "须由创安办开通补报" in said


def test_who_was_returned_is_asked_apart_from_who_is_missing(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, office: User
) -> None:
    submission = hand_in(session, second_quarter, water_bureau, by=clerk).submission
    reviews.send_back(session, submission=submission, reason="请附台账", by=office, now=NOW)
    said = text(session, second_quarter, office)
    _, returned = said.split("以下 1 个单位的填报表已退回，请修改后重新报送：")
    assert returned.startswith("\n部门（1 个）：区水务局\n")


def test_a_frozen_round_reminds_nobody(
    session: Session, second_quarter: Round, office: User
) -> None:
    second_quarter.state = RoundState.FROZEN
    assert text(session, second_quarter, office) == ""
