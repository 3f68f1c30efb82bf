"""接诉即办 in the demo: some reports at every stage, told by data/demo/public_reports.csv."""

import csv
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from sqlmodel import Session, col, select

from daxing_safety import settings
from daxing_safety.actions import public_reports
from daxing_safety.actions.public_reports import Received
from daxing_safety.demo.days import on
from daxing_safety.models import PublicReport, Unit, User
from daxing_safety.vocabulary import Complexity, Discovery, Satisfaction

FIRST_DAYS_BEFORE = 42
NOT_RATED_YET = 4  # of those that were answered, the last
SHARE_LATE, SHARE_RESOLVED, SHARE_CONTACTED = 0.15, 0.85, 0.9
SHARE_PROBLEMS = 0.35  # of what falls under a rule
ANSWERS_WITHIN = {Complexity.SIMPLE: timedelta(hours=6), Complexity.COMPLEX: timedelta(days=5)}
ANSWERS_LATE = {Complexity.SIMPLE: timedelta(hours=30), Complexity.COMPLEX: timedelta(days=9)}
UNRESOLVED = "诉求人说现场还是老样子，希望再处理。"
MOODS = (Satisfaction.SATISFIED, Satisfaction.SATISFIED, Satisfaction.FAIRLY, None)


class Tale(NamedTuple):
    """A line of the file: what was reported, who answers it, and how."""

    complexity: Complexity
    town: Unit | None
    unit: Unit | None  # None: nobody has been told yet
    rule_code: str | None
    site: str
    content: str
    answer: str


def hear_the_public(session: Session, random: Random, now: datetime) -> None:
    """Reports of the last weeks: rated, answered, under way, overdue, and just come in."""
    tales = _tales(session)
    told = [tale for tale in tales if tale.answer]
    for number, tale in enumerate(told):
        days = FIRST_DAYS_BEFORE - number * (FIRST_DAYS_BEFORE - 8) // len(told)
        report = _dispatched(session, number, tale, now - timedelta(days=days, hours=1))
        _answer(session, random, report, tale)
        if number < len(told) - NOT_RATED_YET:
            _rate(session, random, report, tale)
    _dispatch_again(session, now)
    _leave_under_way(session, tales[len(told) :], len(told), now)


def _dispatch_again(session: Session, now: datetime) -> None:
    """The first that was not resolved goes back to its unit."""
    query = select(PublicReport).where(col(PublicReport.is_resolved).is_(False))
    report = session.exec(query.order_by(col(PublicReport.id))).first()
    if report is not None:
        with on(now.date()):
            public_reports.redispatch(
                session,
                report=report,
                unit=session.get_one(Unit, report.unit_code),
                complexity=Complexity.COMPLEX,
                reason=UNRESOLVED,
                by=_office(session),
                now=now - timedelta(hours=5),
            )


def _tales(session: Session) -> list[Tale]:
    units = {unit.name: unit for unit in session.exec(select(Unit))}
    with (settings.FACTS / "demo" / "public_reports.csv").open(encoding="utf-8") as lines:
        return [
            Tale(
                Complexity(row["complexity"]),
                units.get(row["town"]),
                units.get(row["unit"] or row["town"]),
                row["rule_code"] or None,
                row["site"],
                row["content"],
                row["answer"],
            )
            for row in csv.DictReader(lines)
        ]


def _leave_under_way(session: Session, tales: list[Tale], first: int, now: datetime) -> None:
    """Dispatched between two days and an hour ago; the last have just come in."""
    under_way = [tale for tale in tales if tale.rule_code]
    for number, tale in enumerate(under_way):
        _dispatched(session, first + number, tale, now - timedelta(hours=48 - number * 11))
    waiting = [tale for tale in tales if not tale.rule_code]
    for number, tale in enumerate(waiting, first + len(under_way)):
        _received(session, number, tale, now - timedelta(hours=2))


def _received(session: Session, number: int, tale: Tale, at: datetime) -> PublicReport:
    is_hotline = number % 5 > 0
    received = Received(
        received_at=at,
        content=tale.content,
        site=tale.site,
        source_number=f"DX{at:%y%m%d}{number:04d}" if is_hotline else None,
        discovery=Discovery.HOTLINE if is_hotline else Discovery.PUBLIC_REPORT,
        town_code=tale.town.code if tale.town else None,
        rule_code=tale.rule_code,
        complexity=tale.complexity,
    )
    with on(at.date()):
        return public_reports.receive(session, received=received, by=_office(session), now=at)


def _dispatched(session: Session, number: int, tale: Tale, at: datetime) -> PublicReport:
    report = _received(session, number, tale, at)
    assert tale.unit is not None
    with on(at.date()):
        public_reports.dispatch(
            session,
            report=report,
            unit=tale.unit,
            complexity=tale.complexity,
            by=_office(session),
            now=at + timedelta(hours=1),
        )
    return report


def _answer(session: Session, random: Random, report: PublicReport, tale: Tale) -> None:
    takes = ANSWERS_LATE if random.random() < SHARE_LATE else ANSWERS_WITHIN
    assert report.dispatched_at is not None
    at = report.dispatched_at + takes[report.complexity]
    clerk = session.exec(select(User).where(col(User.unit_code) == report.unit_code)).one()
    with on(at.date()):
        public_reports.answer(session, report=report, text=tale.answer, by=clerk, now=at)


def _rate(session: Session, random: Random, report: PublicReport, tale: Tale) -> None:
    is_resolved = random.random() < SHARE_RESOLVED
    assert report.answered_at is not None and tale.unit is not None
    at = _next_morning(report.answered_at.date())
    with on(at.date()):
        public_reports.rate(
            session,
            report=report,
            is_contacted=random.random() < SHARE_CONTACTED,
            is_resolved=is_resolved,
            satisfaction=random.choice(MOODS) if is_resolved else Satisfaction.DISSATISFIED,
            remark="" if is_resolved else UNRESOLVED,
            by=_office(session),
            now=at,
        )
        if tale.rule_code and random.random() < SHARE_PROBLEMS:
            public_reports.turn_into_problem(
                session,
                report=report,
                unit=tale.unit,
                rule_code=tale.rule_code,
                site=tale.site,
                description=tale.content,
                is_assigned=True,
                by=_office(session),
                now=at,
            )


def _next_morning(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(9, 30))


def _office(session: Session) -> User:
    return session.exec(select(User).where(col(User.username) == "office")).one()
