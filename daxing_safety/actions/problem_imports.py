"""问题整改清单 back in: checked and stored whole, or not at all, with the verbs of every day.

Closing never happens here: a list corrects, sets deadlines, plans and claims.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from daxing_safety import files, problem_lists
from daxing_safety.actions import audit, problems, rectifying, requests
from daxing_safety.actions.moves import find, settled_once
from daxing_safety.errors import NotAllowed, UserFacingError
from daxing_safety.models import AuditEvent, Problem, Unit, User
from daxing_safety.permissions import Permission, allows, require, require_unit
from daxing_safety.vocabulary import Move, Severity
from daxing_safety.wording import shortened
from daxing_safety.workbooks.content import CellError
from daxing_safety.workbooks.problem_list.checks import check as check_list
from daxing_safety.workbooks.problem_list.columns import LIST_COLUMNS, Audience
from daxing_safety.workbooks.problem_list.content import CheckedList, Line, ListRow
from daxing_safety.workbooks.problem_list.identity import ListIdentity, list_identity_of
from daxing_safety.workbooks.problem_list.moves import PLAN, REGISTERED, changed, is_later, moves_of
from daxing_safety.workbooks.reading import RawWorkbook

IMPORTED = "导入问题清单"
LONGEST_VALUE = 40  # of a corrected text, where the timeline tells of it


class RejectedList(UserFacingError):
    """The list has faults; `checked` tells each. Nothing was stored."""

    def __init__(self, checked: CheckedList) -> None:
        super().__init__(f"清单有 {len(checked.errors)} 处错误，没有入库。请按提示改正后重新上传。")
        self.checked = checked


@dataclass(frozen=True, slots=True)
class ListReceipt:
    """What became of a list: how often each move was made; none where nothing was changed."""

    checked: CheckedList
    made: Counter[Move]
    registered: tuple[str, ...]  # the numbers given to new problems


class Change(NamedTuple):
    """One line to be carried out, and by whom."""

    session: Session
    problem: Problem
    row: ListRow
    was: ListRow | None
    by: User
    now: datetime


def check(
    session: Session, *, raw: RawWorkbook, data: bytes, by: User, now: datetime
) -> CheckedList:
    """What `submit` would say of this list now; stores nothing. `raw` was read from `data`."""
    identity = list_identity_of(raw.meta)
    _require_sight(identity, by)
    if earlier := _same_file(session, data):
        told = CellError("", "", f"{earlier}，没有变化", "不用再次上传；要继续修改，请重新导出。")
        return CheckedList(identity.audience, identity.unit_name, (), (), (told,))
    return check_list(raw, problem_lists.expected(session, raw, identity), now.date())


def _require_sight(identity: ListIdentity, by: User) -> None:
    if identity.audience is Audience.OFFICE:
        require(by, Permission.MANAGE_PROBLEMS)
    else:
        require_unit(by, identity.unit_code)


def submit(
    session: Session, *, raw: RawWorkbook, data: bytes, file_name: str, by: User, now: datetime
) -> ListReceipt:
    """Raises RejectedList with every fault, BadInput for what is no list of ours, NotAllowed."""
    identity = list_identity_of(raw.meta)
    _require_right(identity, by)
    checked = check(session, raw=raw, data=data, by=by, now=now)
    if checked.errors:
        raise RejectedList(checked)
    if not checked.lines:
        return ListReceipt(checked, Counter(), ())
    with settled_once(session):
        done = [_carry_out(session, line, identity.audience, by, now) for line in checked.lines]
    made = Counter(move for _, moves in done for move in moves)
    audit.record(
        session,
        IMPORTED,
        identity.unit_name,
        by=by,
        remark=file_name,
        after={move.name: many for move, many in made.items()} | {"sha256": files.keep(data)},
    )
    new = (problem.number for problem, moves in done if Move.REGISTER in moves)
    return ListReceipt(checked, made, tuple(new))


def _require_right(identity: ListIdentity, by: User) -> None:
    """A unit's own word takes the unit's own hand, also where the office was sent the file."""
    if identity.audience is Audience.UNIT and not (
        allows(by, Permission.RECTIFY) and by.unit_code == identity.unit_code
    ):
        raise NotAllowed(
            f"这是{identity.unit_name}自己的清单，只能由该单位的填报人上传。"
            "创安办要改，请用创安办导出的清单。"
        )


def _same_file(session: Session, data: bytes) -> str:
    """Who stored it before, and when; empty for a new one."""
    digest = hashlib.sha256(data).hexdigest()
    query = (
        select(col(AuditEvent.at), func.coalesce(User.display_name, AuditEvent.username))
        .outerjoin(User, col(User.username) == col(AuditEvent.username))
        .where(col(AuditEvent.action) == IMPORTED, col(AuditEvent.after).contains(digest))
        .order_by(col(AuditEvent.id).desc())
        .limit(1)
    )
    earlier = session.execute(query).first()
    return f"这份文件已由{earlier[1]}于{earlier[0]:%Y-%m-%d %H:%M}入库" if earlier else ""


def _carry_out(
    session: Session, line: Line, audience: Audience, by: User, now: datetime
) -> tuple[Problem, list[Move]]:
    moves = moves_of(line, audience)
    if line.was is None:
        problem = _register(session, line.row, by, now)
    else:
        problem = find(session, line.row.number, viewer=by)
    change = Change(session, problem, line.row, line.was, by, now)
    for move in moves:
        if move is not Move.REGISTER:
            VERBS[move](change)
    return problem, moves


# ---- the verbs, by what a line says ------------------------------------------------------------


def _register(session: Session, row: ListRow, by: User, now: datetime) -> Problem:
    return problems.register(
        session,
        unit=_unit(session, row.unit),
        rule_code=row.rule_code or None,
        site=row.site,
        description=row.description,
        count=row.count,
        discovery=row.discovery,
        found_on=row.found_on,
        found_by=row.found_by,
        severity=row.severity or Severity.GENERAL,
        town=_unit(session, row.town) if row.town else None,
        by=by,
        now=now,
    )


def _unit(session: Session, name: str) -> Unit:
    return session.scalars(select(Unit).where(col(Unit.name) == name)).one()


def _correct(change: Change) -> None:
    session, problem, row, was, by, now = change
    assert was is not None and row.severity is not None
    problems.correct(
        session,
        problem=problem,
        rule_code=row.rule_code or None,
        site=row.site,
        description=row.description,
        count=row.count,
        severity=row.severity,
        reason=_what_was_corrected(row, was),
        by=by,
        now=now,
        task_no=problem.task_no,
        town=_unit(session, row.town) if row.town else None,
        target=row.target,
        measure=row.measure,
        responsible=row.responsible,
    )


def _what_was_corrected(row: ListRow, was: ListRow) -> str:
    """处数由“2”改为“3”；属地由“空”改为“黄村镇”"""
    keys = changed(row, was, *REGISTERED, *PLAN)
    return "；".join(
        f"{column.header}由“{_said(was, column.key)}”改为“{_said(row, column.key)}”"
        for column in LIST_COLUMNS
        if column.key in keys
    )


def _said(row: ListRow, key: str) -> str:
    value = getattr(row, key)
    text = value.value if isinstance(value, Severity) else str(value or "空")
    return shortened(text, LONGEST_VALUE)


def _assign(change: Change) -> None:
    session, problem, row, _, by, now = change
    problems.assign(
        session,
        problem=problem,
        due_on=row.due_on,
        target=row.target,
        measure=row.measure,
        responsible=row.responsible,
        by=by,
        now=now,
    )


def _extend(change: Change) -> None:
    session, problem, row, _, by, now = change
    assert row.due_on is not None
    reason = row.extension_reason or "原来没有时限，由创安办补定"
    requests.extend(session, problem=problem, due_on=row.due_on, reason=reason, by=by, now=now)


def _plan(change: Change) -> None:
    session, problem, row, was, by, now = change
    assert was is not None
    is_claim = Move.CLAIM_FIXED in moves_of(Line(row, was), Audience.UNIT)
    rectifying.plan(
        session,
        problem=problem,
        target=row.target,
        measure=row.measure,
        responsible=row.responsible,
        due_on=was.due_on if is_later(row, was) else row.due_on,
        remark=None if is_claim else row.remark,
        by=by,
        now=now,
    )


def _ask(change: Change) -> None:
    session, problem, row, _, by, now = change
    assert row.due_on is not None
    rectifying.ask_extension(
        session, problem=problem, due_on=row.due_on, reason=row.extension_reason, by=by, now=now
    )


def _start(change: Change) -> None:
    rectifying.start(change.session, problem=change.problem, by=change.by, now=change.now)


def _claim(change: Change) -> None:
    session, problem, row, _, by, now = change
    assert row.done_on is not None
    rectifying.claim_fixed(
        session, problem=problem, done_on=row.done_on, remark=row.remark, by=by, now=now
    )


def _withdraw(change: Change) -> None:
    session, problem, row, _, by, now = change
    rectifying.withdraw_claim(session, problem=problem, reason=row.remark, by=by, now=now)


VERBS: dict[Move, Callable[[Change], None]] = {
    Move.ASSIGN: _assign,
    Move.CORRECT: _correct,
    Move.EXTEND: _extend,
    Move.PLAN: _plan,
    Move.ASK: _ask,
    Move.START: _start,
    Move.CLAIM_FIXED: _claim,
    Move.WITHDRAW_CLAIM: _withdraw,
}
