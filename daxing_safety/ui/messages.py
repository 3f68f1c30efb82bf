"""What a user is told: refusals as they are, bugs by a number that the log explains."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import streamlit as st

from daxing_safety import logs
from daxing_safety.actions import audit
from daxing_safety.database import transaction
from daxing_safety.errors import Forbidden, UserFacingError

KEPT = "kept_messages"
ACTED = "has_acted"
LINKED = re.compile(r"(?:https?|ftp|mailto|xmpp)(?=:)|www(?=\.)|@(?=\w)", re.IGNORECASE)
MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:$&])")


def plain(text: str) -> str:
    """Text from users, for the places where Streamlit reads markdown.

    Addresses become links whatever is escaped, so something that nobody sees keeps them apart.
    """
    return MARKUP.sub(r"\\\1", LINKED.sub("\\g<0>\N{WORD JOINER}", text))


def refuse(refusal: UserFacingError) -> None:
    _note(refusal)
    st.error(plain(str(refusal)), icon=":material/block:")


def explain(error: Exception) -> bool:
    """For st.App: what a page or a callback raised. True keeps Streamlit's own box away."""
    if isinstance(error, UserFacingError):
        refuse(error)
        return True
    number = logs.failure(error, path=urlsplit(st.context.url or "").path)
    st.error(
        f"系统出错了，刚才的操作没有完成。如再次出现，请把编号 {number} 告诉系统管理员。",
        icon=":material/error:",
    )
    return True


@contextmanager
def outcome(done: str = "") -> Iterator[None]:
    """Around an action in a callback: `done`, or why not, is shown above the page that follows."""
    try:
        yield
    except UserFacingError as refusal:
        _note(refusal)
        _keep("error", str(refusal))
    else:
        note_act()
        if done:
            _keep("success", done)


def note_act() -> None:
    """Something was done in this tab."""
    st.session_state[ACTED] = True


def has_acted() -> bool:
    """Whether something was done in this tab since this was asked last."""
    return st.session_state.pop(ACTED, False)


def _note(refusal: UserFacingError) -> None:
    """What somebody had no right to is for the auditor, too."""
    if isinstance(refusal, Forbidden):
        with transaction() as session:
            audit.record_refusal(session, refusal)


def tell(done: str) -> None:
    """For a callback that does several things and sums them up."""
    note_act()
    _keep("success", done)


def warn(found: str) -> None:
    """For a callback that did what it was to do, and found something wrong."""
    _keep("error", found)


def was_refused() -> bool:
    """In a dialog after its verb: whether what it said cannot be done, so that it stays open."""
    return any(kind == "error" for kind, _ in st.session_state.get(KEPT, ()))


def _keep(kind: str, text: str) -> None:
    st.session_state.setdefault(KEPT, []).append((kind, text))


def show_kept() -> None:
    """Above the page; a refusal in the corner too, as its button may lie far below."""
    place = st.container()  # also when empty: what follows must not move, or tabs fall shut
    for kind, text in st.session_state.pop(KEPT, ()):
        if kind == "error":
            place.error(plain(text), icon=":material/block:")
            st.toast(plain(text), icon=":material/block:", duration="long")
        else:
            place.success(plain(text), icon=":material/check:")
