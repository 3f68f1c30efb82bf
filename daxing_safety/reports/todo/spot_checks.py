"""待办 out of a 抽查: what waits for an expert, what experts doubt, what was not handed in."""

from datetime import datetime

from sqlmodel import Session

from daxing_safety.models import User
from daxing_safety.reports.spot_checks.checks import OPEN, OVER, Head, heads
from daxing_safety.reports.todo.items import NEWS, Item, Kind, Link, urgency
from daxing_safety.wording import day_of_year, listing


def _link(head: Head, label: str) -> Link:
    return Link("spot_checks", label, {"check": str(head.id)})


def to_look_at(session: Session, viewer: User, now: datetime) -> list[Item]:
    """An expert's: a line a check, until it is handed in or its date is over."""
    today = now.date()
    return [
        Item(
            Kind.SPOT_CHECK,
            _left(head),
            _link(head, "去核查"),
            f"“{head.name}”，{day_of_year(head.until)}前交回，过期不能再填。",
            due_on=head.until,
            urgency=urgency(head.until, today),
        )
        for head in heads(session, viewer=viewer, today=today)
        if head.state == OPEN and not head.is_handed_in
    ]


def _left(head: Head) -> str:
    left = head.items - head.answered
    if not left:
        return f"抽查的 {head.items} 项已全部填写，请交回"
    return f"{left} 项抽查等您核查，共 {head.items} 项"


def doubts(session: Session, viewer: User, now: datetime) -> list[Item]:
    """The office's: what experts found not to be as stated."""
    return [
        Item(
            Kind.SPOT_DOUBTS,
            f"{head.waiting} 项专家认为不属实或部分属实，等待处理",
            _link(head, "去处理"),
            f"“{head.name}”：采纳的登记为问题或退回整改，不采纳的写明理由阅存。",
            since=head.drawn_at.date(),
        )
        for head in heads(session, viewer=viewer, today=now.date())
        if head.waiting
    ]


def not_handed_in(session: Session, viewer: User, now: datetime) -> list[Item]:
    """Checks that the date has closed: for two weeks, as they can be prolonged or left so."""
    today = now.date()
    found = (
        head
        for head in heads(session, viewer=viewer, today=today)
        if head.state == OVER and head.until >= today - NEWS and head.answered < head.items
    )
    return [
        Item(
            Kind.SPOT_NOT_HANDED_IN,
            f"“{head.name}”已到期，还有 {head.items - head.answered} 项没有核查",
            _link(head, "看抽查"),
            f"没有交回的专家：{listing(_late(head))}。需要补查的请延期，已填的结论照常处理。",
            due_on=head.until,
            urgency=urgency(head.until, today),
        )
        for head in found
    ]


def _late(head: Head) -> list[str]:
    return [taker.name for taker in head.takers if taker.handed_in_at is None]
