"""As of a day: what was done since is undone, in a copy, and the points are those of that day."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from filling import dry_hydrant, hand_in, problems, rules, work_points
from sqlmodel import Session, col, select, update

from daxing_safety import past, settings
from daxing_safety.actions import (
    closings,
    evidence,
    preferences,
    reviews,
    rounds,
    voidings,
    withdrawals,
)
from daxing_safety.actions import problems as office_verbs
from daxing_safety.actions import rectifying as unit_verbs
from daxing_safety.database import reading, transaction
from daxing_safety.errors import NotFound
from daxing_safety.models import (
    CriteriaRevision,
    Problem,
    Round,
    Submission,
    Unit,
    User,
    WorkPointDuty,
)
from daxing_safety.reports.problems import counts as counted
from daxing_safety.reports.scores import score_document
from daxing_safety.vocabulary import (
    Discovery,
    EvidenceOf,
    Finding,
    ProgressStatus,
    RectificationStatus,
)
from daxing_safety.workbooks.content import ProblemRow

ONE_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ff"
    "ff3f0005fe02fea72d1e480000000049454e44ae426082"
)
Deed = Callable[[Session, "Cast", datetime], None]


class Cast:
    """Who acts in a transaction."""

    def __init__(self, session: Session) -> None:
        def user(name: str) -> User:
            return session.exec(select(User).where(col(User.username) == name)).one()

        self.clerk, self.office = user("区水务局"), user("office")
        self.unit = session.exec(select(Unit).where(col(Unit.name) == "区水务局")).one()

    def round(self, session: Session) -> Round:
        return session.exec(select(Round)).one()

    def problem(self, session: Session, number: str) -> Problem:
        return session.exec(select(Problem).where(col(Problem.number) == number)).one()


def hydrant(**changes: Any) -> ProblemRow:
    return dry_hydrant(found_on=date(2021, 4, 15), **changes)


def open_the_round(session: Session, cast: Cast, now: datetime) -> None:
    due_at = datetime(2021, 5, 25, 17, 0)
    rounds.open_round(session, name="第二季度", due_at=due_at, by=cast.office, now=now)


def report_a_hydrant(session: Session, cast: Cast, now: datetime) -> None:
    has_problem = rules(_4_1={"finding": Finding.HAS_PROBLEM})
    done = work_points(_1_05={"status": ProgressStatus.IN_PROGRESS, "percent": 40})
    report = problems(hydrant())
    round_ = cast.round(session)
    hand_in(session, round_, cast.unit, has_problem, report, done, by=cast.clerk, now=now)


def accept(session: Session, cast: Cast, now: datetime) -> None:
    latest = session.exec(select(Submission).where(col(Submission.is_latest))).one()
    reviews.accept(session, submission=latest, by=cast.office, now=now)


def an_expert_finds_more(session: Session, cast: Cast, now: datetime) -> None:
    problem = office_verbs.register(
        session,
        unit=cast.unit,
        rule_code="4-1",
        site="林校北路",
        description="井盖破损",
        count=2,
        discovery=Discovery.EXPERT,
        found_on=now.date(),
        by=cast.office,
        now=now,
    )
    office_verbs.assign(session, problem=problem, by=cast.office, now=now)


def claim(session: Session, cast: Cast, now: datetime) -> None:
    evidence.add(
        session,
        unit=cast.unit,
        data=ONE_PIXEL,
        name="整改后.png",
        uses=[(EvidenceOf.PROBLEM, "P00002")],
        material_on=now.date(),
        description="",
        by=cast.clerk,
        now=now,
    )
    unit_verbs.claim_fixed(
        session,
        problem=cast.problem(session, "P00002"),
        done_on=now.date(),
        remark="井盖已换",
        by=cast.clerk,
        now=now,
    )


def close(session: Session, cast: Cast, now: datetime) -> None:
    found = cast.problem(session, "P00002")
    closings.close(session, problem=found, remark="现场看过", by=cast.office, now=now)


def report_again_and_take_it_back(session: Session, cast: Cast, now: datetime) -> None:
    also = hydrant(site="清源路", description="水带老化")
    kept = work_points(_1_05={"status": ProgressStatus.DONE, "percent": 100, "done_on": now.date()})
    mine = hydrant(number="P00001", measure="整体更换")
    receipt = hand_in(
        session, cast.round(session), cast.unit, problems(mine, also), kept, by=cast.clerk, now=now
    )
    withdrawals.take_back(session, submission=receipt.submission, by=cast.clerk, now=now)


def dismiss(session: Session, cast: Cast, now: datetime) -> None:
    found = cast.problem(session, "P00001")
    voidings.dismiss(session, problem=found, reason="不在本区", by=cast.office, now=now)


def leave_an_indicator_out(session: Session, cast: Cast, now: datetime) -> None:
    preferences.leave_out(
        session, indicator_code="4", reason="没有此类设施", by=cast.office, now=now
    )


STORY: list[tuple[date, Deed]] = [
    (date(2021, 4, 20), open_the_round),
    (date(2021, 4, 22), report_a_hydrant),
    (date(2021, 4, 25), accept),
    (date(2021, 4, 26), an_expert_finds_more),
    (date(2021, 4, 28), claim),
    (date(2021, 5, 6), close),
    (date(2021, 5, 8), report_again_and_take_it_back),
    (date(2021, 5, 10), dismiss),
    (date(2021, 5, 12), leave_an_indicator_out),
]


@contextmanager
def on(day: date) -> Iterator[datetime]:
    before = os.environ["DAXING_TODAY"]
    os.environ["DAXING_TODAY"] = day.isoformat()
    try:
        yield datetime.combine(day, time(10, 0))
    finally:
        os.environ["DAXING_TODAY"] = before


def figures(session: Session, day: date) -> dict[str, Any]:
    """All that must be the same again: points, lights' basis, problems and how far they are."""
    office = Cast(session).office
    return {
        "score": score_document(session, as_of=day),
        "problems": counted.by_unit(session, viewer=office, today=day),
        "status": dict(session.execute(select(col(Problem.number), col(Problem.status))).all()),
        "progress": session.execute(
            select(
                col(WorkPointDuty.work_point_code),
                col(WorkPointDuty.percent),
                col(WorkPointDuty.is_accepted),
            )
            .where(col(WorkPointDuty.unit_code) == Cast(session).unit.code)
            .order_by(col(WorkPointDuty.work_point_code))
        ).all(),
    }


