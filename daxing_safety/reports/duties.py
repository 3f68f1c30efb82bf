"""Who answers for a task or a work point, as the plan words it: 牵头 first, 各镇街 as one word."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety.models import TaskDuty, Unit, WorkPointDuty
from daxing_safety.programme import ALL_BASES, ALL_TOWNS
from daxing_safety.vocabulary import GROUP_OF, Duty, Group


class Responsible(NamedTuple):
    code: str
    name: str
    group: Group
    duty: Duty


Words = Mapping[str, frozenset[str]]  # 各镇街, 各基地 → the names they stand for


def of_tasks(session: Session) -> dict[int, list[Responsible]]:
    return _responsible(session, TaskDuty, col(TaskDuty.task_no))


def of_work_points(session: Session) -> dict[str, list[Responsible]]:
    return _responsible(session, WorkPointDuty, col(WorkPointDuty.work_point_code))


def _responsible(
    session: Session, duties: type[TaskDuty] | type[WorkPointDuty], of_what: Any
) -> dict[Any, list[Responsible]]:
    query = (
        select(of_what, col(Unit.code), col(Unit.name), col(Unit.kind), col(duties.duty))
        .join(Unit, col(Unit.code) == col(duties.unit_code))
        .order_by(of_what, col(duties.position))
    )
    found: dict[Any, list[Responsible]] = defaultdict(list)
    for what, code, name, kind, duty in session.execute(query):
        found[what].append(Responsible(code, name, GROUP_OF[kind], duty))
    return found


def words_for_many(session: Session) -> Words:
    members: dict[str, set[str]] = {ALL_BASES: set(), ALL_TOWNS: set()}
    for name, kind in session.execute(select(col(Unit.name), col(Unit.kind))):
        if GROUP_OF[kind] is Group.BASES:
            members[ALL_BASES].add(name)
        elif GROUP_OF[kind] in (Group.TOWNS, Group.SUBDISTRICTS):
            members[ALL_TOWNS].add(name)
    return {word: frozenset(names) for word, names in members.items()}


def named(units: Sequence[Responsible], duties: frozenset[Duty], words: Words) -> str:
    """区教委、区公安分局、各镇街"""
    names = [unit.name for unit in units if unit.duty in duties]
    for word, members in words.items():
        if members.issubset(names):
            names = [name for name in names if name not in members] + [word]
    return "、".join(names)
