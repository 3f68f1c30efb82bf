"""签字页: what is printed for a stored version, and which versions still lack the signed paper.

The figures are the version's own: of its rows, and of its file where the tables only know today.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety import ledger, prefill
from daxing_safety.documents.signed_page import SignedPage, code_of
from daxing_safety.errors import NotFound
from daxing_safety.models import (
    CriteriaRevision,
    FindingEntry,
    ProgressEntry,
    Round,
    Submission,
    Unit,
    User,
)
from daxing_safety.rectification import IN_HAND
from daxing_safety.reports import materials, submissions
from daxing_safety.reports.materials import Key, Material
from daxing_safety.reports.submissions import Line, Version
from daxing_safety.vocabulary import (
    EvidenceOf,
    Finding,
    ProgressStatus,
    RectificationStatus,
    Sheet,
)
from daxing_safety.workbooks.cells import Setting, Understood, reader_for
from daxing_safety.workbooks.columns import PROBLEM_COLUMNS
from daxing_safety.workbooks.content import Cover, FindingRow
from daxing_safety.workbooks.figures import total_deduction
from daxing_safety.workbooks.reading import RawWorkbook

if TYPE_CHECKING:
    import pandas as pd

NOT_SENT, FILED, MISSING = "未报送", "已交", "未交"

Figures = tuple[tuple[str, int | Decimal], ...]


# ---- who has filed ----


@dataclass(frozen=True, slots=True)
class Signing:
    """A version, the code on its page, and the scans that were filed back to it."""

    version: Version
    code: str
    scans: tuple[Material, ...]

    @property
    def state(self) -> str:
        return FILED if self.scans else MISSING


@dataclass(frozen=True, slots=True)
class UnitSigning:
    """A unit that has to report in a round, and its newest version if there is one."""

    line: Line
    signing: Signing | None

    @property
    def state(self) -> str:
        return self.signing.state if self.signing else NOT_SENT


def of_unit(session: Session, *, viewer: User, unit_code: str) -> list[Signing]:
    """The versions that were not taken back, the newest first."""
    scans = materials.signed_pages(session, viewer=viewer)
    versions = submissions.versions_of_unit(session, viewer=viewer, unit_code=unit_code)
    return [_signing(version, scans) for version in versions if version.stands]


def of_round(session: Session, *, viewer: User, round_id: int) -> list[UnitSigning]:
    """Every unit that has to report, in the plan's order."""
    scans = materials.signed_pages(session, viewer=viewer)
    lines = submissions.board(session, viewer=viewer, round_id=round_id)
    return [
        UnitSigning(line, _signing(line.version, scans) if line.version else None) for line in lines
    ]


def _signing(version: Version, scans: Mapping[Key, Sequence[Material]]) -> Signing:
    code = code_of(round_id=version.round_id, version=version.number, sha256=version.file_sha256)
    filed = scans.get((version.unit_code, EvidenceOf.SIGNED_PAGE, str(version.id)), ())
    return Signing(version, code, tuple(filed))


def version_table(signings: Iterable[Signing]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        {
            "round": each.version.round,
            "version": f"第{each.version.number}版",
            "submitted_at": each.version.submitted_at,
            "code": each.code,
            "page": f"/download/signed_page/{each.version.id}",
            "state": [each.state],
            "scans": "、".join(scan.name for scan in each.scans),
            "scan": f"/download/evidence/{each.scans[0].id}" if each.scans else None,
        }
        for each in signings
    )


def unit_table(units: Iterable[UnitSigning]) -> "pd.DataFrame":
    """Who has sent in but not signed stands first, who is through last."""
    import pandas as pd  # only where a frame is made

    order = (MISSING, NOT_SENT, FILED)
    return pd.DataFrame(
        {"unit": each.line.unit, "group": each.line.group.value, "state": [each.state]}
        | (
            version_table([each.signing]).drop(columns="state").iloc[0].to_dict()
            if each.signing
            else {}
        )
        for each in sorted(units, key=lambda each: order.index(each.state))
    )


# ---- what is printed ----