@pytest.fixture
def lived(data_dir: Path) -> dict[date, dict[str, Any]]:
    """The story, and what stood at the end of each of its days."""
    with transaction() as session:  # the criteria were there before the story began
        session.exec(update(CriteriaRevision).values(loaded_at=datetime(2021, 4, 1)))
    stood = {}
    for day, deed in STORY:
        with on(day) as now, transaction() as session:
            deed(session, Cast(session), now)
        with on(day), reading() as session:
            stood[day] = figures(session, day)
    return stood


def test_every_past_day_stands_again_as_it_stood(lived: dict[date, dict[str, Any]]) -> None:
    for day, stood in lived.items():
        with past.reading_on(day) as session:
            assert figures(session, day) == stood, day
    scores = {day: stood["score"]["confirmed"]["score"] for day, stood in lived.items()}
    assert len(set(scores.values())) == 3, "the story has to move the points"


def test_looking_back_changes_nothing_in_the_present(lived: dict[date, dict[str, Any]]) -> None:
    last = STORY[-1][0]
    with past.reading_on(STORY[1][0]) as session:
        assert session.exec(select(col(Problem.status))).all() == [RectificationStatus.IN_PROGRESS]
    with reading() as session:
        assert figures(session, last) == lived[last]


def test_today_is_the_present(lived: dict[date, dict[str, Any]]) -> None:
    with past.reading_on(settings.today()) as session:
        numbers = session.exec(select(col(Problem.number)).order_by(col(Problem.number)))
        assert numbers.all() == ["P00001", "P00002"]


def test_before_the_work_began_there_is_nothing_to_see(lived: dict[date, dict[str, Any]]) -> None:
    started = "2019-01-01 还没有数据，请选 2021-04-01"
    with pytest.raises(NotFound, match=started), past.reading_on(date(2019, 1, 1)):
        pass
