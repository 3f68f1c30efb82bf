"""问题台账: problems found by others are registered, and the office closes what was mended."""

from datetime import date, datetime

from sqlmodel import Session

from daxing_safety import ledger
from daxing_safety.actions import audit
from daxing_safety.actions.entries import number_of, take_numbers
from daxing_safety.errors import BadInput, Conflict
from daxing_safety.models import Problem, Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import Discovery, RectificationStatus, Severity


def register(
    session: Session,
    *,
    unit: Unit,
    rule_code: str | None,
    site: str,
    description: str,
    count: int,
    discovery: Discovery,
    found_on: date,
    due_on: date | None,
    by: User,
    now: datetime,
    severity: Severity = Severity.GENERAL,
) -> Problem:
    """登记 what an expert, an inspection, the hotline or the city's review found at a unit."""
    require(by, Permission.MANAGE_PROBLEMS)
    if count < 1:
        raise BadInput("处数至少是 1。")
    if rule_code and rule_code not in _rules_of(session, unit):
        raise BadInput(f"条款 {rule_code} 不由{unit.name}负责，请核对条款编号或责任单位。")
    problem = Problem(
        number=number_of(take_numbers(session, 1)),
        rule_code=rule_code,
        unit_code=unit.code,
        site=site.strip(),
        description=description.strip(),
        count=count,
        severity=severity,
        discovery=discovery,
        is_self_reported=False,
        found_on=found_on,
        due_on=due_on,
        first_due_on=due_on,
        opened_at=now,
        opened_by=by.username,
    )
    session.add(problem)
    ledger.refresh(session, {unit.code})
    audit.record(session, "登记问题", problem.number, by=by, remark=problem.description)
    return problem


def _rules_of(session: Session, unit: Unit) -> set[str]:
    rules = ledger.criteria_in_force(session).rules_of_unit.get(unit.name, ())
    return {rule.code for rule in rules}


def close(session: Session, *, problem: Problem, remark: str, by: User, now: datetime) -> None:
    """销号: the office has seen the evidence; the points come back."""
    require(by, Permission.MANAGE_PROBLEMS)
    _require_status(session, problem, RectificationStatus.CLAIMED_FIXED)
    problem.status = RectificationStatus.CLOSED
    problem.closed_on, problem.closed_by = now.date(), by.username
    problem.office_remark = remark.strip()
    session.add(problem)
    ledger.refresh(session, {problem.unit_code})
    audit.record(session, "销号", problem.number, by=by, remark=remark.strip())


def send_back(session: Session, *, problem: Problem, reason: str, by: User) -> None:
    """退回 an 申请销号 that the evidence does not bear out; work on it goes on."""
    require(by, Permission.MANAGE_PROBLEMS)
    if not reason.strip():
        raise BadInput("请写明退回原因，责任单位会看到。")
    _require_status(session, problem, RectificationStatus.CLAIMED_FIXED)
    problem.status = RectificationStatus.IN_PROGRESS
    problem.claimed_at, problem.done_on = None, None
    problem.office_remark = reason.strip()
    session.add(problem)
    ledger.refresh(session, {problem.unit_code})
    audit.record(session, "退回销号申请", problem.number, by=by, remark=reason.strip())


def _require_status(session: Session, problem: Problem, status: RectificationStatus) -> None:
    session.refresh(problem)
    if problem.status is not status:
        raise Conflict(
            f"{problem.number} 现在是“{problem.status.value}”，不是“{status.value}”，没有改动。"
        )
