"""佐证材料: what is asked of a unit, and what it calls done without anything to show for it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.models import (
    Evidence,
    EvidenceUse,
    FindingEntry,
    PairState,
    Problem,
    Submission,
    Unit,
    User,
    WorkPoint,
    WorkPointDuty,
)
from daxing_safety.reports import scoped
from daxing_safety.reports.materials import Key, Material, by_subject, materials
from daxing_safety.reports.tasks import in_words
from daxing_safety.vocabulary import (
    GROUP_OF,
    EvidenceOf,
    Group,
    ProgressStatus,
    RectificationStatus,
)

if TYPE_CHECKING:
    import pandas as pd

LACKING, PROVEN = "缺材料", "有材料"

# What can be proven, in this order on every screen; a signed page stands by itself.
SUBJECTS = (EvidenceOf.WORK_POINT, EvidenceOf.RULE, EvidenceOf.PROBLEM)

# The plan says what a work point needs. For the others this is our suggestion.
ASKED = {
    EvidenceOf.RULE: "能支持自查结论的检查记录、台账、照片等",
    EvidenceOf.PROBLEM: "整改前后照片，验收或完工的证明",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a unit answers for, how it says it stands, and what it has shown for it."""

    of: EvidenceOf
    code: str
    about: str
    asked: str
    standing: str
    said: str  # the materials that the workbook names
    is_done: bool  # 已完成 or 申请销号: from now on it needs a proof
    tasks: frozenset[int]
    materials: tuple[Material, ...] = ()

    @property
    def lacks(self) -> bool:
        return self.is_done and not self.materials

    @property
    def verdict(self) -> str:
        return LACKING if self.lacks else PROVEN if self.materials else ""


@dataclass(frozen=True, slots=True)
class Filters:
    of: EvidenceOf | None = None
    task_no: int | None = None
    only_lacking: bool = False


@dataclass(frozen=True, slots=True)
class UnitCounts:
    unit_code: str
    unit: str
    group: Group
    done: int  # work points and problems that are said to be done
    proven: int
    materials: int

    @property
    def lacking(self) -> int:
        return self.done - self.proven


# ---- what is asked for ----


def subjects(session: Session, *, viewer: User, unit_code: str) -> list[Subject]:
    """All that the unit answers for, 缺材料 first; nothing where the viewer may not look."""
    proofs = by_subject(materials(session, viewer=viewer, unit_code=unit_code))
    found = [
        *_work_points(session, viewer, unit_code),
        *_rules(session, viewer, unit_code),
        *_problems(session, viewer, unit_code),
    ]
    shown = [
        replace(each, materials=tuple(proofs[unit_code, each.of, each.code])) for each in found
    ]
    return sorted(shown, key=lambda each: not each.lacks)


def _work_points(session: Session, viewer: User, unit_code: str) -> Iterator[Subject]:
    query = (
        select(WorkPointDuty, WorkPoint)
        .join(WorkPoint, col(WorkPoint.code) == col(WorkPointDuty.work_point_code))
        .where(col(WorkPointDuty.unit_code) == unit_code)
        .order_by(col(WorkPoint.position))
    )
    for duty, point in session.execute(scoped(query, viewer, WorkPointDuty.unit_code)):
        yield Subject(
            of=EvidenceOf.WORK_POINT,
            code=point.code,
            about=point.text,
            asked=point.evidence,
            standing=in_words(duty.status, duty.percent),
            said=duty.evidence,
            is_done=duty.status is ProgressStatus.DONE,
            tasks=frozenset({point.task_no}),
        )


def _rules(session: Session, viewer: User, unit_code: str) -> Iterator[Subject]:
    criteria, said = ledger.criteria_in_force(session), _named_for_rules(session, unit_code)
    query = select(PairState).where(col(PairState.unit_code) == unit_code)
    pairs = {
        pair.rule_code: pair for pair in session.scalars(scoped(query, viewer, PairState.unit_code))
    }
    for code, rule in criteria.rules.items():
        if code in pairs:
            yield Subject(
                of=EvidenceOf.RULE,
                code=code,
                about=rule.condition,
                asked=ASKED[EvidenceOf.RULE],
                standing=pairs[code].claimed_finding.value,
                said=said.get(code, ""),
                is_done=False,  # 达标 is said of a great many, and the office checks it on site
                tasks=frozenset(no for no, _ in criteria.indicator[rule.indicator_code].tasks),
            )


def _named_for_rules(session: Session, unit_code: str) -> dict[str, str]:
    query = (
        select(col(FindingEntry.rule_code), col(FindingEntry.evidence))
        .join(Submission, col(Submission.id) == col(FindingEntry.submission_id))
        .where(col(Submission.unit_code) == unit_code, col(Submission.is_latest))
    )
    return dict(session.execute(query).all())


