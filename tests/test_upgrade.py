"""A database of the first version, with a problem in it, brought to this one: nothing is lost."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from older_databases import set_back
from sqlalchemy import MetaData, insert
from sqlmodel import Session, col, select

from daxing_safety import database, ledger, settings
from daxing_safety.actions import closings, installation
from daxing_safety.database import reading, transaction
from daxing_safety.models import Base, Problem, RuleLoss, Unit, User
from daxing_safety.vocabulary import RectificationStatus

FIRST_VERSION = "0001"
PROBLEM: dict[str, Any] = {
    "number": "P00007",
    "rule_code": "4-1",
    "site": "黄村西大街12号院北门",
    "description": "消火栓无水",
    "count": 2,
    "severity": "GENERAL",
    "discovery": "EXPERT",
    "is_self_reported": False,
    "found_on": date(2021, 5, 10),
    "target": "恢复供水",
    "measure": "更换阀门",
    "responsible": "王科长",
    "due_on": date(2021, 6, 30),
    "first_due_on": date(2021, 6, 1),
    "status": "CLAIMED_FIXED",
    "remark": "阀门已换",
    "opened_at": datetime(2021, 5, 10, 9, 0),
    "opened_by": "office",
    "office_remark": "",
}


@pytest.fixture
def old(data_dir: Path, tmp_path: Path, settle: Callable[..., Path]) -> None:
    """The first version's tables with the plan, the criteria, the cast and a problem."""
    newer = settings.database_url()
    settle(tmp_path / "old")
    set_back(newer, FIRST_VERSION)
    with database.engines(settings.database_url()).writer.begin() as connection:
        tables = MetaData()
        tables.reflect(connection, only=["problem", "unit"])
        unit = tables.tables["unit"]
        code = select(unit.c.code).where(unit.c.name == "区水务局").scalar_subquery()
        connection.execute(insert(tables.tables["problem"]).values(unit_code=code, **PROBLEM))


def the_problem(session: Session) -> Problem:
    return session.exec(select(Problem)).one()


def test_a_problem_of_the_first_version_is_kept_as_it_was(old: None) -> None:
    installation.upgrade()
    with reading() as session:
        problem = the_problem(session)
        assert session.get_one(Unit, problem.unit_code).name == "区水务局"
    assert (problem.number, problem.site, problem.count) == ("P00007", PROBLEM["site"], 2)
    assert (problem.due_on, problem.first_due_on) == (date(2021, 6, 30), date(2021, 6, 1))
    assert (problem.status, problem.remark) == (RectificationStatus.CLAIMED_FIXED, "阀门已换")
    assert (problem.revision, problem.found_by, problem.merged_into) == (1, "", None)


def test_what_closing_it_brings_is_known_after_the_upgrade(old: None) -> None:
    installation.upgrade()
    with transaction() as session:
        (loss,) = session.exec(select(RuleLoss))
        assert (loss.rule_code, loss.found, loss.deduct) == ("4-1", 2, Decimal("0.20"))
        assert ledger.differences(session) == []


def test_the_loop_goes_on_from_where_the_problem_stood(old: None) -> None:
    installation.upgrade()
    with transaction() as session:
        office = session.exec(select(User).where(col(User.username) == "office")).one()
        problem = the_problem(session)
        closings.close(session, problem=problem, remark="看过", by=office, now=settings.now())
        assert problem.status is RectificationStatus.CLOSED
        assert session.exec(select(RuleLoss)).all() == []


def test_the_upgraded_tables_are_those_of_a_new_installation(old: None) -> None:
    installation.upgrade()
    with database.engines(settings.database_url()).writer.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_second_upgrade_finds_nothing_to_do(old: None) -> None:
    assert database.upgrade()
    assert not database.upgrade()
