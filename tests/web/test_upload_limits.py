"""Nobody fills the server's memory: so many files a minute, so many bytes, and not for long."""

import pytest
from sqlmodel import col, func, select
from starlette.testclient import TestClient
from visits import HERE, sign_in

from daxing_safety import settings
from daxing_safety.database import reading
from daxing_safety.models import AuditEvent
from daxing_safety.web import uploads
from daxing_safety.web.uploads import MB, MOST_BYTES, MOST_FILES, WINDOW_S, Allowance

FILE = "/_stcore/upload_file/a-session/a-file"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_so_many_files_a_minute_and_then_again() -> None:
    clock = Clock()
    allowance = Allowance(clock)
    assert [allowance.takes("区水务局", 1) for _ in range(200)].count(True) == MOST_FILES
    assert allowance.takes("区城管委", 1)
    clock.now += WINDOW_S
    assert allowance.takes("区水务局", 1)


def test_so_many_bytes_a_minute_however_few_files() -> None:
    allowance = Allowance(Clock())
    taken = [allowance.takes("区水务局", 20 * MB) for _ in range(30)]
    assert taken.count(True) * 20 * MB == MOST_BYTES


def test_every_unit_s_workbook_can_be_chosen_at_once() -> None:
    allowance = Allowance(Clock())
    assert all(allowance.takes("office", MB) for _ in range(56))


def test_what_was_refused_does_not_make_it_longer() -> None:
    clock = Clock()
    allowance = Allowance(clock)
    for _ in range(1000):
        allowance.takes("区水务局", 1)
        clock.now += 1
    clock.now += WINDOW_S
    assert allowance.takes("区水务局", 1)


def test_200_uploads_in_a_minute_are_stopped_in_chinese_and_noted_once(wang: TestClient) -> None:
    answers = [wang.put(FILE, content=b"x", headers={"origin": HERE}) for _ in range(200)]
    stopped = [each for each in answers if each.status_code == 429]
    assert len(stopped) == 200 - MOST_FILES
    assert {each.text for each in stopped} == {"上传太频繁，请一分钟后再试。"}
    assert wang.get("/password").status_code == 200
    with reading() as session:
        noted = select(func.count()).where(col(AuditEvent.action) == "上传受限")
        assert session.exec(noted).one() == 1


def test_others_are_not_stopped_with_them(stranger: TestClient) -> None:
    sign_in(stranger, "区水务局")
    for _ in range(MOST_FILES + 1):
        last = stranger.put(FILE, content=b"x", headers={"origin": HERE})
    assert last.status_code == 429
    stranger.cookies.clear()
    sign_in(stranger, "区城管委")
    assert stranger.put(FILE, content=b"x", headers={"origin": HERE}).status_code == 200


@pytest.mark.parametrize("said", [{}, {"content-length": "-1"}, {"content-length": "much"}])
def test_a_file_that_does_not_say_its_size_counts_as_the_largest(said: dict[str, str]) -> None:
    from starlette.datastructures import Headers

    assert uploads.size_of(Headers(said)) == uploads.LARGEST


def test_a_full_server_takes_no_more(wang: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "held", lambda: uploads.MOST_HELD)
    answer = wang.put(FILE, content=b"x", headers={"origin": HERE})
    assert answer.status_code == 503 and answer.text.endswith("。")


def test_one_file_is_as_large_for_streamlit_as_for_us() -> None:
    config = (settings.ROOT / ".streamlit/config.toml").read_text("utf-8")
    assert f"maxUploadSize = {uploads.LARGEST // MB} " in config
