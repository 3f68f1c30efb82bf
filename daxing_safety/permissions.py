"""Who may do what, and whose rows a viewer sees. Default is deny; this is the one table of it."""

from datetime import datetime
from enum import Enum, auto

from daxing_safety.errors import Forbidden
from daxing_safety.models import User
from daxing_safety.vocabulary import Role


class Permission(Enum):
    SEE_DISTRICT = auto()  # every unit's rows
    SEE_OWN_UNIT = auto()
    SUBMIT = auto()  # the own unit's workbook
    SUBMIT_FOR_ANY = auto()  # workbooks that came by mail
    REVIEW = auto()  # accept or return submissions, confirm findings
    MANAGE_ROUNDS = auto()
    MANAGE_PROBLEMS = auto()  # register, assign, extend, close, send back; public reports
    MANAGE_SPOT_CHECKS = auto()  # draw them, handle what the experts found
    SPOT_CHECK = auto()  # what was drawn for oneself, until a day
    RECTIFY = auto()  # the own unit's problems: plan, claim fixed, ask; answer reports and checks
    MANAGE_PROGRAMME = auto()  # scope, criteria, preferences
    MANAGE_ACCOUNTS = auto()
    SEE_ACCOUNTS = auto()
    SEE_LOG = auto()
    MANAGE_SYSTEM = auto()  # backups, their times, checks of what is kept


# A new right: name it above, grant it here, and add its row to tests/test_permissions.py.
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.OFFICE: frozenset(
        {
            Permission.SEE_DISTRICT,
            Permission.SUBMIT_FOR_ANY,
            Permission.REVIEW,
            Permission.MANAGE_ROUNDS,
            Permission.MANAGE_PROBLEMS,
            Permission.MANAGE_SPOT_CHECKS,
            Permission.MANAGE_PROGRAMME,
            Permission.SEE_ACCOUNTS,
        }
    ),
    Role.UNIT: frozenset({Permission.SEE_OWN_UNIT, Permission.SUBMIT, Permission.RECTIFY}),
    Role.LEADER: frozenset({Permission.SEE_DISTRICT}),
    Role.EXPERT: frozenset({Permission.SPOT_CHECK}),
    Role.ADMIN: frozenset(
        {Permission.MANAGE_ACCOUNTS, Permission.SEE_ACCOUNTS, Permission.MANAGE_SYSTEM}
    ),
    Role.AUDITOR: frozenset({Permission.SEE_LOG}),
}


def allows(user: User, permission: Permission) -> bool:
    return not user.is_disabled and permission in GRANTS[user.role]


def require(user: User, permission: Permission) -> None:
    """Raises NotAllowed unless the user's role has been granted the permission."""
    if not allows(user, permission):
        raise Forbidden(
            f"“{user.role.value}”没有这项权限。如工作需要，请与创安办联系。",
            username=user.username,
            wanted=permission.name,
        )


def units_seen_by(viewer: User) -> frozenset[str] | None:
    """The codes of the units whose rows the viewer may see; None means all of them."""
    if allows(viewer, Permission.SEE_DISTRICT):
        return None
    if allows(viewer, Permission.SEE_OWN_UNIT) and viewer.unit_code:
        return frozenset({viewer.unit_code})
    return frozenset()


def require_unit(user: User, unit_code: str) -> None:
    """Raises NotAllowed unless the user may hand in this unit's workbook and evidence."""
    if allows(user, Permission.SUBMIT_FOR_ANY):
        return
    require(user, Permission.SUBMIT)
    if user.unit_code != unit_code:
        raise Forbidden(
            "这是别的单位的，您只能办理本单位的填报表和材料。",
            username=user.username,
            wanted=f"{Permission.SUBMIT.name} {unit_code}",
        )


def operator(role: Role) -> User:
    """Whoever runs a command on the server itself, where nobody signs in."""
    return User(
        username="命令行",
        display_name="服务器命令行",
        role=role,
        password_hash="",
        created_at=datetime.min,
        password_changed_at=datetime.min,
    )
