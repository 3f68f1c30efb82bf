"""审核: what a version says, beside what the office accepted before and holds now."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.criteria import Criteria
from daxing_safety.models import (
    CriteriaRevision,
    FindingEntry,
    PairState,
    Problem,
    ProgressEntry,
    Submission,
    User,
    WorkPoint,
)
from daxing_safety.reports import frame, scoped, submissions, verdicts
from daxing_safety.reports.changes import Change, changes, in_words
from daxing_safety.reports.submissions import Version, versions_of_unit
from daxing_safety.vocabulary import Finding, RectificationStatus, ReviewState, RuleKind, Sheet

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Said:
    """What one version says, `since` the one it is compared with."""

    version: Version
    since: Version | None
    progress: list[Change]
    findings: list[Change]
    single_answers: "pd.DataFrame"
    problems_opened: "pd.DataFrame"
    claims: "pd.DataFrame"  # of the unit, whichever version they came with
    rows: "pd.DataFrame"  # reports.verdicts.rows
    history: list[Version]


def said(session: Session, *, viewer: User, submission_id: int) -> Said:
    """Raises NotFound where there is no version that the viewer may see."""
    version = submissions.version(session, viewer=viewer, submission_id=submission_id)
    since = accepted_before(session, viewer=viewer, version=version)
    code = version.unit_code
    return Said(
        version=version,
        since=since,
        progress=progress_changes(session, version, since),
        findings=finding_changes(session, version, since),
        single_answers=single_answers(session, version),
        problems_opened=problems_opened(session, viewer=viewer, version=version),
        claims=claims(session, viewer=viewer, unit_code=code),
        rows=verdicts.rows(session, viewer=viewer, version=version),
        history=versions_of_unit(session, viewer=viewer, unit_code=code),
    )


def accepted_before(session: Session, *, viewer: User, version: Version) -> Version | None:
    """The unit's last version, of any round, that the office had accepted before this one."""
    earlier = versions_of_unit(session, viewer=viewer, unit_code=version.unit_code)
    return next(
        (each for each in earlier if each.id < version.id and each.state is ReviewState.ACCEPTED),
        None,
    )


def progress_changes(session: Session, version: Version, since: Version | None) -> list[Change]:
    about = dict(session.execute(select(col(WorkPoint.code), col(WorkPoint.text))).all())
    before, after = _progress(session, since), _progress(session, version)
    return changes(Sheet.PROGRESS, before, after, about)


def finding_changes(session: Session, version: Version, since: Version | None) -> list[Change]:
    rules = _criteria(session, version).rules
    about = {code: rule.condition for code, rule in rules.items()}
    before, after = _findings(session, since), _findings(session, version)
    return changes(Sheet.SELF_ASSESSMENT, before, after, about)


def _progress(session: Session, version: Version | None) -> dict[str, ProgressEntry]:
    query = select(ProgressEntry).where(
        col(ProgressEntry.submission_id) == (version.id if version else None)
    )
    return {entry.work_point_code: entry for entry in session.scalars(query)}


def _findings(session: Session, version: Version | None) -> dict[str, FindingEntry]:
    query = select(FindingEntry).where(
        col(FindingEntry.submission_id) == (version.id if version else None)
    )
    return {entry.rule_code: entry for entry in session.scalars(query)}


def _criteria(session: Session, version: Version) -> Criteria:
    submission = session.get_one(Submission, version.id)
    revision = session.get_one(CriteriaRevision, submission.criteria_revision_id)
    return ledger.parsed(revision.document)


def single_answers(session: Session, version: Version) -> "pd.DataFrame":
    """The yes/no findings and rates of the version, which 通过 confirms, beside what is held."""
    import pandas as pd  # only where a frame is made

    rules = _criteria(session, version).rules
    held = {
        pair.rule_code: pair
        for pair in session.scalars(
            select(PairState).where(col(PairState.unit_code) == version.unit_code)
        )
    }
    return pd.DataFrame(
        {
            "rule_code": code,
            "condition": rules[code].condition,
            "claimed": _answer(entry.finding, entry.measured),
            "confirmed": _answer(held[code].confirmed_finding, held[code].confirmed_measured),
            "remark": entry.remark,
            "evidence": entry.evidence,
        }
        for code, entry in _findings(session, version).items()
        if rules[code].kind is not RuleKind.PER_FINDING and code in held
    )


def _answer(finding: Finding, measured: Any) -> str:
    """存在问题（76%）"""
    return f"{finding.value}（{in_words(measured)}%）" if measured is not None else finding.value


def problems_opened(session: Session, *, viewer: User, version: Version) -> "pd.DataFrame":
    """What this version reported for the first time."""
    query = _problems(viewer).where(col(Problem.submission_id) == version.id)
    return _problem_table(session, query)


def claims(session: Session, *, viewer: User, unit_code: str) -> "pd.DataFrame":
    """The unit's problems that wait for the office's 销号."""
    query = _problems(viewer).where(
        col(Problem.unit_code) == unit_code,
        col(Problem.status) == RectificationStatus.CLAIMED_FIXED,
    )
    return _problem_table(session, query)


def numbered(session: Session, *, viewer: User, numbers: Collection[str]) -> list[Problem]:
    """The problems of these 问题编号, as far as the viewer may see them."""
    query = select(Problem).where(col(Problem.number).in_(numbers))
    return list(session.scalars(scoped(query, viewer, Problem.unit_code)))


PROBLEM_FIELDS = (
    "number",
    "rule_code",
    "site",
    "description",
    "count",
    "discovery",
    "found_on",
    "due_on",
    "status",
    "done_on",
    "measure",
    "responsible",
    "remark",
)


def _problems(viewer: User) -> Select[Any]:
    fields: list[Any] = [col(getattr(Problem, name)).label(name) for name in PROBLEM_FIELDS]
    return scoped(select(*fields).order_by(col(Problem.id)), viewer, Problem.unit_code)


def _problem_table(session: Session, query: Select[Any]) -> "pd.DataFrame":
    rows = frame(session, query)
    for word in ("discovery", "status"):
        rows[word] = [value.value for value in rows[word]]
    return rows
