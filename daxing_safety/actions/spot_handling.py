"""抽查, what the office makes of an expert's doubt: 采纳 by the verbs that always do it, or 阅存.

Nothing of it reaches the unit before.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from daxing_safety import files, ledger, spot_checks
from daxing_safety.actions import audit, closings, evidence, problems
from daxing_safety.actions.moves import require_words
from daxing_safety.errors import BadInput, Conflict, NotAllowed
from daxing_safety.models import (
    Problem,
    SpotCheck,
    SpotCheckExpert,
    SpotCheckItem,
    SpotCheckPhoto,
    Unit,
    User,
)
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import (
    Discovery,
    DrawnFrom,
    EvidenceOf,
    PhotoStage,
    RectificationStatus,
    SpotHandling,
)


def register_problem(
    session: Session,
    *,
    item: SpotCheckItem,
    site: str,
    description: str,
    count: int,
    by: User,
    now: datetime,
) -> Problem:
    """采纳: what a unit called 达标 is not. The unit learns of the check, not of its expert."""
    check = _require_doubt(session, item, by, now)
    if item.source is not DrawnFrom.SELF_COMPLIANT:
        raise BadInput(f"{item.code} 已在问题台账中，请退回责任单位，不另行登记。")
    assert item.answered_at
    problem = problems.register(
        session,
        unit=session.get_one(Unit, item.unit_code),
        rule_code=item.code,
        site=site,
        description=description,
        count=count,
        discovery=Discovery.EXPERT,
        found_on=item.answered_at.date(),
        found_by=check.name,
        by=by,
        now=now,
    )
    _adopt(session, check, item, problem, by, now)
    return problem


def return_problem(
    session: Session, *, item: SpotCheckItem, reason: str, by: User, now: datetime
) -> Problem:
    """采纳: what was to be mended is not. An 申请销号 is sent back, a 销号 taken back."""
    check = _require_doubt(session, item, by, now)
    if item.source is DrawnFrom.SELF_COMPLIANT:
        raise BadInput("这一项还没有登记为问题，请采纳并登记。")
    problem = session.exec(select(Problem).where(col(Problem.number) == item.code)).one_or_none()
    status = problem.status if problem else None
    if problem is None or status not in UNDOING:
        stands = f"现在是“{status.value}”" if status else "已随填报撤回"
        raise Conflict(f"{item.code} {stands}，不用再退回，请阅存并写明情况。")
    UNDOING[problem.status](session, problem=problem, reason=reason, by=by, now=now)
    _adopt(session, check, item, problem, by, now)
    return problem


UNDOING = {
    RectificationStatus.CLAIMED_FIXED: closings.send_back,
    RectificationStatus.CLOSED: closings.reopen,
}


def file(session: Session, *, item: SpotCheckItem, reason: str, by: User, now: datetime) -> None:
    """阅存: read and kept; nothing follows."""
    check = _require_doubt(session, item, by, now)
    if by.unit_code == item.unit_code:
        raise NotAllowed("这是您所在单位的事项，不能由您阅存，请创安办其他同志办理。")
    _handle(session, item, SpotHandling.FILED, require_words(reason, "阅存的理由"), by, now)
    audit.record(session, "阅存抽查结论", _name_of(item, check), by=by, remark=item.handling_reason)


def _require_doubt(session: Session, item: SpotCheckItem, by: User, now: datetime) -> SpotCheck:
    """One that stands and waits; colleagues may have been quicker."""
    require(by, Permission.MANAGE_SPOT_CHECKS)
    session.refresh(item)
    check = session.get_one(SpotCheck, item.check_id)
    taker = session.get_one(SpotCheckExpert, (item.check_id, item.user_id))
    if item.handling:
        raise Conflict(f"这一项已由 {item.handled_by} {item.handling.value}，没有改动。")
    if check.withdrawn_at or not spot_checks.is_settled(check, taker.handed_in_at, now.date()):
        raise Conflict("专家还没有交回，或者抽查已经撤销，现在不能处理。")
    if item.verdict not in spot_checks.DOUBTED:
        raise Conflict("只有“部分属实”和“不属实”的需要处理。")
    return check


def _adopt(
    session: Session,
    check: SpotCheck,
    item: SpotCheckItem,
    problem: Problem,
    by: User,
    now: datetime,
) -> None:
    """The expert's photos come to the problem as they show it: not mended."""
    item.problem_number = problem.number
    _handle(session, item, SpotHandling.ADOPTED, "", by, now)
    for photo in session.exec(select(SpotCheckPhoto).where(SpotCheckPhoto.item_id == item.id)):
        evidence.add(
            session,
            unit=session.get_one(Unit, problem.unit_code),
            data=files.load(photo.sha256),
            name=photo.name,
            uses=[(EvidenceOf.PROBLEM, problem.number)],
            material_on=photo.uploaded_at.date(),
            description=f"“{check.name}”现场照片",
            by=by,
            now=now,
            stage=PhotoStage.BEFORE,
        )
    after = {"problem": problem.number}
    audit.record(session, "采纳抽查结论", _name_of(item, check), by=by, after=after)


def _handle(
    session: Session,
    item: SpotCheckItem,
    handling: SpotHandling,
    reason: str,
    by: User,
    now: datetime,
) -> None:
    item.handling, item.handling_reason = handling, reason
    item.handled_at, item.handled_by = now, by.username
    session.add(item)
    ledger.raise_data_version(session)


def _name_of(item: SpotCheckItem, check: SpotCheck) -> str:
    return f"{check.name} {item.unit_code} {item.code}"
