"""What the office may set, and which indicators do not apply to the district."""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from sqlmodel import Session

from daxing_safety import ledger
from daxing_safety.actions import audit
from daxing_safety.criteria import FULL_POINTS, HUNDREDTH
from daxing_safety.errors import BadInput, Conflict
from daxing_safety.models import OutOfScope, Preference, User
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import Complexity, ScopePolicy, Severity
from daxing_safety.wording import plain
from daxing_safety.working_days import TimeLimit, read_time_limit

DURATION = re.compile(r"(\d{1,3})\s*(小时|天)")

# A new preference: its default here and a function that reads it; what may be set gets a verb.
DEFAULTS = {
    "target_score": "90",  # 内部目标分; never an official pass mark
    "scope_policy": ScopePolicy.FULL.name,
    "is_demo": "0",
    # 整改时限 by severity, counted from 交办: our suggestions, not official ones.
    "limit_GENERAL": "10个工作日",
    "limit_MAJOR": "20个工作日",
    "limit_LISTED": "60天",
    # 接诉即办.
    "answer_SIMPLE": "24小时",
    "answer_COMPLEX": "7天",
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


def time_limit(session: Session, severity: Severity) -> TimeLimit:
    """How long a rectification may take."""
    return read_time_limit(value(session, f"limit_{severity.name}"))


def answer_limit(session: Session, complexity: Complexity) -> timedelta:
    """How long the answer to a public report may take."""
    return read_answer_limit(value(session, f"answer_{complexity.name}"))


def set_time_limit(session: Session, *, severity: Severity, limit: str, by: User) -> None:
    require(by, Permission.MANAGE_PROGRAMME)
    _set(session, f"limit_{severity.name}", str(read_time_limit(limit)), by=by)


def set_answer_limit(session: Session, *, complexity: Complexity, limit: str, by: User) -> None:
    require(by, Permission.MANAGE_PROGRAMME)
    number, unit = _parts_of_duration(limit)
    _set(session, f"answer_{complexity.name}", f"{number}{unit}", by=by)


def read_answer_limit(text: str) -> timedelta:
    """Of “24小时” or “7天”; raises BadInput for anything else."""
    number, unit = _parts_of_duration(text)
    return timedelta(hours=number) if unit == "小时" else timedelta(days=number)


def _parts_of_duration(text: str) -> tuple[int, str]:
    found = DURATION.fullmatch(text.strip())
    if found is None or not int(found[1]):
        raise BadInput(f"答复时限“{text}”看不懂，请写成“24小时”或“7天”。")
    return int(found[1]), found[2]


def set_target_score(session: Session, *, score: str, by: User) -> None:
    require(by, Permission.MANAGE_PROGRAMME)
    _set(session, "target_score", plain(_read_score(score)), by=by)


def _read_score(text: str) -> Decimal:
    try:
        points = Decimal(text)
    except InvalidOperation as wrong:
        raise BadInput(f"内部目标分“{text}”不是数字，请填 0 到 100 之间的数。") from wrong
    is_possible = points.is_finite() and 0 <= points <= FULL_POINTS
    if not is_possible or points != points.quantize(HUNDREDTH):
        raise BadInput("内部目标分请填 0 到 100 之间的数，最多两位小数。")
    return points


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
    if decided := session.get(OutOfScope, indicator_code):
        raise Conflict(f"指标 {indicator_code} 已认定不涉及（{decided.reason}），没有改动。")
    session.add(
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
        raise Conflict(f"指标 {indicator_code} 本来就在评价范围内，没有改动。")
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
