"""Who may take which file of 任务分解, 填报 and 审核 home."""

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime

import pytest
from openpyxl import load_workbook
from sqlmodel import col, select

from daxing_safety import prefill, settings
from daxing_safety.actions import rounds, submissions
from daxing_safety.database import reading, transaction
from daxing_safety.errors import NotAllowed, NotFound
from daxing_safety.models import Round, Unit, User
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import Role
from daxing_safety.web import handouts
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.reading import read_workbook
from daxing_safety.workbooks.template import workbook_bytes

OFFICE = operator(Role.OFFICE)


@pytest.fixture(scope="module", autouse=True)
def workers() -> Iterator[None]:
    yield
    worker.shutdown()


def user(username: str) -> User:
    with reading() as session:
        return session.exec(select(User).where(col(User.username) == username)).one()


@pytest.fixture
def open_round(data_dir: object) -> Round:
    with transaction() as session:
        return rounds.open_round(
            session,
            name="2021年第二季度",
            due_at=datetime(2021, 5, 25, 17, 0),
            by=OFFICE,
            now=settings.now(),
        )


@pytest.fixture
def sent(open_round: Round) -> tuple[str, bytes]:
    """The number and the bytes of what 区水务局 sent in."""
    with reading() as session:
        unit = session.exec(select(Unit).where(col(Unit.name) == "区水务局")).one()
        data = workbook_bytes(prefill.content(session, open_round, unit))
    with transaction() as session:
        receipt = submissions.submit(
            session,
            raw=read_workbook(data),
            data=data,
            file_name="填报表.xlsx",
            by=OFFICE,
            now=settings.now(),
        )
    return str(receipt.submission.id), data


def test_a_clerk_gets_the_own_workbook_and_no_other(open_round: Round) -> None:
    clerk = user("区水务局")
    file = handouts.template(clerk, "U05")
    assert file.name == "大兴创安填报表_区水务局_2021年第二季度.xlsx"
    assert (
        isinstance(file.content, bytes)
        and "工作进展" in load_workbook(io.BytesIO(file.content)).sheetnames
    )
    with pytest.raises(NotAllowed):
        handouts.template(clerk, "U10")


def test_without_a_round_there_is_no_workbook(data_dir: object) -> None:
    with pytest.raises(NotFound, match="没有正在填报的填报期"):
        handouts.template(user("区水务局"), "U05")


def test_an_original_goes_to_its_unit_and_to_who_sees_the_district(
    sent: tuple[str, bytes],
) -> None:
    number, data = sent
    for username in ("区水务局", "office", "leader"):
        assert handouts.submission(user(username), number).content == data
    for username in ("区城管委", "admin", "expert"):
        with pytest.raises(NotFound):
            handouts.submission(user(username), number)


@pytest.mark.parametrize("rubbish", ["", "0", "-1", "1;2", "９", "9" * 40, "../1"])
def test_any_rubbish_for_a_number_is_simply_not_found(
    sent: tuple[str, bytes], rubbish: str
) -> None:
    with pytest.raises(NotFound):
        handouts.submission(user("office"), rubbish)
    with pytest.raises(NotFound):
        handouts.templates(user("office"), rubbish)


def test_all_workbooks_at_once_are_the_offices(open_round: Round) -> None:
    file = handouts.templates(user("office"), str(open_round.id))
    assert isinstance(file.content, bytes)
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    with reading() as session:
        assert len(names) == len(prefill.reporting_units(session))
    for username in ("区水务局", "leader", "admin"):
        with pytest.raises(NotAllowed):
            handouts.templates(user(username), str(open_round.id))


def test_the_plan_goes_to_whoever_works_with_it(data_dir: object) -> None:
    whole = handouts.task_decomposition(user("区水务局"), handouts.WHOLE_PLAN)
    own = handouts.task_decomposition(user("leader"), "U05")
    assert (whole.name, own.name) == ("任务分解表.xlsx", "任务分解表_区水务局.xlsx")
    assert isinstance(own.content, bytes)
    sheet = load_workbook(io.BytesIO(own.content)).active
    assert sheet.max_row == 3 + 16
    with pytest.raises(NotAllowed):
        handouts.task_decomposition(user("expert"), handouts.WHOLE_PLAN)
    with pytest.raises(NotFound):
        handouts.task_decomposition(user("leader"), "U99")
