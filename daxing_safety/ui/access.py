"""Who is looking, asked anew at every run: a sign-in that ended shows nothing from then on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from daxing_safety import logs, settings
from daxing_safety.actions import audit, sessions
from daxing_safety.database import reading, through_restarts, transaction
from daxing_safety.errors import NotAllowed
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.ui import messages
from daxing_safety.web.gate import ADDRESS_HEADER


class NotSignedIn(NotAllowed):
    def __init__(self) -> None:
        super().__init__("登录已失效，请刷新页面重新登录。")


def session_token() -> str:
    token = st.context.cookies.get(sessions.COOKIE)
    return token if isinstance(token, str) else ""  # outside a browser it may be anything


@through_restarts
def current_user() -> User:
    """For callbacks and fragments, which run without the page's first line. Raises NotSignedIn."""
    token = session_token()
    if not token:
        raise NotSignedIn
    address = st.context.headers.get(ADDRESS_HEADER.decode()) or ""
    audit.came_from(address)
    logs.asked_from(address)
    with reading() as session:
        user = sessions.look_up(session, token=token, now=settings.clock())
    if user is None or user.must_change_password:
        raise NotSignedIn
    logs.asks(user.username, user.role.name)
    return user


class _Run(threading.local):
    """Whom the entry script has found in the run that is going on in this thread."""

    viewer: User | None = None


_run = _Run()


@contextmanager
def run_of(viewer: User) -> Iterator[None]:
    """While the entry script runs a page, the page's guard need not look the viewer up again."""
    _run.viewer = viewer
    try:
        yield
    finally:
        _run.viewer = None


def require_user(*any_of: Permission) -> User:
    """A page's first statement. Whoever has none of the permissions sees a refusal and no more."""
    try:
        user = _run.viewer or current_user()
    except NotSignedIn as refusal:
        messages.refuse(refusal)
        st.stop()
    if any_of and not any(allows(user, permission) for permission in any_of):
        _note_refusal(user, any_of)
        messages.refuse(NotAllowed("您没有查看这个页面的权限。如工作需要，请与区创安办联系。"))
        st.stop()
    return user


def _note_refusal(user: User, wanted: tuple[Permission, ...]) -> None:
    names = "、".join(permission.name for permission in wanted)
    with transaction() as session:
        audit.record(session, "越权访问", names, by=user)
