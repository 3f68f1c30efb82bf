"""Default is deny; the table below is the whole truth of who may do what."""

import pytest

from daxing_safety.errors import NotAllowed
from daxing_safety.models import Unit, User
from daxing_safety.permissions import (
    GRANTS,
    Permission,
    operator,
    require,
    require_unit,
    units_seen_by,
)
from daxing_safety.vocabulary import Role

ALLOWED = {
    Permission.SEE_DISTRICT: {Role.OFFICE, Role.LEADER},
    Permission.SEE_OWN_UNIT: {Role.UNIT},
    Permission.SUBMIT: {Role.UNIT},
    Permission.SUBMIT_FOR_ANY: {Role.OFFICE},
    Permission.REVIEW: {Role.OFFICE},
    Permission.MANAGE_ROUNDS: {Role.OFFICE},
    Permission.MANAGE_PROBLEMS: {Role.OFFICE},
    Permission.MANAGE_SPOT_CHECKS: {Role.OFFICE},
    Permission.SPOT_CHECK: {Role.EXPERT},
    Permission.RECTIFY: {Role.UNIT},
    Permission.MANAGE_PROGRAMME: {Role.OFFICE},
    Permission.MANAGE_ACCOUNTS: {Role.ADMIN},
    Permission.SEE_ACCOUNTS: {Role.OFFICE, Role.ADMIN},
    Permission.SEE_LOG: {Role.AUDITOR},
    Permission.MANAGE_SYSTEM: {Role.ADMIN},
}


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_a_role_has_what_the_table_grants_and_nothing_else(
    role: Role, permission: Permission
) -> None:
    user = operator(role)
    if role in ALLOWED[permission]:
        require(user, permission)
    else:
        with pytest.raises(NotAllowed, match=role.value):
            require(user, permission)


def test_every_role_stands_in_the_table_of_grants() -> None:
    assert GRANTS.keys() == set(Role)


def test_a_disabled_account_may_do_nothing() -> None:
    user = operator(Role.OFFICE)
    user.is_disabled = True
    with pytest.raises(NotAllowed):
        require(user, Permission.REVIEW)


def test_a_clerk_sees_its_own_unit_a_leader_all_an_administrator_none(
    clerk: User, leader: User, admin: User, water_bureau: Unit
) -> None:
    assert units_seen_by(clerk) == {water_bureau.code}
    assert units_seen_by(leader) is None
    assert units_seen_by(admin) == frozenset()


def test_a_clerk_hands_in_for_nobody_else(
    clerk: User, office: User, water_bureau: Unit, city_management: Unit
) -> None:
    require_unit(clerk, water_bureau.code)
    require_unit(office, city_management.code)
    with pytest.raises(NotAllowed, match="别的单位"):
        require_unit(clerk, city_management.code)
