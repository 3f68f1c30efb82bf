"""待办 of a unit's clerk: the workbook, what the office said of it, work points and evidence.

Its problems are in rectification.py.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlmodel import Session, col

from daxing_safety import deadlines
from daxing_safety.models import (
    NOW,
    DutyDecision,
    Evidence,
    EvidenceUse,
    Round,
    RowVerdict,
    Submission,
    Unit,
    UnitSummary,
    User,
    WorkPoint,
    WorkPointDuty,
)
from daxing_safety.permissions import units_seen_by
from daxing_safety.reports import scoped
from daxing_safety.reports.submissions import closes_at, open_round
from daxing_safety.reports.todo import rows
from daxing_safety.reports.todo.items import (
    NEWS,
    Contestable,
    Item,
    Kind,
    Link,
    Urgency,
    codes,
    urgency,
)
from daxing_safety.vocabulary import (
    EvidenceOf,
    Judgement,
    ProgressStatus,
    ReviewState,
    Sheet,
)
from daxing_safety.wording import day_of_year, moment, time_left

OPEN_WORK = (ProgressStatus.NOT_STARTED, ProgressStatus.IN_PROGRESS)
TO_WORKBOOK = Link("submit", "去填报", {})
TO_TASKS = Link("tasks", "看工作要点", {})
TO_EVIDENCE = Link("evidence", "传材料", {"kind": EvidenceOf.WORK_POINT.value, "lacking": "true"})

# Statements are made once: making one costs as much as running it, and these run after every write.
VERSIONS = (
    select(Submission)
    .where(col(Submission.state) != ReviewState.TAKEN_BACK)
    .order_by(col(Submission.version).desc())
    .limit(1)
)
ROWS_RETURNED = select(RowVerdict).where(col(RowVerdict.judgement) == Judgement.RETURNED)
ROWS_CORRECTED = (
    select(RowVerdict)
    .join(Submission, col(Submission.id) == col(RowVerdict.submission_id))
    .where(
        col(RowVerdict.judgement) == Judgement.CORRECTED,
        col(RowVerdict.answered_at).is_(None),
        col(Submission.is_latest),
    )
)
NAMES = select(col(Unit.code), col(Unit.name))
DUTIES_DECIDED = select(DutyDecision, col(WorkPoint.text)).join(
    WorkPoint, col(WorkPoint.code) == col(DutyDecision.work_point_code)
)
_POINTS = select(WorkPoint).join(
    WorkPointDuty, col(WorkPointDuty.work_point_code) == col(WorkPoint.code)
)
OPEN_POINTS = _POINTS.where(col(WorkPointDuty.status).in_(OPEN_WORK)).order_by(
    col(WorkPoint.due_on), col(WorkPoint.position)
)
_shown = (
    exists()
    .where(
        col(EvidenceUse.subject) == EvidenceOf.WORK_POINT,
        col(EvidenceUse.code) == col(WorkPoint.code),
        col(Evidence.id) == col(EvidenceUse.evidence_id),
        col(Evidence.unit_code) == col(WorkPointDuty.unit_code),
        col(Evidence.is_current),
    )
    .correlate(WorkPoint, WorkPointDuty)
)
NOT_SHOWN = _POINTS.where(col(WorkPointDuty.status) == ProgressStatus.DONE, ~_shown).order_by(
    col(WorkPoint.position)
)


# ---- the workbook ----


def workbook(session: Session, viewer: User, now: datetime) -> list[Item]:
    """Not handed in yet in the open round, or returned."""
    round_ = open_round(session)
    if round_ is None or not _has_to_report(session, viewer):
        return []
    closes = closes_at(session, viewer=viewer, round_=round_)
    newest = _newest(session, viewer, round_)
    if newest is None:
        return [_not_handed_in(round_, closes, now)]
    if newest.state is ReviewState.RETURNED:
        return [_returned(round_, newest, closes, now)]
    return []


def _has_to_report(session: Session, viewer: User) -> bool:
    summary = session.get(UnitSummary, (NOW, viewer.unit_code))
    return summary is not None and bool(summary.work_points or summary.pairs)


def _newest(session: Session, viewer: User, round_: Round) -> Submission | None:
    query = VERSIONS.where(col(Submission.round_id) == round_.id)
    return session.scalar(scoped(query, viewer, Submission.unit_code))


def _not_handed_in(round_: Round, closes: datetime, now: datetime) -> Item:
    left = time_left(now, closes)
    is_over = now > closes
    return Item(
        Kind.WORKBOOK,
        f"“{round_.name}”填报表还没有报送，{'已过截止时间' if is_over else '距截止还有'} {left}",
        TO_WORKBOOK,
        "本期已不能上传，确需补报的请与创安办联系。" if is_over else f"{moment(closes)}截止。",
        due_on=closes.date(),
        urgency=Urgency.OVERDUE if is_over else urgency(closes.date(), now.date()),
    )


def _returned(round_: Round, version: Submission, closes: datetime, now: datetime) -> Item:
    is_over = now > closes
    return Item(
        Kind.WORKBOOK_RETURNED,
        f"“{round_.name}”第{version.version}版填报表被退回，请修改后重新报送",
        TO_WORKBOOK,
        f"退回原因：{version.review_remark}",
        since=version.reviewed_at.date() if version.reviewed_at else None,
        due_on=closes.date(),
        urgency=Urgency.OVERDUE if is_over else urgency(closes.date(), now.date()),
    )


# ---- what the office said of single rows ----


def rows_returned(session: Session, viewer: User, now: datetime) -> list[Item]:
    """Until a later version changes the row."""
    found = session.scalars(scoped(ROWS_RETURNED, viewer, RowVerdict.unit_code)).all()
    names = rows.names(session, found)
    return [
        _judged(
            Kind.ROW_RETURNED,
            each,
            f"{names[each.sheet, each.code]}被退回，请修改后随填报表重新报送",
            f"退回原因：{each.reason}",
        )
        for each in found
    ]


def rows_corrected(session: Session, viewer: User, now: datetime) -> list[Item]:
    """For as long as the version that was corrected is the unit's last, and no 申诉 answered."""
    found = session.scalars(scoped(ROWS_CORRECTED, viewer, RowVerdict.unit_code)).all()
    names = rows.names(session, found)
    return [
        _judged(
            Kind.ROW_CORRECTED,
            each,
            f"{names[each.sheet, each.code]}由创安办{rows.judged(each)}",
            f"更正理由：{each.reason}",
            is_news=True,
        )
        for each in found
    ]


