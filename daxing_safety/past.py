"""How things stood at the end of a past day: a small database of its own, made from the history.

What is kept for good (submissions and their rows, confirmations, the timelines of problems, the
times of decisions) is wound back, and the sums are made anew; every report then reads it like the
present. What keeps no history stands as it is now: units, due dates, settings, verdicts on rows.
"""

import itertools
import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, create_engine, delete, insert, select, update
from sqlmodel import Session, col

from daxing_safety import ledger, settings
from daxing_safety.database import reading, table_of
from daxing_safety.errors import NotFound
from daxing_safety.models import (
    AuditEvent,
    Base,
    CriteriaRevision,
    DataVersion,
    DutyDecision,
    Evidence,
    EvidenceUse,
    FindingConfirmation,
    FindingEntry,
    IndicatorScore,
    LateAllowance,
    LoginFailure,
    LoginSession,
    Loss,
    OutOfScope,
    Problem,
    ProblemEvent,
    ProblemRequest,
    ProgressEntry,
    Round,
    RowVerdict,
    SavedView,
    SpotCheck,
    SpotCheckExpert,
    SpotCheckItem,
    SpotCheckPhoto,
    Submission,
    UnitSummary,
    WorkPointDuty,
)
from daxing_safety.vocabulary import ProgressStatus, ReviewState, RoundState

MOST = 4  # days kept at a time
NOT_COPIED = {table_of(each) for each in (AuditEvent, LoginFailure, LoginSession, SavedView)}
Key = tuple[str, date, int]


class _Snapshots:
    """The days that were looked at last, each for as long as nothing is written."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._engines: OrderedDict[Key, Engine] = OrderedDict()
        self._numbers = itertools.count()

    def engine(self, session: Session, day: date) -> Engine:
        version = session.scalars(select(col(DataVersion.number))).one()
        key = settings.database_url(), day, version
        with self._guard:
            if key not in self._engines:
                path = Path(_folder().name) / f"{next(self._numbers)}.db"
                self._engines[key] = _snapshot(session, day, path)
            self._engines.move_to_end(key)
            while len(self._engines) > MOST:
                self._engines.popitem(last=False)[1].dispose()
            return self._engines[key]


_snapshots = _Snapshots()


@cache
def _folder() -> TemporaryDirectory[str]:
    """Goes with the process."""
    return TemporaryDirectory(prefix="daxing-past-")


@contextmanager
def reading_on(day: date) -> Iterator[Session]:
    """`database.reading()` at the end of that day; today and later days are the present."""
    if day >= settings.today():
        with reading() as session:
            yield session
        return
    with reading() as session:
        engine = _snapshots.engine(session, day)
    with Session(engine) as session:
        yield session


def _snapshot(session: Session, day: date, path: Path) -> Engine:
    """Raises NotFound for a day before the work began."""
    moment = datetime.combine(day, time.max)
    started = session.scalars(select(col(CriteriaRevision.loaded_at)).order_by("loaded_at")).first()
    if started is None or started > moment:
        since = f"，请选 {started:%Y-%m-%d} 或以后的日期" if started else ""
        raise NotFound(f"{day} 还没有数据{since}。")
    engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    with Session(engine) as past, past.begin():
        _copy(session, past)
        for wind_back in WIND_BACK:
            wind_back(past, moment)
        past.flush()
        ledger.rebuild(past)
    return engine


def _copy(session: Session, past: Session) -> None:
    for table in Base.metadata.sorted_tables:
        if table not in NOT_COPIED:
            rows = [row._asdict() for row in session.execute(select(table))]
            if rows:
                past.execute(insert(table), rows)


# ---- what is wound back, in this order -------------------------------------------------------


def _rounds(past: Session, moment: datetime) -> None:
    later = select(col(Round.id)).where(col(Round.opens_at) > moment)
    unfrozen = select(col(Round.id)).where(
        (col(Round.frozen_at) > moment) | col(Round.frozen_at).is_(None)
    )
    for sums in (IndicatorScore, Loss, UnitSummary):
        past.execute(delete(sums).where(col(sums.round_id).in_(unfrozen)))
    past.execute(delete(LateAllowance).where(col(LateAllowance.round_id).in_(later)))
    past.execute(delete(Round).where(col(Round.opens_at) > moment))
    for round_ in past.scalars(select(Round).where(col(Round.id).in_(unfrozen))):
        round_.frozen_at = None
        round_.state = RoundState.OPEN if moment <= round_.due_at else RoundState.CLOSED


def _submissions(past: Session, moment: datetime) -> None:
    gone = select(col(Submission.id)).where(col(Submission.submitted_at) > moment)
    for rows in (ProgressEntry, FindingEntry, RowVerdict):
        past.execute(delete(rows).where(col(rows.submission_id).in_(gone)))
    past.execute(delete(Submission).where(col(Submission.submitted_at) > moment))
    latest: dict[str, Submission] = {}
    for version in past.scalars(select(Submission).order_by(col(Submission.id))):
        _unreview(version, moment)
        version.is_latest = False
        if version.state is not ReviewState.TAKEN_BACK:
            latest[version.unit_code] = version
    for version in latest.values():
        version.is_latest = True
        if version.state is ReviewState.SUPERSEDED:  # by one that had not come yet
            version.state = ReviewState.PENDING
    past.flush()


def _unreview(version: Submission, moment: datetime) -> None:
    if version.reviewed_at and version.reviewed_at > moment:
        version.state, version.review_remark = ReviewState.PENDING, ""
        version.reviewed_at = version.reviewed_by = None


def _duties(past: Session, moment: datetime) -> None:
    """Work points that were given to another unit since are the first unit's again."""
    later = (
        select(DutyDecision)
        .where(col(DutyDecision.decided_at) > moment)
        .order_by(col(DutyDecision.id).desc())
    )
    for decision in past.scalars(later).all():
        if decision.to_unit_code:
            moved = past.get_one(WorkPointDuty, (decision.work_point_code, decision.to_unit_code))
            past.add(
                WorkPointDuty(
                    work_point_code=moved.work_point_code,
                    unit_code=decision.unit_code,
                    duty=moved.duty,
                    position=moved.position,
                )
            )
            past.delete(moved)
        past.delete(decision)
    past.flush()


