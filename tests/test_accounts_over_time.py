"""Accounts that end on a day, that nobody uses, and that are handled several at once."""

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, col, delete, select

from daxing_safety.actions import accounts, audit, security_rules, sessions
from daxing_safety.actions.accounts import NewAccount
from daxing_safety.errors import BadInput, Conflict, NotAllowed, NotFound
from daxing_safety.models import AuditEvent, LoginSession, User
from daxing_safety.reports import accounts as reports
from daxing_safety.vocabulary import Role

NOW = datetime(2021, 5, 20, 10, 0)
TODAY = NOW.date()
HERE = sessions.Visitor(address="10.0.0.1", browser="", token="")


def signed_in(session: Session, username: str, at: datetime = NOW) -> str:
    return sessions.start(session, username=username, visitor=HERE, now=at)


def until(session: Session, username: str, day: date | None, by: User) -> None:
    accounts.set_valid_until(session, username=username, valid_until=day, by=by, now=NOW)


# ---- the last day ----------------------------------------------------------------------------


def test_an_account_works_through_its_last_day_and_not_beyond(
    session: Session, admin: User
) -> None:
    until(session, "expert", TODAY, admin)
    token = signed_in(session, "expert", NOW.replace(hour=23, minute=50))
    midnight = datetime(2021, 5, 21, 0, 0)
    assert sessions.look_up(session, token=token, now=midnight - timedelta(minutes=1))
    assert sessions.look_up(session, token=token, now=midnight) is None
    assert not sessions.standing(session, now=midnight)
    with pytest.raises(NotAllowed, match="有效期到2021年5月20日为止"):
        signed_in(session, "expert", midnight)


def test_a_wall_ends_with_the_account_that_opened_it(
    session: Session, admin: User, leader: User
) -> None:
    until(session, "leader", TODAY, admin)
    wall = sessions.open_wall(session, by=leader, visitor=HERE, now=NOW.replace(hour=20))
    assert sessions.look_up_wall(session, token=wall, now=NOW.replace(hour=23))
    assert sessions.look_up_wall(session, token=wall, now=datetime(2021, 5, 21, 1, 0)) is None


def test_the_list_says_what_is_over_and_a_later_day_brings_it_back(
    session: Session, admin: User
) -> None:
    until(session, "区水务局", TODAY, admin)
    tomorrow = NOW + timedelta(days=1)

    def state() -> str:
        people = reports.accounts(session, viewer=admin, clock=tomorrow, today=TODAY)
        return str(people.set_index("username").loc["区水务局", "state"])

    assert state() == "已到期"
    units = reports.units(session, viewer=admin, today=tomorrow.date())
    assert units.set_index("unit").loc["区水务局", "state"] == "已到期"
    until(session, "区水务局", None, admin)
    assert state() == "正常"


@pytest.mark.parametrize(
    ("username", "day", "told"),
    [
        ("expert", TODAY - timedelta(days=1), "不能早于今天"),
        ("admin", TODAY + timedelta(days=9), "没有到期日的系统管理员"),
        ("expert", None, "没有变化"),
    ],
)
def test_a_last_day_that_cannot_be_is_refused(
    session: Session, admin: User, username: str, day: date | None, told: str
) -> None:
    with pytest.raises((BadInput, Conflict), match=told):
        until(session, username, day, admin)


def test_only_an_administrator_sets_it(session: Session, office: User) -> None:
    with pytest.raises(NotAllowed):
        until(session, "expert", TODAY, office)


def test_an_administrator_whose_account_ends_does_not_count_as_the_one_that_stays(
    session: Session, admin: User
) -> None:
    new = NewAccount("admin2", "", Role.ADMIN, None, valid_until=TODAY)
    accounts.add_users(session, new=[(new, "hash")], by=admin, now=NOW)
    with pytest.raises(BadInput, match="至少要保留一个"):
        accounts.disable(session, username="admin", by=audit.SYSTEM)


# ---- not used ------------------------------------------------------------------------------------


def remarks(session: Session, admin: User, today: date) -> dict[str, str]:
    people = reports.accounts(session, viewer=admin, clock=NOW, today=today)
    return dict(zip(people["username"], people["remark"], strict=True))


