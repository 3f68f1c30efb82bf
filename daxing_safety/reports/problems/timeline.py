"""办理记录 in words: everything that was done with one problem, the newest first.

What a move changed is told from what the event kept of before and what stood after it; so the
problem is wound back from how it stands now.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety import wording
from daxing_safety.models import (
    Evidence,
    EvidenceUse,
    Problem,
    ProblemEvent,
    ProblemRequest,
    Round,
    Submission,
    Task,
    Unit,
    User,
)
from daxing_safety.vocabulary import EvidenceOf, Move, RequestKind, Role, Severity

NOTHING = "（空）"
LONGEST = 80  # of a text that was changed

# What people are told of when it changed; status and deadline stand by themselves.
FIELDS = {
    "unit_code": "责任单位",
    "rule_code": "扣分条款",
    "site": "点位",
    "description": "问题描述",
    "count": "处数",
    "severity": "严重程度",
    "town_code": "属地",
    "task_no": "任务",
    "target": "整改目标",
    "measure": "整改措施",
    "responsible": "责任人",
    "done_on": "完成日期",
}


class Tone(Enum):
    """How a line of the timeline is marked, beside its words."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"


class Line(NamedTuple):
    at: datetime
    who: str
    what: str
    turns: tuple[str, ...] = ()  # what was one way before and another after
    remark: str = ""
    tone: Tone = Tone.PLAIN


Made = tuple[datetime, str, Move]  # when, by whom, what


class Names(NamedTuple):
    """People, units and tasks by what the tables call them."""

    people: Mapping[str, str]
    units: Mapping[str, str]
    tasks: Mapping[int, str]

    def person(self, username: str) -> str:
        return self.people.get(username, username)


GRANTED_BY = {RequestKind.EXTENSION: Move.EXTEND, RequestKind.MISREPORT: Move.DISMISS}
ASKED = {RequestKind.EXTENSION: "申请延期", RequestKind.MISREPORT: "申请误报认定"}
GOOD = (Move.CLOSE,)
BAD = (Move.SEND_BACK, Move.REOPEN, Move.REFUSE)


def names(session: Session) -> Names:
    units = dict(session.execute(select(col(Unit.code), col(Unit.name))).all())
    people = select(col(User.username), col(User.display_name), col(User.role), col(User.unit_code))
    tasks = session.execute(select(col(Task.no), col(Task.title)))
    return Names(
        people={
            username: f"{name}（{_seat(role, units.get(unit_code or ''))}）"
            for username, name, role, unit_code in session.execute(people)
        },
        units=units,
        tasks={no: wording.task(no, title) for no, title in tasks},
    )


def _seat(role: Role, unit: str | None) -> str:
    """Where somebody acts from: a unit's clerk for the unit, the office for itself."""
    return unit if role is Role.UNIT and unit else role.value


def timeline(
    session: Session, problem: Problem, known: Names, requests: Sequence[ProblemRequest]
) -> tuple[Line, ...]:
    events, by_moves = _events(session, problem), _by_moves(requests)
    made = {(event.at, event.by, event.move) for event in events}
    lines = [
        _entered(session, problem, known),
        *_asked_with_workbooks(requests, known),
        *_uploads(session, problem, known),
        *_moves(problem, events, by_moves, known),
        *_lapsed(by_moves, made, known),
    ]
    lines.sort(key=lambda line: line.at)  # in one second first asked or uploaded, then moved
    return tuple(lines[::-1])


# ---- how it came in ------------------------------------------------------------------------------


def _entered(session: Session, problem: Problem, known: Names) -> Line:
    turns = [f"发现方式：{problem.discovery.value}"]
    if problem.recurs:
        turns.append(f"与已销号的 {problem.recurs} 同一点位，认定为反复")
    return Line(
        at=problem.opened_at,
        who=known.person(problem.opened_by),
        what=f"随填报表登记（{_version(session, problem.submission_id)}）"
        if problem.submission_id
        else "登记",
        turns=tuple(turns),
        tone=Tone.BAD if problem.recurs else Tone.PLAIN,
    )


def _version(session: Session, submission_id: int) -> str:
    submission = session.get_one(Submission, submission_id)
    return f"{session.get_one(Round, submission.round_id).name}第{submission.version}版"


# ---- 申请 ------------------------------------------------------------------------------------


def _asked_with_workbooks(requests: Sequence[ProblemRequest], known: Names) -> Iterator[Line]:
    """A later deadline in a workbook asks without a move of its own."""
    for request in requests:
        if request.submission_id is not None:
            yield Line(
                at=request.asked_at,
                who=known.person(request.asked_by),
                what="随填报表申请延期",
                turns=(f"希望延期至 {request.due_on}",),
                remark=request.reason,
            )


def _lapsed(
    by_moves: Mapping[Made, ProblemRequest], made: Collection[Made], known: Names
) -> Iterator[Line]:
    """Nobody refused them: what they were about came to an end."""
    for (at, by, move), request in by_moves.items():
        if move is Move.REFUSE and (at, by, move) not in made:
            yield Line(at, known.person(by), "申请不再办理", remark=request.answer)


