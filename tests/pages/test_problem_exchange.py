"""问题整改清单 on the screen: taken along as it is filtered, and back through a preview."""

import io
from collections.abc import Callable, Iterator
from datetime import date
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook
from problem_list_files import Edit, add, edited, exported, fill
from problem_lives import bring_to, register
from sqlmodel import Session, col, select
from streamlit.testing.v1 import AppTest

from daxing_safety import settings
from daxing_safety.actions import requests
from daxing_safety.database import reading, transaction
from daxing_safety.errors import NotAllowed
from daxing_safety.models import Problem, Unit, User
from daxing_safety.reports.problems.filters import Filters
from daxing_safety.ui.problems import exchange as problem_exchange
from daxing_safety.vocabulary import RectificationStatus, Severity
from daxing_safety.web import problem_lists
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.problem_list.columns import PROBLEM_LIST

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="module", autouse=True)
def workers() -> Iterator[None]:
    yield
    worker.shutdown()


def user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()


def problem(number: str = "P00001") -> Problem:
    with reading() as session:
        return session.exec(select(Problem).where(col(Problem.number) == number)).one()


@pytest.fixture
def hydrant(data_dir: object) -> str:
    """Its number; under way at 区水务局."""
    with transaction() as session:
        office, clerk = user(session, "office"), user(session, "区水务局")
        unit = session.exec(select(Unit).where(col(Unit.name) == "区水务局")).one()
        found = register(session, unit, office)
        bring_to(session, found, RectificationStatus.NOT_STARTED, clerk, office)
        return found.number


def list_of(username: str, *edits: Edit) -> bytes:
    with transaction() as session:
        return edited(exported(session, user(session, username)), *edits)


def texts(screen: AppTest) -> str:
    kinds = ("markdown", "text", "caption", "error", "info", "success", "warning")
    return "\n".join(str(each.value) for kind in kinds for each in screen.get(kind))


def click(screen: AppTest, label: str) -> AppTest:
    button = next(each for each in screen.button if each.label == label)
    screen = button.click().run()
    assert not screen.exception
    return screen


def uploaded(screen: AppTest, data: bytes) -> AppTest:
    screen = click(screen, "导入").file_uploader[0].upload("清单.xlsx", data).run()
    assert not screen.exception
    return screen


def test_the_office_sees_what_a_list_changes_and_stores_it(
    sign_in: SignIn, open_page: OpenPage, hydrant: str
) -> None:
    sign_in("office")
    change = fill(
        hydrant, count=3, severity="较大", due_on=date(2021, 6, 30), extension_reason="等货"
    )
    screen = uploaded(open_page("problems"), list_of("office", change, add()))
    assert "将要更正 1 个，延期 1 个，登记 1 个" in texts(screen)
    shown = next(each.value for each in screen.dataframe if "before" in each.value)
    assert list(zip(shown["field"], shown["before"], shown["after"], strict=True)) == [
        ("处数", "1", "3"),
        ("严重程度", "一般", "较大"),
        ("整改时限", "2021-06-03", "2021-06-30"),
        ("延期原因", "（空）", "等货"),
    ]
    assert problem().count == 1
    screen = click(screen, "确认入库")
    assert "清单已入库：更正 1 个，延期 1 个，登记 1 个，新问题编号 P00002" in texts(screen)
    assert (problem().count, problem().severity) == (3, Severity.MAJOR)
    assert problem("P00002").site == "兴华大街二段3号院"
    assert not screen.file_uploader, "the dialog is closed"


def test_a_list_that_is_given_up_closes_the_dialog_and_is_gone(
    sign_in: SignIn, open_page: OpenPage, hydrant: str
) -> None:
    sign_in("office")
    screen = uploaded(open_page("problems"), list_of("office", fill(hydrant, count=3)))
    screen = click(screen, "放弃")
    assert not screen.file_uploader
    screen = click(screen, "导入")
    assert not screen.file_uploader[0].value
    assert problem().count == 1