def test_accounts_that_nobody_uses_are_named(session: Session, admin: User) -> None:
    signed_in(session, "区水务局")
    session.exec(delete(LoginSession))  # signed out: the log still knows
    accounts.disable(session, username="区城管委", by=admin)
    assert set(remarks(session, admin, TODAY).values()) == {""}
    told = remarks(session, admin, TODAY + timedelta(days=90))
    assert told["区水务局"] == "90 天没有登录"
    assert told["office"] == "开通 90 天没有登录过"
    assert told["区城管委"] == "", "it is disabled already"


# ---- several at once -----------------------------------------------------------------------------


def test_several_are_reset_in_one_go_and_each_is_in_the_log(session: Session, admin: User) -> None:
    token = signed_in(session, "区水务局")
    hashes = {"区水务局": "one", "区城管委": "two"}
    accounts.reset_passwords(session, hashes=hashes, by=admin, now=NOW)
    stored = session.exec(select(User).where(col(User.username).in_(hashes))).all()
    assert {user.username: user.password_hash for user in stored} == hashes
    assert all(user.must_change_password for user in stored)
    assert sessions.look_up(session, token=token, now=NOW) is None
    events = session.exec(select(AuditEvent.subject).where(AuditEvent.action == "重置密码")).all()
    assert set(events) == set(hashes)


def test_who_resets_several_does_not_shut_himself_out(session: Session, admin: User) -> None:
    with pytest.raises(BadInput, match="您自己的账号"):
        accounts.reset_passwords(session, hashes={"admin": "x"}, by=admin, now=NOW)


def test_several_are_disabled_together_or_not_at_all(session: Session, admin: User) -> None:
    accounts.disable(session, username="expert", by=admin)
    accounts.disable_all(session, usernames=["expert", "leader"], by=admin)
    with pytest.raises(BadInput, match="自己"):
        accounts.disable_all(session, usernames=["区水务局", "admin"], by=admin)


@pytest.mark.parametrize("who", ["office", "clerk"])
def test_nobody_else_handles_several(
    session: Session, who: str, request: pytest.FixtureRequest
) -> None:
    by = request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        accounts.reset_passwords(session, hashes={"leader": "x"}, by=by, now=NOW)
    with pytest.raises(NotAllowed):
        accounts.disable_all(session, usernames=["leader"], by=by)
    with pytest.raises(NotAllowed):
        accounts.add_users(session, new=[], by=by, now=NOW)


# ---- the frame's notice --------------------------------------------------------------------------


def test_who_will_soon_be_shut_out_is_told(session: Session, admin: User, clerk: User) -> None:
    def notice() -> str:
        return reports.badge(session, viewer=clerk, today=TODAY).notice

    assert notice() == ""
    security_rules.set_rules(session, changed={"expires_after": 30}, by=admin)
    clerk.password_hash = "known"
    clerk.password_changed_at = NOW - timedelta(days=25)
    assert notice() == "密码2021年5月24日后须更换"
    clerk.valid_until = TODAY + timedelta(days=7)
    assert notice() == "账号有效期到2021年5月27日为止"


# ---- one sign-in ---------------------------------------------------------------------------------


def test_one_sign_in_is_ended_by_its_owner_or_the_administrator(
    session: Session, admin: User, clerk: User, neighbour: User
) -> None:
    first, second = signed_in(session, "区水务局"), signed_in(session, "区水务局")
    handle = sessions.handle_of(sessions.hash_of(first))
    with pytest.raises(NotAllowed):
        sessions.end_one(session, handle=handle, by=neighbour)
    sessions.end_one(session, handle=handle, by=clerk)
    assert sessions.look_up(session, token=first, now=NOW) is None
    assert sessions.look_up(session, token=second, now=NOW) == clerk
    sessions.end_one(session, handle=sessions.handle_of(sessions.hash_of(second)), by=admin)
    assert sessions.look_up(session, token=second, now=NOW) is None
    event = session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(1)).one()
    assert (event.username, event.action, event.subject) == ("admin", "结束登录", "区水务局")


@pytest.mark.parametrize("handle", ["", "%", "a", "0" * 20, "g" * 20, "0" * 64])
def test_a_handle_that_names_nothing_ends_nothing(
    session: Session, admin: User, handle: str
) -> None:
    token = signed_in(session, "区水务局")
    with pytest.raises(NotFound):
        sessions.end_one(session, handle=handle, by=admin)
    assert sessions.look_up(session, token=token, now=NOW)
