"""操作日志 as the auditor reads it: filtered, a page at a time, what changed in words.

Whoever reads business data elsewhere does not read this, and the other way round.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from daxing_safety import verification
from daxing_safety.actions import upkeep
from daxing_safety.actions.upkeep import Outcome
from daxing_safety.errors import NotFound
from daxing_safety.log_chain import Checked
from daxing_safety.models import AuditEvent, AuditHead, User
from daxing_safety.permissions import Permission, require
from daxing_safety.reports import Query
from daxing_safety.vocabulary import (
    Discovery,
    RectificationStatus,
    Role,
    ScopePolicy,
    Severity,
)

if TYPE_CHECKING:
    import pandas as pd

PAGE = 100
LONGEST_TEXT = 100
HERE = "本机"  # the command line and what the server does by itself
SET_BACK = "时钟曾被调慢"

# The names under which verbs note what changed, and the words that some of the values stand for.
FIELDS: Mapping[str, str] = {
    "answer": "答复",
    "answered_at": "答复时间",
    "assigned_on": "交办日期",
    "at": "时间",
    "check": "举一反三编号",
    "claimed_at": "申请销号时间",
    "claimed_fixed": "申请销号",
    "closed_by": "销号人",
    "closed_on": "销号日期",
    "count": "处数",
    "description": "问题描述",
    "differences": "不符",
    "discovery": "发现方式",
    "done_on": "完成日期",
    "due_at": "截止时间",
    "due_on": "时限",
    "extensions": "申请延期",
    "findings": "自查结论",
    "first_due_on": "最初时限",
    "found_by": "发现人",
    "found_on": "发现日期",
    "has_same": "有同类问题",
    "is_demo": "演示数据",
    "keep": "保留份数",
    "measure": "整改措施",
    "merged_into": "并入",
    "name": "名称",
    "number": "编号",
    "office_remark": "创安办意见",
    "problem": "问题",
    "problems_opened": "新增问题",
    "problems_updated": "更新问题",
    "progress": "工作进展",
    "query": "筛选条件",
    "reason": "理由",
    "recurs": "反复",
    "remark": "说明",
    "responsible": "责任人",
    "role": "角色",
    "rows": "行",
    "rule_code": "条款",
    "scope_policy": "不涉及的计分",
    "severity": "等级",
    "sha256": "文件校验码",
    "site": "点位",
    "status": "状态",
    "target": "整改目标",
    "target_score": "内部目标分",
    "task_no": "任务",
    "text": "内容",
    "town_code": "属地",
    "unit": "单位",
    "unit_code": "责任单位",
    "units": "单位",
    "until": "至",
    "upheld": "申诉成立",
    "uses": "用于",
}
WORDS: Mapping[str, type[Enum]] = {
    "discovery": Discovery,
    "role": Role,
    "scope_policy": ScopePolicy,
    "severity": Severity,
    "status": RectificationStatus,
}


@dataclass(frozen=True)
class Filters:
    who: str = ""  # part of a user name or of a person's name
    action: str = ""
    text: str = ""  # part of the subject or the remark
    since: date | None = None
    until: date | None = None
    address: str = ""  # how it begins
    only_set_back: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filters":
        """From an address, where anything may stand: what is no day is none."""
        asked = {name: value[:LONGEST_TEXT] for name, value in query.items()}
        return cls(
            who=asked.get("who", ""),
            action=asked.get("action", ""),
            text=asked.get("q", ""),
            since=_day(asked.get("from", "")),
            until=_day(asked.get("to", "")),
            address=asked.get("address", ""),
            only_set_back=asked.get("only") == "set_back",
        )

    def query(self) -> str:
        """As an address writes it; `all` where nothing is asked."""
        asked = {
            "who": self.who,
            "action": self.action,
            "q": self.text,
            "from": self.since.isoformat() if self.since else "",
            "to": self.until.isoformat() if self.until else "",
            "address": self.address,
            "only": "set_back" if self.only_set_back else "",
        }
        return urlencode({name: value for name, value in asked.items() if value}) or "all"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class Change(NamedTuple):
    """A field, before and after; "" where there was nothing."""

    field: str
    before: str
    after: str


class Row(NamedTuple):
    number: int
    at: datetime
    username: str
    name: str  # of the person; "" for the server
    address: str
    action: str
    subject: str
    remark: str
    changes: tuple[Change, ...]
    is_set_back: bool
    hash: str


class State(NamedTuple):
    """The log's end, and what was found when it was last gone through."""

    events: int
    hash: str
    set_back: int
    last: Outcome | None