def test_faults_are_shown_with_their_cells_and_nothing_is_stored(
    sign_in: SignIn, open_page: OpenPage, hydrant: str
) -> None:
    sign_in("office")
    change = fill(hydrant, count="很多", town="火星镇")
    screen = uploaded(open_page("problems"), list_of("office", change))
    assert "有 2 处需要改正" in texts(screen)
    faults = next(each.value for each in screen.dataframe if "cure" in each.value)
    assert list(faults["cell"]) == ["C4", "G4"]
    assert "确认入库" not in [each.label for each in screen.button]
    assert problem().count == 1


def test_a_clerk_hands_in_the_own_list_and_asks_for_more_time(
    sign_in: SignIn, open_page: OpenPage, hydrant: str
) -> None:
    sign_in("区水务局")
    change = fill(hydrant, status="整改中", due_on=date(2021, 6, 30), extension_reason="等货")
    screen = uploaded(open_page("problems"), list_of("区水务局", change))
    shown = next(each.value for each in screen.dataframe if "before" in each.value)
    assert "整改时限（申请）" in list(shown["field"])
    click(screen, "确认入库")
    assert problem().status is RectificationStatus.IN_PROGRESS
    assert problem().due_on == date(2021, 6, 3)


def test_a_clerk_is_refused_the_offices_list(
    sign_in: SignIn, open_page: OpenPage, hydrant: str
) -> None:
    sign_in("区水务局")
    screen = uploaded(open_page("problems"), list_of("office"))
    assert "没有这项权限" in texts(screen)


def test_an_unchanged_list_is_said_to_be_unchanged(
    sign_in: SignIn, open_page: OpenPage, hydrant: str
) -> None:
    sign_in("office")
    screen = uploaded(open_page("problems"), list_of("office"))
    assert "没有变化" in texts(screen)
    assert "确认入库" not in [each.label for each in screen.button]


def test_what_changed_between_preview_and_storing_is_refused(
    sign_in: SignIn, open_page: OpenPage, hydrant: str
) -> None:
    sign_in("office")
    screen = uploaded(open_page("problems"), list_of("office", fill(hydrant, count=3)))
    with transaction() as session:
        found = session.exec(select(Problem)).one()
        requests.extend(
            session,
            problem=found,
            due_on=date(2021, 6, 30),
            reason="等货",
            by=user(session, "office"),
            now=settings.now(),
        )
    screen = click(screen, "确认入库")
    assert problem().count == 1
    assert "没有入库" in texts(screen)
    assert not screen.file_uploader


def test_a_leader_takes_lists_along_and_brings_none_back(
    sign_in: SignIn, open_page: OpenPage, hydrant: str
) -> None:
    sign_in("leader")
    screen = open_page("problems")
    assert "导入" not in [each.label for each in screen.button]
    assert problem_exchange.address(Filters()) == "/download/problems/all"


def test_the_download_is_what_the_filters_leave(data_dir: object, hydrant: str) -> None:
    with transaction() as session:
        office = user(session, "office")
        unit = session.exec(select(Unit).where(col(Unit.name) == "区城管委")).one()
        register(session, unit, office, rule_code=None, site="1/2 号楼 & 院")
    asked = problem_exchange.address(Filters(text="1/2 号楼 & 院"))
    file = problem_lists.problem_list(office, unquote(asked.rpartition("/")[2]))
    assert file.name == "问题整改清单_20210520.xlsx"
    assert isinstance(file.content, bytes)
    page = load_workbook(io.BytesIO(file.content))[PROBLEM_LIST]
    assert [page.cell(at, 1).value for at in (4, 5)] == ["P00002", None]


def test_whoever_sees_no_rows_takes_no_list_along(data_dir: object, hydrant: str) -> None:
    with reading() as session:
        expert, neighbour = user(session, "expert"), user(session, "区城管委")
    with pytest.raises(NotAllowed):
        problem_lists.problem_list(expert, "all")
    file = problem_lists.problem_list(neighbour, "unit=U05")
    assert file.name == "问题整改清单_区城管委_20210520.xlsx"
    assert isinstance(file.content, bytes)
    assert load_workbook(io.BytesIO(file.content))[PROBLEM_LIST]["A4"].value is None
