"""待办 out of a 调度会: what a unit has promised there, what the office has to check.

A problem that was recorded there is among the unit's problems like any other.
"""

from datetime import datetime

from sqlmodel import Session, col

from daxing_safety.models import MeetingItem, User
from daxing_safety.reports import meetings
from daxing_safety.reports.meetings import Fate, Line
from daxing_safety.reports.todo.items import Item, Kind, Link, Urgency, urgency
from daxing_safety.vocabulary import MeetingItemKind
from daxing_safety.wording import day_of_year, listing, shortened

MOST_CHARACTERS = 40
SETTLED = (Fate.KEPT, Fate.DROPPED)


def promises(session: Session, viewer: User, now: datetime) -> list[Item]:
    """A unit's, until the office has seen that it was kept."""
    spoken = col(MeetingItem.kind) != MeetingItemKind.PROBLEM
    found = meetings.lines(session, spoken, viewer=viewer, today=now.date())
    return [
        Item(
            Kind.MEETING,
            f"调度会上{_said(line)}：{shortened(line.item.text, MOST_CHARACTERS)}",
            _link(line),
            f"{day_of_year(line.meeting_on)}“{line.meeting}”定的，"
            f"{day_of_year(line.item.due_on)}以前完成。",
            due_on=line.item.due_on,
            urgency=urgency(line.item.due_on, now.date()),
        )
        for line in found
        if line.fate not in SETTLED
    ]


def _said(line: Line) -> str:
    if line.item.kind is MeetingItemKind.PROMISE:
        return "的承诺"
    return f"定的时限，{line.item.problem_number}"


def _link(line: Line) -> Link:
    if number := line.item.problem_number:
        return Link("problems", "看问题", {"problem": number})
    return Link("evidence", "传材料", {})


def promises_to_check(session: Session, viewer: User, now: datetime) -> list[Item]:
    """Promises in words whose day is over and of which nobody has said what became of them."""
    unchecked = col(MeetingItem.is_kept).is_(None), col(MeetingItem.due_on) < now.date()
    found = [
        line
        for line in meetings.lines(session, *unchecked, viewer=viewer, today=now.date())
        if line.fate is Fate.UNCHECKED
    ]
    if not found:
        return []
    first = found[0].item
    return [
        Item(
            Kind.MEETING,
            f"{len(found)} 项调度会上的承诺已到期，请核实是否兑现",
            Link("meeting", "去核实", {"meeting": str(first.meeting_id), "unit": first.unit_code}),
            listing([f"{line.unit}“{shortened(line.item.text, 20)}”" for line in found]),
            due_on=min(line.item.due_on for line in found),
            urgency=Urgency.NORMAL,
        )
    ]
