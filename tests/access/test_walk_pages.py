"""Every page × every role, and who was let in a moment ago and is not any more.

The table is written by hand and says what is right; nothing of it comes from the code.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from reading_screens import PAGES, Reader, Screen
from sqlmodel import col, select

from daxing_safety import settings
from daxing_safety.actions import accounts, audit, sessions
from daxing_safety.database import reading, transaction
from daxing_safety.models import AuditEvent, LoginSession, User
from daxing_safety.vocabulary import Role

SignIn = Callable[[str], str]
OFFICE, UNIT, LEADER, EXPERT, ADMIN, AUDITOR = Role

# A new page: say here for whom it is.
MAY_OPEN: dict[str, set[Role]] = {
    "todo": {OFFICE, UNIT, LEADER, EXPERT, ADMIN},
    "submit": {OFFICE, UNIT},
    "review": {OFFICE},
    "problems": {OFFICE, UNIT, LEADER},
    "hotline": {OFFICE, UNIT, LEADER},
    "evidence": {OFFICE, UNIT, LEADER},
    "spot_checks": {OFFICE, LEADER, EXPERT},
    "overview": {OFFICE, UNIT, LEADER},
    "losses": {OFFICE, UNIT, LEADER},
    "progress": {OFFICE, UNIT, LEADER},
    "portrait": {OFFICE, UNIT, LEADER},
    "tasks": {OFFICE, UNIT, LEADER},
    "honour_board": {OFFICE, LEADER},
    "compare": {OFFICE, UNIT, LEADER},
    "meeting": {OFFICE, LEADER},
    "wall": {OFFICE, LEADER},
    "accounts": {OFFICE, ADMIN},
    "preferences": {OFFICE},
    "system": {ADMIN},
    "log": {AUDITOR},
    "help": set(Role),
}
USERNAMES = {
    OFFICE: "office",
    UNIT: "区城管委",
    LEADER: "leader",
    EXPERT: "expert",
    ADMIN: "admin",
    AUDITOR: "auditor",
}
IN_USE = sorted(page.stem for page in PAGES.glob("*.py"))


def test_the_table_says_of_every_page_and_no_other_for_whom_it_is() -> None:
    assert sorted(MAY_OPEN) == IN_USE


@pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
def test_a_role_opens_its_own_pages_and_is_refused_at_every_other(
    role: Role, reader: Reader, sign_in: SignIn
) -> None:
    sign_in(USERNAMES[role])
    refused = {page for page in IN_USE if reader.run_file(page).is_refused}
    assert refused == {page for page, roles in MAY_OPEN.items() if role not in roles}


@pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
def test_the_navigation_offers_a_role_its_own_pages_and_no_other(
    role: Role, reader: Reader, sign_in: SignIn
) -> None:
    sign_in(USERNAMES[role])
    app = reader.open("help").app
    offered = {page["url_pathname"] for page in app._registered_pages.values()} - {"", "home"}
    assert offered == {page for page, roles in MAY_OPEN.items() if role in roles}


def test_every_refusal_is_in_the_log(reader: Reader, sign_in: SignIn) -> None:
    sign_in("expert")
    refused = [page for page in IN_USE if reader.run_file(page).is_refused]
    query = select(AuditEvent).where(col(AuditEvent.action) == "越权访问")
    with reading() as session:
        noted = session.exec(query.where(col(AuditEvent.username) == "expert")).all()
    assert len(noted) == len(refused) > 0


# ---- who may not be here any more ---------------------------------------------------------------


def _disabled(_: str) -> None:
    with transaction() as session:
        accounts.disable(session, username="office", by=audit.SYSTEM)


def _with_an_initial_password(_: str) -> None:
    with transaction() as session:
        user = session.exec(select(User).where(col(User.username) == "office")).one()
        user.must_change_password = True
        session.add(user)


def _signed_out(token: str) -> None:
    with transaction() as session:
        sessions.end(session, token=token)


def _idle(_: str) -> None:
    with transaction() as session:
        login = session.exec(select(LoginSession)).one()
        login.seen_at = settings.clock() - timedelta(minutes=31)
        session.add(login)


def _too_long_ago(_: str) -> None:
    with transaction() as session:
        login = session.exec(select(LoginSession)).one()
        login.started_at = settings.clock() - timedelta(hours=12, minutes=1)
        session.add(login)


def _with_the_walls_token(_: str) -> None:
    with transaction() as session:
        login = session.exec(select(LoginSession)).one()
        login.is_wall = True
        session.add(login)


def says_only_that_it_is_over(screen: Screen) -> bool:
    elements = [*screen.app.main, *screen.app.sidebar]
    kinds = {each.type for each in elements} - {"main", "sidebar"}
    said = [error.value for error in screen.app.error]
    return kinds == {"error"} and said == ["登录已失效，请刷新页面重新登录。"]


@pytest.mark.parametrize(
    "what_happened",
    [
        *(_disabled, _with_an_initial_password, _signed_out, _idle, _too_long_ago),
        _with_the_walls_token,
    ],
)
def test_whoever_may_not_be_here_any_more_is_told_so_by_every_page_and_nothing_else(
    what_happened: Callable[[str], None], reader: Reader, sign_in: SignIn
) -> None:
    token = sign_in("office")
    assert not says_only_that_it_is_over(reader.run_file("help"))
    what_happened(token)
    shown = [page for page in IN_USE if not says_only_that_it_is_over(reader.run_file(page))]
    assert shown == []
    assert says_only_that_it_is_over(reader.open("problems"))
