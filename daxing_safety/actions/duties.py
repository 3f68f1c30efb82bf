"""不属本单位职责: the office gives the work point to another unit, or refuses; both are kept."""

from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from daxing_safety import ledger
from daxing_safety.actions import audit
from daxing_safety.errors import BadInput, Conflict, NotFound
from daxing_safety.models import DutyDecision, Unit, User, WorkPointDuty
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import ProgressStatus


def reassign(
    session: Session,
    *,
    work_point_code: str,
    unit: Unit,
    to_unit: Unit,
    reason: str,
    by: User,
    now: datetime,
) -> None:
    """The other unit answers for it from now on, in the same role."""
    duty = _disclaimed(session, work_point_code, unit, by)
    if to_unit.code == unit.code:
        raise BadInput("请选择另一个单位。")
    if session.get(WorkPointDuty, (work_point_code, to_unit.code)):
        raise Conflict(f"{to_unit.name}本来就承担 {work_point_code}，请改选别的单位，或驳回。")
    _decide(session, duty, to_unit.code, reason, by=by, now=now)
    session.add(
        WorkPointDuty(
            work_point_code=work_point_code,
            unit_code=to_unit.code,
            duty=duty.duty,
            position=duty.position,
        )
    )
    session.delete(duty)
    ledger.refresh(session, {unit.code, to_unit.code})
    subject = f"{work_point_code} {unit.name}→{to_unit.name}"
    audit.record(session, "改派工作要点", subject, by=by, remark=reason.strip())


def refuse(
    session: Session,
    *,
    work_point_code: str,
    unit: Unit,
    reason: str,
    by: User,
    now: datetime,
) -> None:
    """The work point stays the unit's, and stands as not started."""
    duty = _disclaimed(session, work_point_code, unit, by)
    _decide(session, duty, None, reason, by=by, now=now)
    duty.status, duty.percent = ProgressStatus.NOT_STARTED, Decimal(0)
    session.add(duty)
    ledger.refresh(session, {unit.code})
    audit.record(
        session, "驳回职责异议", f"{work_point_code} {unit.name}", by=by, remark=reason.strip()
    )


def _disclaimed(session: Session, work_point_code: str, unit: Unit, by: User) -> WorkPointDuty:
    require(by, Permission.REVIEW)
    duty = session.get(WorkPointDuty, (work_point_code, unit.code), populate_existing=True)
    if duty is None:
        raise NotFound(f"{unit.name}不承担 {work_point_code}，可能已经改派，请刷新页面。")
    if duty.status is not ProgressStatus.NOT_OURS:
        raise Conflict(f"{unit.name}没有对 {work_point_code} 提出“不属本单位职责”。")
    return duty


def _decide(
    session: Session,
    duty: WorkPointDuty,
    to_unit_code: str | None,
    reason: str,
    *,
    by: User,
    now: datetime,
) -> None:
    if not reason.strip():
        raise BadInput("请写明理由，双方单位会看到。")
    session.add(
        DutyDecision(
            work_point_code=duty.work_point_code,
            unit_code=duty.unit_code,
            to_unit_code=to_unit_code,
            unit_reason=duty.remark,
            reason=reason.strip(),
            decided_at=now,
            decided_by=by.username,
        )
    )
