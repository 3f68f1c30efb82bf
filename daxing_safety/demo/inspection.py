"""An inspection of the demo: who is there on which day, what was found, the usual moves.

Every day is lived through with the real verbs, so that timelines, kept sums and 守诺 agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sqlmodel import Session, col, select

from daxing_safety import ledger
from daxing_safety.actions import closings, evidence, problems, rectifying
from daxing_safety.demo.clerk import Example, examples, place_of
from daxing_safety.demo.days import on
from daxing_safety.demo.photos import photo
from daxing_safety.models import Problem, Unit, User
from daxing_safety.vocabulary import Discovery, EvidenceOf, PhotoStage, RectificationStatus

FOUND_DAYS_AGO = 27
SHARE_WITH_PHOTOS = 0.5  # of the older problems that are claimed or closed
SURNAMES = "王李张刘陈杨赵周吴徐孙朱"
TEAM = "春季安全大检查第三组"
PASSED = "到现场复查，整改部位与照片一致，同意销号。"
HALF_DONE = "现场只完成一半，剩余部位没有动工，请整改完再申请。"
HYDRANTS = "消火栓"


@dataclass
class Inspection:
    """What is going on around a problem: who is there, and which day it is."""

    session: Session
    random: Random
    now: datetime
    office: User
    places: Iterator[tuple[Unit, User, str]]  # unit, its clerk, a rule

    def day(self, days_ago: int) -> date:
        return self.now.date() - timedelta(days=days_ago)

    def at(self, days_ago: int) -> datetime:
        return self.now - timedelta(days=days_ago)


@dataclass
class Case:
    """One problem, its unit's clerk, and what the inspectors wrote."""

    of: Inspection
    problem: Problem
    unit: Unit
    clerk: User
    example: Example

    def photograph(self, stage: PhotoStage, days_ago: int) -> None:
        add_photo(self.of.session, self.problem, self.unit, self.clerk, stage, self.of.at(days_ago))


def places(session: Session, random: Random) -> Iterator[tuple[Unit, User, str]]:
    """Units and rules in no order, no unit twice until all had their turn."""
    rules_of_unit = ledger.criteria_in_force(session).rules_of_unit
    query = (
        select(Unit, User)
        .join(User, col(User.unit_code) == col(Unit.code))
        .order_by(col(Unit.position))
    )
    answering = [
        (unit, clerk, rules)
        for unit, clerk in session.exec(query)
        if (rules := [r.code for r in rules_of_unit.get(unit.name, ()) if r.code in examples()])
    ]
    while True:
        for unit, clerk, rules in random.sample(answering, len(answering)):
            yield unit, clerk, random.choice(rules)


def found_at(inspection: Inspection) -> Case:
    unit, clerk, rule_code = next(inspection.places)
    random = inspection.random
    example = random.choice(examples()[rule_code])
    with on(inspection.day(FOUND_DAYS_AGO)) as now:
        problem = problems.register(
            inspection.session,
            unit=unit,
            rule_code=rule_code,
            site=example.site.format(p=place_of(unit.name)),
            description=example.description,
            count=random.choice((1, 1, 1, 2)),
            discovery=random.choice((Discovery.INSPECTION, Discovery.EXPERT)),
            found_on=now.date(),
            found_by=TEAM,
            by=inspection.office,
            now=now,
        )
    return Case(inspection, problem, unit, clerk, example)


# ---- what is done -----------------------------------------------------------------------------


def assign(case: Case, days_ago: int = FOUND_DAYS_AGO - 1, due_on: date | None = None) -> None:
    with on(case.of.day(days_ago)) as now:
        problems.assign(
            case.of.session, problem=case.problem, due_on=due_on, by=case.of.office, now=now
        )
    case.photograph(PhotoStage.BEFORE, days_ago)


def plan(case: Case, days_ago: int = FOUND_DAYS_AGO - 3) -> None:
    with on(case.of.day(days_ago)) as now:
        rectifying.plan(
            case.of.session,
            problem=case.problem,
            target=case.example.target,
            measure=case.example.measure,
            responsible=case.of.random.choice(SURNAMES) + "科长",
            due_on=case.problem.due_on,
            by=case.clerk,
            now=now,
        )
        rectifying.start(case.of.session, problem=case.problem, by=case.clerk, now=now)


def claim(case: Case, days_ago: int) -> None:
    case.photograph(PhotoStage.AFTER, days_ago)
    with on(case.of.day(days_ago)) as now:
        rectifying.claim_fixed(
            case.of.session,
            problem=case.problem,
            done_on=now.date(),
            remark=f"{case.example.measure}。整改后照片已上传。",
            by=case.clerk,
            now=now,
        )


def close(case: Case, days_ago: int) -> None:
    session, office = case.of.session, case.of.office
    with on(case.of.day(days_ago)) as now:
        closings.reinspect(
            session, problem=case.problem, is_passed=True, remark=PASSED, by=office, now=now
        )
        closings.close(session, problem=case.problem, remark=PASSED, by=office, now=now)


def send_back(case: Case, days_ago: int) -> None:
    session, office = case.of.session, case.of.office
    with on(case.of.day(days_ago)) as now:
        closings.reinspect(
            session, problem=case.problem, is_passed=False, remark=HALF_DONE, by=office, now=now
        )
        closings.send_back(session, problem=case.problem, reason=HALF_DONE, by=office, now=now)


# ---- photos ---------------------------------------------------------------------------------


def add_older_photos(session: Session, random: Random) -> None:
    """Before and after, for a good share of what came by workbook."""
    shown = (RectificationStatus.CLAIMED_FIXED, RectificationStatus.CLOSED)
    query = (
        select(Problem, Unit, User)
        .join(Unit, col(Unit.code) == col(Problem.unit_code))
        .join(User, col(User.unit_code) == col(Unit.code))
        .where(col(Problem.status).in_(shown), col(Problem.done_on).is_not(None))
        .order_by(col(Problem.id))
    )
    for problem, unit, clerk in session.exec(query).all():
        if random.random() < SHARE_WITH_PHOTOS and problem.claimed_at:
            for stage in PhotoStage:
                add_photo(session, problem, unit, clerk, stage, problem.claimed_at)


def add_photo(
    session: Session, problem: Problem, unit: Unit, clerk: User, stage: PhotoStage, at: datetime
) -> None:
    taken_on = problem.found_on if stage is PhotoStage.BEFORE else problem.done_on or at.date()
    has_hydrant = HYDRANTS in problem.description + problem.site
    with on(at.date()):
        evidence.add(
            session,
            unit=unit,
            data=photo(problem.number, stage, taken_on, has_hydrant=has_hydrant),
            name=f"演示照片 {problem.number} {stage.value}.jpg",
            uses=[(EvidenceOf.PROBLEM, problem.number)],
            material_on=taken_on,
            description="演示照片，画面为绘制",
            by=clerk,
            now=at,
            stage=stage,
        )