def _judged(
    kind: Kind, verdict: RowVerdict, title: str, reason: str, *, is_news: bool = False
) -> Item:
    row = Contestable(verdict.unit_code, verdict.sheet, verdict.code)
    return Item(
        kind,
        title,
        _to_row(verdict.sheet, verdict.code),
        f"{reason.rstrip('。')}。{_appeal_in_words(verdict)}",
        since=verdict.judged_at.date(),
        case=None if verdict.appeal else row,
        is_news=is_news,
    )


def _to_row(sheet: Sheet, code: str) -> Link:
    return Link("tasks", "看要点", {"point": code}) if sheet is Sheet.PROGRESS else TO_WORKBOOK


def _appeal_in_words(verdict: RowVerdict) -> str:
    if verdict.answered_at:
        return "申诉未获支持。"
    if verdict.appealed_at:
        return f"{day_of_year(verdict.appealed_at)}已申诉，等待答复。"
    return "有不同意见的，可以申诉一次。"


def appeals_answered(session: Session, viewer: User, now: datetime) -> list[Item]:
    query = select(RowVerdict).where(col(RowVerdict.answered_at) >= now - NEWS)
    found = session.scalars(scoped(query, viewer, RowVerdict.unit_code)).all()
    names = rows.names(session, found)
    return [
        Item(
            Kind.APPEAL_ANSWERED,
            f"{names[each.sheet, each.code]}的申诉"
            + ("得到支持，按本单位所报认可" if each.is_upheld else "未获支持，维持原审核意见"),
            _to_row(each.sheet, each.code),
            f"答复：{each.answer}",
            since=each.answered_at.date() if each.answered_at else None,
            is_news=True,
        )
        for each in found
    ]


def duties_decided(session: Session, viewer: User, now: datetime) -> list[Item]:
    """For the unit that disclaimed, and for the one that answers for it now."""
    seen = units_seen_by(viewer) or frozenset()
    query = DUTIES_DECIDED.where(
        col(DutyDecision.decided_at) >= now - NEWS,
        col(DutyDecision.unit_code).in_(seen) | col(DutyDecision.to_unit_code).in_(seen),
    )
    found = session.execute(query).all()
    names = dict(session.execute(NAMES).all()) if found else {}
    return [
        Item(
            Kind.DUTY_DECIDED,
            rows.name(Sheet.PROGRESS, each.work_point_code, text) + _decided(each, seen, names),
            Link("tasks", "看要点", {"point": each.work_point_code}),
            f"理由：{each.reason}",
            since=each.decided_at.date(),
            is_news=True,
        )
        for each, text in found
    ]


def _decided(decision: DutyDecision, seen: frozenset[str], names: dict[str, str]) -> str:
    if decision.to_unit_code is None:
        return "的职责异议被驳回，仍由本单位承担"
    if decision.to_unit_code in seen:
        return f"原由{names[decision.unit_code]}承担，现改由本单位承担"
    return f"已改由{names[decision.to_unit_code]}承担"


# ---- work points ----


def work_points(session: Session, viewer: User, now: datetime) -> list[Item]:
    today = now.date()
    query = OPEN_POINTS.where(col(WorkPoint.due_on) <= today + deadlines.SOON)
    found = session.scalars(scoped(query, viewer, WorkPointDuty.unit_code)).all()
    overdue = [point for point in found if point.due_on < today]
    due = [point for point in found if point.due_on >= today]
    within = f"条工作要点 {deadlines.SOON.days} 天内到完成时限"
    return [
        *_points(Kind.WORK_POINTS_OVERDUE, overdue, "条工作要点已过完成时限", today),
        *_points(Kind.WORK_POINTS_DUE, due, within, today),
    ]


def _points(kind: Kind, found: Sequence[WorkPoint], what: str, today: date) -> Iterable[Item]:
    if found:
        first = found[0]
        yield Item(
            kind,
            f"{len(found)} {what}：{codes([point.code for point in found])}",
            _to_points(found),
            f"最早到期的是{rows.name(Sheet.PROGRESS, first.code, first.text)}，"
            f"时限{day_of_year(first.due_on)}。",
            due_on=first.due_on,
            urgency=urgency(first.due_on, today),
        )


def _to_points(found: Sequence[WorkPoint]) -> Link:
    """The card of the only one, or the table."""
    return Link("tasks", "看要点", {"point": found[0].code}) if len(found) == 1 else TO_TASKS


def evidence_missing(session: Session, viewer: User, now: datetime) -> list[Item]:
    """已完成, and no file to show for it."""
    found = session.scalars(scoped(NOT_SHOWN, viewer, WorkPointDuty.unit_code)).all()
    if not found:
        return []
    return [
        Item(
            Kind.EVIDENCE_MISSING,
            f"{len(found)} 条已完成的工作要点还没有上传佐证材料："
            f"{codes([point.code for point in found])}",
            TO_EVIDENCE,
            f"例如 {found[0].code} 要求：{found[0].evidence}",
        )
    ]