def _progress(past: Session, moment: datetime) -> None:
    """How far each work point had come, as the unit's last version says."""
    said, accepted = _entries(past, latest=True), _entries(past, latest=False)
    refused = {
        (decision.work_point_code, decision.unit_code)
        for decision in past.scalars(select(DutyDecision))
        if decision.to_unit_code is None
    }
    for duty in past.scalars(select(WorkPointDuty)):
        key = duty.work_point_code, duty.unit_code
        entry = said.get(key, NOTHING_SAID)
        if entry["status"] is ProgressStatus.NOT_OURS and key in refused:
            entry = NOTHING_SAID
        for name, value in entry.items():
            setattr(duty, name, value)
        duty.is_accepted = key in said and accepted.get(key) == entry


NOTHING_SAID: Mapping[str, Any] = {
    "status": ProgressStatus.NOT_STARTED,
    "percent": Decimal(0),
    "done_on": None,
    "remark": "",
    "evidence": "",
}


def _entries(past: Session, *, latest: bool) -> dict[tuple[str, str], Mapping[str, Any]]:
    """By work point and unit, of the last versions or of the last accepted ones."""
    is_one = col(Submission.is_latest) if latest else col(Submission.state) == ReviewState.ACCEPTED
    query = (
        select(col(Submission.unit_code), ProgressEntry)
        .join(ProgressEntry, col(ProgressEntry.submission_id) == col(Submission.id))
        .where(is_one)
        .order_by(col(Submission.id))  # the newest overwrites
    )
    return {
        (entry.work_point_code, unit): {name: getattr(entry, name) for name in NOTHING_SAID}
        for unit, entry in past.execute(query)
    }


def _problems(past: Session, moment: datetime) -> None:
    since = (
        select(ProblemEvent)
        .where(col(ProblemEvent.at) > moment)
        .order_by(col(ProblemEvent.id).desc())
    )
    past.execute(delete(ProblemRequest).where(col(ProblemRequest.asked_at) > moment))
    past.execute(
        update(ProblemRequest)
        .where(col(ProblemRequest.answered_at) > moment)
        .values(is_granted=None, answer="", answered_at=None, answered_by=None)
    )
    problems = {problem.number: problem for problem in past.scalars(select(Problem))}
    for event in past.scalars(since).all():
        if problem := problems.get(event.problem_number):
            for name, text in json.loads(event.before).items():
                setattr(problem, name, _from_text(name, text))
        past.delete(event)
    past.flush()
    past.execute(delete(Problem).where(col(Problem.opened_at) > moment))


def _from_text(name: str, text: Any) -> Any:
    """A column of Problem as actions/moves.py wrote it into a timeline."""
    kind = table_of(Problem).c[name].type.python_type
    if text is None or isinstance(text, (int, bool)):
        return text
    if issubclass(kind, Enum):
        return kind[text]
    return kind.fromisoformat(text) if issubclass(kind, date) else text


def _evidence(past: Session, moment: datetime) -> None:
    gone = select(col(Evidence.id)).where(col(Evidence.uploaded_at) > moment)
    replaced = select(col(Evidence.replaces_id)).where(col(Evidence.id).in_(gone))
    past.execute(update(Evidence).where(col(Evidence.id).in_(replaced)).values(is_current=True))
    past.execute(delete(EvidenceUse).where(col(EvidenceUse.evidence_id).in_(gone)))
    past.execute(delete(Evidence).where(col(Evidence.uploaded_at) > moment))


def _spot_checks(past: Session, moment: datetime) -> None:
    """What had not been drawn, found, handed in or handled."""
    later = select(col(SpotCheck.id)).where(col(SpotCheck.drawn_at) > moment)
    past.execute(delete(SpotCheckPhoto).where(col(SpotCheckPhoto.uploaded_at) > moment))
    for rows in (SpotCheckItem, SpotCheckExpert):
        past.execute(delete(rows).where(col(rows.check_id).in_(later)))
    past.execute(delete(SpotCheck).where(col(SpotCheck.drawn_at) > moment))
    for at, nothing in UNDONE:
        past.execute(update(at.class_).where(at > moment).values(nothing))


UNDONE: tuple[tuple[Any, Mapping[str, Any]], ...] = (
    (SpotCheck.withdrawn_at, {"withdrawn_at": None, "withdrawn_by": None}),
    (SpotCheckExpert.handed_in_at, {"handed_in_at": None}),
    (SpotCheckItem.answered_at, {"verdict": None, "found": "", "answered_at": None}),
    (SpotCheckItem.handled_at, {"handling": None, "problem_number": None, "handled_at": None}),
)


def _decisions(past: Session, moment: datetime) -> None:
    for model, at in (
        (FindingConfirmation, col(FindingConfirmation.confirmed_at)),
        (OutOfScope, col(OutOfScope.decided_at)),
        (CriteriaRevision, col(CriteriaRevision.loaded_at)),
    ):
        past.execute(delete(model).where(at > moment))


WIND_BACK = (
    _duties,
    _submissions,
    _progress,
    _problems,
    _evidence,
    _spot_checks,
    _decisions,
    _rounds,
)
