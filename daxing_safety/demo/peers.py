"""举一反三 in the demo: one check is over, one has just gone out, both half answered."""

from datetime import date, timedelta
from random import Random

from sqlmodel import Session, col, select

from daxing_safety.actions import peer_checks
from daxing_safety.actions.peer_checks import SameProblem
from daxing_safety.demo.clerk import examples, place_of
from daxing_safety.demo.days import on
from daxing_safety.demo.inspection import TEAM, Inspection
from daxing_safety.models import PeerAnswer, PeerCheck, Problem, Unit, User

SHARE_ANSWERED = 0.55
DAYS_AGO = (10, 2)
CHECKED = (
    "对照条款逐处核查，没有发现同样的问题，已留存核查记录。",
    "组织科室和属地联合排查，均符合要求。",
    "抽查 12 处点位并查阅台账，没有同类情况。",
    "已要求各站点自查并复核 3 处，未发现。",
)


def ask_peers(inspection: Inspection) -> None:
    """About two problems under rules that many answer for."""
    session, random = inspection.session, inspection.random
    candidates = session.exec(
        select(Problem).where(col(Problem.found_by) == TEAM).order_by(col(Problem.id))
    )
    by_peers = sorted(
        (problem for problem in candidates if peer_checks.is_confirmed(session, problem)),
        key=lambda problem: len(peer_checks.peers(session, problem)),
        reverse=True,
    )
    for problem, days_ago in zip(by_peers, DAYS_AGO, strict=False):
        with on(inspection.day(days_ago)) as now:
            check = peer_checks.send(
                session,
                problem=problem,
                question=f"{problem.description}。请核查本单位有没有同样的问题。",
                by=inspection.office,
                now=now,
            )
        _answer(session, random, check, inspection.day(days_ago - 1), has_a_yes=days_ago > 2)


def _answer(
    session: Session, random: Random, check: PeerCheck, day: date, *, has_a_yes: bool
) -> None:
    query = (
        select(User)
        .join(PeerAnswer, col(PeerAnswer.unit_code) == col(User.unit_code))
        .where(col(PeerAnswer.check_id) == check.id)
        .order_by(col(User.unit_code))
    )
    for number, clerk in enumerate(session.exec(query).all()):
        if has_a_yes and number == 0:
            _answer_yes(session, check, clerk, day)
        elif random.random() < SHARE_ANSWERED:
            with on(day) as now:
                peer_checks.answer_no(
                    session, check=check, checked=random.choice(CHECKED), by=clerk, now=now
                )


def _answer_yes(session: Session, check: PeerCheck, clerk: User, day: date) -> None:
    example = examples()[check.rule_code][0]
    unit = session.get_one(Unit, clerk.unit_code)
    found = SameProblem(
        site=example.site.format(p=place_of(unit.name)),
        description=f"举一反三自查发现：{example.description}",
        count=1,
        target=example.target,
        measure=example.measure,
        responsible="李科长",
        due_on=day + timedelta(days=21),
    )
    with on(day) as now:
        peer_checks.answer_yes(session, check=check, found=found, by=clerk, now=now)
