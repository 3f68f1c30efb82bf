"""Every read for a screen: a Session in, a frame or a small dataclass out, scoped by the viewer.

A frame's columns are identifiers of the glossary; ui/tables.py knows their Chinese headers.
pandas is imported where a frame is made, so that a screen without one does not load it.
"""

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Select, select
from sqlmodel import Session, col

from daxing_safety.models import DataVersion, Unit, User
from daxing_safety.permissions import units_seen_by
from daxing_safety.vocabulary import GROUP_OF

if TYPE_CHECKING:
    import pandas as pd

Query = TypeVar("Query", bound=Select[Any])

# What frames with a row a unit begin with.
UNIT_COLUMNS = (
    col(Unit.code).label("unit_code"),
    col(Unit.name).label("unit"),
    col(Unit.kind).label("kind"),
    col(Unit.is_ranked).label("is_ranked"),
)


def scoped(query: Query, viewer: User, unit_code: Any) -> Query:
    """The query over only those units whose rows the viewer may see."""
    seen = units_seen_by(viewer)
    return query if seen is None else query.where(col(unit_code).in_(seen))


def frame(session: Session, query: Select[Any]) -> "pd.DataFrame":
    """The rows of a query; a unit's `kind` becomes the `group` it is compared within."""
    import pandas as pd  # only where a frame is made

    found = session.execute(query)
    rows = pd.DataFrame(found.all(), columns=list(found.keys()), dtype=object)
    if "kind" in rows:
        rows["kind"] = rows["kind"].map(GROUP_OF)
    return rows.rename(columns={"kind": "group"})


def data_version(session: Session) -> int:
    """A number that rises with every write: what is shown of one version never changes."""
    return session.scalars(select(col(DataVersion.number))).one()
