"""The one uploader: files that nobody shows any more are given back.

Streamlit holds every uploaded file until its tab is gone, also after a new key has emptied the
uploader; at a deadline that would be all evidence of the day, in memory.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

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
