"""A round's work as the pages' tests need it: workbooks filled in, buttons found by their words."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from sqlmodel import Session, col, select
from streamlit.testing.v1 import AppTest

from daxing_safety import prefill, settings
from daxing_safety.actions import submissions
from daxing_safety.database import reading, transaction
from daxing_safety.models import Round, Submission, Unit, User
from daxing_safety.vocabulary import (
    ProgressStatus,
)
from daxing_safety.workbooks.content import WorkbookContent
from daxing_safety.workbooks.reading import read_workbook
from daxing_safety.workbooks.template import workbook_bytes

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]
Fill = Callable[[WorkbookContent], WorkbookContent]
ROUND = "2021年第二季度"


def user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()


def unchanged(content: WorkbookContent) -> WorkbookContent:
    return content


def first_point(**said: object) -> Fill:
    def fill(content: WorkbookContent) -> WorkbookContent:
        first = content.progress[0]._replace(**said)
        return replace(content, progress=(first, *content.progress[1:]))

    return fill


half_done = first_point(status=ProgressStatus.IN_PROGRESS, percent=Decimal(50), remark="初稿")
undated = first_point(status=ProgressStatus.DONE, percent=Decimal(100), remark="做完了")


def workbook(fill: Fill = unchanged, unit_name: str = "区水务局") -> bytes:
    with reading() as session:
        unit = session.exec(select(Unit).where(col(Unit.name) == unit_name)).one()
        round_ = session.exec(select(Round).where(col(Round.name) == ROUND)).one()
        return workbook_bytes(fill(prefill.content(session, round_, unit)))


def hand_in(fill: Fill = half_done, unit_name: str = "区水务局") -> int:
    data = workbook(fill, unit_name)
    with transaction() as session:
        receipt = submissions.submit(
            session,
            raw=read_workbook(data),
            data=data,
            file_name="填报表.xlsx",
            by=user(session, "office"),
            now=settings.now(),
        )
        assert receipt.submission.id is not None
        return receipt.submission.id


def stored() -> list[Submission]:
    with reading() as session:
        return list(session.exec(select(Submission).order_by(col(Submission.id))))


def texts(screen: AppTest) -> str:
    """All that is written on the screen, tables left out."""
    kinds = ("markdown", "text", "caption", "subheader", "error", "info", "success", "warning")
    return "\n".join(str(each.value) for kind in kinds for each in screen.get(kind))


def click(screen: AppTest, label: str) -> AppTest:
    button = next(each for each in screen.button if each.label == label)
    screen = button.click().run()
    assert not screen.exception
    return screen


def upload(screen: AppTest, data: bytes, name: str = "区水务局.xlsx") -> AppTest:
    screen = screen.file_uploader[0].upload(name, data).run()
    assert not screen.exception
    return screen


def frame(screen: AppTest, column: str) -> list[object]:
    """The first table with such a column."""
    found = next(each.value for each in screen.dataframe if column in each.value)
    return list(found[column])
