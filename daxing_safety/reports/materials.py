"""佐证材料 that have come: files of units, what they serve, and what they replaced.

Only those that were neither replaced nor withdrawn prove anything; older ones stay readable.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Select, func, or_, select
from sqlmodel import Session, col

from daxing_safety import files
from daxing_safety.documents.signed_page import code_of
from daxing_safety.errors import NotFound
from daxing_safety.models import Evidence, EvidenceUse, Phase, Problem, Submission, Unit, User
from daxing_safety.reports import scoped
from daxing_safety.vocabulary import EvidenceOf

if TYPE_CHECKING:
    import pandas as pd

CURRENT, REPLACED, WITHDRAWN = "现行", "已更换", "已撤回"
LOST = "文件丢失"
UNDATED, OUTSIDE = "没有材料日期", "日期不在创建期内"

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


def span(session: Session, *, viewer: User) -> Span:
    """The same for every viewer."""
    first, last = func.min(col(Phase.starts_on)), func.max(col(Phase.ends_on))
    return Span(*session.execute(select(first, last)).one())


def materials(session: Session, *, viewer: User, unit_code: str) -> list[Material]:
    """Every version of every file of a unit, the newest first."""
    of_unit = scoped(_files(), viewer, Evidence.unit_code)
    return _read(session, viewer, of_unit.where(col(Evidence.unit_code) == unit_code))


def material(session: Session, *, viewer: User, evidence_id: int) -> Material:
    """Raises NotFound where there is none that the viewer may see.

    What was shown of a problem goes with it when it is given to another unit (改派).
    """
    of_unit = select(col(Evidence.id)).where(col(Evidence.id) == evidence_id)
    of_problems = (
        select(col(EvidenceUse.evidence_id))
        .join(Problem, col(Problem.number) == col(EvidenceUse.code))
        .where(
            col(EvidenceUse.subject) == EvidenceOf.PROBLEM,
            col(EvidenceUse.evidence_id) == evidence_id,
        )
    )
    may_see = or_(
        col(Evidence.id).in_(scoped(of_unit, viewer, Evidence.unit_code)),
        col(Evidence.id).in_(scoped(of_problems, viewer, Problem.unit_code)),
    )
    found = _read(session, viewer, _files().where(may_see))
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
    query = scoped(_files(), viewer, Evidence.unit_code).where(col(Evidence.id).in_(scans))
    return by_subject(_read(session, viewer, query))


def is_lost(material: Material) -> bool:
    """Asked of the disk each time: a file goes, and comes back, without anything being written."""
    return not files.path_of(material.sha256).exists()


def _files() -> Select[Evidence, str]:
    query = select(Evidence, col(Unit.name)).join(Unit, col(Unit.code) == col(Evidence.unit_code))
    return query.order_by(col(Evidence.id).desc())


def _read(session: Session, viewer: User, query: Select[Evidence, str]) -> list[Material]:
    rows = session.execute(query).all()
    ids = [row.id for row, _ in rows]
    uses: dict[int, list[tuple[EvidenceOf, str]]] = defaultdict(list)
    for use in session.scalars(select(EvidenceUse).where(col(EvidenceUse.evidence_id).in_(ids))):
        uses[use.evidence_id].append((use.subject, use.code))
    replaced = set(
        session.scalars(select(col(Evidence.replaces_id)).where(col(Evidence.replaces_id).in_(ids)))
    )
    when, pages = span(session, viewer=viewer), _page_codes(session, uses.values())
    return [
        _material(row, unit, uses[row.id], row.id in replaced, when, pages) for row, unit in rows
    ]


def _page_codes(
    session: Session, uses: Iterable[Sequence[tuple[EvidenceOf, str]]]
) -> dict[str, str]:
    """The codes that stand on signed pages, by the submissions' numbers."""
    ids = {int(code) for each in uses for of, code in each if of is EvidenceOf.SIGNED_PAGE}
    return {
        str(row.id): code_of(round_id=row.round_id, version=row.version, sha256=row.file_sha256)
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
    in_order = sorted(uses, key=_place_of)
    is_page = all(of is EvidenceOf.SIGNED_PAGE for of, _ in uses)
    return Material(
        id=row.id,
        unit_code=row.unit_code,
        unit=unit,
        name=row.name,
        kind=row.kind,
        size=row.size,
        sha256=row.sha256,
        material_on=row.material_on,
        remark=when.remark_on(row.material_on) if not is_page else "",
        description=row.description,
        version=row.version,
        replaces_id=row.replaces_id,
        state=CURRENT if row.is_current else REPLACED if is_replaced else WITHDRAWN,
        uploaded_at=row.uploaded_at,
        uploaded_by=row.uploaded_by,
        uses=tuple(in_order),
        serves=tuple(f"{of.value} {pages.get(code, code)}" for of, code in in_order),
    )


def _place_of(use: tuple[EvidenceOf, str]) -> tuple[int, list[int]]:
    """5-12 before 18-03."""
    of, code = use
    return list(EvidenceOf).index(of), [int(number) for number in re.findall("[0-9]+", code)]


def material_table(found: Iterable[Material]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        {
            "name": each.name,
            "serves": "、".join(each.serves),
            "material_on": each.material_on,
            "remark": each.remark,
            "description": each.description,
            "size": size_in_words(each.size),
            "version": f"第{each.version}版",
            "state": LOST if is_lost(each) else each.state,
            "uploaded_at": each.uploaded_at,
            "uploaded_by": each.uploaded_by,
            "file": f"/download/evidence/{each.id}",
        }
        for each in found
    )


def size_in_words(size: int) -> str:
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(size // 2**10, 1)} KB"
