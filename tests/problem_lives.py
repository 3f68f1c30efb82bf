"""A problem of 区水务局 brought as far as a test asks, with the real verbs.

20 May 2021 is a Thursday. Nothing here judges: what must hold stands in the tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session, col, select

from daxing_safety.actions import closings, evidence, problems, rectifying, voidings
from daxing_safety.database import table_of
from daxing_safety.errors import UserFacingError
from daxing_safety.ledger import SUMS
from daxing_safety.models import (
    Base,
    DataVersion,
    Problem,
    ProblemEvent,
    ProblemRequest,
    RectificationStep,
    Unit,
    User,
)
from daxing_safety.reports import scores
from daxing_safety.vocabulary import Discovery, EvidenceOf, PhotoStage, RectificationStatus, Role

NOW = datetime(2021, 5, 20, 10, 0)
TODAY = NOW.date()
HYDRANT = "黄村西大街12号院北门"
Status = RectificationStatus


def register(session: Session, unit: Unit, by: User, **said: Any) -> Problem:
    """What an expert found: 0.2 points under rule 4-1 unless something else is said."""
    usual: dict[str, Any] = {
        "rule_code": "4-1",
        "site": HYDRANT,
        "description": "消火栓无水",
        "count": 1,
        "discovery": Discovery.EXPERT,
        "found_on": date(2021, 5, 18),
        "now": NOW,
    }
    return problems.register(session, unit=unit, by=by, **(usual | said))


def show(
    session: Session,
    problem: Problem,
    clerk: User,
    *,
    stage: PhotoStage = PhotoStage.AFTER,
    now: datetime = NOW,
) -> None:
    """小王 uploads a photo of it."""
    evidence.add(
        session,
        unit=session.get_one(Unit, problem.unit_code),
        data=b"\xff\xd8\xff\xe0" + stage.name.encode(),
        name="照片.jpg",
        uses=[(EvidenceOf.PROBLEM, problem.number)],
        material_on=None,
        description="",
        by=clerk,
        now=now,
        stage=stage,
    )


def claim(session: Session, problem: Problem, clerk: User, *, now: datetime = NOW) -> None:
    show(session, problem, clerk, now=now)
    rectifying.claim_fixed(
        session, problem=problem, done_on=now.date(), remark="阀门已换，已试水", by=clerk, now=now
    )


def pass_reinspection(
    session: Session, problem: Problem, office: User, *, is_passed: bool = True
) -> None:
    closings.reinspect(
        session,
        problem=problem,
        is_passed=is_passed,
        remark="张工5月20日到现场放水",
        by=office,
        now=NOW,
    )


def bring_to(session: Session, problem: Problem, status: Status, clerk: User, office: User) -> None:
    """From 待交办 to where the test starts."""
    if status is Status.UNASSIGNED:
        return
    problems.assign(session, problem=problem, by=office, now=NOW)
    if status is Status.IN_PROGRESS:
        rectifying.start(session, problem=problem, by=clerk, now=NOW)
    if status in (Status.CLAIMED_FIXED, Status.CLOSED):
        claim(session, problem, clerk)
    if status is Status.CLOSED:
        closings.close(session, problem=problem, remark="", by=office, now=NOW)
    if status is Status.DISMISSED:
        voidings.dismiss(session, problem=problem, reason="点位已拆除", by=office, now=NOW)
    if status is Status.MERGED:
        twin = register(session, session.get_one(Unit, problem.unit_code), office)
        voidings.merge(session, problem=problem, into=twin, reason="重复登记", by=office, now=NOW)


def stands_as(problem: Problem) -> dict[str, Any]:
    """All of its row but the revision."""
    return problem.model_dump(exclude={"revision"})


def timeline(session: Session, problem: Problem) -> list[ProblemEvent]:
    query = select(ProblemEvent).where(col(ProblemEvent.problem_number) == problem.number)
    return list(session.exec(query.order_by(col(ProblemEvent.id))))


def everything(session: Session) -> dict[str, set[Any]]:
    """Rows, timelines, what was asked, steps, kept sums, and the number that every write raises."""
    session.flush()
    models: tuple[type[Base], ...] = (
        *(Problem, ProblemEvent, ProblemRequest, RectificationStep, DataVersion),
        *SUMS,
    )
    connection = session.connection()
    return {
        str(model.__tablename__): set(connection.execute(table_of(model).select()))
        for model in models
    }


@contextmanager
def refused(session: Session, error: type[UserFacingError], words: str) -> Iterator[None]:
    """The block is refused in these words, and leaves everything as it was."""
    before = everything(session)
    with pytest.raises(error, match=words):
        yield
    assert everything(session) == before


def score(session: Session, by: User) -> tuple[Decimal, Decimal]:
    """The district's 自评分 and 核定分."""
    session.flush()
    session.expire_all()  # the kept sums are written past the session's objects
    totals = scores.district(session, viewer=by)
    return totals.claimed.score, totals.confirmed.score


def colleague(session: Session, within: Unit | None = None) -> User:
    """李工 of 创安办, whose desk may stand within a unit."""
    user = User(
        username="office2",
        display_name="李工",
        role=Role.OFFICE,
        unit_code=within.code if within else None,
        password_hash="",
        created_at=NOW,
        password_changed_at=NOW,
    )
    session.add(user)
    session.flush()
    return user


def close(session: Session, problem: Problem, office: User, remark: str = "") -> None:
    closings.close(session, problem=problem, remark=remark, by=office, now=NOW)
