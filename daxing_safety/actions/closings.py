"""复查, 销号, 退回, 重新挂账: the office judges whether a problem is mended."""

from datetime import date, datetime

from sqlmodel import Session, col, func, select

from daxing_safety import ledger
from daxing_safety.actions.moves import (
    begin,
    finish,
    let_requests_lapse,
    require_outsider,
    require_words,
    settle,
)
from daxing_safety.actions.problems import deadline_from
from daxing_safety.errors import BadInput, Conflict
from daxing_safety.models import (
    Evidence,
    EvidenceUse,
    Problem,
    ProblemEvent,
    User,
)
from daxing_safety.rectification import NEEDS_REINSPECTION, UNDER_WAY
from daxing_safety.vocabulary import (
    EvidenceOf,
    Move,
    PhotoStage,
    RectificationStatus,
)


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
    let_requests_lapse(session, problem, "已销号", by, now)
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
    problem.due_on = deadline_from(session, problem, due_on, now.date())
    problem.first_due_on = problem.first_due_on or problem.due_on
    problem.closed_on = problem.closed_by = problem.claimed_at = problem.done_on = None
    problem.office_remark = reason
    finish(session, problem, begun)
    settle(session, [problem])
