"""安全设置: their bounds, who sets them, and that they are asked at once where they apply."""

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from daxing_safety import passwords
from daxing_safety.actions import accounts, security_rules, sessions
from daxing_safety.actions.security_rules import BOUNDS, SecurityRules
from daxing_safety.errors import BadInput, Conflict, NotAllowed
from daxing_safety.models import AuditEvent, OldPassword, User

NOW = datetime(2021, 5, 20, 10, 0)
HERE = sessions.Visitor(address="10.0.0.1", browser="", token="")


def set_rules(session: Session, admin: User, **changed: int) -> None:
    security_rules.set_rules(session, changed=changed, by=admin)


def signed_in(session: Session, user: User, at: datetime = NOW) -> str:
    return sessions.start(session, username=user.username, visitor=HERE, now=at)


def give_password(session: Session, user: User, password: str, at: datetime = NOW) -> None:
    user.password_hash, user.password_changed_at = passwords.hash_of(password), at
    session.add(user)


def test_nothing_is_different_until_somebody_sets_it(session: Session) -> None:
    assert security_rules.in_force(session) == SecurityRules()


def test_what_is_set_is_in_force_and_in_the_log(session: Session, admin: User) -> None:
    set_rules(session, admin, shortest=12, expires_after=90)
    held = security_rules.in_force(session)
    assert (held.shortest, held.expires_after, held.kinds) == (12, 90, 3)
    event = session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(1)).one()
    assert (event.action, event.subject) == ("修改安全设置", "密码最短长度、密码有效期")
    assert json.loads(event.before) == {"shortest": 10, "expires_after": 0}
    assert json.loads(event.after) == {"shortest": 12, "expires_after": 90}


@pytest.mark.parametrize("who", ["office", "leader", "clerk"])
def test_nobody_but_the_administrator_sets_them(
    session: Session, who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotAllowed):
        set_rules(session, request.getfixturevalue(who), shortest=12)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"idle_minutes": 0}, "5 至 240 分钟"),
        ({"absolute_hours": 25}, "1 至 24 小时"),
        ({"shortest": 15}, "8 至 14 位"),
        ({"free_per_account": 1}, "3 至 20 次"),
        ({"expires_after": 7}, "30 至 365 天之间，或填 0"),
        ({"longest_lock": 61}, "1 至 60 分钟"),
        ({"free_per_account": 20, "free_per_address": 10}, "不能少于同一账号"),
        ({"shortest": 10}, "没有改动"),
    ],
)
def test_nobody_can_lock_everybody_out_by_mistake(
    session: Session, admin: User, changed: dict[str, int], told: str
) -> None:
    with pytest.raises(BadInput, match=told):
        set_rules(session, admin, **changed)


def test_every_number_has_bounds_that_hold_its_default() -> None:
    assert all(BOUNDS[name].hold(number) for name, number in asdict(SecurityRules()).items())


def test_initial_passwords_are_strong_by_the_strictest_rule() -> None:
    strictest = passwords.Strength(BOUNDS["shortest"].most, BOUNDS["kinds"].most)
    for _ in range(20):
        passwords.check_strength(passwords.initial(), username="区水务局", strength=strictest)


def test_a_longer_shortest_password_counts_for_the_next_one(session: Session, admin: User) -> None:
    set_rules(session, admin, shortest=14)
    with pytest.raises(BadInput, match="至少 14 位"):
        accounts.reset_password(
            session, username="区水务局", password="Lin-hai-7788", by=admin, now=NOW
        )


def test_a_shorter_idle_time_ends_who_has_idled_longer(
    session: Session, admin: User, clerk: User
) -> None:
    token = signed_in(session, clerk)
    later = NOW + timedelta(minutes=10)
    assert sessions.look_up(session, token=token, now=later) == clerk
    set_rules(session, admin, idle_minutes=5)
    assert sessions.look_up(session, token=token, now=later) is None
    assert sessions.hash_of(token) not in sessions.standing(session, now=later)


