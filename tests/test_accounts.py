"""Who may make accounts and what becomes of them."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from daxing_safety import passwords
from daxing_safety.actions import accounts, audit, sessions
from daxing_safety.actions.security_rules import SecurityRules
from daxing_safety.errors import BadInput, Conflict, NotAllowed, NotFound
from daxing_safety.models import AuditEvent, LoginSession, User
from daxing_safety.reports import accounts as reports
from daxing_safety.vocabulary import Role

NOW = datetime(2021, 5, 20, 10, 0)
PASSWORD = "Lin-hai-7788"


def add(session: Session, by: User | str, **changed: object) -> User:
    fields = {"username": "区教委", "display_name": "小陈", "role": Role.UNIT, "unit_code": "U14"}
    fields |= {"password": PASSWORD, "now": NOW} | changed
    return accounts.add_user(session, by=by, **fields)


def last_event(session: Session) -> AuditEvent:
    return session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(1)).one()


def test_an_administrator_adds_a_clerk_who_must_change_the_password(
    session: Session, admin: User
) -> None:
    clerk = add(session, admin)
    assert clerk.must_change_password
    assert passwords.matches(PASSWORD, clerk.password_hash)
    event = last_event(session)
    assert (event.username, event.action, event.subject) == ("admin", "新增账号", "区教委")
    assert PASSWORD not in event.after


def test_the_server_itself_adds_the_first_administrator(session: Session) -> None:
    add(session, audit.SYSTEM, username="root1", role=Role.ADMIN, unit_code=None)
    assert last_event(session).username == audit.SYSTEM


@pytest.mark.parametrize("who", ["office", "leader", "clerk"])
def test_nobody_else_touches_accounts(
    session: Session, who: str, request: pytest.FixtureRequest
) -> None:
    by = request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        add(session, by)
    with pytest.raises(NotAllowed):
        accounts.reset_password(session, username="区水务局", password=PASSWORD, by=by, now=NOW)
    for change in (accounts.disable, accounts.enable, accounts.end_sessions):
        with pytest.raises(NotAllowed):
            change(session, username="区水务局", by=by)
    with pytest.raises(NotAllowed):
        accounts.set_unit(session, username="office", unit_code="U05", by=by)


@pytest.mark.parametrize(
    ("changed", "fault", "told"),
    [
        ({"username": "区水务局"}, Conflict, "已经有人使用"),
        ({"username": "a b"}, BadInput, "不能有空格"),
        ({"username": "x"}, BadInput, "2 至 32"),
        ({"unit_code": None}, BadInput, "必须选择所属单位"),
        ({"unit_code": "U99"}, NotFound, "U99"),
        ({"role": Role.LEADER}, BadInput, "只有填报人和创安办账号"),
        ({"password": "short"}, BadInput, "密码太短"),
    ],
)
def test_an_account_that_cannot_be_is_refused_in_a_sentence(
    session: Session, admin: User, changed: dict[str, object], fault: type[Exception], told: str
) -> None:
    with pytest.raises(fault, match=told):
        add(session, admin, **changed)


def test_an_office_account_names_the_unit_it_sits_in_and_is_no_clerk_of_it(
    session: Session, admin: User, office: User
) -> None:
    accounts.set_unit(session, username="office", unit_code="U05", by=admin)
    assert office.unit_code == "U05"
    units = reports.units(session, viewer=office, today=NOW.date()).set_index("unit_code")
    assert units.loc["U05", "clerks"] == "小王"
    accounts.set_unit(session, username="office", unit_code=None, by=admin)
    assert office.unit_code is None


@pytest.mark.parametrize("username", ["区水务局", "leader"])
def test_only_office_accounts_change_where_they_sit(
    session: Session, admin: User, username: str
) -> None:
    with pytest.raises(BadInput, match="只有创安办账号"):
        accounts.set_unit(session, username=username, unit_code="U14", by=admin)


def test_an_administrator_cannot_lock_himself_out(session: Session, admin: User) -> None:
    with pytest.raises(BadInput, match="自己"):
        accounts.disable(session, username="admin", by=admin)
    with pytest.raises(BadInput, match="至少要保留一个"):
        accounts.disable(session, username="admin", by=audit.SYSTEM)


def test_disabling_and_enabling_say_when_there_is_nothing_to_do(
    session: Session, admin: User
) -> None:
    with pytest.raises(Conflict, match="没有停用"):
        accounts.enable(session, username="区水务局", by=admin)
    accounts.disable(session, username="区水务局", by=admin)
    with pytest.raises(Conflict, match="已经停用"):
        accounts.disable(session, username="区水务局", by=admin)
    accounts.enable(session, username="区水务局", by=admin)
    with pytest.raises(NotFound, match="某某局"):
        accounts.enable(session, username="某某局", by=admin)


def test_a_reset_password_must_be_changed_and_opens_a_locked_account(
    session: Session, admin: User, clerk: User
) -> None:
    for _ in range(SecurityRules().free_per_account):
        sessions.admit(session, username="区水务局", address="10.0.0.1", now=NOW)
    accounts.reset_password(session, username="区水务局", password=PASSWORD, by=admin, now=NOW)
    assert clerk.must_change_password
    expected = sessions.admit(session, username="区水务局", address="10.0.0.1", now=NOW)
    assert passwords.matches(PASSWORD, expected)


def test_a_sign_in_that_is_too_old_is_forgotten_at_the_next_one(
    session: Session, clerk: User, neighbour: User
) -> None:
    visitor = sessions.Visitor(address="10.0.0.1", browser="Chrome/120", token="")
    sessions.start(session, username="区水务局", visitor=visitor, now=NOW - timedelta(hours=13))
    sessions.start(session, username="区城管委", visitor=visitor, now=NOW)
    assert session.exec(select(LoginSession.user_id)).all() == [neighbour.id]


# ---- the lists -----------------------------------------------------------------------------


def test_the_office_sees_every_unit_with_its_clerks_and_what_is_still_missing(
    session: Session, office: User, admin: User
) -> None:
    units = reports.units(session, viewer=office, today=NOW.date()).set_index("unit")
    assert len(units) == 56
    assert units.loc["区水务局", "clerks"] == "小王"
    assert units.loc["区水务局", "state"] == "正常"
    assert units.loc["区教委", "state"] == "未开通"

    accounts.disable(session, username="区水务局", by=admin)
    add(session, admin)
    units = reports.units(session, viewer=office, today=NOW.date()).set_index("unit")
    assert units.loc["区水务局", "state"] == "已停用"
    assert units.loc["区教委", "state"] == "待首次登录"


def test_the_list_of_accounts_tells_who_is_signed_in(session: Session, admin: User) -> None:
    visitor = sessions.Visitor(address="10.0.0.1", browser="Chrome/120", token="")
    sessions.start(session, username="区水务局", visitor=visitor, now=NOW)
    found = reports.accounts(session, viewer=admin, clock=NOW, today=NOW.date())
    people = found.set_index("username")
    assert people.loc["区水务局", "seen_at"] == NOW
    assert people.loc["区水务局", "unit"] == "区水务局"
    assert people.loc["office", "seen_at"] != NOW


@pytest.mark.parametrize("who", ["leader", "clerk"])
def test_others_do_not_see_the_lists(
    session: Session, who: str, request: pytest.FixtureRequest
) -> None:
    viewer = request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        reports.units(session, viewer=viewer, today=NOW.date())
    with pytest.raises(NotAllowed):
        reports.accounts(session, viewer=viewer, clock=NOW, today=NOW.date())
