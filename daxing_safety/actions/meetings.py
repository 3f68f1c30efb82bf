"""调度会: opened over frozen figures, and what is recorded in it of each unit.

Problems and deadlines are recorded by the verbs that always do it; the meeting only keeps that it
was there. What a unit promises in words stands here alone, until the office has checked it.
"""

from datetime import date, datetime

from sqlmodel import Session, col, select

from daxing_safety import ledger
from daxing_safety.actions import audit, problems, requests
from daxing_safety.actions.moves import require_words
from daxing_safety.errors import BadInput, Conflict
from daxing_safety.models import Meeting, MeetingItem, Problem, Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import Discovery, MeetingItemKind, RectificationStatus, Severity


def open_meeting(
    session: Session, *, name: str, day: date, figures: str, by: User, now: datetime
) -> Meeting:
    """`figures` are what its slides show from now on. One meeting at a time."""
    require(by, Permission.MANAGE_PROBLEMS)
    name = require_words(name, "会议名称")
    is_open = select(Meeting).where(col(Meeting.closed_at).is_(None))
    if other := session.exec(is_open).first():
        raise Conflict(f"“{other.name}”还没有结束，请先结束它，再召开新的会议。")
    meeting = Meeting(name=name, day=day, figures=figures, opened_at=now, opened_by=by.username)
    session.add(meeting)
    ledger.raise_data_version(session)
    audit.record(session, "召开调度会", name, by=by, remark=f"数据截至{day}")
    return meeting


def close_meeting(session: Session, *, meeting: Meeting, by: User, now: datetime) -> None:
    """Nothing more is recorded in it; it stays to be read."""
    require_open(meeting, by)
    meeting.closed_at, meeting.closed_by = now, by.username
    session.add(meeting)
    ledger.raise_data_version(session)
    audit.record(session, "结束调度会", meeting.name, by=by)


def require_open(meeting: Meeting, by: User) -> None:
    require(by, Permission.MANAGE_PROBLEMS)
    if meeting.closed_at:
        raise Conflict(f"“{meeting.name}”已经结束，不能再记录。")


# ---- what is recorded ---------------------------------------------------------------------------


def record_promise(
    session: Session,
    *,
    meeting: Meeting,
    unit: Unit,
    text: str,
    due_on: date,
    by: User,
    now: datetime,
) -> MeetingItem:
    """What the unit says it will have done by a day."""
    require_open(meeting, by)
    text = require_words(text, "单位承诺的事")
    if due_on < now.date():
        raise BadInput(f"承诺的日期 {due_on} 已经过去，请改为今天或以后的日期。")
    return _record(
        session, meeting, unit.code, MeetingItemKind.PROMISE, text, None, due_on, by, now
    )


def record_deadline(
    session: Session, *, meeting: Meeting, problem: Problem, due_on: date, by: User, now: datetime
) -> MeetingItem:
    """Of a problem that waits for 交办 it is the first one, of any other a later one."""
    require_open(meeting, by)
    if problem.status is RectificationStatus.UNASSIGNED:
        problems.assign(session, problem=problem, due_on=due_on, by=by, now=now)
    else:
        reason = f"“{meeting.name}”上重新确定"
        requests.extend(session, problem=problem, due_on=due_on, reason=reason, by=by, now=now)
    return _of_problem(session, meeting, problem, MeetingItemKind.DEADLINE, by, now)


def record_problem(
    session: Session,
    *,
    meeting: Meeting,
    unit: Unit,
    rule_code: str | None,
    site: str,
    description: str,
    count: int,
    severity: Severity,
    due_on: date | None,
    by: User,
    now: datetime,
) -> MeetingItem:
    """Registered and given to the unit; without a day, the deadline of the severity counts."""
    require_open(meeting, by)
    problem = problems.register(
        session,
        unit=unit,
        rule_code=rule_code,
        site=site,
        description=description,
        count=count,
        severity=severity,
        discovery=Discovery.INSPECTION,
        found_on=now.date(),
        found_by=meeting.name,
        by=by,
        now=now,
    )
    problems.assign(session, problem=problem, due_on=due_on, by=by, now=now)
    return _of_problem(session, meeting, problem, MeetingItemKind.PROBLEM, by, now)


def _of_problem(
    session: Session,
    meeting: Meeting,
    problem: Problem,
    kind: MeetingItemKind,
    by: User,
    now: datetime,
) -> MeetingItem:
    assert problem.due_on
    text = f"{problem.site}：{problem.description}"
    unit, number, due_on = problem.unit_code, problem.number, problem.due_on
    return _record(session, meeting, unit, kind, text, number, due_on, by, now)


def _record(
    session: Session,
    meeting: Meeting,
    unit_code: str,
    kind: MeetingItemKind,
    text: str,
    problem_number: str | None,
    due_on: date,
    by: User,
    now: datetime,
) -> MeetingItem:
    assert meeting.id is not None
    item = MeetingItem(
        meeting_id=meeting.id,
        unit_code=unit_code,
        kind=kind,
        text=text,
        problem_number=problem_number,
        due_on=due_on,
        recorded_at=now,
        recorded_by=by.username,
    )
    session.add(item)
    ledger.raise_data_version(session)
    audit.record(session, f"记录会议{kind.value}", problem_number or unit_code, by=by, remark=text)
    return item


# ---- promises in words --------------------------------------------------------------------------


def strike_promise(session: Session, *, item: MeetingItem, by: User) -> None:
    """One that was recorded wrongly, while the meeting lasts."""
    _require_promise(item)
    require_open(session.get_one(Meeting, item.meeting_id), by)
    session.delete(item)
    ledger.raise_data_version(session)
    audit.record(session, "删去会议承诺", item.unit_code, by=by, remark=item.text)


def check_promise(
    session: Session, *, item: MeetingItem, is_kept: bool, by: User, now: datetime
) -> None:
    """Whether it was kept, as the office has seen; it may be judged anew."""
    require(by, Permission.MANAGE_PROBLEMS)
    _require_promise(item)
    before = {"is_kept": item.is_kept}
    item.is_kept, item.checked_at, item.checked_by = is_kept, now, by.username
    session.add(item)
    ledger.raise_data_version(session)
    audit.record(
        session,
        "核实会议承诺",
        item.unit_code,
        by=by,
        remark=item.text,
        before=before,
        after={"is_kept": is_kept},
    )


def _require_promise(item: MeetingItem) -> None:
    if item.kind is not MeetingItemKind.PROMISE:
        raise BadInput("会上记的问题和时限，请在“问题整改”中办理。")
