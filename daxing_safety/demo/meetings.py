"""调度会 in the demo: one of three weeks ago; what was promised in it is kept, broken or due."""

from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from daxing_safety.actions import meetings
from daxing_safety.database import transaction
from daxing_safety.demo.days import on
from daxing_safety.demo.people import colleague
from daxing_safety.models import MeetingItem, Problem, Unit
from daxing_safety.reports import meeting_figures
from daxing_safety.vocabulary import RectificationStatus

NAME = "4月创安调度会"
HELD_ON = date(2021, 4, 29)
LOOKED_BACK_ON = date(2021, 5, 12)
DATED_TO = date(2021, 5, 14)
MOST_DATED = 3


class Promise(NamedTuple):
    """`is_kept` is what the office found when it looked back; None: not looked at yet."""

    unit: str
    text: str
    due_on: date
    is_kept: bool | None = None


PROMISES = (
    Promise("区教委", "完成中小学校消防设施检测，报告报创安办。", date(2021, 5, 8), True),
    Promise("区人防办", "换好避难场所褪色标识，恢复应急供水。", date(2021, 5, 8), False),
    Promise("区水务局", "汛前完成泵站用电安全检查，建立台账。", date(2021, 5, 15)),
    Promise("黄村镇", "清理沿街商铺电动自行车违规充电。", date(2021, 5, 10), True),
    Promise("西红门镇", "出租房屋安全隐患台账补充到户。", date(2021, 6, 10)),
)


def hold() -> None:
    """What waits for 交办 is given out in it, with one date for all."""
    with on(HELD_ON) as now, transaction() as session:
        office = colleague(session)
        slides = meeting_figures.take(session, viewer=office, today=HELD_ON)
        figures = meeting_figures.as_text(slides)
        meeting = meetings.open_meeting(
            session, name=NAME, day=HELD_ON, figures=figures, by=office, now=now
        )
        session.flush()
        for promise in PROMISES:
            meetings.record_promise(
                session,
                meeting=meeting,
                unit=_unit(session, promise.unit),
                text=promise.text,
                due_on=promise.due_on,
                by=office,
                now=now,
            )
        for problem in _waiting(session):
            meetings.record_deadline(
                session, meeting=meeting, problem=problem, due_on=DATED_TO, by=office, now=now
            )
        meetings.close_meeting(session, meeting=meeting, by=office, now=now)


def look_back() -> None:
    looked_at = {each.text: each.is_kept for each in PROMISES if each.is_kept is not None}
    with on(LOOKED_BACK_ON) as now, transaction() as session:
        office = colleague(session)
        said = select(MeetingItem).where(col(MeetingItem.text).in_(looked_at))
        for item in session.exec(said.order_by(col(MeetingItem.id))).all():
            is_kept = looked_at[item.text]
            meetings.check_promise(session, item=item, is_kept=is_kept, by=office, now=now)


def _unit(session: Session, name: str) -> Unit:
    return session.exec(select(Unit).where(col(Unit.name) == name)).one()


def _waiting(session: Session) -> list[Problem]:
    waiting = col(Problem.status) == RectificationStatus.UNASSIGNED
    query = select(Problem).where(waiting).order_by(col(Problem.id)).limit(MOST_DATED)
    return list(session.exec(query))
