"""Who may take which file of 佐证材料 home, and that it is only ever saved."""

import io
from collections.abc import Iterator
from datetime import datetime

import pytest
from filling import hand_in
from PIL import Image
from sqlmodel import Session, col, select
from starlette.testclient import TestClient
from visits import sign_in

from daxing_safety import settings
from daxing_safety.actions import evidence, rounds
from daxing_safety.database import transaction
from daxing_safety.models import Unit, User
from daxing_safety.vocabulary import EvidenceOf
from daxing_safety.workbooks import worker

HTML_IN_A_PDF = b"%PDF-1.7 <html><script>alert(1)</script>"


@pytest.fixture(scope="module", autouse=True)
def workers() -> Iterator[None]:
    yield
    worker.shutdown()


def user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()


@pytest.fixture
def files(data_dir: object) -> tuple[str, str]:
    """The addresses of a file of 区水务局 and of its signed page."""
    with transaction() as session:
        unit = session.exec(select(Unit).where(col(Unit.name) == "区水务局")).one()
        clerk = user(session, "区水务局")
        round_ = rounds.open_round(
            session,
            name="2021年第二季度",
            due_at=datetime(2021, 5, 25, 17, 0),
            by=user(session, "office"),
            now=settings.now(),
        )
        submission = hand_in(session, round_, unit, by=clerk).submission
        kept = evidence.add(
            session,
            unit=unit,
            data=HTML_IN_A_PDF,
            name="规划.pdf",
            uses=[(EvidenceOf.WORK_POINT, "1-05")],
            material_on=None,
            description="",
            by=clerk,
            now=settings.now(),
        )
        return f"/download/evidence/{kept.id}", f"/download/signed_page/{submission.id}"


def test_a_units_file_comes_as_it_was_and_is_never_shown(
    wang: TestClient, files: tuple[str, str]
) -> None:
    answer = wang.get(files[0])
    assert answer.content == HTML_IN_A_PDF
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_signed_page_is_a_workbook_named_after_its_version(
    wang: TestClient, files: tuple[str, str]
) -> None:
    answer = wang.get(files[1])
    assert answer.content.startswith(b"PK")
    assert "SW-1-1-" in answer.headers["content-disposition"]


@pytest.mark.parametrize("username", ["区城管委", "admin", "auditor", "expert"])
def test_who_may_not_see_the_unit_gets_neither(
    stranger: TestClient, files: tuple[str, str], username: str
) -> None:
    sign_in(stranger, username)
    for address in files:
        answer = stranger.get(address)
        assert answer.status_code in (403, 404)
        assert not answer.content.startswith((b"%PDF", b"PK"))


@pytest.mark.parametrize("username", ["office", "leader"])
def test_who_sees_the_district_gets_both(
    stranger: TestClient, files: tuple[str, str], username: str
) -> None:
    sign_in(stranger, username)
    assert [stranger.get(address).status_code for address in files] == [200, 200]


@pytest.mark.parametrize("number", ["0", "999", "-1", "1e3", "１"])
def test_a_number_that_nobody_has_is_refused(
    wang: TestClient, files: tuple[str, str], number: str
) -> None:
    assert wang.get(f"/download/evidence/{number}").status_code == 404
    assert wang.get(f"/download/signed_page/{number}").status_code == 404


# ---- photos, drawn small for the screen ----------------------------------------------------------


@pytest.fixture
def photo(data_dir: object) -> str:
    """The number of a photo of 区水务局, with a script hung on behind the picture."""
    picture = io.BytesIO()
    Image.new("RGB", (3000, 2000), "red").save(picture, "JPEG")
    return stored("照片.jpg", picture.getvalue() + b"<script>alert(1)</script>")


def stored(name: str, data: bytes) -> str:
    with transaction() as session:
        kept = evidence.add(
            session,
            unit=session.exec(select(Unit).where(col(Unit.name) == "区水务局")).one(),
            data=data,
            name=name,
            uses=[(EvidenceOf.RULE, "4-1")],
            material_on=None,
            description="",
            by=user(session, "区水务局"),
            now=settings.now(),
        )
        return str(kept.id)


def test_a_photo_is_drawn_anew_and_opened_by_itself_it_is_saved(
    wang: TestClient, photo: str
) -> None:
    answer = wang.get(f"/download/photo/{photo}")
    assert Image.open(io.BytesIO(answer.content)).size == (1280, 853)
    assert b"<script>" not in answer.content
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert wang.get(f"/download/evidence/{photo}").content.endswith(b"</script>")


@pytest.mark.parametrize("username", ["区城管委", "admin", "auditor", "expert"])
def test_who_may_not_see_the_unit_does_not_see_its_photos(
    stranger: TestClient, photo: str, username: str
) -> None:
    sign_in(stranger, username)
    assert stranger.get(f"/download/photo/{photo}").status_code in (403, 404)


def test_who_has_not_signed_in_sees_no_photo(stranger: TestClient, photo: str) -> None:
    answer = stranger.get(f"/download/photo/{photo}", follow_redirects=False)
    assert answer.status_code in (303, 401)


def test_what_is_no_photo_or_cannot_be_drawn_is_said(wang: TestClient, data_dir: object) -> None:
    paper, broken = stored("规划.pdf", HTML_IN_A_PDF), stored("照片.jpg", b"\xff\xd8\xff\xe0")
    assert "不是照片" in wang.get(f"/download/photo/{paper}").text
    assert "打不开" in wang.get(f"/download/photo/{broken}").text
