"""整改, the unit's side: measures, steps, 申请销号 with its evidence, 延期 and 误报 asked for."""

from datetime import date, datetime

from sqlmodel import Session, col, func, select

from daxing_safety import ledger
from daxing_safety.actions import audit
from daxing_safety.actions.closings import has_evidence
from daxing_safety.actions.entries import number_of, take_numbers
from daxing_safety.actions.moves import Begun, begin, finish, require_words, settle
from daxing_safety.actions.problems import (
    check_entry,
    closed_at_the_site,
)
from daxing_safety.errors import BadInput, Conflict, Forbidden, NotFound
from daxing_safety.models import Problem, ProblemRequest, RectificationStep, Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import Discovery, Move, RectificationStatus, RequestKind

# ---- what a unit finds at itself ----------------------------------------------------------------


def report(
    session: Session,
    *,
    unit: Unit,
    rule_code: str,
    site: str,
    description: str,
    count: int,
    target: str,
    measure: str,
    responsible: str,
    due_on: date,
    by: User,
    now: datetime,
) -> Problem:
    """自查上报 between two workbooks: it counts as if a workbook of the unit had brought it."""
    require(by, Permission.RECTIFY)
    if by.unit_code != unit.code:
        raise Forbidden(
            "您只能登记本单位自查发现的问题。",
            username=by.username,
            wanted=f"{Permission.RECTIFY.name} {unit.code}",
        )
    check_entry(session, unit, rule_code, count, None, None)
    today = now.date()
    if due_on < today:
        raise BadInput(f"整改时限 {due_on} 已经过去，请改为今天或以后的日期。")
    site, description = require_words(site, "点位"), require_words(description, "问题描述")
    target, measure = require_words(target, "整改目标"), require_words(measure, "整改措施")
    responsible = require_words(responsible, "责任人")
    problem = Problem(
        number=number_of(take_numbers(session, 1)),
        rule_code=rule_code,
        unit_code=unit.code,
        site=site,
        description=description,
        count=count,
        discovery=Discovery.SELF_CHECK,
        is_self_reported=True,
        found_on=today,
        target=target,
        measure=measure,
        responsible=responsible,
        due_on=due_on,
        first_due_on=due_on,
        assigned_on=today,  # who reports it has it in hand
        recurs=closed_at_the_site(session, unit.code, rule_code, site, today),
        opened_at=now,
        opened_by=by.username,
    )
    session.add(problem)
    settle(session, [problem])
    audit.record(session, "上报问题", problem.number, by=by, remark=problem.description)
    return problem


# ---- how a problem is mended ---------------------------------------------------------------------


def plan(
    session: Session,
    *,
    problem: Problem,
    target: str,
    measure: str,
    responsible: str,
    due_on: date | None,
    by: User,
    now: datetime,
    seen: int | None = None,
    remark: str | None = None,
) -> None:
    """目标, 措施, 责任, 时限. A deadline may be set or moved forward; a later one is asked for.

    `remark` is the 整改说明: how far it has come, where something is said of it.
    """
    begun = begin(session, Move.PLAN, problem, by=by, now=now, seen=seen)
    target, measure = require_words(target, "整改目标"), require_words(measure, "整改措施")
    responsible = require_words(responsible, "责任人")
    problem.due_on = _deadline(session, problem, due_on, now.date())
    problem.target, problem.measure, problem.responsible = target, measure, responsible
    problem.remark = problem.remark if remark is None else remark.strip()
    problem.first_due_on = problem.first_due_on or problem.due_on
    finish(session, problem, begun)
    settle(session, [problem])


def _deadline(session: Session, problem: Problem, due_on: date | None, today: date) -> date:
    if due_on is None:
        raise BadInput("请填整改时限。")
    if due_on == problem.due_on:
        return due_on
    if problem.due_on and due_on > problem.due_on:
        raise BadInput(f"整改时限 {problem.due_on} 要推迟，请用“申请延期”，由创安办同意。")
    if due_on < today:
        raise BadInput(f"整改时限 {due_on} 已经过去，请改为今天或以后的日期。")
    last = _last_step_due(session, problem)
    if last and last > due_on:
        raise BadInput(f"有整改步骤排到了 {last}，整改时限不能早于它，请先调整步骤。")
    return due_on


def start(session: Session, *, problem: Problem, by: User, now: datetime) -> None:
    """开始整改: somebody is on it."""
    begun = begin(session, Move.START, problem, by=by, now=now)
    finish(session, problem, begun)
    settle(session, [problem])


def claim_fixed(
    session: Session, *, problem: Problem, done_on: date, remark: str, by: User, now: datetime
) -> None:
    """申请销号: the unit says it is mended and shows it; the office has to look."""
    begun = begin(session, Move.CLAIM_FIXED, problem, by=by, now=now, remark=remark)
    remark = require_words(remark, "怎么改好的、有什么材料证明")
    if not problem.found_on <= done_on <= now.date():
        raise BadInput(f"完成日期请在发现日期 {problem.found_on} 和今天之间。")
    if not has_evidence(session, problem):
        raise BadInput("请先上传整改后的照片或其他佐证材料，再申请销号。")
    if _last_step_due(session, problem):
        raise Conflict("还有没完成的整改步骤，请先办完或删去，再申请销号。")
    problem.done_on, problem.remark, problem.claimed_at = done_on, remark, now
    finish(session, problem, begun)
    settle(session, [problem])


