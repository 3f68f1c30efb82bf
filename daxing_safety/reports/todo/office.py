"""待办 of the office: what units sent in, disclaim and contest, and who is missing."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety.models import (
    Round,
    RowVerdict,
    Submission,
    Unit,
    User,
    WorkPoint,
    WorkPointDuty,
)
from daxing_safety.reports import scoped
from daxing_safety.reports.submissions import Line, board, open_round
from daxing_safety.reports.todo import rows
from daxing_safety.reports.todo.items import (
    SOON,
    WEEK,
    Appeal,
    Disclaimer,
    Item,
    Kind,
    Link,
    Urgency,
    days_since,
    urgency,
)
from daxing_safety.vocabulary import (
    ProgressStatus,
    ReviewState,
    Sheet,
)
from daxing_safety.wording import listing, moment, time_left


def submissions_waiting(session: Session, viewer: User, now: datetime) -> list[Item]:
    query = (
        select(col(Submission.id), col(Submission.submitted_at), col(Unit.name))
        .join(Unit, col(Unit.code) == col(Submission.unit_code))
        .where(col(Submission.state) == ReviewState.PENDING)
        .order_by(col(Submission.submitted_at), col(Submission.id))
    )
    waiting = session.execute(scoped(query, viewer, Submission.unit_code)).all()
    if not waiting:
        return []
    oldest, came_at, unit = waiting[0]
    return [
        Item(
            Kind.SUBMISSIONS,
            f"{len(waiting)} 份报送等待审核，最早的是{unit}，已等 {days_since(came_at, now)}",
            Link("review", "去审核", {"submission": str(oldest)}),
            listing([name for *_, name in waiting], most=8),
            since=came_at.date(),
        )
    ]


def disclaimers(session: Session, viewer: User, now: datetime) -> list[Item]:
    query = (
        select(WorkPointDuty, WorkPoint, col(Unit.name))
        .join(WorkPoint, col(WorkPoint.code) == col(WorkPointDuty.work_point_code))
        .join(Unit, col(Unit.code) == col(WorkPointDuty.unit_code))
        .where(col(WorkPointDuty.status) == ProgressStatus.NOT_OURS)
        .order_by(col(WorkPoint.position), col(Unit.position))
    )
    return [
        Item(
            Kind.DISCLAIMER,
            f"{unit}认为{rows.name(Sheet.PROGRESS, point.code, point.text)}不属本单位职责",
            Link("tasks", "看要点", {"point": point.code}),
            f"单位说明：{duty.remark}",
            unit,
            case=Disclaimer(duty.unit_code, point.code),
        )
        for duty, point, unit in session.execute(scoped(query, viewer, WorkPointDuty.unit_code))
    ]


def may_take_over(session: Session, work_point_code: str) -> dict[str, str]:
    """Code → name of the units that do not answer for the work point yet, in the plan's order."""
    bear_it = select(col(WorkPointDuty.unit_code)).where(
        col(WorkPointDuty.work_point_code) == work_point_code
    )
    query = select(col(Unit.code), col(Unit.name)).where(col(Unit.code).not_in(bear_it))
    return dict(session.execute(query.order_by(col(Unit.position))).all())


def appeals(session: Session, viewer: User, now: datetime) -> list[Item]:
    query = (
        select(RowVerdict, col(Unit.name), col(User.display_name))
        .join(Unit, col(Unit.code) == col(RowVerdict.unit_code))
        .outerjoin(User, col(User.username) == col(RowVerdict.judged_by))
        .where(col(RowVerdict.appeal) != "", col(RowVerdict.answered_at).is_(None))
        .order_by(col(RowVerdict.appealed_at))
    )
    found = session.execute(scoped(query, viewer, RowVerdict.unit_code)).all()
    names = rows.names(session, [verdict for verdict, *_ in found])
    return [
        _appeal(verdict, unit, names[verdict.sheet, verdict.code], judge or verdict.judged_by)
        for verdict, unit, judge in found
    ]


def _appeal(verdict: RowVerdict, unit: str, name: str, judge: str) -> Item:
    return Item(
        Kind.APPEAL,
        f"{unit}申诉：{name}不应{rows.judged(verdict)}",
        Link("review", "看报送", {"submission": str(verdict.submission_id)}),
        f"申诉理由：{verdict.appeal.rstrip('。')}。"
        f"原审核人{judge}的理由：{verdict.reason.rstrip('。')}。须由另一位审核人答复。",
        unit,
        since=verdict.appealed_at.date() if verdict.appealed_at else None,
        case=Appeal(verdict.unit_code, verdict.sheet, verdict.code, verdict.judged_by),
    )


# ---- the open round ----


def turnout(session: Session, viewer: User, now: datetime) -> list[Item]:
    """Units missing in the last week before the due time, and 补报 that runs out."""
    round_ = open_round(session)
    if round_ is None or round_.id is None or now < round_.due_at - WEEK:
        return []
    lines = board(session, viewer=viewer, round_id=round_.id)
    missing = [line for line in lines if line.version is None]
    late = [line for line in lines if _has_to_hurry(line, now)]
    return [*_missing(round_, missing, now), *_running_out(late, now.date())]


def _missing(round_: Round, lines: Sequence[Line], now: datetime) -> Iterable[Item]:
    if lines:
        is_over = now > round_.due_at
        left = time_left(now, round_.due_at)
        yield Item(
            Kind.UNITS_MISSING,
            f"“{round_.name}”还有 {len(lines)} 家没有报送，"
            f"{'已过截止时间' if is_over else '距截止还有'} {left}",
            Link("submit", "去催报", {}),
            f"{listing([line.unit for line in lines], most=8)}。{moment(round_.due_at)}截止。",
            due_on=round_.due_at.date(),
            urgency=Urgency.OVERDUE if is_over else urgency(round_.due_at.date(), now.date()),
        )


def _has_to_hurry(line: Line, now: datetime) -> bool:
    is_owed = line.version is None or line.version.state is ReviewState.RETURNED
    return is_owed and line.late_until is not None and now <= line.late_until <= now + SOON


def _running_out(lines: Sequence[Line], today: date) -> Iterable[Item]:
    for line in lines:
        assert line.late_until is not None
        yield Item(
            Kind.LATE_ALLOWANCE,
            f"{line.unit}的补报时限 {moment(line.late_until)} 到期，还没有报送",
            Link("submit", "看报送情况", {}),
            unit=line.unit,
            due_on=line.late_until.date(),
            urgency=urgency(line.late_until.date(), today),
        )
