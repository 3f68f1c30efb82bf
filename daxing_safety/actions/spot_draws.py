"""抽查, the office's side of drawing: the population, the draw, 指定, 延期 and 撤销.

What is drawn is not seen before it is kept, so that nobody draws until it suits.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from daxing_safety import ledger, spot_checks
from daxing_safety.actions import audit
from daxing_safety.actions.moves import require_words
from daxing_safety.errors import BadInput, Conflict, NotFound
from daxing_safety.models import (
    FindingEntry,
    PairState,
    Problem,
    SpotCheck,
    SpotCheckExpert,
    SpotCheckItem,
    Submission,
    Unit,
    User,
)
from daxing_safety.permissions import Permission, require
from daxing_safety.spot_checks import Candidate
from daxing_safety.vocabulary import (
    GROUP_OF,
    DrawnFrom,
    Finding,
    Group,
    RectificationStatus,
    Role,
)

MOST = 500  # that one check may hold: no expert gets round more
STATUSES = {
    DrawnFrom.CLAIMED_FIXED: RectificationStatus.CLAIMED_FIXED,
    DrawnFrom.CLOSED: RectificationStatus.CLOSED,
}


Row = tuple[Candidate, str | None, int | None]  # with its rule and its task, if it has them


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be drawn; what is left empty limits nothing."""

    sources: tuple[DrawnFrom, ...]
    groups: tuple[Group, ...] = ()
    units: tuple[str, ...] = ()
    tasks: tuple[int, ...] = ()
    rules: tuple[str, ...] = ()


EVERYTHING = Scope(tuple(DrawnFrom))


def fresh_seed() -> str:
    return secrets.token_hex(8)


# ---- what could be drawn ------------------------------------------------------------------------


def population(session: Session, scope: Scope) -> list[Candidate]:
    """Sorted, so that the same things are the same text whenever they are kept."""
    units, by_task = _units_in(session, scope), _rules_of_tasks(session, scope)
    rows = _compliant(session) if DrawnFrom.SELF_COMPLIANT in scope.sources else []
    for source in (each for each in STATUSES if each in scope.sources):
        rows += _problems(session, source)
    found = (
        candidate
        for candidate, rule_code, task_no in rows
        if candidate.unit_code in units
        and (not scope.rules or rule_code in scope.rules)
        and (not scope.tasks or rule_code in by_task or task_no in scope.tasks)
    )
    return sorted(found, key=lambda each: each.key)


def _units_in(session: Session, scope: Scope) -> set[str]:
    return {
        unit.code
        for unit in session.scalars(select(Unit))
        if (not scope.groups or GROUP_OF[unit.kind] in scope.groups)
        and (not scope.units or unit.code in scope.units)
    }


def _rules_of_tasks(session: Session, scope: Scope) -> set[str]:
    return {
        rule.code
        for indicator in ledger.criteria_in_force(session).indicators
        if any(number in scope.tasks for number, _ in indicator.tasks)
        for rule in indicator.rules
    }


def _compliant(session: Session) -> list[Row]:
    query = select(col(PairState.unit_code), col(PairState.rule_code)).where(
        col(PairState.claimed_finding) == Finding.COMPLIANT
    )
    return [
        (Candidate(DrawnFrom.SELF_COMPLIANT, unit, rule), rule, None)
        for unit, rule in session.execute(query)
    ]


def _problems(session: Session, source: DrawnFrom) -> list[Row]:
    query = select(Problem).where(col(Problem.status) == STATUSES[source])
    return [
        (Candidate(source, each.unit_code, each.number), each.rule_code, each.task_no)
        for each in session.scalars(query)
    ]


def in_words(session: Session, scope: Scope) -> str:
    """自查达标、已销号；镇、街道；任务 3、7"""
    names = session.execute(select(col(Unit.code), col(Unit.name)).order_by(col(Unit.position)))
    parts = [
        "、".join(source.value for source in scope.sources),
        "、".join(group.value for group in scope.groups),
        "、".join(name for code, name in names if code in scope.units),
        "、".join(f"任务{number}" for number in scope.tasks),
        "、".join(f"条款{code}" for code in scope.rules),
    ]
    return "；".join(filter(None, parts))