def withdraw_claim(
    session: Session, *, problem: Problem, reason: str, by: User, now: datetime
) -> None:
    """撤回申请: it is not mended after all."""
    begun = begin(session, Move.WITHDRAW_CLAIM, problem, by=by, now=now, remark=reason)
    require_words(reason, "撤回的原因")
    problem.done_on = problem.claimed_at = None
    finish(session, problem, begun)
    settle(session, [problem])


# ---- what a unit may ask for ---------------------------------------------------------------------


def ask_extension(
    session: Session, *, problem: Problem, due_on: date, reason: str, by: User, now: datetime
) -> ProblemRequest:
    """申请延期, with the reason; until the office consents the deadline stands."""
    remark = f"延期至 {due_on}：{reason.strip()}"
    begun = begin(session, Move.ASK, problem, by=by, now=now, remark=remark)
    require_words(reason, "申请延期的原因")
    if due_on < now.date() or (problem.due_on and due_on <= problem.due_on):
        raise BadInput(f"申请的时限请晚于现在的时限 {problem.due_on}，并且不早于今天。")
    return _ask(session, problem, begun, RequestKind.EXTENSION, reason, due_on)


def ask_misreport(
    session: Session, *, problem: Problem, reason: str, by: User, now: datetime
) -> ProblemRequest:
    """申请误报认定: there is no such problem, or it is not where it was said to be."""
    remark = f"误报认定：{reason.strip()}"
    begun = begin(session, Move.ASK, problem, by=by, now=now, remark=remark)
    require_words(reason, "认为是误报的理由")
    return _ask(session, problem, begun, RequestKind.MISREPORT, reason)


def _ask(
    session: Session,
    problem: Problem,
    begun: Begun,
    kind: RequestKind,
    reason: str,
    due_on: date | None = None,
) -> ProblemRequest:
    waiting = select(ProblemRequest).where(
        col(ProblemRequest.problem_number) == problem.number,
        col(ProblemRequest.kind) == kind,
        col(ProblemRequest.is_granted).is_(None),
    )
    if session.scalars(waiting).first():
        raise Conflict(f"{problem.number} 已有一项{kind.value}申请在等创安办答复，不用重复提出。")
    request = ProblemRequest(
        problem_number=problem.number,
        kind=kind,
        due_on=due_on,
        reason=reason.strip(),
        asked_at=begun.event.at,
        asked_by=begun.by.username,
    )
    session.add(request)
    finish(session, problem, begun)
    ledger.raise_data_version(session)
    return request


# ---- 整改步骤 ---------------------------------------------------------------------------------


def add_step(
    session: Session,
    *,
    problem: Problem,
    text: str,
    responsible: str,
    due_on: date,
    by: User,
    now: datetime,
) -> RectificationStep:
    """One step of the rectification; it may not outlast the problem's own deadline."""
    remark = f"增加步骤：{text.strip()}"
    begun = begin(session, Move.PLAN, problem, by=by, now=now, remark=remark)
    text, responsible = (
        require_words(text, "这一步做什么"),
        require_words(responsible, "这一步的责任人"),
    )
    if due_on < now.date():
        raise BadInput(f"步骤的时限 {due_on} 已经过去，请改为今天或以后的日期。")
    if problem.due_on and due_on > problem.due_on:
        raise BadInput(f"步骤的时限不能晚于整改时限 {problem.due_on}。")
    step = RectificationStep(
        problem_number=problem.number,
        text=text,
        responsible=responsible,
        due_on=due_on,
    )
    session.add(step)
    finish(session, problem, begun)
    ledger.raise_data_version(session)
    return step


def finish_step(
    session: Session, *, problem: Problem, step: RectificationStep, by: User, now: datetime
) -> None:
    """A first finished step means that work has begun."""
    remark = f"完成步骤：{step.text}"
    begun = begin(session, Move.PLAN, problem, by=by, now=now, remark=remark)
    _require_open_step(session, problem, step)
    step.done_on = now.date()
    session.add(step)
    finish(session, problem, begun)
    ledger.raise_data_version(session)
    if problem.status is RectificationStatus.NOT_STARTED:
        start(session, problem=problem, by=by, now=now)


def drop_step(
    session: Session, *, problem: Problem, step: RectificationStep, by: User, now: datetime
) -> None:
    """A step that is not needed any more; the timeline keeps that it was planned."""
    remark = f"删去步骤：{step.text}"
    begun = begin(session, Move.PLAN, problem, by=by, now=now, remark=remark)
    _require_open_step(session, problem, step)
    session.delete(step)
    finish(session, problem, begun)
    ledger.raise_data_version(session)
    audit.record(session, "删去整改步骤", problem.number, by=by, before={"text": step.text})


def _require_open_step(session: Session, problem: Problem, step: RectificationStep) -> None:
    session.refresh(step)
    if step.problem_number != problem.number:
        raise NotFound(f"{problem.number} 没有这一步。")
    if step.done_on:
        raise Conflict(f"这一步已于 {step.done_on} 完成，没有改动。")


def _last_step_due(session: Session, problem: Problem) -> date | None:
    """The latest deadline among the steps that are not done yet."""
    query = select(func.max(RectificationStep.due_on)).where(
        col(RectificationStep.problem_number) == problem.number,
        col(RectificationStep.done_on).is_(None),
    )
    return session.scalar(query)
