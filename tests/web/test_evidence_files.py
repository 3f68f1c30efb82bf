"""Who may take which file of 佐证材料 home, and that it is only ever saved."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from filling import hand_in
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
        assert answer.status_code == 404
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