def _problems(session: Session, viewer: User, unit_code: str) -> Iterator[Subject]:
    criteria = ledger.criteria_in_force(session)
    query = (
        select(Problem).where(col(Problem.unit_code) == unit_code).order_by(col(Problem.id).desc())
    )
    for problem in session.scalars(scoped(query, viewer, Problem.unit_code)):
        rule = criteria.rules.get(problem.rule_code or "")
        tasks = criteria.indicator[rule.indicator_code].tasks if rule else ()
        yield Subject(
            of=EvidenceOf.PROBLEM,
            code=problem.number,
            about=f"{problem.site}：{problem.description}",
            asked=ASKED[EvidenceOf.PROBLEM],
            standing=problem.status.value,
            said=problem.remark,
            is_done=problem.status is RectificationStatus.CLAIMED_FIXED,
            tasks=frozenset(no for no, _ in tasks),
        )


def matching(found: Iterable[Subject], filters: Filters) -> list[Subject]:
    return [
        each
        for each in found
        if filters.of in (None, each.of)
        and (filters.task_no is None or filters.task_no in each.tasks)
        and (each.lacks or not filters.only_lacking)
    ]


def done_and_lacking(found: Iterable[Subject]) -> tuple[int, int]:
    done = [each for each in found if each.is_done]
    return len(done), sum(each.lacks for each in done)


def by_unit(session: Session, *, viewer: User) -> list[UnitCounts]:
    """In the plan's order; units that have nothing to prove yet are there too."""
    done, proven = _said_to_be_done(session, viewer), _proven(session, viewer)
    claims = Counter(unit for unit, *_ in done)
    proofs = Counter(unit for unit, *_ in done & proven)
    files = _counted(session, viewer)
    query = scoped(select(Unit).order_by(col(Unit.position)), viewer, Unit.code)
    return [
        UnitCounts(
            unit_code=unit.code,
            unit=unit.name,
            group=GROUP_OF[unit.kind],
            done=claims[unit.code],
            proven=proofs[unit.code],
            materials=files.get(unit.code, 0),
        )
        for unit in session.scalars(query)
    ]


def _counted(session: Session, viewer: User) -> dict[str, int]:
    """Files by unit, signed pages left out."""
    query = (
        select(col(Evidence.unit_code), func.count(col(EvidenceUse.evidence_id).distinct()))
        .join(EvidenceUse, col(EvidenceUse.evidence_id) == col(Evidence.id))
        .where(col(Evidence.is_current), col(EvidenceUse.subject).in_(SUBJECTS))
        .group_by(col(Evidence.unit_code))
    )
    return dict(session.execute(scoped(query, viewer, Evidence.unit_code)).all())


def _said_to_be_done(session: Session, viewer: User) -> set[Key]:
    points = select(col(WorkPointDuty.unit_code), col(WorkPointDuty.work_point_code)).where(
        col(WorkPointDuty.status) == ProgressStatus.DONE
    )
    problems = select(col(Problem.unit_code), col(Problem.number)).where(
        col(Problem.status) == RectificationStatus.CLAIMED_FIXED
    )
    points, problems = (
        scoped(points, viewer, WorkPointDuty.unit_code),
        scoped(problems, viewer, Problem.unit_code),
    )
    return {
        (unit, of, code)
        for of, query in ((EvidenceOf.WORK_POINT, points), (EvidenceOf.PROBLEM, problems))
        for unit, code in session.execute(query)
    }


def _proven(session: Session, viewer: User) -> set[Key]:
    query = (
        select(col(Evidence.unit_code), col(EvidenceUse.subject), col(EvidenceUse.code))
        .join(EvidenceUse, col(EvidenceUse.evidence_id) == col(Evidence.id))
        .where(col(Evidence.is_current))
    )
    return {tuple(row) for row in session.execute(scoped(query, viewer, Evidence.unit_code))}


# ---- as tables ----


def subject_table(found: Iterable[Subject]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        {
            "code": each.code,
            "of": each.of.value,
            "about": each.about,
            "asked": each.asked,
            "standing": each.standing,
            "verdict": [each.verdict] if each.verdict else [],
            "materials": "、".join(material.name for material in each.materials),
            "said": each.said,
        }
        for each in found
    )


def unit_table(found: Iterable[UnitCounts]) -> "pd.DataFrame":
    """Who lacks most stands first."""
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        {
            "unit": each.unit,
            "group": each.group.value,
            "done": each.done,
            "proven": each.proven,
            "lacking": each.lacking,
            "rate": 100 * each.proven / each.done if each.done else None,
            "materials": each.materials,
        }
        for each in sorted(found, key=lambda each: -each.lacking)
    )