# ---- the draw -----------------------------------------------------------------------------------


def draw(
    session: Session,
    *,
    name: str,
    until: date,
    experts: Collection[str],
    scope: Scope,
    wanted: int,
    seed: str,
    by: User,
    now: datetime,
) -> SpotCheck:
    """`experts` are usernames. Kept with all that it takes to draw the same again."""
    require(by, Permission.MANAGE_SPOT_CHECKS)
    name = require_words(name, "抽查名称")
    _require_free(session, name)
    _require_day(until, now)
    takers = _experts(session, experts, until)
    candidates = population(session, scope)
    _require_enough(candidates, wanted, len(takers))
    check = SpotCheck(
        name=name,
        until=until,
        seed=seed,
        wanted=wanted,
        population=spot_checks.as_text(candidates),
        scope=in_words(session, scope),
        drawn_at=now,
        drawn_by=by.username,
    )
    session.add(check)
    session.flush()
    session.add_all(_taker(check, user) for user in takers.values())
    for candidate, expert in spot_checks.draw(candidates, takers, wanted=wanted, seed=seed):
        session.add(_item(session, check, candidate, takers[expert]))
    ledger.raise_data_version(session)
    after = {"seed": seed, "population": len(candidates), "wanted": wanted}
    audit.record(
        session, "抽取", name, by=by, remark=check.scope, after=after | {"experts": list(takers)}
    )
    return check


def _taker(check: SpotCheck, expert: User) -> SpotCheckExpert:
    assert check.id is not None and expert.id is not None
    return SpotCheckExpert(check_id=check.id, user_id=expert.id)


def _item(
    session: Session, check: SpotCheck, candidate: Candidate, expert: User, because: str = ""
) -> SpotCheckItem:
    assert check.id is not None and expert.id is not None
    return SpotCheckItem(
        check_id=check.id,
        user_id=expert.id,
        source=candidate.source,
        unit_code=candidate.unit_code,
        code=candidate.code,
        statement=_statement(session, candidate),
        designated_because=because,
    )


def _statement(session: Session, candidate: Candidate) -> str:
    """The unit's own words as they are now: a later workbook does not change what is checked."""
    if candidate.source is not DrawnFrom.SELF_COMPLIANT:
        remark = select(col(Problem.remark)).where(col(Problem.number) == candidate.code)
    else:
        remark = (
            select(col(FindingEntry.remark))
            .join(Submission, col(Submission.id) == col(FindingEntry.submission_id))
            .where(
                col(Submission.unit_code) == candidate.unit_code,
                col(Submission.is_latest),
                col(FindingEntry.rule_code) == candidate.code,
            )
        )
    return session.scalar(remark) or ""


def _require_free(session: Session, name: str) -> None:
    if session.scalar(select(col(SpotCheck.id)).where(col(SpotCheck.name) == name)):
        raise Conflict(f"已经有名为“{name}”的抽查，请换一个名称。")


def _require_day(until: date, now: datetime) -> None:
    if until < now.date():
        raise BadInput(f"交回期限 {until} 已经过去，请改为今天或以后的日期。")


def _experts(session: Session, usernames: Collection[str], until: date) -> dict[str, User]:
    query = select(User).where(
        col(User.username).in_(usernames),
        col(User.role) == Role.EXPERT,
        col(User.is_disabled).is_(False),
    )
    found = {user.username: user for user in session.scalars(query.order_by(col(User.username)))}
    if not found or len(found) < len(set(usernames)):
        raise BadInput("请选择参加抽查的专家：须是没有停用的专家账号。")
    for user in found.values():
        if user.valid_until and user.valid_until < until:
            raise BadInput(
                f"{user.display_name}的账号 {user.valid_until} 到期，早于交回期限 {until}，"
                "请提前交回期限，或请系统管理员延长账号。"
            )
    return found


def _require_enough(candidates: Sequence[Candidate], wanted: int, experts: int) -> None:
    if not candidates:
        raise BadInput("按这样的范围没有可以抽取的事项，请放宽范围。")
    if not experts <= wanted <= min(MOST, len(candidates)):
        raise BadInput(
            f"抽取数量请填 {experts} 到 {min(MOST, len(candidates))}："
            f"每位专家至少一项，范围内共有 {len(candidates)} 项。"
        )


