"""The one uploader: files that nobody shows any more are given back.

Streamlit holds every uploaded file until its tab is gone, also after a new key has emptied the
uploader; at a deadline that would be all evidence of the day, in memory. Where one file is looked
at before it is stored, what was made of it is kept instead.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

Found = TypeVar("Found")

SHOWN, HELD = "uploads_shown", "uploads_held"  # ids of files: by this run, and by those before


def one(label: str, kinds: Sequence[str], *, key: str) -> UploadedFile | None:
    found = st.file_uploader(label, type=kinds, key=key)
    _note([found] if found else [])
    return found


def many(label: str, kinds: Sequence[str], *, key: str) -> list[UploadedFile]:
    found = st.file_uploader(label, type=kinds, accept_multiple_files=True, key=key)
    _note(found)
    return found


def _note(files: Iterable[UploadedFile]) -> None:
    st.session_state.setdefault(SHOWN, set()).update(file.file_id for file in files)


# ---- one file that is looked at, then stored ----


def looked_at(
    label: str, kinds: Sequence[str], *, key: str, look: Callable[[UploadedFile], Found]
) -> Found | None:
    """What `look` made of the uploaded file when that was new; None while there is no file.

    It is kept in the tab: the file behind an uploader may be replaced, or go, at any time.
    """
    state = st.session_state
    file = one(label, kinds, key=f"{key}_{state.setdefault(_generation(key), 0)}")
    if file is None:
        state.pop(_kept(key), None)
        return None
    kept: tuple[str, Found] | None = state.get(_kept(key))
    if kept is None or kept[0] != file.file_id:
        kept = state[_kept(key)] = file.file_id, look(file)
    return kept[1]


def is_empty(key: str) -> bool:
    """Whether nothing that was looked at is left, as at a second click."""
    return _kept(key) not in st.session_state


def take(key: str) -> Any:
    """What was made of the file, once: a second click finds None."""
    _, found = st.session_state.pop(_kept(key), (None, None))
    return found


def empty(key: str) -> None:
    """Forgets what was made of the file, and the file: a new key makes a new uploader."""
    st.session_state.pop(_kept(key), None)
    st.session_state[_generation(key)] = st.session_state.get(_generation(key), 0) + 1


def _kept(key: str) -> str:
    return f"{key}_looked_at"


def _generation(key: str) -> str:
    return f"{key}_generation"


# ---- files that nobody shows any more ----


@contextmanager
def keeping_what_is_shown() -> Iterator[None]:
    """Around a whole page. A page that ends early gives nothing back; the next run does.

    The runs of a dialog come between two of these: what it shows counts for the next.
    """
    state = st.session_state
    state[HELD] = state.get(HELD, set()) | state.get(SHOWN, set())
    state[SHOWN] = set()
    yield
    for file_id in state[HELD] - state[SHOWN]:
        _give_back(file_id)
    state[HELD] = set()


def _give_back(file_id: str) -> None:
    context = get_script_run_ctx()
    assert context is not None
    context.uploaded_file_mgr.remove_file(context.session_id, file_id)  # type: ignore[attr-defined]
