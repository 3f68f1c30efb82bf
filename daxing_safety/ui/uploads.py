"""Uploaded workbooks on their way in: looked at once, then stored exactly as they were looked at.

What was looked at is kept in the tab's state with its bytes; the bytes behind a file_uploader may
be replaced at any time, and are not read again.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from daxing_safety import files as kept_files
from daxing_safety import settings
from daxing_safety.actions import submissions
from daxing_safety.database import reading, through_restarts, transaction
from daxing_safety.errors import UserFacingError
from daxing_safety.models import User
from daxing_safety.reports import previews
from daxing_safety.ui import access, messages, uploader
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.reading import RawWorkbook

LOOKED_AT, STORED, ROUND_OF_UPLOADER = "looked_at", "stored", "uploader"


@dataclass(frozen=True)
class Upload:
    """`refusal` says why there is no preview."""

    name: str
    data: bytes
    raw: RawWorkbook | None = None
    preview: previews.Preview | None = None
    refusal: str = ""

    @property
    def is_clean(self) -> bool:
        return self.preview is not None and self.preview.effect is not None


@dataclass(frozen=True)
class Stored:
    """What became of a file; `refusal` says why it was not stored."""

    name: str
    unit: str
    round: str
    version: int = 0
    at: datetime = datetime.min
    is_late: bool = False
    is_new: bool = False
    refusal: str = ""


def ask(label: str, viewer: User, *, many: bool = False) -> Sequence[Upload]:
    """The uploader, and what is in it: every new file is read in the worker and checked."""
    key = f"workbooks_{st.session_state.setdefault(ROUND_OF_UPLOADER, 0)}"
    if many:
        files = uploader.many(label, ["xlsx", "zip"], key=key)
    else:
        file = uploader.one(label, ["xlsx"], key=key)
        files = [file] if file else []
    known: dict[str, tuple[Upload, ...]] = st.session_state.get(LOOKED_AT, {})
    new = [file for file in files if file.file_id not in known]
    known = known | (_look_all(new, viewer) if new else {})
    uploads = {file.file_id: known[file.file_id] for file in files}
    st.session_state[LOOKED_AT] = uploads
    return tuple(upload for group in uploads.values() for upload in group)


def _look_all(files: Sequence[UploadedFile], viewer: User) -> dict[str, tuple[Upload, ...]]:
    """What is in each new file, by its id: one workbook, or all that a zip holds."""
    with st.spinner("正在核对填报表…"):
        groups = {file.file_id: _read(file) for file in files}
        read = [upload for group in groups.values() for upload in group if upload.raw]
        looked_at = dict(zip(map(id, read), _preview(read, viewer), strict=True))
    return {
        file_id: tuple(looked_at.get(id(upload), upload) for upload in group)
        for file_id, group in groups.items()
    }


def _read(file: UploadedFile) -> list[Upload]:
    if not file.name.lower().endswith(".zip"):
        return [_read_one(file.name, file.getvalue())]
    try:
        inside = worker.unpack_in_worker(file.getvalue())
    except UserFacingError as refusal:
        return [Upload(file.name, b"", refusal=str(refusal))]
    return [_read_one(name, data) for name, data in inside]


def _read_one(name: str, data: bytes) -> Upload:
    try:
        return Upload(name, data, worker.read_in_worker(data))
    except UserFacingError as refusal:
        return Upload(name, data, refusal=str(refusal))


def _preview(uploads: Sequence[Upload], viewer: User) -> list[Upload]:
    files = [(it.raw, hashlib.sha256(it.data).hexdigest()) for it in uploads if it.raw]
    with reading() as session:
        outcomes = previews.preview_all(session, files=files, by=viewer, now=settings.now())
    return [
        replace(upload, refusal=str(outcome))
        if isinstance(outcome, UserFacingError)
        else replace(upload, preview=outcome)
        for upload, outcome in zip(uploads, outcomes, strict=True)
    ]


def store_all() -> None:
    """Stores what was looked at and is clean, each file whole by itself; empties the uploader.

    A second click finds nothing left to store.
    """
    groups = st.session_state.pop(LOOKED_AT, {}).values()
    if not groups:  # a second click must not wipe out what the first has to tell
        return
    clean = [upload for group in groups for upload in group if upload.is_clean]
    st.session_state[STORED] = _store(clean)
    messages.note_act()
    discard()


def _store(uploads: Sequence[Upload]) -> list[Stored]:
    try:
        outcomes = _submit(uploads)
    except UserFacingError as refusal:
        outcomes = [refusal] * len(uploads)
    return [_stored(upload, it) for upload, it in zip(uploads, outcomes, strict=True)]


@through_restarts
def _submit(uploads: Sequence[Upload]) -> list[submissions.Outcome]:
    by = access.current_user()
    incoming = [_incoming(upload) for upload in uploads]
    with transaction() as session:
        return submissions.submit_all(session, files=incoming, by=by, now=settings.now())


def _incoming(upload: Upload) -> submissions.Incoming:
    assert upload.raw is not None and upload.preview is not None
    kept_files.keep(upload.data)
    return submissions.Incoming(
        upload.name, upload.data, upload.raw, upload.preview.compared, is_kept=True
    )


def _stored(upload: Upload, outcome: submissions.Receipt | UserFacingError) -> Stored:
    assert upload.preview is not None
    whose = upload.name, upload.preview.checked.unit_name, upload.preview.checked.round_name
    if isinstance(outcome, UserFacingError):
        return Stored(*whose, refusal=str(outcome))
    it = outcome.submission
    return Stored(*whose, it.version, it.submitted_at, it.is_late, outcome.is_new)


def discard() -> None:
    """Empties the uploader: a new key makes a new one."""
    st.session_state.pop(LOOKED_AT, None)
    st.session_state[ROUND_OF_UPLOADER] = st.session_state.get(ROUND_OF_UPLOADER, 0) + 1


def stored() -> list[Stored]:
    """What became of the files stored by the click before, until a run has shown it whole."""
    return st.session_state.get(STORED, [])


def forget_stored() -> None:
    """The page's last line: a run that a further click interrupts does not come this far."""
    st.session_state.pop(STORED, None)
