"""需要协调的事: what the figures ask for, said in at most five sentences.

Units are named within their groups only, and those that are not ranked are counted but not named.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety import prefill
from daxing_safety.models import Round, Submission, Unit, User
from daxing_safety.permissions import units_seen_by
from daxing_safety.reports import progress, scores, sees_district
from daxing_safety.reports.losses import shares as losses
from daxing_safety.reports.losses.shares import RuleLoss
from daxing_safety.reports.problems import counts as problems
from daxing_safety.reports.problems.counts import UnitProblems
from daxing_safety.reports.progress import Lights
from daxing_safety.reports.scores import UnitScore
from daxing_safety.reports.submissions import open_round
from daxing_safety.vocabulary import GROUP_OF, Group, Light
from daxing_safety.wording import day_of_year, gist, listing, percent, points

MOST_SENTENCES = 5
MOST_RULES = 3
MOST_SILENT = 6


class Concern(Enum):
    LOSSES = "失分集中"
    OVERDUE = "整改逾期"
    UNDATED = "没有时限"
    SILENT = "尚未报送"
    OVERRATED = "自评偏高"
    LATE_WORK = "工作滞后"


class Matter(NamedTuple):
    concern: Concern
    text: str

    @property
    def heading(self) -> str:
        return self.concern.value


def matters(session: Session, *, viewer: User, today: date) -> tuple[Matter, ...]:
    """The gravest first; a clerk's are about the own unit."""
    units = problems.by_unit(session, viewer=viewer, today=today)
    found = (
        _dearest_rules(losses.by_rule(session, viewer=viewer)),
        _overdue(units),
        _undated(units),
        _silent(session, viewer),
        _overrated(scores.by_unit(session, viewer=viewer)),
        _late_work(
            progress.lights(session, viewer=viewer, today=today),
            "各单位" if sees_district(viewer) else "本单位",
        ),
    )
    return tuple(matter for matter in found if matter)[:MOST_SENTENCES]


def _dearest_rules(rules: Sequence[RuleLoss]) -> Matter | None:
    if not rules:
        return None
    named = "；".join(
        f"{row.rule.code}“{gist(row.rule.condition, 24)}”"
        f"失 {points(row.confirmed)} 分，牵头{row.indicator.lead_unit}"
        for row in rules[:MOST_RULES]
    )
    lost = [row.confirmed for row in rules]
    share = percent(sum(lost[:MOST_RULES], Decimal(0)) / sum(lost, Decimal(0)))
    whole = f"合计占全部失分的 {share}。" if len(rules) > MOST_RULES else "没有其他失分。"
    return Matter(Concern.LOSSES, f"{named}。{whole}")


def _overdue(units: Sequence[UnitProblems]) -> Matter | None:
    number = problems.total(units).overdue
    if not number:
        return None
    worst = _worst([(row.unit, row.counts.overdue) for row in units], "{} 个")
    return Matter(Concern.OVERDUE, f"{number} 个问题已过整改时限{worst}。")


def _undated(units: Sequence[UnitProblems]) -> Matter | None:
    number = problems.total(units).undated
    if not number:
        return None
    worst = _worst([(row.unit, row.counts.undated) for row in units], "{} 个")
    return Matter(Concern.UNDATED, f"{number} 个挂账问题还没有整改时限{worst}。")


def _silent(session: Session, viewer: User) -> Matter | None:
    round_ = open_round(session)
    names = _without_submission(session, viewer, round_) if round_ else []
    if round_ is None or not names:
        return None
    who = f"{len(names)} 家" if sees_district(viewer) else "本单位"
    due = f"{day_of_year(round_.due_at.date())}{round_.due_at:%H:%M}"
    named = listing(names, most=MOST_SILENT)
    return Matter(Concern.SILENT, f"“{round_.name}”{due}截止，{who}还没有报送：{named}。")


def _without_submission(session: Session, viewer: User, round_: Round) -> list[str]:
    came = set(
        session.scalars(
            select(col(Submission.unit_code)).where(col(Submission.round_id) == round_.id)
        )
    )
    seen = units_seen_by(viewer)
    return [
        unit.name
        for unit in prefill.reporting_units(session)
        if unit.code not in came and (seen is None or unit.code in seen)
    ]


def _overrated(units: Sequence[UnitScore]) -> Matter | None:
    gap = sum((row.gap for row in units), Decimal(0))
    if gap <= 0:
        return None
    worst = _worst([(row.unit, row.gap) for row in units], "{} 分")
    return Matter(Concern.OVERRATED, f"核定失分比自评多 {points(gap)} 分{worst}。")


def _late_work(lights: Lights, whose: str) -> Matter | None:
    late = {
        light: sum(number for (_, each), number in lights.items() if each is light)
        for light in (Light.OVERDUE, Light.BEHIND)
    }
    if not any(late.values()):
        return None
    words = "、".join(f"{light.value} {number} 项" for light, number in late.items() if number)
    return Matter(Concern.LATE_WORK, f"{whose}承担的工作要点{words}。")


def _worst(standings: Sequence[tuple[Unit, Decimal | int]], each: str) -> str:
    """，最多的：区城管委（部门，5 个）、黄村镇、礼贤镇（镇，各 2 个）; of one unit nothing."""
    if len(standings) == 1:
        return ""
    parts = []
    for group in Group:
        ranked = [(u, n) for u, n in standings if u.is_ranked and GROUP_OF[u.kind] is group]
        most = max((number for _, number in ranked), default=0)
        if most > 0:
            tied = [unit.name for unit, number in ranked if number == most]
            said = ("各 " if len(tied) > 1 else "") + each.format(most)
            parts.append(f"{listing(tied)}（{group.value}，{said}）")
    return f"，最多的：{'、'.join(parts)}" if parts else ""