def test_fewer_free_failures_shut_the_door_sooner(session: Session, admin: User) -> None:
    set_rules(session, admin, free_per_account=3, longest_lock=1)
    for _ in range(3):
        sessions.admit(session, username="区水务局", address="10.0.0.1", now=NOW)
    with pytest.raises(sessions.TooManyAttempts):
        sessions.admit(session, username="区水务局", address="10.0.0.1", now=NOW)
    later = NOW + timedelta(minutes=1)
    sessions.admit(session, username="区水务局", address="10.0.0.1", now=later)


# ---- passwords that expire -----------------------------------------------------------------


def test_a_password_lasts_as_many_days_as_it_should(clerk: User) -> None:
    clerk.password_hash = "known"
    clerk.password_changed_at = datetime(2021, 5, 1, 9, 0)
    rules = SecurityRules(expires_after=30)
    assert rules.last_day_of(clerk) == date(2021, 5, 30)
    assert not rules.has_expired(clerk, datetime(2021, 5, 30, 23, 59))
    assert rules.has_expired(clerk, datetime(2021, 5, 31, 0, 0))
    assert SecurityRules().last_day_of(clerk) is None


def test_an_expired_password_must_be_changed_at_the_next_sign_in_not_in_the_middle_of_one(
    session: Session, admin: User, clerk: User
) -> None:
    give_password(session, clerk, "Lin-hai-7788", at=NOW - timedelta(days=29, hours=10))
    set_rules(session, admin, expires_after=30)
    night = NOW.replace(hour=23, minute=50)
    before = signed_in(session, clerk, night)
    after_midnight = night + timedelta(minutes=20)
    found = sessions.look_up(session, token=before, now=after_midnight)
    assert found is not None and not found.must_change_password

    anew = signed_in(session, clerk, after_midnight)
    found = sessions.look_up(session, token=anew, now=after_midnight)
    assert found is not None and found.must_change_password


def test_that_a_password_has_expired_is_never_stored(
    session: Session, admin: User, clerk: User
) -> None:
    give_password(session, clerk, "Lin-hai-7788", at=NOW - timedelta(days=40))
    set_rules(session, admin, expires_after=30)
    session.flush()
    token = signed_in(session, clerk)
    assert sessions.look_up(session, token=token, now=NOW) is clerk
    assert clerk.must_change_password
    session.flush()
    stored = session.exec(
        select(User.must_change_password).where(User.username == clerk.username)
    ).one()
    assert stored is False


# ---- passwords that may not come back --------------------------------------------------------


def change(session: Session, user: User, new: str) -> None:
    checked = accounts.check_new_password(session, user=user, new=new)
    accounts.change_password(session, user=user, checked=checked, now=NOW)


def test_the_last_passwords_may_not_come_back(session: Session, admin: User, clerk: User) -> None:
    give_password(session, clerk, "Lin-hai-0001")
    change(session, clerk, "Lin-hai-0002")
    change(session, clerk, "Lin-hai-0003")
    set_rules(session, admin, not_again=1)
    with pytest.raises(BadInput, match="最近用过的 1 个密码"):
        change(session, clerk, "Lin-hai-0002")
    change(session, clerk, "Lin-hai-0001")


def test_no_more_old_passwords_are_kept_than_a_rule_may_ask_for(
    session: Session, clerk: User
) -> None:
    clerk.password_hash = "0"
    for number in range(1, accounts.OLD_KEPT + 4):
        checked = accounts.Checked(hash=str(number), was=clerk.password_hash)
        accounts.change_password(session, user=clerk, checked=checked, now=NOW)
    kept = session.exec(select(OldPassword.password_hash).order_by(col(OldPassword.id))).all()
    assert kept == [str(number) for number in range(3, accounts.OLD_KEPT + 3)]


def test_a_change_over_a_reset_that_came_between_is_refused(
    session: Session, admin: User, clerk: User
) -> None:
    give_password(session, clerk, "Lin-hai-0001")
    checked = accounts.check_new_password(session, user=clerk, new="Lin-hai-0002")
    accounts.reset_passwords(session, hashes={"区水务局": "another"}, by=admin, now=NOW)
    with pytest.raises(Conflict, match="刚刚在别处改过"):
        accounts.change_password(session, user=clerk, checked=checked, now=NOW)