# ---- afterwards ---------------------------------------------------------------------------------


def designate(
    session: Session,
    *,
    check: SpotCheck,
    candidate: Candidate,
    expert: str,
    reason: str,
    by: User,
    now: datetime,
) -> SpotCheckItem:
    """指定: what was not drawn by lot is added by hand, and always shows as such.

    `expert` is the username of one who takes part.
    """
    require(by, Permission.MANAGE_SPOT_CHECKS)
    reason = require_words(reason, "指定的理由")
    _require_open(check, now)
    taker = _still_at_work(session, check, expert)
    if _is_in(session, check, candidate):
        raise Conflict("这一项已经在本次抽查中，同一事项一次只查一遍。")
    if candidate not in population(session, EVERYTHING):
        raise NotFound("没有可以核查的这一项：自查达标、申请销号或已销号的才能抽查。")
    item = _item(session, check, candidate, taker, reason)
    session.add(item)
    ledger.raise_data_version(session)
    after = {"item": candidate.key, "expert": expert}
    audit.record(session, "指定抽查事项", check.name, by=by, remark=reason, after=after)
    return item


def _still_at_work(session: Session, check: SpotCheck, username: str) -> User:
    query = (
        select(User, col(SpotCheckExpert.handed_in_at))
        .join(SpotCheckExpert, col(SpotCheckExpert.user_id) == col(User.id))
        .where(col(SpotCheckExpert.check_id) == check.id, col(User.username) == username)
    )
    found = session.exec(query).one_or_none()
    if found is None:
        raise NotFound(f"“{username}”没有参加这次抽查。")
    expert, handed_in_at = found
    if handed_in_at:
        raise Conflict(f"{expert.display_name}已经交回，不能再增加。")
    return expert


def _require_open(check: SpotCheck, now: datetime) -> None:
    if not spot_checks.is_open(check, now.date()):
        raise Conflict(f"“{check.name}”已经结束，没有改动。")


def _is_in(session: Session, check: SpotCheck, candidate: Candidate) -> bool:
    same = select(col(SpotCheckItem.id)).where(
        col(SpotCheckItem.check_id) == check.id,
        col(SpotCheckItem.unit_code) == candidate.unit_code,
        col(SpotCheckItem.code) == candidate.code,
    )
    return session.scalar(same) is not None


def prolong(
    session: Session, *, check: SpotCheck, until: date, reason: str, by: User, now: datetime
) -> None:
    """延期; one that is over already begins again for who has not handed in."""
    require(by, Permission.MANAGE_SPOT_CHECKS)
    reason = require_words(reason, "延期的原因")
    if check.withdrawn_at:
        raise Conflict(f"“{check.name}”已经撤销，不能延期。")
    if until <= check.until or until < now.date():
        raise BadInput(f"延期后的期限请晚于原期限 {check.until}，并且不早于今天。")
    before, check.until = check.until, until
    session.add(check)
    ledger.raise_data_version(session)
    audit.record(
        session,
        "抽查延期",
        check.name,
        by=by,
        remark=reason,
        before={"until": before},
        after={"until": until},
    )


def withdraw(session: Session, *, check: SpotCheck, reason: str, by: User, now: datetime) -> None:
    """撤销: its experts see it no more; that it was drawn, and what, stays to be seen."""
    require(by, Permission.MANAGE_SPOT_CHECKS)
    reason = require_words(reason, "撤销的原因")
    if check.withdrawn_at:
        raise Conflict(f"“{check.name}”已经撤销。")
    handled = select(col(SpotCheckItem.id)).where(
        col(SpotCheckItem.check_id) == check.id, col(SpotCheckItem.handling).is_not(None)
    )
    if session.scalars(handled.limit(1)).first():
        raise Conflict(f"“{check.name}”已有处理过的事项，不能撤销。")
    check.withdrawn_at, check.withdrawn_by, check.withdrawal_reason = now, by.username, reason
    session.add(check)
    ledger.raise_data_version(session)
    audit.record(session, "撤销抽查", check.name, by=by, remark=reason)
