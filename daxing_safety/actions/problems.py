"""问题台账: problems are registered, assigned to who has to mend them, and corrected.

What follows is in rectifying.py (the unit), closings.py, requests.py and voidings.py (the office).
Every move is one of rectification.MOVES.
"""

from datetime import date, datetime

from sqlmodel import Session, col, delete, select

from daxing_safety import ledger
from daxing_safety.actions import audit, preferences
from daxing_safety.actions.entries import number_of, take_numbers
from daxing_safety.actions.moves import (
    begin,
    finish,
    let_requests_lapse,
    require_words,
    settle,
)
from daxing_safety.errors import BadInput
from daxing_safety.models import (
    Problem,
    RectificationStep,
    Task,
    Unit,
    User,
)
from daxing_safety.permissions import Permission, require
from daxing_safety.rectification import plain_site
from daxing_safety.vocabulary import (
    GROUP_OF,
    Discovery,
    Group,
    Move,
    RectificationStatus,
    Severity,
)


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
    by: User,
    now: datetime,
    found_by: str = "",
    severity: Severity = Severity.GENERAL,
    task_no: int | None = None,
    town: Unit | None = None,
) -> Problem:
    """登记 what an expert, an inspection, the hotline or the city's review found at a unit.

    It counts from now on; what is to be done until when is said by `assign`. A problem that was
    closed at the same site under the same rule is marked as back (反复).
    """
    require(by, Permission.MANAGE_PROBLEMS)
    check_entry(session, unit, rule_code, count, task_no, town)
    site, description = require_words(site, "点位"), require_words(description, "问题描述")
    if found_on > now.date():
        raise BadInput(f"发现日期 {found_on} 在今天之后，请核对。")
    problem = Problem(
        number=number_of(take_numbers(session, 1)),
        rule_code=rule_code,
        unit_code=unit.code,
        site=site,
        description=description,
        count=count,
        severity=severity,
        discovery=discovery,
        is_self_reported=False,
        found_on=found_on,
        found_by=found_by.strip(),
        task_no=task_no,
        town_code=town.code if town else None,
        recurs=closed_at_the_site(session, unit.code, rule_code, site, found_on),
        status=RectificationStatus.UNASSIGNED,
        opened_at=now,
        opened_by=by.username,
    )
    session.add(problem)
    settle(session, [problem])
    audit.record(session, "登记问题", problem.number, by=by, remark=problem.description)
    return problem


def check_entry(
    session: Session,
    unit: Unit,
    rule_code: str | None,
    count: int,
    task_no: int | None,
    town: Unit | None,
) -> None:
    if count < 1:
        raise BadInput("处数至少是 1。")
    if rule_code is not None and rule_code not in _rules_of(session, unit):
        raise BadInput(f"条款 {rule_code} 不由{unit.name}负责，请核对条款编号或责任单位。")
    if task_no is not None and session.get(Task, task_no) is None:
        raise BadInput(f"没有第 {task_no} 项任务，请填 1 到 22。")
    if town and GROUP_OF[town.kind] not in (Group.TOWNS, Group.SUBDISTRICTS):
        raise BadInput(f"{town.name}不是镇或街道，请核对属地。")


def _rules_of(session: Session, unit: Unit) -> set[str]:
    rules = ledger.criteria_in_force(session).rules_of_unit.get(unit.name, ())
    return {rule.code for rule in rules}


def closed_at_the_site(
    session: Session, unit_code: str, rule_code: str | None, site: str, found_on: date
) -> str | None:
    """The last one that was closed there before something was found again."""
    closed = session.execute(
        select(col(Problem.number), col(Problem.site))
        .where(
            col(Problem.unit_code) == unit_code,
            col(Problem.status) == RectificationStatus.CLOSED,
            col(Problem.rule_code) == rule_code,
            col(Problem.closed_on) <= found_on,
        )
        .order_by(col(Problem.id).desc())
    )
    return next((number for number, at in closed if plain_site(at) == plain_site(site)), None)


def assign(
    session: Session,
    *,
    problem: Problem,
    by: User,
    now: datetime,
    due_on: date | None = None,
    target: str = "",
    measure: str = "",
    responsible: str = "",
) -> None:
    """交办: the unit is told; without a deadline, that of the severity (内部时限) counts."""
    _assign(session, problem, due_on, by, now, target, measure, responsible)
    settle(session, [problem])


