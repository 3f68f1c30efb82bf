"""接诉即办: what came in, how far each has come, and the rates by which it is judged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.actions import preferences, public_reports
from daxing_safety.errors import BadInput
from daxing_safety.hotline import UNANSWERED, Handling, id_in, number_of, open_to
from daxing_safety.models import AuditEvent, PublicReport, Unit, User
from daxing_safety.permissions import units_seen_by
from daxing_safety.reports import Query
from daxing_safety.vocabulary import (
    Complexity,
    ReportStatus,
    Satisfaction,
    UnitKind,
)

if TYPE_CHECKING:
    import pandas as pd

PAGE = 50  # lines of the list at a time


class Due(Enum):
    """What the clock says of a report that is not answered yet."""

    OVERDUE = "已逾期"
    TODAY = "24小时内到期"
    WEEK = "7天内到期"


WITHIN = {Due.TODAY: timedelta(hours=24), Due.WEEK: timedelta(days=7)}


@dataclass(frozen=True)
class Filters:
    statuses: tuple[ReportStatus, ...] = ()
    unit_code: str | None = None
    town_code: str | None = None
    due: Due | None = None
    complexity: Complexity | None = None
    text: str = ""

    def as_query(self) -> str:
        """For the address of a download; `of_query` reads it back."""
        asked = {
            "status": ",".join(status.name for status in self.statuses),
            "unit": self.unit_code,
            "town": self.town_code,
            "due": self.due.name if self.due else "",
            "complexity": self.complexity.name if self.complexity else "",
            "q": self.text,
        }
        return urlencode({name: value for name, value in asked.items() if value}) or "all"


def of_query(query: str) -> Filters:
    """Raises BadInput for what cannot be one of ours."""
    asked = dict(parse_qsl(query))
    try:
        return Filters(
            statuses=tuple(ReportStatus[n] for n in asked.get("status", "").split(",") if n),
            unit_code=asked.get("unit"),
            town_code=asked.get("town"),
            due=Due[asked["due"]] if "due" in asked else None,
            complexity=Complexity[asked["complexity"]] if "complexity" in asked else None,
            text=asked.get("q", ""),
        )
    except KeyError as unknown:
        raise BadInput("筛选条件看不懂，请从页面上重新下载。") from unknown


class Row(NamedTuple):
    """One report as lists show it."""

    id: int
    status: ReportStatus
    content: str
    site: str
    town: str  # "" while it is not known
    unit: str  # "" while it is not dispatched
    complexity: Complexity
    received_at: datetime
    due_at: datetime
    answered_at: datetime | None
    answer: str
    is_contacted: bool | None
    is_resolved: bool | None
    satisfaction: Satisfaction | None
    source_number: str | None
    problem_number: str | None
    rule_code: str | None

    @property
    def number(self) -> str:
        return number_of(self.id)

    @property
    def rated(self) -> str:
        """Of the last 回访: 未解决，不满意."""
        unresolved = "未解决" if self.is_resolved is False else ""
        satisfied = self.satisfaction.value if self.satisfaction else ""
        return "，".join(filter(None, (unresolved, satisfied)))

    def punctuality(self, now: datetime) -> str:
        """逾期 by the clock; the due moment itself is still in time."""
        if self.answered_at:
            return "逾期答复" if self.answered_at > self.due_at else "按时答复"
        if now > self.due_at:
            return Due.OVERDUE.value
        return Due.TODAY.value if now + WITHIN[Due.TODAY] >= self.due_at else ""


TOWN, WHOSE = aliased(Unit), aliased(Unit)
COLUMNS = (
    col(PublicReport.id),
    col(PublicReport.status),
    col(PublicReport.content),
    col(PublicReport.site),
    func.coalesce(col(TOWN.name), ""),
    func.coalesce(col(WHOSE.name), ""),
    col(PublicReport.complexity),
    col(PublicReport.received_at),
    col(PublicReport.due_at),
    col(PublicReport.answered_at),
    col(PublicReport.answer),
    col(PublicReport.is_contacted),
    col(PublicReport.is_resolved),
    col(PublicReport.satisfaction),
    col(PublicReport.source_number),
    col(PublicReport.problem_number),
    col(PublicReport.rule_code),
)
ROWS = (
    select(*COLUMNS)
    .outerjoin(TOWN, col(TOWN.code) == col(PublicReport.town_code))
    .outerjoin(WHOSE, col(WHOSE.code) == col(PublicReport.unit_code))
)
IN_ORDER = (
    # What the clock runs for comes first, the most pressing on top; then what was settled last.
    case(*((col(PublicReport.status) == each, at) for at, each in enumerate(ReportStatus))),
    case((col(PublicReport.status).in_(UNANSWERED), col(PublicReport.due_at))),
    col(PublicReport.id).desc(),
)


def total(session: Session, *, viewer: User, filters: Filters, now: datetime) -> int:
    """How many there are, on all pages."""
    matching = _matching(select(col(PublicReport.id)), viewer, filters, now)
    return session.scalar(select(func.count()).select_from(matching.subquery())) or 0


def rows(
    session: Session,
    *,
    viewer: User,
    filters: Filters,
    now: datetime,
    page: int = 1,
    most: int = PAGE,
) -> list[Row]:
    """One page of the list; filtered, ordered and cut in the database."""
    matching = _matching(select(col(PublicReport.id)), viewer, filters, now)
    query = ROWS.where(col(PublicReport.id).in_(matching)).order_by(*IN_ORDER)
    return [Row(*row) for row in session.execute(query.offset((page - 1) * most).limit(most))]


def _visible(query: Query, viewer: User) -> Query:
    """A unit sees what it has to answer and, a town, what lies in it."""
    seen = units_seen_by(viewer)
    if seen is None:
        return query
    return query.where(
        col(PublicReport.unit_code).in_(seen) | col(PublicReport.town_code).in_(seen)
    )


def _matching(query: Query, viewer: User, filters: Filters, now: datetime) -> Query:
    query = _visible(query, viewer)
    if filters.statuses:
        query = query.where(col(PublicReport.status).in_(filters.statuses))
    if filters.unit_code:
        query = query.where(col(PublicReport.unit_code) == filters.unit_code)
    if filters.town_code:
        query = query.where(col(PublicReport.town_code) == filters.town_code)
    if filters.complexity:
        query = query.where(col(PublicReport.complexity) == filters.complexity)
    if filters.due:
        query = query.where(col(PublicReport.status).in_(UNANSWERED), _due(filters.due, now))
    return _saying(query, filters.text.strip())


def _due(due: Due, now: datetime) -> Any:
    if due is Due.OVERDUE:
        return col(PublicReport.due_at) < now
    return col(PublicReport.due_at).between(now, now + WITHIN[due])


def _saying(query: Query, text: str) -> Query:
    if not text:
        return query
    columns = (
        PublicReport.content,
        PublicReport.site,
        PublicReport.answer,
        PublicReport.source_number,
        PublicReport.problem_number,
    )
    says = [col(column).icontains(text, autoescape=True) for column in columns]
    number = id_in(text)
    return query.where(or_(*says, col(PublicReport.id) == number) if number else or_(*says))


# ---- figures ---------------------------------------------------------------------------------


class Counts(NamedTuple):
    """Numbers of reports; `overdue` are unanswered ones past their moment."""

    by_status: dict[ReportStatus, int]
    overdue: int

    @property
    def total(self) -> int:
        return sum(self.by_status.values())


def counts(session: Session, *, viewer: User, now: datetime) -> Counts:
    is_overdue = col(PublicReport.status).in_(UNANSWERED) & (col(PublicReport.due_at) < now)
    query = select(
        col(PublicReport.status), func.count(), func.sum(case((is_overdue, 1), else_=0))
    ).group_by(col(PublicReport.status))
    rows = session.execute(_visible(query, viewer)).all()
    known = {status: number for status, number, _ in rows}
    by_status = {status: known.get(status, 0) for status in ReportStatus}
    return Counts(by_status, sum(overdue for _, _, overdue in rows))


# ---- one report ------------------------------------------------------------------------------


class Event(NamedTuple):
    at: datetime
    who: str
    what: str
    remark: str


@dataclass(frozen=True)
class Card:
    row: Row
    source: str
    unit_code: str | None
    town_code: str | None
    rule: str  # code and condition
    rated: str  # in words
    history: tuple[Event, ...]
    handlings: tuple[Handling, ...]  # that the viewer may do now
    due_if: Mapping[Complexity, datetime] = field(default_factory=dict)  # dispatched now


def card(session: Session, *, viewer: User, number: str, now: datetime) -> Card:
    """Raises NotFound for what the viewer may not know of."""
    report = public_reports.find(session, number, viewer=viewer)
    query = ROWS.where(col(PublicReport.id) == report.id)
    return Card(
        row=Row(*session.execute(query).one()),
        source=report.discovery.value,
        unit_code=report.unit_code,
        town_code=report.town_code,
        rule=_rule_in_words(session, report.rule_code),
        rated=public_reports.rated_in_words(report) if report.rated_at else "",
        history=tuple(_history(session, report)),
        handlings=tuple(open_to(report, viewer)),
        due_if={it: _due_if(session, report, it, now) for it in Complexity},
    )


def _due_if(
    session: Session, report: PublicReport, complexity: Complexity, now: datetime
) -> datetime:
    if report.status is ReportStatus.RECEIVED:
        return public_reports.due_on_dispatch(session, report, complexity, now)
    return now + preferences.answer_limit(session, complexity)


def _rule_in_words(session: Session, code: str | None) -> str:
    rule = ledger.criteria_in_force(session).rules.get(code) if code else None
    return f"{code} {rule.condition}" if rule else code or ""


def _history(session: Session, report: PublicReport) -> Iterable[Event]:
    """What the log tells of it; that it came in stands in the report itself."""
    came = f"编号 {report.source_number}" if report.source_number else ""
    yield Event(report.received_at, report.discovery.value, "受理", came)
    query = (
        select(AuditEvent, col(User.display_name))
        .outerjoin(User, col(User.username) == col(AuditEvent.username))
        .where(col(AuditEvent.subject) == number_of(report.id))
        .order_by(col(AuditEvent.id))
    )
    for event, name in session.execute(query):
        what = event.action.removesuffix("诉求")
        yield Event(event.at, name or event.username, what, event.remark)


class Choices(NamedTuple):
    """Code → name, in the plan's order."""

    units: dict[str, str]
    towns: dict[str, str]


def choices(session: Session, *, viewer: User) -> Choices:
    """What lists and forms offer; names of units are nobody's secret."""
    units = session.scalars(select(Unit).order_by(col(Unit.position))).all()
    towns = {u.code: u.name for u in units if u.kind in (UnitKind.TOWN, UnitKind.SUBDISTRICT)}
    return Choices({unit.code: unit.name for unit in units}, towns)


def rules_of_unit(session: Session, *, unit_code: str) -> dict[str, str]:
    """Code → code and condition of the rules under which a problem of the unit may stand."""
    unit = session.get(Unit, unit_code)
    rules = ledger.criteria_in_force(session).rules_of_unit.get(unit.name if unit else "", ())
    return {rule.code: f"{rule.code} {rule.condition}" for rule in rules}


def row_table(rows: Sequence[Row], now: datetime) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        [
            row._asdict()
            | {
                "number": row.number,
                "status": [row.status.value],
                "punctuality": [row.punctuality(now)] if row.punctuality(now) else [],
                "complexity": row.complexity.value,
                "rated": row.rated,
            }
            for row in rows
        ]
    ).drop(columns=["is_contacted", "is_resolved", "satisfaction"])