def _by_moves(requests: Sequence[ProblemRequest]) -> dict[Made, ProblemRequest]:
    """By the moves that made and that answered them."""
    found: dict[Made, ProblemRequest] = {}
    for each in requests:
        found[each.asked_at, each.asked_by, Move.ASK] = each
        if each.answered_at and each.answered_by:
            move = GRANTED_BY[each.kind] if each.is_granted else Move.REFUSE
            found[each.answered_at, each.answered_by, move] = each
    return found


# ---- 佐证材料 --------------------------------------------------------------------------------


def _uploads(session: Session, problem: Problem, known: Names) -> Iterator[Line]:
    """Files that came at one time for one purpose are one line; withdrawn ones prove nothing."""
    query = (
        select(Evidence, EvidenceUse)
        .join(EvidenceUse, col(EvidenceUse.evidence_id) == col(Evidence.id))
        .where(
            col(EvidenceUse.subject) == EvidenceOf.PROBLEM, col(EvidenceUse.code) == problem.number
        )
        .order_by(col(Evidence.id))
    )
    together: dict[tuple[datetime, str, str], list[str]] = defaultdict(list)
    for file, use in session.execute(query):
        verb = "更换" if file.replaces_id else "上传"
        kind = f"{use.stage.value}照片" if use.stage else "佐证材料"
        together[file.uploaded_at, file.uploaded_by, f"{verb}{kind}"].append(file.name)
    for (at, by, what), files in together.items():
        named = (wording.listing(files, counter="份"),)
        yield Line(at, known.person(by), f"{what} {len(files)} 份", named)


# ---- moves ---------------------------------------------------------------------------------------


def _events(session: Session, problem: Problem) -> Sequence[ProblemEvent]:
    query = select(ProblemEvent).where(col(ProblemEvent.problem_number) == problem.number)
    return session.scalars(query.order_by(col(ProblemEvent.id))).all()


def _moves(
    problem: Problem,
    events: Sequence[ProblemEvent],
    by_moves: Mapping[Made, ProblemRequest],
    known: Names,
) -> list[Line]:
    """In the order in which they were made."""
    after, lines = _as_kept(problem), []
    for event in reversed(events):
        before = {name: old for name, old in json.loads(event.before).items() if name in FIELDS}
        request = by_moves.get((event.at, event.by, event.move))
        lines.append(
            Line(
                at=event.at,
                who=known.person(event.by),
                what=_in_words(event, request),
                turns=(*_courses(event), *_changes(before, after, known)),
                remark=_remark(event, request),
                tone=_tone(event),
            )
        )
        after |= before
    return lines[::-1]


def _as_kept(problem: Problem) -> dict[str, Any]:
    """The fields as events keep them."""
    values = {name: getattr(problem, name) for name in FIELDS}
    return {
        name: value.name if isinstance(value, Enum) else str(value)
        if isinstance(value, date) else value
        for name, value in values.items()
    }  # fmt: skip


def _in_words(event: ProblemEvent, request: ProblemRequest | None) -> str:
    if event.move is Move.REINSPECT:
        return "复查合格" if event.is_passed else "复查不合格"
    if event.move is Move.PLAN and event.remark:
        return "整改步骤"  # only those leave words
    if request is None:
        return event.move.value
    if event.move is Move.ASK:
        return ASKED[request.kind]
    return f"{'同意' if request.is_granted else '不同意'}{request.kind.value}申请"


def _remark(event: ProblemEvent, request: ProblemRequest | None) -> str:
    """Of a consent: why it was asked for, and what the office said to it."""
    if request is None or event.move is Move.ASK:
        return event.remark
    if not request.is_granted:
        return request.answer
    answer = f"；答复：{request.answer}" if request.answer else ""
    return f"单位的理由：{request.reason or '没有写明'}{answer}"


def _tone(event: ProblemEvent) -> Tone:
    if event.move in GOOD or event.is_passed:
        return Tone.GOOD
    return Tone.BAD if event.move in BAD or event.is_passed is False else Tone.PLAIN


def _courses(event: ProblemEvent) -> Iterator[str]:
    if event.status_before is not event.status_after:
        yield f"{event.status_before.value} → {event.status_after.value}"
    if event.due_before != event.due_after:
        yield f"整改时限：{_turn(event.due_before, event.due_after)}"


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], known: Names) -> Iterator[str]:
    for name, label in FIELDS.items():
        if name in before and before[name] != after[name]:
            old, new = (_said(name, values[name], known) for values in (before, after))
            yield f"{label}：{_turn(old, new)}"


def _turn(before: object, after: object) -> str:
    return f"{before} → {after or NOTHING}" if before else str(after)


def _said(name: str, value: Any, known: Names) -> str:
    if value in (None, ""):
        return ""
    if name in ("unit_code", "town_code"):
        return known.units[value]
    if name == "task_no":
        return known.tasks[value]
    return Severity[value].value if name == "severity" else wording.shortened(str(value), LONGEST)
