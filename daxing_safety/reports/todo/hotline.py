"""待办 of 接诉即办: the office dispatches, urges and rates, a unit answers in time."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety.hotline import number_of
from daxing_safety.models import PublicReport, Unit, User
from daxing_safety.reports import scoped
from daxing_safety.reports.todo.items import Item, Kind, Link, Urgency, codes, urgency
from daxing_safety.vocabulary import ReportStatus
from daxing_safety.wording import gist, listing, moment, time_left

MOST_CHARACTERS = 28


def reports_received(session: Session, viewer: User, now: datetime) -> list[Item]:
    found = _with_status(session, ReportStatus.RECEIVED)
    if not found:
        return []
    first = found[0]
    return [
        Item(
            Kind.REPORTS_RECEIVED,
            f"{len(found)} 件诉求等待派单：{_codes(found)}",
            Link("hotline", "去派单", {"status": ReportStatus.RECEIVED.value}),
            f"最早到期的是{_about(first)}，{_by_when(first, now)}。",
            due_on=first.due_at.date(),
            urgency=_urgency(first, now),
        )
    ]


def reports_answered(session: Session, viewer: User, now: datetime) -> list[Item]:
    found = _with_status(session, ReportStatus.ANSWERED)
    if not found:
        return []
    since = min(report.answered_at for report in found if report.answered_at)
    return [
        Item(
            Kind.REPORTS_ANSWERED,
            f"{len(found)} 件诉求已答复，等待回访：{_codes(found)}",
            Link("hotline", "去回访", {"status": ReportStatus.ANSWERED.value}),
            "请问明单位是否联系、问题是否解决、是否满意。",
            since=since.date(),
        )
    ]


def reports_overdue(session: Session, viewer: User, now: datetime) -> list[Item]:
    """What units have not answered in time."""
    found = [each for each in _with_status(session, ReportStatus.DISPATCHED) if each.due_at < now]
    if not found:
        return []
    query = select(col(Unit.name)).where(col(Unit.code).in_({each.unit_code for each in found}))
    names = session.scalars(query.order_by(col(Unit.position))).all()
    return [
        Item(
            Kind.REPORTS_OVERDUE,
            f"{len(found)} 件诉求逾期没有答复：{_codes(found)}",
            Link("hotline", "看诉求", {"due": "已逾期"}),
            f"承办单位：{listing(names, most=6)}。请督促答复。",
            due_on=found[0].due_at.date(),
            urgency=Urgency.OVERDUE,
        )
    ]


def reports_to_answer(session: Session, viewer: User, now: datetime) -> list[Item]:
    """A line each, for each has its own moment."""
    query = select(PublicReport).where(col(PublicReport.status) == ReportStatus.DISPATCHED)
    found = session.scalars(scoped(query, viewer, PublicReport.unit_code))
    return [
        Item(
            Kind.REPORT_TO_ANSWER,
            f"诉求 {_about(report)}，{_by_when(report, now)}",
            Link("hotline", "去答复", {"report": str(report.id)}),
            f"{report.complexity.value}件，{moment(report.due_at)}前答复。{report.site}",
            due_on=report.due_at.date(),
            urgency=_urgency(report, now),
        )
        for report in found
    ]


def _with_status(session: Session, status: ReportStatus) -> Sequence[PublicReport]:
    query = select(PublicReport).where(col(PublicReport.status) == status)
    return session.scalars(query.order_by(col(PublicReport.due_at), col(PublicReport.id))).all()


def _codes(found: Sequence[PublicReport]) -> str:
    return codes([number_of(report.id) for report in found])


def _about(report: PublicReport) -> str:
    return f"{number_of(report.id)}“{gist(report.content, MOST_CHARACTERS).rstrip('。')}”"


def _by_when(report: PublicReport, now: datetime) -> str:
    left = time_left(now, report.due_at)
    return f"已逾期 {left}" if now > report.due_at else f"还有 {left}"


def _urgency(report: PublicReport, now: datetime) -> Urgency:
    """Past the moment is late, though the day is not over."""
    return Urgency.OVERDUE if now > report.due_at else urgency(report.due_at.date(), now.date())
