"""举一反三: who has been asked about a problem and what they say; what a unit has been asked.

The peers' answers are the district's to see; a unit sees its own.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.actions import peer_checks
from daxing_safety.actions.moves import find
from daxing_safety.models import (
    Evidence,
    EvidenceUse,
    PeerAnswer,
    PeerCheck,
    Problem,
    Unit,
    User,
)
from daxing_safety.permissions import Permission, require
from daxing_safety.reports import scoped, sees_district
from daxing_safety.vocabulary import GROUP_OF, EvidenceOf, Group
from daxing_safety.wording import day, day_of_year

if TYPE_CHECKING:
    import pandas as pd

YES, NO, WAITING = "有", "没有", "未答复"


class Line(NamedTuple):
    """What one unit says."""

    unit: str
    group: Group
    has_same: bool | None
    remark: str
    problem_number: str | None
    is_late: bool  # answered after the day, or not at all

    @property
    def in_words(self) -> str:
        if self.has_same is None:
            return WAITING
        return YES if self.has_same else NO


class File(NamedTuple):
    """What a unit has shown for its answer."""

    evidence_id: int
    unit: str
    name: str


class Check(NamedTuple):
    """One question and those that it was put to, in the plan's order."""

    id: int
    question: str
    due_on: date
    sent_at: datetime
    sent_by: str
    lines: tuple[Line, ...]
    files: tuple[File, ...]

    @property
    def answered(self) -> int:
        return sum(line.has_same is not None for line in self.lines)

    @property
    def yes(self) -> int:
        return sum(line.has_same is True for line in self.lines)

    @property
    def no(self) -> int:
        return sum(line.has_same is False for line in self.lines)

    @property
    def late(self) -> int:
        return sum(line.is_late for line in self.lines)

    @property
    def waiting(self) -> list[Line]:
        return [line for line in self.lines if line.has_same is None]


class Offer(NamedTuple):
    """What may be sent: to whom, by code and in the plan's order, and the usual words and day."""

    is_confirmed: bool
    peers: dict[str, str]
    groups: dict[Group, list[str]]
    question: str
    due_on: date


class Asked(NamedTuple):
    """A question to the viewer's own unit, and its answer so far."""

    check_id: int
    rule_code: str
    question: str
    due_on: date
    answered_on: date | None
    remark: str
    problem_number: str | None


# ---- of a problem ---------------------------------------------------------------------------


def of_problem(session: Session, *, viewer: User, number: str, today: date) -> list[Check]:
    """The newest first; none for a viewer who sees only the own unit."""
    if not sees_district(viewer):
        return []
    query = (
        select(PeerCheck, col(User.display_name))
        .outerjoin(User, col(User.username) == col(PeerCheck.sent_by))
        .where(col(PeerCheck.problem_number) == number)
        .order_by(col(PeerCheck.id).desc())
    )
    return [_check(session, check, name, today) for check, name in session.execute(query)]


def _check(session: Session, check: PeerCheck, sender: str | None, today: date) -> Check:
    query = (
        select(PeerAnswer, Unit)
        .join(Unit, col(Unit.code) == col(PeerAnswer.unit_code))
        .where(col(PeerAnswer.check_id) == check.id)
        .order_by(col(Unit.position))
    )
    lines = (_line(answer, unit, check, today) for answer, unit in session.execute(query))
    assert check.id is not None
    return Check(
        check.id,
        check.question,
        check.due_on,
        check.sent_at,
        sender or check.sent_by,
        tuple(lines),
        _files(session, check.id),
    )


def _files(session: Session, check_id: int) -> tuple[File, ...]:
    query = (
        select(col(Evidence.id), col(Unit.name), col(Evidence.name))
        .join(EvidenceUse, col(EvidenceUse.evidence_id) == col(Evidence.id))
        .join(Unit, col(Unit.code) == col(Evidence.unit_code))
        .where(
            col(EvidenceUse.subject) == EvidenceOf.PEER_CHECK,
            col(EvidenceUse.code) == str(check_id),
            col(Evidence.is_current),
        )
        .order_by(col(Unit.position), col(Evidence.id))
    )
    return tuple(File(*row) for row in session.execute(query))


def _line(answer: PeerAnswer, unit: Unit, check: PeerCheck, today: date) -> Line:
    said_on = answer.answered_at.date() if answer.answered_at else today
    return Line(
        unit.name,
        GROUP_OF[unit.kind],
        answer.has_same,
        answer.remark,
        answer.problem_number,
        is_late=said_on > check.due_on,
    )


