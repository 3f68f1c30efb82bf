"""Reads that are kept for as long as nothing is written: a click mostly changes only what is shown.

What a read returns is shared by all viewers of the same scope, and must not be changed.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from daxing_safety import settings
from daxing_safety.database import reading
from daxing_safety.models import User
from daxing_safety.permissions import units_seen_by
from daxing_safety.reports import data_version

Result = TypeVar("Result")


def kept(read: Callable[..., Result], *, viewer: User, **arguments: Any) -> Result:
    """`read(session, viewer=viewer, **arguments)`, made once for a version of the data.

    The day is an argument of what depends on it.
    """
    with reading() as session:
        version = data_version(session)
    # All that decides what a viewer sees.
    scope = viewer.role.name, units_seen_by(viewer)
    name = f"{read.__module__}.{read.__qualname__}"
    return _kept(settings.database_url(), version, scope, name, arguments, read, viewer)


@st.cache_resource(max_entries=128, show_spinner=False)
def _kept(
    database: str,
    version: int,
    scope: tuple[str, frozenset[str] | None],
    name: str,
    arguments: dict[str, Any],
    _read: Callable[..., Any],
    _viewer: User,
) -> Any:
    with reading() as session:
        return _read(session, viewer=_viewer, **arguments)
