"""The rule of 红黑榜, as the office sets it."""

import json
from dataclasses import asdict

from sqlmodel import Session

from daxing_safety import ledger
from daxing_safety.actions import audit
from daxing_safety.honour_board import BoardRule
from daxing_safety.models import Preference, User
from daxing_safety.permissions import Permission, require

NAME = "honour_board"


def board_rule(session: Session) -> BoardRule:
    kept = session.get(Preference, NAME)
    if kept is None:
        return BoardRule()
    values = json.loads(kept.value)
    left_out = values["left_out"]
    return BoardRule(
        **values
        | {
            "weights": tuple(values["weights"]),
            "left_out": None if left_out is None else frozenset(left_out),
        }
    )


def set_board_rule(session: Session, *, rule: BoardRule, by: User) -> None:
    """Every board that is looked at from now on follows it."""
    require(by, Permission.MANAGE_PROGRAMME)
    before = board_rule(session)
    session.merge(Preference(name=NAME, value=json.dumps(_values(rule))))
    ledger.raise_data_version(session)
    audit.record(
        session, "修改红黑榜规则", NAME, by=by, before=_values(before), after=_values(rule)
    )


def _values(rule: BoardRule) -> dict[str, object]:
    left_out = None if rule.left_out is None else sorted(rule.left_out)
    return asdict(rule) | {"left_out": left_out}
