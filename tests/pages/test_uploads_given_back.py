"""Streamlit would keep every uploaded file until its tab is gone; ours are given back sooner.

Nor are its bytes read twice: whoever knows the address of an upload can replace them.
"""

import hashlib
from collections.abc import Callable

import pytest
from page_work import click, half_done, stored, upload, workbook
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile
from streamlit.testing.v1 import AppTest

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]
PDF = b"%PDF-1.7\n..."
PLAN = "WORK_POINT 1-05"


@pytest.fixture
def given_back(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the files that the server was told to drop."""
    dropped: list[str] = []

    def note(_: MemoryUploadedFileManager, session_id: str, file_id: str) -> None:
        dropped.append(file_id)

    monkeypatch.setattr(MemoryUploadedFileManager, "remove_file", note)
    return dropped


def test_what_has_been_stored_is_not_held_any_longer(
    sign_in: SignIn, open_page: OpenPage, given_back: list[str]
) -> None:
    sign_in("区水务局")
    screen = open_page("evidence", subject=PLAN)
    uploader = screen.file_uploader(key="proof_0_files")
    screen = uploader.upload("规划.pdf", PDF).upload("照片.jpg", b"\xff\xd8\xff\xe0").run()
    shown = {file.file_id for file in screen.file_uploader(key="proof_0_files").value}
    assert len(shown) == 2 and given_back == []

    screen.button(key="store_files").click().run().run()
    assert set(given_back) == shown


def test_what_is_still_shown_is_kept(
    sign_in: SignIn, open_page: OpenPage, given_back: list[str]
) -> None:
    sign_in("区水务局")
    screen = open_page("evidence", subject=PLAN)
    screen = screen.file_uploader(key="proof_0_files").upload("规划.pdf", PDF).run()
    screen.run().run()
    assert given_back == []
    assert screen.file_uploader(key="proof_0_files").value


@pytest.mark.usefixtures("open_round")
def test_leaving_the_page_gives_back_what_was_chosen(
    sign_in: SignIn, open_page: OpenPage, given_back: list[str]
) -> None:
    sign_in("区水务局")
    screen = open_page("submit")
    screen = screen.file_uploader[0].upload("区水务局.xlsx", b"PK").run()
    screen.switch_page("../../pages/help.py").run()
    assert len(given_back) == 1


@pytest.mark.usefixtures("open_round")
def test_bytes_that_were_swapped_after_the_look_are_not_stored(
    sign_in: SignIn, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in("区水务局")
    looked_at, other = workbook(half_done), workbook()
    screen = upload(open_page("submit"), looked_at)
    monkeypatch.setattr(UploadedFile, "getvalue", lambda _: other)
    monkeypatch.setattr(UploadedFile, "read", lambda *_: other)
    click(screen.run(), "确认报送")
    assert [each.file_sha256 for each in stored()] == [hashlib.sha256(looked_at).hexdigest()]
