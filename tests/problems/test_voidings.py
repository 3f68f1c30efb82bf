"""误报, 合并 and back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from problem_lives import (
    NOW,
    bring_to,
    claim,
    refused,
    register,
    score,
    stands_as,
)
from sqlmodel import Session

from daxing_safety.actions import (
    voidings,
)
from daxing_safety.errors import BadInput, Conflict
from daxing_safety.models import (
    Problem,
    Unit,
    User,
)
from daxing_safety.vocabulary import (
    Move,
    RectificationStatus,
)

Status = RectificationStatus
LATER = NOW + timedelta(days=7)


@pytest.mark.parametrize(
    "status", [Status.UNASSIGNED, Status.NOT_STARTED, Status.IN_PROGRESS, Status.CLAIMED_FIXED]
)
@pytest.mark.parametrize("move", [Move.DISMISS, Move.MERGE])
def test_what_was_taken_out_and_restored_stands_where_it_stood(
    session: Session, problem: Problem, clerk: User, office: User, move: Move, status: Status
) -> None:
    bring_to(session, problem, status, clerk, office)
    twin = register(session, session.get_one(Unit, problem.unit_code), office)
    before, points = stands_as(problem), score(session, office)
    if move is Move.DISMISS:
        voidings.dismiss(session, problem=problem, reason="点位已拆除", by=office, now=NOW)
    else:
        voidings.merge(session, problem=problem, into=twin, reason="重复", by=office, now=NOW)
        assert problem.merged_into == twin.number
    assert score(session, office) == (points[0], points[1] + Decimal("0.20"))
    voidings.restore(session, problem=problem, reason="核实确有", by=office, now=NOW)
    assert stands_as(problem) == before
    assert score(session, office) == points


def test_a_second_restoring_goes_back_to_before_the_second_taking_out(
    session: Session, assigned: Problem, clerk: User, office: User
) -> None:
    voidings.dismiss(session, problem=assigned, reason="拆除", by=office, now=NOW)
    voidings.restore(session, problem=assigned, reason="还在", by=office, now=NOW)
    claim(session, assigned, clerk)
    voidings.dismiss(session, problem=assigned, reason="确已拆除", by=office, now=NOW)
    voidings.restore(session, problem=assigned, reason="还在", by=office, now=NOW)
    assert assigned.status is Status.CLAIMED_FIXED


def test_taking_out_and_restoring_need_a_reason(
    session: Session, problem: Problem, water_bureau: Unit, office: User
) -> None:
    twin = register(session, water_bureau, office)
    with refused(session, BadInput, "认定误报的理由"):
        voidings.dismiss(session, problem=problem, reason="", by=office, now=NOW)
    with refused(session, BadInput, "合并的理由"):
        voidings.merge(session, problem=problem, into=twin, reason=" ", by=office, now=NOW)
    voidings.dismiss(session, problem=problem, reason="拆除", by=office, now=NOW)
    with refused(session, BadInput, "恢复的原因"):
        voidings.restore(session, problem=problem, reason="", by=office, now=NOW)


def put_together(session: Session, one: Problem, into: Problem, by: User) -> None:
    voidings.merge(session, problem=one, into=into, reason="重复登记", by=by, now=NOW)


def test_only_one_place_under_one_rule_of_one_unit_is_merged(
    session: Session, problem: Problem, water_bureau: Unit, city_management: Unit, office: User
) -> None:
    others = [
        register(session, water_bureau, office, site="另一处"),
        register(session, water_bureau, office, rule_code="17-1"),
        register(session, city_management, office),
    ]
    for other in others:
        with refused(session, BadInput, "责任单位、条款、点位要相同"):
            put_together(session, problem, other, office)
    with refused(session, BadInput, "不能并入它自己"):
        put_together(session, problem, problem, office)


def test_nothing_is_merged_into_what_is_not_open(
    session: Session, problem: Problem, water_bureau: Unit, office: User
) -> None:
    gone = register(session, water_bureau, office)
    voidings.dismiss(session, problem=gone, reason="拆除", by=office, now=NOW)
    with refused(session, Conflict, "现在是“误报”"):
        put_together(session, problem, gone, office)


def test_there_are_no_chains_of_merged_problems(
    session: Session, problem: Problem, water_bureau: Unit, office: User
) -> None:
    second, third = (register(session, water_bureau, office) for _ in range(2))
    put_together(session, problem, second, office)
    with refused(session, Conflict, f"{problem.number} 已并入 {second.number}"):
        put_together(session, second, third, office)
    put_together(session, third, second, office)
    assert (problem.merged_into, third.merged_into) == (second.number, second.number)


def test_what_a_unit_reported_itself_does_not_vanish_from_its_claimed_loss_by_merging(
    session: Session, problem: Problem, water_bureau: Unit, office: User
) -> None:
    own = register(session, water_bureau, office)
    own.is_self_reported = True
    session.add(own)
    with refused(session, Conflict, "请反过来合并"):
        put_together(session, own, problem, office)
    put_together(session, problem, own, office)
