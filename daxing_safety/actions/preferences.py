"""What the office may set, and which indicators do not apply to the district."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from sqlmodel import Session

from daxing_safety import ledger
from daxing_safety.actions import audit
from daxing_safety.errors import BadInput
from daxing_safety.models import OutOfScope, Preference, User
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import ScopePolicy

# A new preference: its default here and a function that reads it; what may be set gets a verb.
DEFAULTS = {
    "target_score": "90",  # 内部目标分; never an official pass mark
    "scope_policy": ScopePolicy.FULL.name,
    "is_demo": "0",
}


def value(session: Session, name: str) -> str:
    kept = session.get(Preference, name)
    return kept.value if kept else DEFAULTS[name]


def target_score(session: Session) -> Decimal:
    return Decimal(value(session, "target_score"))


def scope_policy(session: Session) -> ScopePolicy:
    return ScopePolicy[value(session, "scope_policy")]


def is_demo(session: Session) -> bool:
    return value(session, "is_demo") == "1"


def set_target_score(session: Session, *, score: str, by: User) -> None:
    try:
        points = Decimal(score)
    except InvalidOperation as wrong:
        raise BadInput(f"内部目标分“{score}”不是数字，请填 0 到 100 之间的数。") from wrong
    if not 0 <= points <= 100 or points != points.quantize(Decimal("0.01")):
        raise BadInput("内部目标分请填 0 到 100 之间的数，最多两位小数。")
    _set(session, "target_score", str(points), by=by)


def set_scope_policy(session: Session, *, policy: ScopePolicy, by: User) -> None:
    _set(session, "scope_policy", policy.name, by=by)


def mark_as_demo(session: Session, *, by: User) -> None:
    _set(session, "is_demo", "1", by=by)


def leave_out(
    session: Session, *, indicator_code: str, reason: str, by: User, now: datetime
) -> None:
    """不涉及: the district has no such thing (a 尾矿库, say); a reason is owed."""
    require(by, Permission.MANAGE_PROGRAMME)
    criteria = ledger.criteria_in_force(session)
    if indicator_code not in criteria.indicator:
        raise BadInput(f"没有编号为 {indicator_code} 的三级指标。")
    if not reason.strip():
        raise BadInput("请写明不涉及的理由。")
    session.merge(
        OutOfScope(
            indicator_code=indicator_code,
            reason=reason.strip(),
            decided_by=by.username,
            decided_at=now,
        )
    )
    session.flush()
    ledger.rebuild(session)
    audit.record(session, "认定不涉及", indicator_code, by=by, remark=reason.strip())


def take_in(session: Session, *, indicator_code: str, by: User) -> None:
    """The indicator applies after all."""
    require(by, Permission.MANAGE_PROGRAMME)
    decision = session.get(OutOfScope, indicator_code)
    if decision is None:
        raise BadInput(f"指标 {indicator_code} 本来就在评价范围内。")
    session.delete(decision)
    session.flush()
    ledger.rebuild(session)
    audit.record(session, "撤销不涉及", indicator_code, by=by, before={"reason": decision.reason})


def _set(session: Session, name: str, new: str, *, by: User) -> None:
    require(by, Permission.MANAGE_PROGRAMME)
    before = value(session, name)
    session.merge(Preference(name=name, value=new))
    ledger.raise_data_version(session)
    audit.record(session, "修改设置", name, by=by, before={name: before}, after={name: new})
