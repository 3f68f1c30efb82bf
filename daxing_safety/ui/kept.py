"""Reads that are kept for as long as nothing is written: a click mostly changes only what is shown.

What a read returns is shared by all viewers of the same scope, and must not be changed.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import streamlit as st

from daxing_safety import past, settings
from daxing_safety.database import reading
from daxing_safety.models import User
from daxing_safety.permissions import units_seen_by
from daxing_safety.reports import data_version

Result = TypeVar("Result")


def kept(
    read: Callable[..., Result], *, viewer: User, on: date | None = None, **arguments: Any
) -> Result:
    """`read(session, viewer=viewer, **arguments)`, made once for a version of the data.

    `on` reads how things stood at the end of a past day. The day is an argument, too, of what
    depends on the calendar.
    """
    with reading() as session:
        version = data_version(session)
    # All that decides what a viewer sees.
    scope = viewer.role.name, units_seen_by(viewer)
    name = f"{read.__module__}.{read.__qualname__}"
    day = on if on and on < settings.today() else None
    return _kept(settings.database_url(), version, scope, name, day, arguments, read, viewer)


@st.cache_resource(max_entries=128, show_spinner=False)
def _kept(
    database: str,
    version: int,
    scope: tuple[str, frozenset[str] | None],
    name: str,
    on: date | None,
    arguments: dict[str, Any],
    _read: Callable[..., Any],
    _viewer: User,
) -> Any:
    with past.reading_on(on) if on else reading() as session:
        return _read(session, viewer=_viewer, **arguments)
