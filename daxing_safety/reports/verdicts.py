"""逐项审核: each row of a version, what the office says of it, and what it holds instead."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.criteria import Rule
from daxing_safety.models import (
    CriteriaRevision,
    Evidence,
    EvidenceUse,
    FindingEntry,
    ProgressEntry,
    RowVerdict,
    Submission,
    User,
    WorkPoint,
)
from daxing_safety.permissions import Permission, require
from daxing_safety.reports.changes import in_words
from daxing_safety.reports.submissions import Version
from daxing_safety.vocabulary import EvidenceOf, Finding, ProgressStatus, RuleKind, Sheet

if TYPE_CHECKING:
    import pandas as pd

NOT_JUDGED = "未审"


def rows(session: Session, *, viewer: User, version: Version) -> "pd.DataFrame":
    """A row for each reported row, those that are not judged yet first.

    `seen` is the number of the verdict shown here: what actions.verdicts wants to be told.
    """
    import pandas as pd  # only where a frame is made

    require(viewer, Permission.REVIEW)
    verdicts = {
        (verdict.sheet, verdict.code): verdict
        for verdict in session.scalars(
            select(RowVerdict).where(col(RowVerdict.unit_code) == version.unit_code)
        )
    }
    files = _files(session, version.unit_code)
    lines = [
        line | _judged(verdicts.get((line["sheet"], line["code"]))) | _proved(line, files)
        for line in (*_progress(session, version), *_findings(session, version))
    ]
    lines.sort(key=lambda line: line["judgement"] != NOT_JUDGED)
    return pd.DataFrame(line | {"sheet": line["sheet"].value} for line in lines)


def _progress(session: Session, version: Version) -> Iterator[dict[str, Any]]:
    query = (
        select(ProgressEntry, WorkPoint)
        .join(WorkPoint, col(WorkPoint.code) == col(ProgressEntry.work_point_code))
        .where(col(ProgressEntry.submission_id) == version.id)
        .order_by(col(WorkPoint.position))
    )
    for entry, point in session.execute(query):
        yield {
            "sheet": Sheet.PROGRESS,
            "code": entry.work_point_code,
            "about": point.text,
            "said": _progress_in_words(entry.status, entry.percent),
            "remark": entry.remark,
            "is_correctable": True,
        }


def _findings(session: Session, version: Version) -> Iterator[dict[str, Any]]:
    rules = _rules(session, version)
    query = select(FindingEntry).where(col(FindingEntry.submission_id) == version.id)
    entries = {entry.rule_code: entry for entry in session.scalars(query)}
    for code in (code for code in rules if code in entries):
        entry = entries[code]
        yield {
            "sheet": Sheet.SELF_ASSESSMENT,
            "code": code,
            "about": rules[code].condition,
            "said": _finding_in_words(entry.finding, entry.measured),
            "remark": entry.remark,
            "is_correctable": rules[code].kind is not RuleKind.PER_FINDING,
        }


def _rules(session: Session, version: Version) -> dict[str, Rule]:
    submission = session.get_one(Submission, version.id)
    revision = session.get_one(CriteriaRevision, submission.criteria_revision_id)
    return ledger.parsed(revision.document).rules


def _judged(verdict: RowVerdict | None) -> dict[str, Any]:
    if verdict is None:
        return {"judgement": NOT_JUDGED, "held": "", "reason": "", "by": "", "seen": 0}
    return {
        "judgement": verdict.judgement.value,
        "held": _held_in_words(verdict),
        "reason": verdict.reason,
        "by": verdict.judged_by,
        "seen": verdict.number,
    }


def _held_in_words(verdict: RowVerdict) -> str:
    if verdict.held_status is not None:
        return _progress_in_words(verdict.held_status, verdict.held_percent)
    if verdict.held_finding is not None:
        return _finding_in_words(verdict.held_finding, verdict.held_measured)
    return ""


def _progress_in_words(status: ProgressStatus, percent: Any) -> str:
    return f"{status.value} {in_words(percent)}%" if percent else status.value


def _finding_in_words(finding: Finding, measured: Any) -> str:
    return f"{finding.value}（{in_words(measured)}%）" if measured is not None else finding.value


def _files(session: Session, unit_code: str) -> Counter[tuple[EvidenceOf, str]]:
    """How many files the unit has for each thing it proves."""
    query = (
        select(col(EvidenceUse.subject), col(EvidenceUse.code), func.count())
        .join(Evidence, col(Evidence.id) == col(EvidenceUse.evidence_id))
        .where(col(Evidence.unit_code) == unit_code, col(Evidence.is_current))
        .group_by(col(EvidenceUse.subject), col(EvidenceUse.code))
    )
    return Counter({(subject, code): n for subject, code, n in session.execute(query)})


def _proved(line: dict[str, Any], files: Counter[tuple[EvidenceOf, str]]) -> dict[str, int]:
    is_progress = line["sheet"] is Sheet.PROGRESS
    subject = EvidenceOf.WORK_POINT if is_progress else EvidenceOf.RULE
    return {"files": files[subject, line["code"]]}
