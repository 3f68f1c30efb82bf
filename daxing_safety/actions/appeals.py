"""申诉: a unit's one word against a correction or a return, answered by another reviewer."""

from datetime import datetime

from sqlmodel import Session

from daxing_safety import ledger
from daxing_safety.actions import audit
from daxing_safety.actions.verdicts import Row, confirm, verdict_of
from daxing_safety.errors import BadInput, Conflict, NotAllowed
from daxing_safety.models import FindingEntry, RowVerdict, Unit, User
from daxing_safety.permissions import Permission, require, require_unit
from daxing_safety.vocabulary import Judgement, RuleKind, Sheet


def contest(
    session: Session, *, unit: Unit, row: Row, reason: str, by: User, now: datetime
) -> None:
    """申诉: the unit's one word against a correction or a return."""
    require_unit(by, unit.code)
    verdict = verdict_of(session, unit.code, row)
    if verdict.judgement is Judgement.ACCEPTED:
        raise Conflict("这一项已认可，不需要申诉。")
    if verdict.appeal:
        raise Conflict("这一项已经申诉过，每项只能申诉一次。")
    if not reason.strip():
        raise BadInput("请写明申诉理由。")
    verdict.appeal, verdict.appealed_at, verdict.appealed_by = reason.strip(), now, by.username
    verdict.number += 1
    session.add(verdict)
    ledger.raise_data_version(session)
    audit.record(session, "申诉", _title(unit.code, row), by=by, remark=reason.strip())


def answer(
    session: Session,
    *,
    unit: Unit,
    row: Row,
    is_upheld: bool,
    text: str,
    by: User,
    now: datetime,
) -> None:
    """Answers a 申诉; upheld, the row is accepted as the unit reported it."""
    require(by, Permission.REVIEW)
    verdict = verdict_of(session, unit.code, row)
    if not verdict.appeal or verdict.answered_at:
        raise Conflict("这一项没有待答复的申诉，请刷新页面看最新情况。")
    if verdict.judged_by == by.username:
        raise NotAllowed("申诉要由另一位审核人答复，不能由原审核人自己答复。")
    if not text.strip():
        raise BadInput("请写明答复意见，填报单位会看到。")
    verdict.is_upheld, verdict.answer = is_upheld, text.strip()
    verdict.answered_at, verdict.answered_by = now, by.username
    verdict.number += 1
    if is_upheld:
        _accept_as_reported(session, unit.code, verdict, by=by, now=now)
    session.add(verdict)
    ledger.refresh(session, {unit.code})
    audit.record(
        session,
        "答复申诉",
        _title(unit.code, row),
        by=by,
        remark=text.strip(),
        after={"upheld": is_upheld},
    )


def _accept_as_reported(
    session: Session, unit_code: str, verdict: RowVerdict, *, by: User, now: datetime
) -> None:
    verdict.judgement = Judgement.ACCEPTED
    if verdict.sheet is Sheet.SELF_ASSESSMENT:
        entry = session.get_one(FindingEntry, (verdict.submission_id, verdict.code))
        rule = ledger.criteria_in_force(session).rules[verdict.code]
        if rule.kind is not RuleKind.PER_FINDING:
            verdict.held_finding, verdict.held_measured = entry.finding, entry.measured
            confirm(session, unit_code, verdict, by=by, now=now)
    verdict.held_status = verdict.held_percent = None
    verdict.held_finding = verdict.held_measured = None


def _title(unit_code: str, row: Row) -> str:
    sheet, code = row
    return f"{unit_code} {sheet.value} {code}"
