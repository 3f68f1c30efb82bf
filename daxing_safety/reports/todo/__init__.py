"""待办: what waits for the viewer, what came back and what falls due, read when it is looked at.

Nothing is kept or marked as read: a line stands for as long as the data behind it say so.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import Session

from daxing_safety.models import User
from daxing_safety.reports.todo import (
    clerk,
    district,
    hotline,
    meetings,
    office,
    problems,
    rectification,
    server,
    spot_checks,
)
from daxing_safety.reports.todo.items import Item, Urgency, in_order
from daxing_safety.vocabulary import Role

Source = Callable[[Session, User, datetime], list[Item]]

# A new kind of line: name it in items.Kind, write a function (session, viewer, now) -> items that
# is scoped by the viewer, and enter it here for whom it concerns.
SOURCES: dict[Role, tuple[Source, ...]] = {
    Role.UNIT: (
        clerk.workbook,
        clerk.rows_returned,
        clerk.rows_corrected,
        rectification.problems,
        rectification.claims_returned,
        rectification.requests_answered,
        rectification.peer_questions,
        clerk.work_points,
        clerk.evidence_missing,
        clerk.appeals_answered,
        clerk.duties_decided,
        hotline.reports_to_answer,
        meetings.promises,
    ),
    Role.OFFICE: (
        problems.losses_unattended,
        problems.to_assign,
        problems.claims_waiting,
        problems.requests_waiting,
        problems.overdue,
        problems.listed_overdue,
        office.submissions_waiting,
        office.disclaimers,
        office.appeals,
        office.turnout,
        hotline.reports_received,
        hotline.reports_answered,
        hotline.reports_overdue,
        meetings.promises_to_check,
        spot_checks.doubts,
        spot_checks.not_handed_in,
    ),
    Role.LEADER: (
        district.matters,
        problems.listed,
        problems.listed_overdue,
        problems.overdue,
    ),
    Role.EXPERT: (spot_checks.to_look_at,),
    Role.ADMIN: (
        server.disk_space,
        server.last_backup,
        server.last_check,
        district.units_without_account,
    ),
}


def items(session: Session, *, viewer: User, now: datetime) -> list[Item]:
    """The most pressing first."""
    sources = SOURCES.get(viewer.role, ())
    return in_order([item for source in sources for item in source(session, viewer, now)])


def number_waiting(found: Sequence[Item], viewer: User) -> int:
    return sum(item.waits_for(viewer) for item in found)


def by_urgency(found: Sequence[Item], viewer: User) -> Counter[Urgency]:
    return Counter(item.urgency for item in found if item.waits_for(viewer))
