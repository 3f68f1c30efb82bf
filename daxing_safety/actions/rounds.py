"""填报期: open, close, open again, freeze."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.actions import audit
from daxing_safety.errors import BadInput, Conflict, NotFound
from daxing_safety.models import LateAllowance, Round, Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import RoundState, Sheet


def open_round(
    session: Session,
    *,
    name: str,
    due_at: datetime,
    sheets: Collection[Sheet] = tuple(Sheet),
    by: User,
    now: datetime,
) -> Round:
    """Starts collecting workbooks; one round at a time."""
    require(by, Permission.MANAGE_ROUNDS)
    name = name.strip()
    if not name:
        raise BadInput("请填写填报期名称，例如“2021年第二季度”。")
    if due_at <= now:
        raise BadInput(f"截止时间 {due_at:%Y-%m-%d %H:%M} 已经过去，请选择以后的时间。")
    if not sheets:
        raise BadInput("请至少选择一张要填的表。")
    _refuse_second_open_round(session)
    if session.scalar(select(Round).where(col(Round.name) == name)):
        raise Conflict(f"已经有名为“{name}”的填报期，请换一个名称。")
    revision = ledger.current_revision(session)
    assert revision.id is not None
    round_ = Round(
        name=name,
        opens_at=now,
        due_at=due_at,
        sheets=",".join(sheet.name for sheet in Sheet if sheet in sheets),
        state=RoundState.OPEN,
        criteria_revision_id=revision.id,
    )
    session.add(round_)
    session.flush()
    ledger.raise_data_version(session)
    audit.record(session, "开启填报期", name, by=by, after={"due_at": due_at})
    return round_


def close_round(session: Session, *, round_: Round, by: User) -> None:
    """Takes no more workbooks; may be opened again until it is frozen."""
    require(by, Permission.MANAGE_ROUNDS)
    _move(session, round_, {RoundState.OPEN}, RoundState.CLOSED)
    audit.record(session, "截止填报期", round_.name, by=by)


def reopen_round(session: Session, *, round_: Round, due_at: datetime, by: User) -> None:
    require(by, Permission.MANAGE_ROUNDS)
    _refuse_second_open_round(session)
    _move(session, round_, {RoundState.CLOSED}, RoundState.OPEN)
    before, round_.due_at = round_.due_at, due_at
    audit.record(
        session,
        "重开填报期",
        round_.name,
        by=by,
        before={"due_at": before},
        after={"due_at": due_at},
    )


def freeze_round(session: Session, *, round_: Round, by: User, now: datetime) -> None:
    """Keeps the figures as they stand now under the round's name, for good."""
    require(by, Permission.MANAGE_ROUNDS)
    _move(session, round_, {RoundState.CLOSED}, RoundState.FROZEN)
    round_.frozen_at = now
    assert round_.id is not None
    ledger.freeze(session, round_.id)
    audit.record(session, "封存填报期", round_.name, by=by)


def allow_late(
    session: Session, *, round_: Round, unit: Unit, until: datetime, reason: str, by: User
) -> None:
    """补报: lets one unit hand in after the due time, until a moment of its own."""
    require(by, Permission.MANAGE_ROUNDS)
    if round_.state is not RoundState.OPEN:
        raise Conflict(f"“{round_.name}”{round_.state.value}，不能开通补报。请先重开填报期。")
    if until <= round_.due_at:
        raise BadInput(f"补报时限要晚于截止时间 {round_.due_at:%Y-%m-%d %H:%M}。")
    if not reason.strip():
        raise BadInput("请写明同意补报的理由。")
    assert round_.id is not None
    session.merge(
        LateAllowance(
            round_id=round_.id,
            unit_code=unit.code,
            until=until,
            reason=reason.strip(),
            granted_by=by.username,
        )
    )
    ledger.raise_data_version(session)
    audit.record(
        session,
        "开通补报",
        f"{unit.name} {round_.name}",
        by=by,
        remark=reason.strip(),
        after={"until": until},
    )


def the_open_round(session: Session) -> Round | None:
    return session.scalar(select(Round).where(col(Round.state) == RoundState.OPEN))


def find_round(session: Session, name: str | None) -> Round:
    """The round of this name, or the open one; raises NotFound."""
    if name is None:
        found = the_open_round(session)
        hint = "现在没有正在填报的填报期，请先开启填报期。"
    else:
        found = session.scalar(select(Round).where(col(Round.name) == name))
        hint = f"没有名为“{name}”的填报期。"
    if found is None:
        raise NotFound(hint)
    return found


def _refuse_second_open_round(session: Session) -> None:
    already = the_open_round(session)
    if already:
        raise Conflict(f"“{already.name}”还在填报中，请先截止它。")


def _move(
    session: Session, round_: Round, allowed: Collection[RoundState], state: RoundState
) -> None:
    session.refresh(round_)
    if round_.state not in allowed:
        raise Conflict(f"“{round_.name}”现在是“{round_.state.value}”，不能改为“{state.value}”。")
    round_.state = state
    session.add(round_)
    session.flush()
    ledger.raise_data_version(session)