def table(lines: Iterable[Line]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        {
            "unit": line.unit,
            "answer": [line.in_words],
            "remark": line.remark,
            "problem": f"/problems?problem={line.problem_number}" if line.problem_number else None,
            "late": "逾期" if line.is_late else "",
        }
        for line in lines
    )


def offer(session: Session, *, viewer: User, number: str, today: date) -> Offer:
    """Raises NotAllowed for who may not send, NotFound where there is no such problem."""
    require(viewer, Permission.MANAGE_PROBLEMS)
    problem = find(session, number, viewer=viewer)
    units = peer_checks.peers(session, problem) if problem.rule_code else []
    groups: dict[Group, list[str]] = {}
    for unit in units:
        groups.setdefault(GROUP_OF[unit.kind], []).append(unit.code)
    return Offer(
        peer_checks.is_confirmed(session, problem),
        {unit.code: unit.name for unit in units},
        groups,
        _usual_question(session, problem),
        peer_checks.TIME_TO_ANSWER.from_day(today),
    )


def _usual_question(session: Session, problem: Problem) -> str:
    """Without the name of the unit where it was found: the question goes to its peers."""
    rule = ledger.criteria_in_force(session).rules.get(problem.rule_code or "")
    condition = rule.condition.rstrip("。") if rule else ""
    return (
        f"近期发现：{problem.description.rstrip('。')}。对应条款 {problem.rule_code}“{condition}”。"
        "请对照自查本单位有没有同样的问题：没有的写明核查了什么，有的登记并整改。"
    )


def reminder(check: Check, today: date) -> str:
    """催办 ready to be pasted into a chat; empty where everybody has answered."""
    if not check.waiting:
        return ""
    is_over = today > check.due_on
    when = f"已于{day(check.due_on)}到期" if is_over else f"请于{day(check.due_on)}前答复"
    return "\n".join(
        [
            f"【举一反三{'逾期催办' if is_over else '提醒'}】",
            f"{check.question}",
            f"{when}。截至{day(today)}，以下 {len(check.waiting)} 个单位尚未答复：",
            *_by_group(check.waiting),
            "答复方法：登录大兴创安工作台，在“待办”中点“答复举一反三”。感谢支持配合！",
            "大兴区创安办",
        ]
    )


def _by_group(lines: Sequence[Line]) -> Iterable[str]:
    for group in Group:
        names = [line.unit for line in lines if line.group is group]
        if names:
            yield f"{group.value}（{len(names)} 个）：{'、'.join(names)}"


# ---- of a unit ------------------------------------------------------------------------------


def asked_of(session: Session, *, viewer: User, answered_since: datetime) -> list[Asked]:
    """What waits for the viewer's unit, and what it has answered since then."""
    query = (
        select(PeerAnswer, PeerCheck)
        .join(PeerCheck, col(PeerCheck.id) == col(PeerAnswer.check_id))
        .where(col(PeerAnswer.has_same).is_(None) | (col(PeerAnswer.answered_at) >= answered_since))
        .order_by(col(PeerCheck.due_on), col(PeerCheck.id))
    )
    return [
        Asked(
            answer.check_id,
            check.rule_code,
            check.question,
            check.due_on,
            answer.answered_at.date() if answer.answered_at else None,
            answer.remark,
            answer.problem_number,
        )
        for answer, check in session.execute(scoped(query, viewer, PeerAnswer.unit_code))
    ]


def origin(session: Session, *, viewer: User, number: str) -> date | None:
    """The day on which a check was sent whose answer opened this problem."""
    query = (
        select(col(PeerCheck.sent_at))
        .join(PeerAnswer, col(PeerAnswer.check_id) == col(PeerCheck.id))
        .where(col(PeerAnswer.problem_number) == number)
    )
    sent_at = session.scalar(scoped(query, viewer, PeerAnswer.unit_code))
    return sent_at.date() if sent_at else None


def in_short(check: Check) -> str:
    """已答 5/12 家：有 2 家，没有 3 家；逾期 1 家"""
    said = f"有 {check.yes} 家，没有 {check.no} 家"
    late = f"；逾期 {check.late} 家" if check.late else ""
    return (
        f"{day_of_year(check.sent_at)}发出，{day_of_year(check.due_on)}前答复。"
        f"已答 {check.answered}/{len(check.lines)} 家：{said}{late}。"
    )