class ProblemLine(NamedTuple):
    rule_code: str
    places: int  # 处数
    status: RectificationStatus


def page(session: Session, *, viewer: User, submission_id: int, raw: RawWorkbook) -> SignedPage:
    """`raw` must be what was read from the version's own file."""
    version = submissions.version(session, viewer=viewer, submission_id=submission_id)
    if not version.stands:
        raise NotFound("这一版已经撤回，没有签字页。")
    cover = _cover(session, version)
    problems = _problem_lines(raw, cover)
    figures = {
        Sheet.PROGRESS: _progress(session, version),
        Sheet.SELF_ASSESSMENT: _self_assessment(session, version, problems),
        Sheet.RECTIFICATION: _rectification(problems),
    }
    return SignedPage(
        cover=cover,
        version=version.number,
        code=_signing(version, {}).code,
        submitted_at=version.submitted_at,
        figures={sheet: figures[sheet] for sheet in cover.sheets},
    )


def _cover(session: Session, version: Version) -> Cover:
    round_ = session.get_one(Round, version.round_id)
    unit = session.get_one(Unit, version.unit_code)
    return prefill.cover_of(session, round_, unit, _revision(session, version))


def _revision(session: Session, version: Version) -> CriteriaRevision:
    submission = session.get_one(Submission, version.id)
    return session.get_one(CriteriaRevision, submission.criteria_revision_id)


def _progress(session: Session, version: Version) -> Figures:
    said = session.scalars(
        select(col(ProgressEntry.status)).where(col(ProgressEntry.submission_id) == version.id)
    ).all()
    return ("工作要点", len(said)), *_words(said, ProgressStatus)


def _self_assessment(
    session: Session, version: Version, problems: Iterable[ProblemLine]
) -> Figures:
    rows = list(_finding_rows(session, version))
    counts: Counter[str] = Counter()
    for line in problems:
        if line.status is not RectificationStatus.CLAIMED_FIXED:
            counts[line.rule_code] += line.places
    return (
        ("扣分条款", len(rows)),
        *_words([row.finding for row in rows], Finding),
        ("自评扣分", total_deduction(rows, counts)),
    )


def _finding_rows(session: Session, version: Version) -> Iterator[FindingRow]:
    """In the standard's order, in which an indicator's rules stand together."""
    criteria = ledger.parsed(_revision(session, version).document)
    query = select(FindingEntry).where(col(FindingEntry.submission_id) == version.id)
    said = {entry.rule_code: entry for entry in session.scalars(query)}
    for code, rule in criteria.rules.items():
        if code in said:
            yield prefill.finding_row(criteria.indicator[rule.indicator_code], rule, said[code])


def _rectification(problems: Sequence[ProblemLine]) -> Figures:
    return (
        ("问题（项）", len(problems)),
        ("问题（处）", sum(line.places for line in problems)),
        *_words([line.status for line in problems], IN_HAND),
    )


def _words(said: Iterable[Enum], words: Iterable[Enum]) -> Iterator[tuple[str, int]]:
    found = Counter(said)
    return ((word.value, found[word]) for word in words)


def _problem_lines(raw: RawWorkbook, cover: Cover) -> list[ProblemLine]:
    """The lines of a file that was checked before it was stored: their cells can be read."""
    sheet = raw.sheets.get(Sheet.RECTIFICATION.value)
    if sheet is None or not sheet.numbers:
        return []
    setting = Setting(
        round_year=cover.due_at.year,
        starts_on=cover.starts_on,
        ends_on=cover.ends_on,
        rule_codes=frozenset(),
        work_point_codes=frozenset(),
        problem_numbers=frozenset(),
    )
    columns = {column.key: column for column in PROBLEM_COLUMNS}
    values: list[list[Any]] = []
    for key in ("rule_code", "count", "status"):
        read = reader_for(columns[key], setting)
        meant = [read(cell) for cell in sheet.cells[key]]
        values.append([it.value if isinstance(it, Understood) else it for it in meant])
    lines = map(ProblemLine._make, zip(*values, strict=True))
    return [line for line in lines if isinstance(line.status, RectificationStatus)]
