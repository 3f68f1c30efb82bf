"""What may be asked of 问题台账, and how it stands in the address.

So a view can be kept under a name and sent to a colleague.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple, TypeVar

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.models import Task, Unit, User
from daxing_safety.rectification import UNDER_WAY
from daxing_safety.reports import scoped
from daxing_safety.vocabulary import (
    GROUP_OF,
    VOID_STATUSES,
    Discovery,
    Group,
    RectificationStatus,
    Severity,
)

LONGEST_TEXT = 50  # that is searched for
MOST_DIGITS = 6  # of a number in an address, where anything may stand
MANY = ","  # between several values of one key in the address

Word = TypeVar("Word", bound=Enum)


class Stage(Enum):
    """阶段 of the loop as the board shows them."""

    UNASSIGNED = "待交办"
    UNDER_WAY = "整改中"
    CLAIMED_FIXED = "申请销号"
    CLOSED = "已销号"
    VOID = "误报·合并"


STATUSES_OF: dict[Stage, tuple[RectificationStatus, ...]] = {
    Stage.UNASSIGNED: (RectificationStatus.UNASSIGNED,),
    Stage.UNDER_WAY: UNDER_WAY,
    Stage.CLAIMED_FIXED: (RectificationStatus.CLAIMED_FIXED,),
    Stage.CLOSED: (RectificationStatus.CLOSED,),
    Stage.VOID: VOID_STATUSES,
}


class Due(Enum):
    OVERDUE = "已逾期"
    WEEK = "7 天内到期"
    NONE = "没有时限"


class Only(Enum):
    UNPLANNED = "失分无整改"
    RECURRING = "反复"
    REQUESTED = "申请待答复"
    EXTENDED = "延过期"
    NO_RULE = "未对应条款"
    MINE = "等我办理"


class Sort(Enum):
    DUE = "按时限"
    GAIN = "按可挽回"
    COST = "按现失分"
    FOUND = "按发现日期"
    NUMBER = "按编号"
    UNIT = "按单位"


class Layout(Enum):
    LIST = "列表"
    BOARD = "台账流转"
    PROMISES = "守诺"


def code_of(word: Enum) -> str:
    """As it stands in the address: the field's words by their names, the list's own in small."""
    return word.name.lower() if isinstance(word, Due | Only | Sort | Layout) else word.name


class Choices(NamedTuple):
    """What the filters and the form offer: code → words."""

    units: dict[str, str]
    towns: dict[str, str]
    tasks: dict[str, str]
    rules: dict[str, str]
    rules_of_unit: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Filters:
    """Several values of one kind are any of them, several kinds are all of them."""

    status: tuple[RectificationStatus, ...] = ()
    unit: tuple[str, ...] = ()
    group: tuple[Group, ...] = ()
    rule: tuple[str, ...] = ()
    task: tuple[str, ...] = ()
    town: tuple[str, ...] = ()
    severity: tuple[Severity, ...] = ()
    discovery: tuple[Discovery, ...] = ()
    due: Due | None = None
    only: tuple[Only, ...] = ()
    text: str = ""
    sort: Sort = Sort.DUE
    page: int = 1
    view: Layout = Layout.LIST

    @classmethod
    def read(cls, query: Mapping[str, str], choices: Choices) -> "Filters":
        """From an address; what nobody knows, or there is no such thing of, is passed over."""
        return cls(
            status=_words(query, "status", RectificationStatus),
            unit=_codes(query, "unit", choices.units),
            group=_words(query, "group", Group),
            rule=_codes(query, "rule", choices.rules),
            task=_codes(query, "task", choices.tasks),
            town=_codes(query, "town", choices.towns),
            severity=_words(query, "severity", Severity),
            discovery=_words(query, "discovery", Discovery),
            due=_word(query, "due", Due),
            only=_words(query, "only", Only),
            text=query.get("q", "").strip()[:LONGEST_TEXT],
            sort=_word(query, "sort", Sort) or Sort.DUE,
            page=_page(query.get("page", "")),
            view=_word(query, "view", Layout) or Layout.LIST,
        )

    def query(self) -> dict[str, str]:
        """For an address; what is as usual is left out of it."""
        parts = {
            "status": _names(self.status),
            "unit": MANY.join(self.unit),
            "group": _names(self.group),
            "rule": MANY.join(self.rule),
            "task": MANY.join(self.task),
            "town": MANY.join(self.town),
            "severity": _names(self.severity),
            "discovery": _names(self.discovery),
            "due": code_of(self.due) if self.due else "",
            "only": _names(self.only),
            "q": self.text,
            "sort": code_of(self.sort) if self.sort is not Sort.DUE else "",
            "page": str(self.page) if self.page > 1 else "",
            "view": code_of(self.view) if self.view is not Layout.LIST else "",
        }
        return {key: value for key, value in parts.items() if value}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out by them."""
        shown = replace(self, sort=Sort.DUE, page=1, view=Layout.LIST)
        return shown != Filters()


def _words(query: Mapping[str, str], key: str, words: type[Word]) -> tuple[Word, ...]:
    names = query.get(key, "").upper().split(MANY)
    return tuple(word for word in words if word.name in names)


def _word(query: Mapping[str, str], key: str, words: type[Word]) -> Word | None:
    return next(iter(_words(query, key, words)), None)


def _codes(query: Mapping[str, str], key: str, known: Iterable[str]) -> tuple[str, ...]:
    asked = query.get(key, "").split(MANY)
    return tuple(code for code in known if code in asked)


def _page(text: str) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return max(1, int(text)) if is_number else 1


def _names(words: Iterable[Enum]) -> str:
    return MANY.join(map(code_of, words))


def choices(session: Session, *, viewer: User) -> Choices:
    """The plan and the standard are nobody's secret; of the units only the viewer's own."""
    criteria = ledger.criteria_in_force(session)
    units = session.scalars(select(Unit).order_by(col(Unit.position))).all()
    seen = session.scalars(scoped(select(col(Unit.code)), viewer, Unit.code)).all()
    tasks = session.scalars(select(Task).order_by(col(Task.no)))
    places = (Group.TOWNS, Group.SUBDISTRICTS)
    return Choices(
        units={unit.code: unit.name for unit in units if unit.code in seen},
        towns={unit.code: unit.name for unit in units if GROUP_OF[unit.kind] in places},
        tasks={str(task.no): f"{task.no}. {task.title}" for task in tasks},
        rules={code: f"{code}　{rule.condition}" for code, rule in criteria.rules.items()},
        rules_of_unit={
            unit.code: tuple(rule.code for rule in criteria.rules_of_unit.get(unit.name, ()))
            for unit in units
            if unit.code in seen
        },
    )
