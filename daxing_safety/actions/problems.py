"""问题台账, the office's side: 登记, 交办, 复查, 销号 or 退回, 延期, 误报, 合并 and back.

What the unit does is in rectifying.py. Every move is one of rectification.MOVES.
"""

from datetime import date, datetime

from sqlmodel import Session, col, delete, func, select, update

from daxing_safety import ledger
from daxing_safety.actions import audit, preferences
from daxing_safety.actions.entries import number_of, take_numbers
from daxing_safety.actions.moves import (
    begin,
    finish,
    require_outsider,
    require_words,
    settle,
)
from daxing_safety.errors import BadInput, Conflict
from daxing_safety.models import (
    Evidence,
    EvidenceUse,
    Problem,
    ProblemEvent,
    ProblemRequest,
    RectificationStep,
    Task,
    Unit,
    User,
)
from daxing_safety.permissions import Permission, require
from daxing_safety.rectification import NEEDS_REINSPECTION, UNDER_WAY, plain_site
from daxing_safety.vocabulary import (
    GROUP_OF,
    OPEN_STATUSES,
    VOID_STATUSES,
    Discovery,
    EvidenceOf,
    Group,
    Move,
    PhotoStage,
    RectificationStatus,
    RequestKind,
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


# ---- 交办 -----------------------------------------------------------------------------------


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
    problem.due_on = _deadline(session, problem, due_on, now.date())
    problem.first_due_on, problem.assigned_on = problem.due_on, now.date()
    problem.target = target.strip() or problem.target
    problem.measure = measure.strip() or problem.measure
    problem.responsible = responsible.strip() or problem.responsible
    finish(session, problem, begun)


def _deadline(session: Session, problem: Problem, due_on: date | None, today: date) -> date:
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
    problem.due_on = _deadline(session, problem, due_on, now.date())
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
    _let_requests_lapse(session, problem, "已改派给别的单位", by, now)
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


# ---- 复查, 销号, 退回 --------------------------------------------------------------------------


def reinspect(
    session: Session, *, problem: Problem, is_passed: bool, remark: str, by: User, now: datetime
) -> None:
    """复查: somebody looked, on the spot or at the evidence; what follows is 销号 or 退回."""
    begun = begin(session, Move.REINSPECT, problem, by=by, now=now, remark=remark)
    require_outsider(problem, by)
    require_words(remark, "复查的情况：谁、什么时候、看到什么")
    begun.event.is_passed = is_passed
    finish(session, problem, begun)
    ledger.raise_data_version(session)


def close(session: Session, *, problem: Problem, remark: str, by: User, now: datetime) -> None:
    """销号: the office has seen the evidence; the points come back."""
    begun = begin(session, Move.CLOSE, problem, by=by, now=now, remark=remark)
    require_outsider(problem, by)
    _require_grounds(session, problem, remark)
    problem.closed_on, problem.closed_by = now.date(), by.username
    problem.office_remark = remark.strip()
    _let_requests_lapse(session, problem, "已销号", by, now)
    finish(session, problem, begun)
    settle(session, [problem])


def _require_grounds(session: Session, problem: Problem, remark: str) -> None:
    """A problem is closed on evidence, on a 复查, or on what the office says it has seen."""
    has_passed = last_reinspection(session, problem)
    if has_passed is False:
        raise Conflict(
            f"{problem.number} 最近一次复查不合格，不能销号，请退回，或重新复查合格后再办。"
        )
    if problem.severity in NEEDS_REINSPECTION and not has_passed:
        raise Conflict(
            f"{problem.number} 是{problem.severity.value}问题，复查合格后才能销号，请先登记复查。"
        )
    if not (remark.strip() or has_passed or has_evidence(session, problem)):
        raise BadInput(
            f"{problem.number} 没有佐证材料，也没有复查记录，请写明凭什么销号，或先登记复查。"
        )


def last_reinspection(session: Session, problem: Problem) -> bool | None:
    """Whether the last 复查 since the unit claimed it was passed; None when there was none."""
    event = ProblemEvent
    of_problem = col(event.problem_number) == problem.number
    # A claim in the workbook that entered the problem is no event of its timeline.
    claimed = select(func.coalesce(func.max(event.id), 0)).where(
        of_problem,
        col(event.status_before).in_(UNDER_WAY),
        col(event.status_after) == RectificationStatus.CLAIMED_FIXED,
    )
    return session.scalars(
        select(col(event.is_passed))
        .where(
            of_problem,
            col(event.move) == Move.REINSPECT,
            col(event.id) > claimed.scalar_subquery(),
        )
        .order_by(col(event.id).desc())
        .limit(1)
    ).first()


def has_evidence(session: Session, problem: Problem) -> bool:
    """Of its unit, and of its being mended: a photo from before proves nothing.

    Files that were withdrawn have no uses.
    """
    uses = (
        select(func.count())
        .select_from(EvidenceUse)
        .join(Evidence, col(Evidence.id) == col(EvidenceUse.evidence_id))
        .where(
            col(EvidenceUse.subject) == EvidenceOf.PROBLEM,
            col(EvidenceUse.code) == problem.number,
            col(EvidenceUse.stage).is_distinct_from(PhotoStage.BEFORE),
            col(Evidence.unit_code) == problem.unit_code,
        )
    )
    return bool(session.scalar(uses))


def send_back(session: Session, *, problem: Problem, reason: str, by: User, now: datetime) -> None:
    """退回 an 申请销号 that the evidence does not bear out; work on it goes on."""
    begun = begin(session, Move.SEND_BACK, problem, by=by, now=now, remark=reason)
    problem.office_remark = require_words(reason, "退回原因，责任单位会看到")
    problem.claimed_at = problem.done_on = None
    finish(session, problem, begun)
    settle(session, [problem])


def reopen(
    session: Session,
    *,
    problem: Problem,
    reason: str,
    by: User,
    now: datetime,
    due_on: date | None = None,
) -> None:
    """重新挂账: 回头看 found that it is not mended after all; the points are lost again."""
    begun = begin(session, Move.REOPEN, problem, by=by, now=now, remark=reason)
    reason = require_words(reason, "重新挂账的原因，责任单位会看到")
    problem.due_on = _deadline(session, problem, due_on, now.date())
    problem.first_due_on = problem.first_due_on or problem.due_on
    problem.closed_on = problem.closed_by = problem.claimed_at = problem.done_on = None
    problem.office_remark = reason
    finish(session, problem, begun)
    settle(session, [problem])


# ---- 延期 and what units ask for ---------------------------------------------------------------


def extend(
    session: Session,
    *,
    problem: Problem,
    due_on: date,
    reason: str,
    by: User,
    now: datetime,
    seen: int | None = None,
) -> None:
    """延期: a later deadline; the first one stays visible."""
    _extend(session, problem, due_on, reason, by, now, seen)
    settle(session, [problem])


def extend_all(
    session: Session,
    *,
    problems: list[Problem],
    due_on: date,
    reason: str,
    by: User,
    now: datetime,
) -> None:
    """延期 of many at once, all or none."""
    for problem in problems:
        _extend(session, problem, due_on, reason, by, now)
    settle(session, problems)


def _extend(
    session: Session,
    problem: Problem,
    due_on: date,
    reason: str,
    by: User,
    now: datetime,
    seen: int | None = None,
) -> None:
    begun = begin(session, Move.EXTEND, problem, by=by, now=now, remark=reason, seen=seen)
    require_words(reason, "延期的原因")
    if due_on < now.date() or (problem.due_on and due_on <= problem.due_on):
        raise BadInput(
            f"{problem.number} 延期后的时限请晚于原时限 {problem.due_on}，并且不早于今天。"
        )
    problem.due_on, problem.first_due_on = due_on, problem.first_due_on or due_on
    finish(session, problem, begun)


def grant(
    session: Session, *, request: ProblemRequest, by: User, now: datetime, answer: str = ""
) -> None:
    """同意 what the unit asked for: the later deadline, or 误报."""
    require(by, Permission.MANAGE_PROBLEMS)
    _require_unanswered(session, request)
    problem = _problem_of(session, request)
    if request.kind is RequestKind.EXTENSION:
        assert request.due_on is not None
        extend(
            session, problem=problem, due_on=request.due_on, reason=request.reason, by=by, now=now
        )
    else:
        dismiss(session, problem=problem, reason=request.reason, by=by, now=now)
    _answer(session, request, answer, by, now, is_granted=True)


def refuse(
    session: Session, *, request: ProblemRequest, reason: str, by: User, now: datetime
) -> None:
    """不同意; the unit reads why."""
    require(by, Permission.MANAGE_PROBLEMS)
    _require_unanswered(session, request)
    problem = _problem_of(session, request)
    remark = f"{request.kind.value}：{reason.strip()}"
    begun = begin(session, Move.REFUSE, problem, by=by, now=now, remark=remark)
    reason = require_words(reason, "不同意的原因，责任单位会看到")
    _answer(session, request, reason, by, now, is_granted=False)
    problem.office_remark = reason
    finish(session, problem, begun)
    ledger.raise_data_version(session)


def _require_unanswered(session: Session, request: ProblemRequest) -> None:
    session.refresh(request)
    if request.is_granted is not None:
        verdict = "同意" if request.is_granted else "不同意"
        raise Conflict(f"这项申请已由 {request.answered_by} 答复“{verdict}”，没有改动。")


def _problem_of(session: Session, request: ProblemRequest) -> Problem:
    query = select(Problem).where(col(Problem.number) == request.problem_number)
    return session.scalars(query).one()


def _answer(
    session: Session,
    request: ProblemRequest,
    answer: str,
    by: User,
    now: datetime,
    *,
    is_granted: bool,
) -> None:
    request.is_granted, request.answer = is_granted, answer.strip()
    request.answered_at, request.answered_by = now, by.username
    session.add(request)
    session.flush()


def _let_requests_lapse(
    session: Session, problem: Problem, why: str, by: User, now: datetime
) -> None:
    """What a unit asked for about a problem that is no more its own to mend."""
    lapsed = {
        "is_granted": False,
        "answer": f"{problem.number} {why}，这项申请不再办理。",
        "answered_at": now,
        "answered_by": by.username,
    }
    session.execute(
        update(ProblemRequest)
        .where(
            col(ProblemRequest.problem_number) == problem.number,
            col(ProblemRequest.is_granted).is_(None),
        )
        .values(lapsed)
    )


# ---- 误报, 合并 and back -----------------------------------------------------------------------


def dismiss(session: Session, *, problem: Problem, reason: str, by: User, now: datetime) -> None:
    """认定误报: there was no such problem. It is kept, costs nothing, and can be restored."""
    begun = begin(session, Move.DISMISS, problem, by=by, now=now, remark=reason)
    require_outsider(problem, by)
    require_words(reason, "认定误报的理由")
    _let_requests_lapse(session, problem, "已认定误报", by, now)
    finish(session, problem, begun)
    settle(session, [problem])


def merge(
    session: Session, *, problem: Problem, into: Problem, reason: str, by: User, now: datetime
) -> None:
    """合并 of a problem that was entered twice: same unit, same rule, same site."""
    remark = f"并入 {into.number}：{reason.strip()}"
    begun = begin(session, Move.MERGE, problem, by=by, now=now, remark=remark)
    require_outsider(problem, by)
    require_words(reason, "合并的理由")
    _require_alike(session, problem, into)
    problem.merged_into = into.number
    _let_requests_lapse(session, problem, f"已并入 {into.number}", by, now)
    finish(session, problem, begun)
    settle(session, [problem])


def _require_alike(session: Session, problem: Problem, into: Problem) -> None:
    session.refresh(into)
    if problem.number == into.number:
        raise BadInput("一个问题不能并入它自己。")
    if into.status not in OPEN_STATUSES:
        raise Conflict(f"{into.number} 现在是“{into.status.value}”，不能再并入别的问题。")
    is_same_place = plain_site(problem.site) == plain_site(into.site)
    if (problem.unit_code, problem.rule_code) != (into.unit_code, into.rule_code) or (
        not is_same_place
    ):
        raise BadInput(
            f"{problem.number} 与 {into.number} 的责任单位、条款、点位要相同才能合并；"
            "点位写法不同的，请先更正。"
        )
    if problem.is_self_reported and not into.is_self_reported:  # or 自评分 would rise by it
        raise Conflict(
            f"{problem.number} 是责任单位自己报的，请反过来合并：把 {into.number} 并入它。"
        )
    merged = select(col(Problem.number)).where(col(Problem.merged_into) == problem.number)
    if number := session.scalars(merged).first():
        raise Conflict(f"{number} 已并入 {problem.number}，请反过来合并，或先恢复 {number}。")


def restore(session: Session, *, problem: Problem, reason: str, by: User, now: datetime) -> None:
    """恢复 what was taken for 误报 or merged: it stands where it stood before."""
    begun = begin(session, Move.RESTORE, problem, by=by, now=now, remark=reason)
    require_words(reason, "恢复的原因")
    last = session.scalars(
        select(ProblemEvent)
        .where(
            col(ProblemEvent.problem_number) == problem.number,
            col(ProblemEvent.status_after).in_(VOID_STATUSES),
        )
        .order_by(col(ProblemEvent.id).desc())
        .limit(1)
    ).one()
    problem.status, problem.merged_into = last.status_before, None
    finish(session, problem, begun)
    settle(session, [problem])


def last_step_due(session: Session, problem: Problem) -> date | None:
    """The latest deadline among the steps that are not done yet."""
    query = select(func.max(RectificationStep.due_on)).where(
        col(RectificationStep.problem_number) == problem.number,
        col(RectificationStep.done_on).is_(None),
    )
    return session.scalar(query)