def assign_all(
    session: Session,
    *,
    problems: list[Problem],
    by: User,
    now: datetime,
    due_on: date | None = None,
) -> None:
    """交办 of many at once, all or none."""
    for problem in problems:
        _assign(session, problem, due_on, by, now)
    settle(session, problems)


def _assign(
    session: Session,
    problem: Problem,
    due_on: date | None,
    by: User,
    now: datetime,
    target: str = "",
    measure: str = "",
    responsible: str = "",
) -> None:
    begun = begin(session, Move.ASSIGN, problem, by=by, now=now)
    problem.due_on = deadline_from(session, problem, due_on, now.date())
    problem.first_due_on, problem.assigned_on = problem.due_on, now.date()
    problem.target = target.strip() or problem.target
    problem.measure = measure.strip() or problem.measure
    problem.responsible = responsible.strip() or problem.responsible
    finish(session, problem, begun)


def deadline_from(session: Session, problem: Problem, due_on: date | None, today: date) -> date:
    if due_on is None:
        return default_deadline(session, problem.severity, today)
    if due_on < today:
        raise BadInput(f"整改时限 {due_on} 已经过去，请改为今天或以后的日期。")
    return due_on


def default_deadline(session: Session, severity: Severity, start: date) -> date:
    """By severity, from the day of 交办."""
    return preferences.time_limit(session, severity).from_day(start)


def reassign(
    session: Session,
    *,
    problem: Problem,
    unit: Unit,
    rule_code: str | None,
    reason: str,
    by: User,
    now: datetime,
    due_on: date | None = None,
) -> None:
    """改派 to the unit that has to answer for it; deadline, measures and steps start anew."""
    begun = begin(session, Move.REASSIGN, problem, by=by, now=now, remark=reason)
    require_words(reason, "改派的原因，两家单位都会看到")
    if unit.code == problem.unit_code:
        raise BadInput(f"{problem.number} 本来就是{unit.name}的问题。")
    check_entry(session, unit, rule_code, problem.count, None, None)
    problem.due_on = deadline_from(session, problem, due_on, now.date())
    problem.first_due_on, problem.assigned_on = problem.due_on, now.date()
    former, problem.unit_code, problem.rule_code = problem.unit_code, unit.code, rule_code
    problem.is_self_reported = False  # the new unit has not reported it
    problem.recurs = closed_at_the_site(
        session, unit.code, rule_code, problem.site, problem.found_on
    )
    problem.measure = problem.responsible = ""
    session.execute(
        delete(RectificationStep).where(
            col(RectificationStep.problem_number) == problem.number,
            col(RectificationStep.done_on).is_(None),
        )
    )
    let_requests_lapse(session, problem, "已改派给别的单位", by, now)
    finish(session, problem, begun)
    settle(session, [problem], former)


def correct(
    session: Session,
    *,
    problem: Problem,
    rule_code: str | None,
    site: str,
    description: str,
    count: int,
    severity: Severity,
    reason: str,
    by: User,
    now: datetime,
    seen: int | None = None,
    task_no: int | None = None,
    town: Unit | None = None,
    target: str | None = None,
    measure: str | None = None,
    responsible: str | None = None,
) -> None:
    """更正 what was registered; it stays the same problem.

    Of what is to be done about it, only what is given is changed.
    """
    begun = begin(session, Move.CORRECT, problem, by=by, now=now, remark=reason, seen=seen)
    require_words(reason, "更正的原因")
    unit = session.get_one(Unit, problem.unit_code)
    check_entry(session, unit, rule_code, count, task_no, town)
    site, description = require_words(site, "点位"), require_words(description, "问题描述")
    problem.rule_code, problem.count, problem.severity = rule_code, count, severity
    problem.site, problem.description = site, description
    problem.task_no, problem.town_code = task_no, town.code if town else None
    problem.recurs = closed_at_the_site(session, unit.code, rule_code, site, problem.found_on)
    problem.target = problem.target if target is None else target.strip()
    problem.measure = problem.measure if measure is None else measure.strip()
    problem.responsible = problem.responsible if responsible is None else responsible.strip()
    finish(session, problem, begun)
    settle(session, [problem])
