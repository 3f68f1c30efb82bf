"""办理: what every move on a problem has in common: right, status, unseen changes, the timeline.

begin → the verb changes the problem → finish; settle once at the end
"""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlmodel import Session, col, select, update

from daxing_safety import ledger
from daxing_safety.actions import audit
from daxing_safety.errors import BadInput, Conflict, Forbidden, NotAllowed, NotFound
from daxing_safety.models import Problem, ProblemEvent, ProblemRequest, User
from daxing_safety.permissions import require, units_seen_by
from daxing_safety.rectification import MOVES, UNIT, is_allowed
from daxing_safety.vocabulary import Move

UNSETTLED = "units whose sums wait for the end of the write"


class Begun(NamedTuple):
    """A move that may be made, and how the problem stood before it."""

    move: Move
    event: ProblemEvent
    by: User
    before: dict[str, Any]


def find(session: Session, number: str, *, viewer: User) -> Problem:
    """By 问题编号; one that the viewer may not know of is not there."""
    problem = session.scalars(select(Problem).where(col(Problem.number) == number)).one_or_none()
    seen = units_seen_by(viewer)
    if problem is None or (seen is not None and problem.unit_code not in seen):
        raise NotFound(f"没有编号为“{number}”的问题。")
    return problem


def begin(
    session: Session,
    move: Move,
    problem: Problem,
    *,
    by: User,
    now: datetime,
    remark: str = "",
    seen: int | None = None,
) -> Begun:
    """Raises NotAllowed, or Conflict when the status does not permit it.

    `seen` is the revision on the screen of whoever acts: a later one is a Conflict, too.
    """
    permission = MOVES[move].permission
    require(by, permission)
    session.refresh(problem)  # it may have gone to another unit meanwhile
    if permission is UNIT and by.unit_code != problem.unit_code:
        raise Forbidden(
            "这是别的单位的问题，您只能办理本单位的。",
            username=by.username,
            wanted=f"{permission.name} {problem.number}",
        )
    require_seen(session, problem, seen)
    if not is_allowed(move, problem.status):
        raise Conflict(
            f"{problem.number} 现在是“{problem.status.value}”，不能{move.value}，没有改动。"
        )
    event = ProblemEvent(
        problem_number=problem.number,
        at=now,
        by=by.username,
        move=move,
        status_before=problem.status,
        status_after=problem.status,
        due_before=problem.due_on,
        due_after=problem.due_on,
        remark=remark.strip(),
    )
    return Begun(move, event, by, problem.model_dump())


def require_seen(session: Session, problem: Problem, seen: int | None) -> None:
    """Raises Conflict where somebody changed the problem after it was looked at."""
    if seen is None or seen == problem.revision:
        return
    last = session.scalars(
        select(ProblemEvent)
        .where(col(ProblemEvent.problem_number) == problem.number)
        .order_by(col(ProblemEvent.id).desc())
        .limit(1)
    ).first()
    what = f"由 {_name_of(session, last.by)} {last.move.value}" if last else "有改动"
    raise Conflict(f"{problem.number} 在您打开之后已{what}，没有保存。请看过最新情况再办。")


def _name_of(session: Session, username: str) -> str:
    """As colleagues know them; the server's command line has no account."""
    name = select(col(User.display_name)).where(col(User.username) == username)
    return session.scalars(name).one_or_none() or username


def finish(session: Session, problem: Problem, begun: Begun) -> None:
    """The problem goes where the move leads; its timeline and the log tell of it.

    The kept sums are left to `settle`, so that many moves in one write cost one refresh.
    """
    move, event, by, before = begun
    problem.status = MOVES[move].ends or problem.status
    problem.revision += 1
    event.status_after, event.due_after = problem.status, problem.due_on
    after = problem.model_dump()
    event.before = kept_as_json(before, after)
    session.add_all([problem, event])
    changed = [name for name in after if after[name] != before[name] and name != "revision"]
    audit.record(
        session,
        f"{move.value}问题",
        problem.number,
        by=by,
        remark=event.remark,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )


def kept_as_json(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What was different before, so that a past day can be shown as it was."""
    changed = {name: before[name] for name in before if before[name] != after[name]}
    return json.dumps(changed, ensure_ascii=False, default=_as_text)


def _as_text(value: Any) -> str:
    return value.name if isinstance(value, Enum) else str(value)


def settle(session: Session, problems: Collection[Problem], *units: str) -> None:
    """Brings the kept sums up to date after moves on these problems."""
    touched = {problem.unit_code for problem in problems} | set(units)
    if UNSETTLED in session.info:
        session.info[UNSETTLED] |= touched
    else:
        ledger.refresh(session, touched)


@contextmanager
def settled_once(session: Session) -> Iterator[None]:
    """Around many verbs in one write: the kept sums, which none of them reads, wait for its end."""
    session.info[UNSETTLED] = set()
    try:
        yield
    finally:
        touched = session.info.pop(UNSETTLED)
    if touched:
        ledger.refresh(session, touched)


def require_words(text: str, what: str) -> str:
    if not text.strip():
        raise BadInput(f"请写明{what}。")
    return text.strip()


def require_outsider(problem: Problem, by: User) -> None:
    """A problem is never judged by who has to mend it: 创安办 sits within a unit itself."""
    if by.unit_code == problem.unit_code:
        raise NotAllowed(
            f"{problem.number} 是您所在单位的问题，不能由您复查、销号、认定误报或合并，"
            "请创安办其他同志办理。"
        )


def let_requests_lapse(
    session: Session, problem: Problem, why: str, by: User, now: datetime
) -> None:
    """What a unit asked for about a problem that is no more its own to mend."""
    lapsed = {
        "is_granted": False,
        "answer": f"{problem.number} {why}，这项申请不再办理。",
        "answered_at": now,
        "answered_by": by.username,
    }
    session.execute(
        update(ProblemRequest)
        .where(
            col(ProblemRequest.problem_number) == problem.number,
            col(ProblemRequest.is_granted).is_(None),
        )
        .values(lapsed)
    )