def rows(
    session: Session, *, viewer: User, filters: Filters, page: int = 1, most: int = PAGE
) -> list[Row]:
    """The newest first."""
    require(viewer, Permission.SEE_LOG)
    query = _asked(select(AuditEvent, col(User.display_name)), filters)
    query = query.order_by(col(AuditEvent.id).desc()).limit(most).offset(most * (page - 1))
    return [_row(event, name or "") for event, name in session.execute(query)]


def total(session: Session, *, viewer: User, filters: Filters) -> int:
    require(viewer, Permission.SEE_LOG)
    return session.execute(_asked(select(func.count(col(AuditEvent.id))), filters)).scalar_one()


def event(session: Session, *, viewer: User, number: str) -> Row:
    require(viewer, Permission.SEE_LOG)
    wanted = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0
    query = _with_people(select(AuditEvent, col(User.display_name)))
    found = session.execute(query.where(col(AuditEvent.id) == wanted)).one_or_none()
    if found is None:
        raise NotFound("没有这一条操作日志。")
    return _row(found[0], found[1] or "")


def actions(session: Session, *, viewer: User) -> list[str]:
    require(viewer, Permission.SEE_LOG)
    return sorted(session.scalars(select(col(AuditEvent.action)).distinct()))


def state(session: Session, *, viewer: User) -> State:
    require(viewer, Permission.SEE_LOG)
    head = session.scalars(select(AuditHead)).one()
    set_back = select(func.count()).where(col(AuditEvent.is_set_back))
    last = upkeep.last(session, upkeep.LAST_CHECK)
    return State(head.number, head.hash, session.execute(set_back).scalar_one(), last)


def chain(session: Session, *, viewer: User) -> Checked:
    """Gone through from the first event to the last."""
    require(viewer, Permission.SEE_LOG)
    return verification.check_log(session)[0]


def _with_people(query: Query) -> Query:
    is_same = col(User.username) == col(AuditEvent.username)
    return query.outerjoin(User, is_same)


def _asked(query: Query, filters: Filters) -> Query:
    asked: list[Any] = []
    if filters.who:
        names = (col(AuditEvent.username), col(User.display_name))
        asked.append(or_(*(name.contains(filters.who, autoescape=True) for name in names)))
    if filters.action:
        asked.append(col(AuditEvent.action) == filters.action)
    if filters.text:
        texts = (col(AuditEvent.subject), col(AuditEvent.remark))
        asked.append(or_(*(text.contains(filters.text, autoescape=True) for text in texts)))
    if filters.since:
        asked.append(col(AuditEvent.at) >= datetime.combine(filters.since, time.min))
    if filters.until:
        asked.append(col(AuditEvent.at) <= datetime.combine(filters.until, time.max))
    if filters.address:
        asked.append(_is_from(filters.address))
    if filters.only_set_back:
        asked.append(col(AuditEvent.is_set_back))
    return _with_people(query.select_from(AuditEvent)).where(*asked)


def _is_from(address: str) -> Any:
    column = col(AuditEvent.address)
    return column == "" if address == HERE else column.startswith(address, autoescape=True)


def _row(event: AuditEvent, name: str) -> Row:
    assert event.id is not None
    return Row(
        number=event.id,
        at=event.at,
        username=event.username,
        name=name,
        address=event.address or HERE,
        action=event.action,
        subject=event.subject,
        remark=event.remark if event.remark != event.address else "",
        changes=tuple(_changes(event.before, event.after)),
        is_set_back=event.is_set_back,
        hash=event.hash,
    )


def _changes(before: str, after: str) -> Iterable[Change]:
    old = json.loads(before) if before else {}
    new = json.loads(after) if after else {}
    for name in dict.fromkeys((*old, *new)):
        yield Change(FIELDS.get(name, name), _word(name, old.get(name)), _word(name, new.get(name)))


def _word(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(str, value))
    words = WORDS.get(name)
    return words[value].value if words and value in words.__members__ else str(value)


def in_words(changes: Sequence[Change]) -> str:
    """状态：整改中 → 已销号；处数：3"""
    return "；".join(
        f"{each.field}：{each.before} → {each.after or '（空）'}"
        if each.before
        else f"{each.field}：{each.after}"
        for each in changes
    )


def person(row: Row) -> str:
    is_named = row.name and row.name != row.username
    return f"{row.name}（{row.username}）" if is_named else row.username


def change_table(changes: Sequence[Change]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(changes, columns=list(Change._fields))


def row_table(found: Sequence[Row]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        [
            {
                "number": str(row.number),
                "at": row.at,
                "who": person(row),
                "address": row.address,
                "action": row.action,
                "subject": row.subject,
                "remark": row.remark,
                "changes": in_words(row.changes),
                "mark": [SET_BACK] if row.is_set_back else [],
            }
            for row in found
        ]
    )
