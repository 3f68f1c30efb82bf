"""A round with a report, a problem and evidence in the database and on the disk."""

from datetime import datetime

from filling import dry_hydrant, hand_in, problems, rules
from sqlmodel import Session, col, select

from daxing_safety.actions import evidence, rounds
from daxing_safety.database import transaction
from daxing_safety.models import Unit, User
from daxing_safety.vocabulary import EvidenceOf, Finding

NOW = datetime(2021, 5, 20, 10, 0)
PDF = b"%PDF-1.7\n..."


def user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()


def do_some_work() -> None:
    """小王 reports a dry hydrant and hands in the plan that proves a work point."""
    with transaction() as session:
        clerk = user(session, "区水务局")
        unit = session.exec(select(Unit).where(col(Unit.name) == "区水务局")).one()
        round_ = rounds.open_round(
            session,
            name="2021年第二季度",
            due_at=datetime(2021, 5, 25, 17, 0),
            by=user(session, "office"),
            now=NOW,
        )
        has_problem = rules(_4_1={"finding": Finding.HAS_PROBLEM})
        hand_in(session, round_, unit, has_problem, problems(dry_hydrant()), by=clerk)
        evidence.add(
            session,
            unit=unit,
            name="规划.pdf",
            data=PDF,
            uses=[(EvidenceOf.WORK_POINT, "1-05")],
            material_on=None,
            description="",
            by=clerk,
            now=NOW,
        )
