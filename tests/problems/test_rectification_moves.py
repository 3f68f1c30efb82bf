"""Every move on a problem, from every status, by every role: who may, and where it leads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

import pytest
from problem_lives import (
    HYDRANT,
    NOW,
    bring_to,
    everything,
    register,
    show,
    timeline,
)
from sqlmodel import Session, col, select

from daxing_safety import ledger
from daxing_safety.actions import closings, problems, rectifying, requests, voidings
from daxing_safety.errors import Conflict, NotAllowed, UserFacingError
from daxing_safety.models import Problem, ProblemRequest, Unit, User
from daxing_safety.rectification import MOVES, plain_site
from daxing_safety.vocabulary import Move, RectificationStatus, RequestKind, Severity

Status = RectificationStatus
UNASSIGNED, NOT_STARTED, IN_PROGRESS, CLAIMED, CLOSED, DISMISSED, MERGED = Status
OFFICE, UNIT = "office", "区水务局"
EVERYBODY = ("office", "区水务局", "区城管委", "leader", "admin", "auditor", "expert")

# Who may make the move, and from where it leads where. Whatever is not here is refused.
EXPECTED: dict[Move, tuple[str, dict[Status, Status]]] = {
    Move.ASSIGN: (OFFICE, {UNASSIGNED: NOT_STARTED}),
    Move.REASSIGN: (
        OFFICE,
        {UNASSIGNED: NOT_STARTED, NOT_STARTED: NOT_STARTED, IN_PROGRESS: NOT_STARTED},
    ),
    Move.CORRECT: (
        OFFICE,
        {
            UNASSIGNED: UNASSIGNED,
            NOT_STARTED: NOT_STARTED,
            IN_PROGRESS: IN_PROGRESS,
            CLAIMED: CLAIMED,
        },
    ),
    Move.PLAN: (UNIT, {NOT_STARTED: NOT_STARTED, IN_PROGRESS: IN_PROGRESS}),
    Move.START: (UNIT, {NOT_STARTED: IN_PROGRESS}),
    Move.CLAIM_FIXED: (UNIT, {NOT_STARTED: CLAIMED, IN_PROGRESS: CLAIMED}),
    Move.WITHDRAW_CLAIM: (UNIT, {CLAIMED: IN_PROGRESS}),
    Move.REINSPECT: (OFFICE, {CLAIMED: CLAIMED}),
    Move.CLOSE: (OFFICE, {CLAIMED: CLOSED}),
    Move.SEND_BACK: (OFFICE, {CLAIMED: IN_PROGRESS}),
    Move.REOPEN: (OFFICE, {CLOSED: IN_PROGRESS}),
    Move.EXTEND: (OFFICE, {NOT_STARTED: NOT_STARTED, IN_PROGRESS: IN_PROGRESS}),
    Move.ASK: (UNIT, {NOT_STARTED: NOT_STARTED, IN_PROGRESS: IN_PROGRESS}),
    Move.REFUSE: (
        OFFICE,
        {
            UNASSIGNED: UNASSIGNED,
            NOT_STARTED: NOT_STARTED,
            IN_PROGRESS: IN_PROGRESS,
            CLAIMED: CLAIMED,
        },
    ),
    Move.DISMISS: (
        OFFICE,
        {
            UNASSIGNED: DISMISSED,
            NOT_STARTED: DISMISSED,
            IN_PROGRESS: DISMISSED,
            CLAIMED: DISMISSED,
        },
    ),
    Move.MERGE: (
        OFFICE,
        {UNASSIGNED: MERGED, NOT_STARTED: MERGED, IN_PROGRESS: MERGED, CLAIMED: MERGED},
    ),
    Move.RESTORE: (OFFICE, {DISMISSED: NOT_STARTED, MERGED: NOT_STARTED}),
}


@dataclass
class Scene:
    """One problem of 区水务局, another at the same place, and what the unit has asked for."""

    session: Session
    problem: Problem
    twin: Problem
    request: ProblemRequest
    other_unit: Unit


@pytest.fixture
def scene(
    session: Session,
    water_bureau: Unit,
    city_management: Unit,
    clerk: User,
    office: User,
    status: Status,
) -> Scene:
    problem, twin = (register(session, water_bureau, office) for _ in range(2))
    show(session, problem, clerk)
    bring_to(session, problem, status, clerk, office)
    request = ProblemRequest(
        problem_number=problem.number,
        kind=RequestKind.MISREPORT,
        reason="点位不在本单位",
        asked_at=NOW,
        asked_by=clerk.username,
    )
    session.add(request)
    session.flush()
    return Scene(session, problem, twin, request, city_management)


def assign(scene: Scene, by: User) -> None:
    problems.assign(scene.session, problem=scene.problem, by=by, now=NOW)


def reassign(scene: Scene, by: User) -> None:
    problems.reassign(
        scene.session,
        problem=scene.problem,
        unit=scene.other_unit,
        rule_code="4-1",
        reason="属地管理",
        by=by,
        now=NOW,
    )


def correct(scene: Scene, by: User) -> None:
    problems.correct(
        scene.session,
        problem=scene.problem,
        rule_code="4-1",
        site=HYDRANT,
        description="消火栓无水，阀门锈死",
        count=2,
        severity=Severity.GENERAL,
        reason="现场核实",
        by=by,
        now=NOW,
    )


def plan(scene: Scene, by: User) -> None:
    rectifying.plan(
        scene.session,
        problem=scene.problem,
        target="恢复供水",
        measure="更换阀门",
        responsible="王科长",
        due_on=date(2021, 5, 28),
        by=by,
        now=NOW,
    )


def start(scene: Scene, by: User) -> None:
    rectifying.start(scene.session, problem=scene.problem, by=by, now=NOW)


def claim_fixed(scene: Scene, by: User) -> None:
    rectifying.claim_fixed(
        scene.session,
        problem=scene.problem,
        done_on=NOW.date(),
        remark="阀门已换",
        by=by,
        now=NOW,
    )


def withdraw_claim(scene: Scene, by: User) -> None:
    rectifying.withdraw_claim(
        scene.session, problem=scene.problem, reason="又漏水了", by=by, now=NOW
    )


def reinspect(scene: Scene, by: User) -> None:
    closings.reinspect(
        scene.session,
        problem=scene.problem,
        is_passed=True,
        remark="现场放水正常",
        by=by,
        now=NOW,
    )


def close(scene: Scene, by: User) -> None:
    closings.close(scene.session, problem=scene.problem, remark="看过照片", by=by, now=NOW)


def send_back(scene: Scene, by: User) -> None:
    closings.send_back(scene.session, problem=scene.problem, reason="照片不清", by=by, now=NOW)


def reopen(scene: Scene, by: User) -> None:
    closings.reopen(scene.session, problem=scene.problem, reason="又无水了", by=by, now=NOW)


def extend(scene: Scene, by: User) -> None:
    requests.extend(
        scene.session,
        problem=scene.problem,
        due_on=date(2021, 7, 30),
        reason="等配件",
        by=by,
        now=NOW,
    )


def ask(scene: Scene, by: User) -> None:
    rectifying.ask_extension(
        scene.session,
        problem=scene.problem,
        due_on=date(2021, 7, 30),
        reason="等配件",
        by=by,
        now=NOW,
    )


def refuse(scene: Scene, by: User) -> None:
    requests.refuse(scene.session, request=scene.request, reason="确在本单位", by=by, now=NOW)


def dismiss(scene: Scene, by: User) -> None:
    voidings.dismiss(scene.session, problem=scene.problem, reason="点位已拆除", by=by, now=NOW)


def merge(scene: Scene, by: User) -> None:
    voidings.merge(
        scene.session,
        problem=scene.problem,
        into=scene.twin,
        reason="同一处重复登记",
        by=by,
        now=NOW,
    )


def restore(scene: Scene, by: User) -> None:
    voidings.restore(scene.session, problem=scene.problem, reason="核实确有", by=by, now=NOW)


# A new move: its verb with input that is right, and its line in EXPECTED.
VERBS: dict[Move, Callable[[Scene, User], None]] = {
    Move.ASSIGN: assign,
    Move.REASSIGN: reassign,
    Move.CORRECT: correct,
    Move.PLAN: plan,
    Move.START: start,
    Move.CLAIM_FIXED: claim_fixed,
    Move.WITHDRAW_CLAIM: withdraw_claim,
    Move.REINSPECT: reinspect,
    Move.CLOSE: close,
    Move.SEND_BACK: send_back,
    Move.REOPEN: reopen,
    Move.EXTEND: extend,
    Move.ASK: ask,
    Move.REFUSE: refuse,
    Move.DISMISS: dismiss,
    Move.MERGE: merge,
    Move.RESTORE: restore,
}


def user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()


def may_not(scene: Scene, move: Move, person: str, status: Status) -> str:
    """Why this person cannot make the move; empty where they can."""
    who, leads = EXPECTED[move]
    error = Conflict if person == who else NotAllowed
    try:
        VERBS[move](scene, user(scene.session, person))
    except error as refusal:
        return str(refusal)
    assert person == who and status in leads, f"{person} could {move.value}"
    return ""


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("move", EXPECTED)
def test_a_move_is_refused_to_all_but_its_own_people_and_from_all_but_its_own_statuses(
    scene: Scene, move: Move, status: Status
) -> None:
    who, leads = EXPECTED[move]
    before = everything(scene.session)
    for person in EVERYBODY:
        if person != who or status not in leads:
            assert may_not(scene, move, person, status)
    assert everything(scene.session) == before


@pytest.mark.parametrize(
    ("move", "status"),
    [(move, status) for move, (_, leads) in EXPECTED.items() for status in leads],
)
def test_a_move_leads_where_it_should_and_the_timeline_tells_of_it(
    scene: Scene, move: Move, status: Status
) -> None:
    who, leads = EXPECTED[move]
    told, revision = len(timeline(scene.session, scene.problem)), scene.problem.revision
    VERBS[move](scene, user(scene.session, who))
    scene.session.refresh(scene.problem)
    assert scene.problem.status is leads[status]
    assert scene.problem.revision == revision + 1
    (event,) = timeline(scene.session, scene.problem)[told:]
    assert (event.move, event.by, event.at) == (move, who, NOW)
    assert (event.status_before, event.status_after) == (status, leads[status])
    assert ledger.differences(scene.session) == []


def test_every_move_of_the_table_is_tried_here() -> None:
    assert EXPECTED.keys() == VERBS.keys() == MOVES.keys()
    entered_otherwise = {Move.REGISTER, Move.REPORT, Move.TAKE_BACK}
    assert set(Move) - MOVES.keys() == entered_otherwise


@pytest.mark.parametrize("status", [CLAIMED])
def test_a_disabled_account_makes_no_move(scene: Scene, office: User) -> None:
    office.is_disabled = True
    for move in EXPECTED:
        with pytest.raises(NotAllowed):
            VERBS[move](scene, office)


@pytest.mark.parametrize("status", [UNASSIGNED])
@pytest.mark.parametrize("seed", range(3))
def test_the_kept_sums_equal_the_ledgers_after_a_long_random_walk(
    scene: Scene, water_bureau: Unit, office: User, seed: int
) -> None:
    session, chance = scene.session, Random(seed)
    walked = [scene.problem, scene.twin] + [
        register(session, water_bureau, office, rule_code=rule, count=count)
        for rule, count in (("4-1", 3), ("17-2", 1), (None, 2))
    ]
    made: set[Move] = set()
    for _ in range(150):
        problem = scene.problem = chance.choice(walked)
        scene.twin = chance.choice(walked)
        able = [move for move, (_, leads) in EXPECTED.items() if problem.status in leads]
        made |= step(scene, chance.choice(able))
    assert len(made) >= 12, "the walk hardly went anywhere"
    assert ledger.differences(session) == []


def step(scene: Scene, move: Move) -> set[Move]:
    """One move by somebody who may make it, or nothing where the domain says no."""
    session, problem = scene.session, scene.problem
    unit = session.get_one(Unit, problem.unit_code)
    by = user(session, OFFICE if EXPECTED[move][0] == OFFICE else unit.name)
    waiting = select(ProblemRequest).where(
        col(ProblemRequest.problem_number) == problem.number,
        col(ProblemRequest.is_granted).is_(None),
    )
    request = session.exec(waiting).first()
    if move is Move.REFUSE and request is None:
        return set()
    scene.request = request or scene.request
    if move is Move.CLAIM_FIXED:
        show(session, problem, by)
    try:
        with session.begin_nested():
            VERBS[move](scene, by)
    except UserFacingError:
        return set()
    return {move}


@pytest.mark.parametrize(
    "site",
    [
        "黄村西大街12号院北门",
        "黄村西大街 12号院 北门",
        "黄村西大街１２号院（北门）",
        "黄村西大街12号院-北门。",
    ],
)
def test_a_place_is_the_same_however_it_is_spaced_and_punctuated(site: str) -> None:
    assert plain_site(site) == plain_site(HYDRANT)


@pytest.mark.parametrize(
    ("site", "another"),
    [
        ("黄村西大街12号院北门", "黄村西大街12号院南门"),
        ("黄村西大街12号院", "黄村西大街12号院北门"),
        ("清源里1-2号楼", "清源里12号楼"),
        ("清源里3-12号", "清源里31-2号"),
    ],
)
def test_another_place_is_another_place(site: str, another: str) -> None:
    assert plain_site(site) != plain_site(another)
