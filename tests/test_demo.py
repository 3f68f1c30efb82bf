"""The demo: a half-done programme in which every sum agrees and every kind of thing occurs."""

from collections.abc import Iterator
from typing import Any

import pytest
from clusters import Cluster, settling
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from daxing_safety import database, files, ledger, past, settings
from daxing_safety.actions import preferences
from daxing_safety.demo import build_demo
from daxing_safety.models import (
    NOW,
    Base,
    Evidence,
    EvidenceUse,
    PeerAnswer,
    Problem,
    ProblemEvent,
    ProblemRequest,
    Round,
    SpotCheckItem,
    Submission,
    User,
)
from daxing_safety.photos import made_small
from daxing_safety.rectification import MOVES
from daxing_safety.reports import meetings
from daxing_safety.reports.meetings import Fate
from daxing_safety.reports.spot_checks import checks
from daxing_safety.vocabulary import (
    Discovery,
    MeetingItemKind,
    Move,
    PhotoStage,
    RectificationStatus,
    RequestKind,
    ReviewState,
    RoundState,
    Severity,
    SpotHandling,
)


@pytest.fixture(scope="module")
def demo(cluster: Cluster | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with pytest.MonkeyPatch.context() as environment, settling(cluster, environment) as settle:
        settle(tmp_path_factory.mktemp("demo"))
        environment.delenv("DAXING_TODAY", raising=False)
        database.upgrade()
        build_demo(password="Yan-shi-2021-shu")
        with database.reading() as session:
            yield session


def test_it_is_a_programme_half_done(demo: Session) -> None:
    states = demo.exec(select(Round.state).order_by(col(Round.id))).all()
    assert states == [RoundState.FROZEN] * 3 + [RoundState.OPEN]
    assert preferences.is_demo(demo)


def test_problems_came_from_every_source_and_stand_at_every_stage(demo: Session) -> None:
    assert set(demo.exec(select(Problem.discovery))) == set(Discovery)
    assert set(demo.exec(select(Problem.status))) == set(RectificationStatus)
    overdue = (col(Problem.due_on) < settings.DEMO_DAY) & (
        col(Problem.status) != RectificationStatus.CLOSED
    )
    assert demo.exec(select(func.count()).where(overdue)).one() > 0


def test_the_loop_has_been_gone_through_in_every_way(demo: Session) -> None:
    moves = set(demo.exec(select(col(ProblemEvent.move))))
    assert {*MOVES, Move.REPORT} - moves <= {Move.WITHDRAW_CLAIM, Move.REASSIGN, Move.RESTORE}
    answers = set(demo.exec(select(col(ProblemRequest.kind), col(ProblemRequest.is_granted))))
    extension, misreport = RequestKind.EXTENSION, RequestKind.MISREPORT
    assert {(extension, None), (extension, True), (extension, False), (misreport, None)} <= answers
    listed = select(col(Problem.due_on)).where(col(Problem.severity) == Severity.LISTED)
    assert min(filter(None, demo.exec(listed))) < settings.DEMO_DAY
    assert any(demo.exec(select(col(Problem.recurs))))


def test_problems_are_shown_before_and_after(demo: Session) -> None:
    shown = demo.exec(
        select(EvidenceUse.code, col(EvidenceUse.stage), Evidence.sha256)
        .join(Evidence, col(Evidence.id) == col(EvidenceUse.evidence_id))
        .where(col(EvidenceUse.stage).is_not(None))
    ).all()
    by_stage = {stage: {code for code, at, _ in shown if at is stage} for stage in PhotoStage}
    assert len(by_stage[PhotoStage.BEFORE] & by_stage[PhotoStage.AFTER]) >= 20
    assert made_small(files.load(shown[0][2])).startswith(b"\xff\xd8")


def test_peers_have_been_asked_and_some_have_answered(demo: Session) -> None:
    lines = demo.exec(select(PeerAnswer.check_id, PeerAnswer.has_same)).all()
    assert {number for number, _ in lines} == {1, 2}
    assert {has_same for _, has_same in lines} == {True, False, None}


def test_the_next_meeting_begins_with_what_became_of_the_last_one(demo: Session) -> None:
    leader = demo.exec(select(User).where(col(User.username) == "leader")).one()
    (head,) = meetings.heads(demo, viewer=leader)
    assert head.closed_at and head.day < settings.DEMO_DAY
    said = meetings.lines(demo, viewer=leader, today=settings.DEMO_DAY)
    assert {MeetingItemKind.PROMISE, MeetingItemKind.DEADLINE} == {each.item.kind for each in said}
    promised = {each.fate for each in said if each.item.kind is MeetingItemKind.PROMISE}
    assert promised == {Fate.KEPT, Fate.BROKEN, Fate.UNCHECKED, Fate.WAITING}


def test_one_spot_check_waits_for_the_office_and_one_for_its_experts(demo: Session) -> None:
    office = demo.exec(select(User).where(col(User.username) == "office")).one()
    second, first = checks.heads(demo, viewer=office, today=settings.DEMO_DAY)
    assert first.is_handed_in and first.waiting > 0
    assert not second.is_handed_in and 0 < second.answered < second.items
    handled = set(demo.exec(select(SpotCheckItem.handling)))
    assert handled == {None, *SpotHandling}


def test_submissions_were_accepted_returned_late_and_some_wait(demo: Session) -> None:
    states = set(demo.exec(select(Submission.state)))
    assert {ReviewState.ACCEPTED, ReviewState.RETURNED, ReviewState.PENDING} <= states
    assert True in set(demo.exec(select(Submission.is_late)))


def test_every_unit_and_every_role_has_an_account(demo: Session) -> None:
    names = set(demo.exec(select(User.username)))
    assert {"office", "admin", "auditor", "leader", "expert", "区教委", "黄村镇"} <= names


def test_the_kept_sums_agree_with_the_ledger(demo: Session) -> None:
    with database.transaction() as session:
        assert ledger.differences(session) == []


def test_each_frozen_round_reads_the_same_on_its_own_day_as_it_was_frozen(demo: Session) -> None:
    settings.use_demo_day()
    rounds = demo.exec(select(Round).where(col(Round.state) == RoundState.FROZEN)).all()
    assert rounds
    for round_ in rounds:
        assert round_.id is not None and round_.frozen_at is not None
        with past.reading_on(round_.frozen_at.date()) as session:
            for sums in ledger.KEPT_BY_ROUND:
                assert kept(session, sums, NOW) == kept(demo, sums, round_.id)


def kept(session: Session, sums: type[Base], round_id: int) -> set[tuple[Any, ...]]:
    table = database.table_of(sums)
    others = [column for column in table.columns if column.name != "round_id"]
    rows = session.execute(sql_select(*others).where(table.c.round_id == round_id))
    return {tuple(row) for row in rows}
