"""设置: what the office has set for the whole district, as its screen shows it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from daxing_safety import ledger
from daxing_safety.actions import preferences
from daxing_safety.criteria import Indicator
from daxing_safety.models import OutOfScope, User
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import Complexity, ScopePolicy, Severity


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An indicator 不涉及, by whose decision and why."""

    indicator: Indicator
    reason: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Settings:
    target_score: str
    time_limits: dict[Severity, str]  # as they are written: 10个工作日
    answer_limits: dict[Complexity, str]
    policy: ScopePolicy
    left_out: tuple[LeftOut, ...]
    in_scope: tuple[Indicator, ...]

    @property
    def points_in_scope(self) -> Decimal:
        return sum((indicator.points for indicator in self.in_scope), Decimal(0))


def in_force(session: Session, *, viewer: User) -> Settings:
    require(viewer, Permission.MANAGE_PROGRAMME)
    indicators = ledger.criteria_in_force(session).indicators
    decisions = _decisions(session)
    return Settings(
        target_score=preferences.value(session, "target_score"),
        time_limits={
            severity: str(preferences.time_limit(session, severity)) for severity in Severity
        },
        answer_limits={
            complexity: preferences.value(session, f"answer_{complexity.name}")
            for complexity in Complexity
        },
        policy=preferences.scope_policy(session),
        left_out=tuple(
            LeftOut(each, decision.reason, name or decision.decided_by, decision.decided_at)
            for each in indicators
            if each.code in decisions
            for decision, name in [decisions[each.code]]
        ),
        in_scope=tuple(each for each in indicators if each.code not in decisions),
    )


def _decisions(session: Session) -> dict[str, tuple[OutOfScope, str | None]]:
    """By indicator, with the name of whoever decided; the command line has no account."""
    query = select(OutOfScope, User.display_name).outerjoin(
        User, col(User.username) == col(OutOfScope.decided_by)
    )
    return {decision.indicator_code: (decision, name) for decision, name in session.exec(query)}
