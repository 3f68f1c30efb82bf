"""Reads that are kept for as long as nothing is written: a click mostly changes only what is shown.

What a read returns is shared by all viewers of the same scope, and must not be changed. When many
ask for the same, one reads and the others wait for it.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from daxing_safety import past, settings
from daxing_safety.database import reading, through_restarts
from daxing_safety.ledger import data_version
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows, units_seen_by
from daxing_safety.ui.shelf import Shelf

Result = TypeVar("Result")

# Of each unit's clerks the fifteen or so screens that they go through, and as much for the others.
PLACES = 1500

_shelf = Shelf(PLACES)


def kept(
    read: Callable[..., Result],
    *,
    viewer: User,
    on: date | None = None,
    now: datetime | None = None,
    **arguments: Any,
) -> Result:
    """`read(session, viewer=viewer, **arguments)`, made once for a version of the data.

    `on` reads how things stood at the end of a past day. The day is an argument, too, of what
    depends on the calendar. So is `now`, of what depends on the clock: only the last one is kept.
    """
    with reading() as session:
        version = data_version(session), now
    day = on if on and on < settings.today() else None
    key = settings.database_url(), read, _scope(viewer), day, frozenset(arguments.items())
    if now:
        arguments["now"] = now

    @through_restarts
    def make() -> Result:
        with past.reading_on(day) if day else reading() as session:
            return read(session, viewer=viewer, **arguments)

    found: Result = _shelf.get(key, version, make)
    return found


def _scope(viewer: User) -> tuple[str, frozenset[str] | None, str]:
    """All that decides what a viewer sees: an expert what was drawn for nobody else."""
    own = viewer.username if allows(viewer, Permission.SPOT_CHECK) else ""
    return viewer.role.name, units_seen_by(viewer), own
