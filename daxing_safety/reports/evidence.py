"""佐证材料: what is asked for, what has come, and what is said to be done without any of it.

Only materials that were neither replaced nor withdrawn prove anything; older ones stay readable.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.documents.signed_page import code_of
from daxing_safety.errors import NotFound
from daxing_safety.models import (
    Evidence,
    EvidenceUse,
    FindingEntry,
    PairState,
    Phase,
    Problem,
    Submission,
    Unit,
    User,
    WorkPoint,
    WorkPointDuty,
)
from daxing_safety.reports import scoped
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

CURRENT, REPLACED, WITHDRAWN = "现行", "已更换", "已撤回"
LACKING, PROVEN = "缺材料", "有材料"
UNDATED, OUTSIDE = "没有材料日期", "日期不在创建期内"

# What can be proven, in this order on every screen; a signed page stands by itself.
SUBJECTS = (EvidenceOf.WORK_POINT, EvidenceOf.RULE, EvidenceOf.PROBLEM)

# The plan says what a work point needs. For the others this is our suggestion.
ASKED = {
    EvidenceOf.RULE: "能支持自查结论的检查记录、台账、照片等",
    EvidenceOf.PROBLEM: "整改前后照片，验收或完工的证明",
}

Key = tuple[str, EvidenceOf, str]  # unit, and what it answers for


@dataclass(frozen=True, slots=True)
class Span:
    """When the programme runs."""

    starts_on: date
    ends_on: date

    def remark_on(self, material_on: date | None) -> str:
        """What is odd about a material's date; empty when nothing is."""
        if material_on is None:
            return UNDATED
        return "" if self.starts_on <= material_on <= self.ends_on else OUTSIDE


@dataclass(frozen=True, slots=True)
class Material:
    """One version of one file."""

    id: int
    unit_code: str
    unit: str
    name: str
    kind: str
    size: int
    sha256: str
    material_on: date | None
    remark: str  # what is odd about its date
    description: str
    version: int
    replaces_id: int | None
    state: str
    uploaded_at: datetime
    uploaded_by: str
    uses: tuple[tuple[EvidenceOf, str], ...]
    serves: tuple[str, ...]  # the same in words: 工作要点 1-05


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
    materials: tuple[Material, ...]

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


# ---- what has come ----


def span(session: Session, *, viewer: User) -> Span:
    """The same for every viewer."""
    first, last = func.min(col(Phase.starts_on)), func.max(col(Phase.ends_on))
    return Span(*session.execute(select(first, last)).one())


def materials(session: Session, *, viewer: User, unit_code: str) -> list[Material]:
    """Every version of every file of a unit, the newest first."""
    return _read(session, viewer, _files(viewer).where(col(Evidence.unit_code) == unit_code))


def material(session: Session, *, viewer: User, evidence_id: int) -> Material:
    """Raises NotFound where there is none that the viewer may see."""
    found = _read(session, viewer, _files(viewer).where(col(Evidence.id) == evidence_id))
    if not found:
        raise NotFound("没有这份佐证材料，或者它不属于您可以查看的单位。")
    return found[0]


def versions_of(found: Sequence[Material], current: Material) -> list[Material]:
    """The material and what it replaced, the newest first."""
    by_id = {each.id: each for each in found}
    chain = [current]
    while (older := chain[-1].replaces_id) is not None:
        chain.append(by_id[older])
    return chain


def by_subject(found: Iterable[Material]) -> dict[Key, list[Material]]:
    """What proves what, as it stands now."""
    proofs: dict[Key, list[Material]] = defaultdict(list)
    for each in found:
        if each.state == CURRENT:
            for of, code in each.uses:
                proofs[each.unit_code, of, code].append(each)
    return proofs


def signed_pages(session: Session, *, viewer: User) -> dict[Key, list[Material]]:
    """The scans of all units that the viewer sees, by the submission they belong to."""
    scans = select(col(EvidenceUse.evidence_id)).where(
        col(EvidenceUse.subject) == EvidenceOf.SIGNED_PAGE
    )
    return by_subject(_read(session, viewer, _files(viewer).where(col(Evidence.id).in_(scans))))


def _files(viewer: User) -> Select[Evidence, str]:
    query = select(Evidence, col(Unit.name)).join(Unit, col(Unit.code) == col(Evidence.unit_code))
    return scoped(query.order_by(col(Evidence.id).desc()), viewer, Evidence.unit_code)


def _read(session: Session, viewer: User, query: Select[Evidence, str]) -> list[Material]:
    rows = session.execute(query).all()
    ids = [row.id for row, _ in rows]
    uses: dict[int, list[tuple[EvidenceOf, str]]] = defaultdict(list)
    for use in session.scalars(select(EvidenceUse).where(col(EvidenceUse.evidence_id).in_(ids))):
        uses[use.evidence_id].append((use.subject, use.code))
    replaced = set(
        session.scalars(
            select(col(Evidence.replaces_id)).where(col(Evidence.replaces_id).in_(ids))
        )
    )
    when, pages = span(session, viewer=viewer), _page_codes(session, uses.values())
    return [_material(row, unit, uses[row.id], row.id in replaced, when, pages) for row, unit in rows]


def _page_codes(
    session: Session, uses: Iterable[Sequence[tuple[EvidenceOf, str]]]
) -> dict[str, str]:
    """The codes that stand on signed pages, by the submissions' numbers."""
    ids = {int(code) for each in uses for of, code in each if of is EvidenceOf.SIGNED_PAGE}
    return {
        str(row.id): code_of(
            round_id=row.round_id, version=row.version, sha256=row.file_sha256
        )
        for row in session.scalars(select(Submission).where(col(Submission.id).in_(ids)))
    }


def _material(
    row: Evidence,
    unit: str,
    uses: Sequence[tuple[EvidenceOf, str]],
    is_replaced: bool,
    when: Span,
    pages: Mapping[str, str],
) -> Material:
    assert row.id is not None
    in_order = sorted(uses, key=lambda use: (list(EvidenceOf).index(use[0]), use[1]))
    return Material(
        id=row.id,
        unit_code=row.unit_code,
        unit=unit,
        name=row.name,
        kind=row.kind,
        size=row.size,
        sha256=row.sha256,
        material_on=row.material_on,
        remark=when.remark_on(row.material_on),
        description=row.description,
        version=row.version,
        replaces_id=row.replaces_id,
        state=CURRENT if row.is_current else REPLACED if is_replaced else WITHDRAWN,
        uploaded_at=row.uploaded_at,
        uploaded_by=row.uploaded_by,
        uses=tuple(in_order),
        serves=tuple(f"{of.value} {pages.get(code, code)}" for of, code in in_order),
    )


# ---- what is asked for ----


def subjects(session: Session, *, viewer: User, unit_code: str) -> list[Subject]:
    """All that the unit answers for, 缺材料 first; nothing of a unit that the viewer may not see."""
    proofs = by_subject(materials(session, viewer=viewer, unit_code=unit_code))

    def subject(of: EvidenceOf, code: str, **facts: object) -> Subject:
        shown = tuple(proofs[unit_code, of, code])
        return Subject(of=of, code=code, materials=shown, **facts)  # type: ignore[arg-type]  # by name

    found = [
        *_work_points(session, viewer, unit_code, subject),
        *_rules(session, viewer, unit_code, subject),
        *_problems(session, viewer, unit_code, subject),
    ]
    return sorted(found, key=lambda each: not each.lacks)
