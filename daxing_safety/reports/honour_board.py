"""红黑榜: what the units are placed by, the boards, and who is left out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from daxing_safety.actions.board_rule import board_rule
from daxing_safety.honour_board import Board, BoardRule, Candidate, boards
from daxing_safety.models import NOW, Unit, UnitSummary, User, WorkPoint, WorkPointDuty
from daxing_safety.permissions import Permission, require
from daxing_safety.scoring import unit_rate
from daxing_safety.vocabulary import GROUP_OF, ProgressStatus


@dataclass(frozen=True)
class HonourBoard:
    """`left_out` are names, in the plan's order."""

    rule: BoardRule
    today: date
    boards: tuple[Board, ...]
    left_out: tuple[str, ...]


def honour_board(session: Session, *, viewer: User, today: date) -> HonourBoard:
    """Of all units, whoever looks at it from the district's side; nothing when switched off."""
    require(viewer, Permission.SEE_DISTRICT)
    rule = board_rule(session)
    units = session.scalars(select(Unit).order_by(col(Unit.position))).all()
    outside = {unit.code for unit in units if is_left_out(unit, rule)}
    placed = boards(candidates(session, outside, today), rule) if rule.is_on else ()
    names = tuple(unit.name for unit in units if unit.code in outside)
    return HonourBoard(rule, today, tuple(placed), names)


def is_left_out(unit: Unit, rule: BoardRule) -> bool:
    """Courts, procuratorate and discipline commission by default: those the plan does not rank."""
    return not unit.is_ranked if rule.left_out is None else unit.code in rule.left_out


def candidates(session: Session, outside: Collection[str], today: date) -> list[Candidate]:
    """All units but those outside, for whoever asks: of single ones nothing may be passed on."""
    due = (
        select(
            col(WorkPointDuty.unit_code).label("unit_code"),
            func.count().label("due"),
            func.sum(case((col(WorkPointDuty.status) == ProgressStatus.DONE, 1), else_=0)).label(
                "done"
            ),
        )
        .join(WorkPoint, col(WorkPoint.code) == col(WorkPointDuty.work_point_code))
        .where(col(WorkPoint.due_on) <= today, col(WorkPointDuty.status) != ProgressStatus.NOT_OURS)
        .group_by(col(WorkPointDuty.unit_code))
        .subquery()
    )
    query = (
        select(Unit, UnitSummary, func.coalesce(due.c.due, 0), func.coalesce(due.c.done, 0))
        .join(UnitSummary, col(UnitSummary.unit_code) == col(Unit.code))
        .outerjoin(due, due.c.unit_code == col(Unit.code))
        .where(col(UnitSummary.round_id) == NOW, col(Unit.code).not_in(outside))
        .order_by(col(Unit.position))
    )
    return [
        Candidate(
            code=unit.code,
            name=unit.name,
            group=GROUP_OF[unit.kind],
            order=unit.position,
            due=due_points,
            done=done_points,
            problems=kept.problems,
            closed=kept.problems_closed,
            points_rate=unit_rate(kept.points_in_duty, kept.confirmed_lost),
        )
        for unit, kept, due_points, done_points in session.execute(query)
    ]
