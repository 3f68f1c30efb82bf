"""问题整改清单 for download: what the filters leave, in their order, with what each costs."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety import problem_lists
from daxing_safety.models import Problem, Unit, User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import own_unit
from daxing_safety.reports.problems import worth
from daxing_safety.reports.problems.filters import Filters
from daxing_safety.reports.problems.queries import in_order
from daxing_safety.workbooks.problem_list.columns import Audience
from daxing_safety.workbooks.problem_list.content import (
    WHOLE_DISTRICT,
    ListContent,
    ListRow,
    Standing,
)


def content(session: Session, *, viewer: User, filters: Filters, now: datetime) -> ListContent:
    """A unit's own list for its clerk, the office's for everybody who sees the district."""
    ids = list(session.scalars(in_order(viewer, filters, now.date())))
    found = problem_lists.rows(session, col(Problem.id).in_(ids))
    rows = [_with_worth(found[number][1], of) for number, of in _worths(session, ids).items()]
    is_clerk = allows(viewer, Permission.RECTIFY)
    unit = session.get(Unit, own_unit(viewer)) if is_clerk else _only_unit(session, filters)
    cover = problem_lists.cover(
        session,
        audience=Audience.UNIT if is_clerk else Audience.OFFICE,
        unit_code=unit.code if unit and is_clerk else "",
        unit_name=unit.name if unit else WHOLE_DISTRICT,
        exported_at=now,
        exported_by=viewer.display_name,
    )
    standings = {number: Standing(revision) for number, (revision, _) in found.items()}
    return problem_lists.content(session, cover, rows, standings)


def _only_unit(session: Session, filters: Filters) -> Unit | None:
    return session.get(Unit, filters.unit[0]) if len(filters.unit) == 1 else None


def _worths(session: Session, ids: list[int]) -> dict[str, worth.Worth]:
    """By 问题编号, in the order of the ids."""
    query = worth.joined(
        select(col(Problem.id), col(Problem.number), col(Problem.count), *worth.COLUMNS)
    ).where(col(Problem.id).in_(ids))
    found = {
        key: (number, worth.read(count, *values))
        for key, number, count, *values in session.execute(query)
    }
    return dict(found[key] for key in ids)


def _with_worth(row: ListRow, of: worth.Worth) -> ListRow:
    return row._replace(loss=of.cost or None, gain=of.gain)
