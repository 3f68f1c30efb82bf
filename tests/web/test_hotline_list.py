"""The list of public reports as a file: of what its viewer sees, as the screen is filtered."""

import io
from typing import Any
from urllib.parse import quote

import pytest
from openpyxl import load_workbook
from sqlmodel import col, select
from starlette.testclient import TestClient

from daxing_safety import settings
from daxing_safety.actions import public_reports
from daxing_safety.actions.public_reports import Received
from daxing_safety.database import reading, transaction
from daxing_safety.errors import NotAllowed
from daxing_safety.models import Unit, User
from daxing_safety.permissions import operator
from daxing_safety.reports.public_reports import Filters
from daxing_safety.vocabulary import Complexity, Role
from daxing_safety.web import hotline

OFFICE = operator(Role.OFFICE)


def user(username: str) -> User:
    with reading() as session:
        return session.exec(select(User).where(col(User.username) == username)).one()


@pytest.fixture
def two_reports(data_dir: object) -> None:
    """One of 区水务局, one that is nobody's yet."""
    now = settings.now()
    with transaction() as session:
        for content in ("消火栓无水", "路灯不亮/不稳"):
            received = Received(received_at=now, content=content)
            public_reports.receive(session, received=received, by=OFFICE, now=now)
        public_reports.dispatch(
            session,
            report=public_reports.find(session, "1", viewer=OFFICE),
            unit=session.exec(select(Unit).where(col(Unit.name) == "区水务局")).one(),
            complexity=Complexity.SIMPLE,
            by=OFFICE,
            now=now,
        )


def listed(content: bytes) -> list[object]:
    sheet = load_workbook(io.BytesIO(content)).active
    return [row[0].value for row in sheet.iter_rows(min_row=4)]


def test_everybody_gets_what_they_see(two_reports: None) -> None:
    numbers = {
        name: listed(bytes(hotline.report_list(user(name), "all").content))  # type: ignore[arg-type]
        for name in ("office", "leader", "区水务局", "区城管委")
    }
    assert numbers == {
        "office": ["S00002", "S00001"],
        "leader": ["S00002", "S00001"],
        "区水务局": ["S00001"],
        "区城管委": [],
    }
    for name in ("admin", "auditor", "expert"):
        with pytest.raises(NotAllowed):
            hotline.report_list(user(name), "all")


def test_the_filters_come_with_the_address(two_reports: None, wang: TestClient) -> None:
    def fetch(query: str) -> Any:
        return wang.get(f"/download/public_reports/{quote(quote(query, safe=''), safe='')}")

    found = fetch(Filters(text="消火栓/").as_query())
    assert found.status_code == 200 and listed(found.content) == []
    assert listed(fetch(Filters(text="消火栓").as_query()).content) == ["S00001"]
    refused = fetch("status=NONE")
    assert (refused.status_code, refused.text) == (404, "筛选条件看不懂，请从页面上重新下载。")
