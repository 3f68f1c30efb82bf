"""Every read for a screen: a Session in, frames or small frozen rows out, scoped by the viewer.

Rows where figures are computed with, for their Decimals and words stay what they are; a frame
where a table is shown. pandas is imported where a frame is made, so that a screen without one
does not load it.
"""

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Select
from sqlmodel import Session, col

from daxing_safety.errors import NotAllowed
from daxing_safety.models import User
from daxing_safety.permissions import units_seen_by

if TYPE_CHECKING:
    import pandas as pd

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


def scoped(query: Query, viewer: User, unit_code: Any) -> Query:
    """The query over only those units whose rows the viewer may see."""
    seen = units_seen_by(viewer)
    return query if seen is None else query.where(col(unit_code).in_(seen))


def sees_district(viewer: User) -> bool:
    """Whether figures are the whole district's or the viewer's own unit's."""
    return units_seen_by(viewer) is None


def own_unit(viewer: User) -> str:
    """The code of the one unit that a clerk sees; raises NotAllowed for who sees no unit's rows."""
    seen = units_seen_by(viewer)
    if not seen:
        raise NotAllowed("您的账号不能查看单位的数据。如工作需要，请与区创安办联系。")
    (code,) = seen
    return code


def frame(session: Session, query: Select[*tuple[Any, ...]]) -> "pd.DataFrame":
    """The rows of a query under its columns' names, values as they are."""
    import pandas as pd  # only where a frame is made

    found = session.execute(query)
    return pd.DataFrame(found.all(), columns=list(found.keys()), dtype=object)
