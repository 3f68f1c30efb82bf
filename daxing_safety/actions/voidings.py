"""误报 and 合并, kept and reversible."""

from datetime import datetime

from sqlmodel import Session, col, select

from daxing_safety.actions.moves import (
    begin,
    finish,
    let_requests_lapse,
    require_outsider,
    require_words,
    settle,
)
from daxing_safety.errors import BadInput, Conflict
from daxing_safety.models import (
    Problem,
    ProblemEvent,
    User,
)
from daxing_safety.rectification import plain_site
from daxing_safety.vocabulary import (
    OPEN_STATUSES,
    VOID_STATUSES,
    Move,
)


def dismiss(session: Session, *, problem: Problem, reason: str, by: User, now: datetime) -> None:
    """认定误报: there was no such problem. It is kept, costs nothing, and can be restored."""
    begun = begin(session, Move.DISMISS, problem, by=by, now=now, remark=reason)
    require_outsider(problem, by)
    require_words(reason, "认定误报的理由")
    let_requests_lapse(session, problem, "已认定误报", by, now)
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
    let_requests_lapse(session, problem, f"已并入 {into.number}", by, now)
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
