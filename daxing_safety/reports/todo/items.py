"""What a line of 待办 is made of, and how pressing it is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import NamedTuple

from daxing_safety.models import User
from daxing_safety.vocabulary import Sheet
from daxing_safety.wording import listing

SOON = timedelta(days=3)
WEEK = timedelta(days=7)
NEWS = timedelta(days=14)  # for so long an answer is shown that asks for nothing
MOST_CODES = 6


class Urgency(Enum):
    """The most pressing first."""

    OVERDUE = "逾期"
    TODAY = "今天"
    SOON = "三天内"
    NORMAL = "一般"


class Section(Enum):
    """Where on the page a line stands."""

    WAITS = "等待办理"
    CAME_BACK = "退回和答复"
    FALLS_DUE = "到期和缺项"


class Kind(Enum):
    """What a line is about; the value is the word beside it."""

    WORKBOOK = "填报"
    WORKBOOK_RETURNED = "填报退回"
    ROW_RETURNED = "逐项退回"
    ROW_CORRECTED = "逐项更正"
    APPEAL_ANSWERED = "申诉答复"
    DUTY_DECIDED = "职责答复"
    CLAIM_RETURNED = "销号退回"
    REOPENED = "重新挂账"
    REQUEST_ANSWERED = "申请答复"
    PROBLEMS_ASSIGNED = "新交办"
    PROBLEMS_OVERDUE = "整改逾期"
    PROBLEMS_DUE = "整改临期"
    PROBLEMS_INCOMPLETE = "整改缺项"
    WORK_POINTS_OVERDUE = "要点逾期"
    WORK_POINTS_DUE = "要点临期"
    EVIDENCE_MISSING = "缺佐证材料"
    SUBMISSIONS = "待审核"
    PROBLEMS_TO_ASSIGN = "待交办"
    CLAIMS = "申请销号"
    REQUESTS = "延期和误报申请"
    DISCLAIMER = "职责异议"
    APPEAL = "申诉"
    UNITS_MISSING = "未报送"
    LATE_ALLOWANCE = "补报到期"
    LOSSES_UNATTENDED = "失分无整改"
    LISTED = "重大挂牌"
    LISTED_OVERDUE = "挂牌逾期"
    PEER_CHECK = "举一反三"
    MEETING = "调度会"
    MATTERS = "需要协调"
    ACCOUNTS = "账号"
    SERVER = "服务器"
    REPORTS_RECEIVED = "待派单"
    REPORTS_ANSWERED = "待回访"
    REPORTS_OVERDUE = "诉求逾期"
    REPORT_TO_ANSWER = "待答复"
    SPOT_CHECK = "抽查"
    SPOT_DOUBTS = "抽查结论"
    SPOT_NOT_HANDED_IN = "抽查未交回"


CAME_BACK = {
    Kind.WORKBOOK_RETURNED,
    Kind.ROW_RETURNED,
    Kind.ROW_CORRECTED,
    Kind.APPEAL_ANSWERED,
    Kind.DUTY_DECIDED,
    Kind.CLAIM_RETURNED,
    Kind.REOPENED,
    Kind.REQUEST_ANSWERED,
}
FALLS_DUE = {
    Kind.PROBLEMS_OVERDUE,
    Kind.PROBLEMS_DUE,
    Kind.PROBLEMS_INCOMPLETE,
    Kind.WORK_POINTS_OVERDUE,
    Kind.WORK_POINTS_DUE,
    Kind.EVIDENCE_MISSING,
    Kind.UNITS_MISSING,
    Kind.LATE_ALLOWANCE,
    Kind.LISTED_OVERDUE,
    Kind.REPORTS_OVERDUE,
    Kind.SPOT_NOT_HANDED_IN,
}
# 失分必整改: above everything else.
FIRST = {Kind.LOSSES_UNATTENDED}


class Link(NamedTuple):
    """A page, what its button says, and what the page is asked for."""

    page: str
    label: str
    asked: dict[str, str]


class Contestable(NamedTuple):
    """A row that the unit may still contest (申诉)."""

    unit_code: str
    sheet: Sheet
    code: str


class Appeal(NamedTuple):
    """A 申诉 that waits for its answer, from anybody but who judged."""

    unit_code: str
    sheet: Sheet
    code: str
    judged_by: str


class Disclaimer(NamedTuple):
    """不属本单位职责, to be reassigned or refused."""

    unit_code: str
    work_point_code: str


class PeerQuestion(NamedTuple):
    """举一反三: what the unit has been asked, by the number of the check."""

    check_id: int


class PeerReply(NamedTuple):
    """What the unit has answered, and may answer anew."""

    check_id: int


Case = Contestable | Appeal | Disclaimer | PeerQuestion | PeerReply


@dataclass(frozen=True, slots=True)
class Item:
    kind: Kind
    title: str
    link: Link
    detail: str = ""
    unit: str = ""
    due_on: date | None = None
    since: date | None = None
    urgency: Urgency = Urgency.NORMAL
    case: Case | None = None  # what can be answered on the spot
    is_news: bool = False  # said, but nothing is to be done

    @property
    def section(self) -> Section:
        if self.kind in CAME_BACK:
            return Section.CAME_BACK
        return Section.FALLS_DUE if self.kind in FALLS_DUE else Section.WAITS

    def waits_for(self, viewer: User) -> bool:
        return not self.is_news and not self._is_of_own_verdict(viewer)

    def can_be_answered_by(self, viewer: User) -> bool:
        return self.case is not None and not self._is_of_own_verdict(viewer)

    def _is_of_own_verdict(self, viewer: User) -> bool:
        """A 申诉 against it is answered by somebody else."""
        return isinstance(self.case, Appeal) and self.case.judged_by == viewer.username


def urgency(due_on: date, today: date) -> Urgency:
    """The due day itself is still in time."""
    if due_on < today:
        return Urgency.OVERDUE
    if due_on == today:
        return Urgency.TODAY
    return Urgency.SOON if due_on <= today + SOON else Urgency.NORMAL


def days_since(since: datetime, now: datetime) -> str:
    days = (now.date() - since.date()).days
    return f"{days} 天" if days else "不到 1 天"


def codes(of: Sequence[str]) -> str:
    """3-01、3-04、3-07 等 9 项"""
    return listing(of, most=MOST_CODES, counter="项")


def in_order(items: Sequence[Item]) -> list[Item]:
    """The most pressing first, then what has been due or waiting longest; news last."""
    pressing = list(Urgency)
    return sorted(
        items,
        key=lambda item: (
            item.kind not in FIRST,
            item.is_news,
            pressing.index(item.urgency),
            item.due_on or item.since or date.max,
        ),
    )
