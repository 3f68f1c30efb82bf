"""What a clerk is shown of an uploaded workbook before it is stored: its faults, or its changes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety.actions import submissions
from daxing_safety.models import Submission, User
from daxing_safety.reports.changes import Change, changes
from daxing_safety.reports.effect import Claimed, effect
from daxing_safety.vocabulary import RectificationStatus, Sheet
from daxing_safety.workbooks.content import (
    CellError,
    CheckedWorkbook,
    ProblemRow,
    WorkbookContent,
)
from daxing_safety.workbooks.reading import RawWorkbook

if TYPE_CHECKING:
    import pandas as pd

CLAIMED_FIXED = RectificationStatus.CLAIMED_FIXED
ADDRESS = re.compile(r"([A-Z]+)(\d+)")


@dataclass(frozen=True, slots=True)
class Effect:
    """What storing the workbook would change against how things stand."""

    progress: tuple[Change, ...]
    findings: tuple[Change, ...]
    problems: tuple[Change, ...]
    opened: tuple[ProblemRow, ...]
    counts: dict[str, int]  # of rows, as actions.submissions.Changes counts them
    before: Claimed
    after: Claimed

    def __bool__(self) -> bool:
        return any(self.counts.values())


@dataclass(frozen=True, slots=True)
class Preview:
    """Either `repeats` (the number of the version that the file already is), or `checked` has
    faults, or there is an effect."""

    checked: CheckedWorkbook
    repeats: int | None = None
    effect: Effect | None = None


def preview(session: Session, *, raw: RawWorkbook, sha256: str, by: User, now: datetime) -> Preview:
    """Stores nothing. Raises like actions.submissions.preview."""
    checked, changed, expected = submissions.preview(session, raw=raw, by=by, now=now)
    repeats = _same_version(session, checked, sha256)
    if repeats or checked.errors:
        return Preview(checked, repeats)
    before, after = effect(session, checked)
    return Preview(
        checked,
        effect=Effect(
            progress=_progress_changes(expected, changed),
            findings=_finding_changes(expected, changed),
            problems=_problem_changes(expected, changed),
            opened=changed.problems_opened,
            counts=changed.counts(),
            before=before,
            after=after,
        ),
    )


def _same_version(session: Session, checked: CheckedWorkbook, sha256: str) -> int | None:
    return session.scalar(
        select(col(Submission.version)).where(
            col(Submission.unit_code) == checked.unit_code,
            col(Submission.round_id) == checked.round_id,
            col(Submission.file_sha256) == sha256,
            col(Submission.is_latest),
        )
    )


def _progress_changes(
    expected: WorkbookContent, changed: submissions.Changes
) -> tuple[Change, ...]:
    before = {row.work_point_code: row for row in expected.progress}
    after = {row.work_point_code: row for row in changed.progress}
    about = {code: row.work_point for code, row in before.items()}
    return tuple(changes(Sheet.PROGRESS, before, after, about))


def _finding_changes(expected: WorkbookContent, changed: submissions.Changes) -> tuple[Change, ...]:
    before = {row.rule_code: row for row in expected.findings}
    after = {row.rule_code: row for row in changed.findings}
    about = {code: row.condition for code, row in before.items()}
    return tuple(changes(Sheet.SELF_ASSESSMENT, before, after, about))


def _problem_changes(expected: WorkbookContent, changed: submissions.Changes) -> tuple[Change, ...]:
    before = {row.number: row for row in expected.problems}
    after = {row.number: row for row in changed.problems_updated}
    about = {number: f"{row.site}：{row.description}" for number, row in before.items()}
    return tuple(changes(Sheet.RECTIFICATION, before, after, about))


def opened_table(rows: Iterable[ProblemRow]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        {
            "rule_code": row.rule_code,
            "site": row.site,
            "description": row.description,
            "count": row.count,
            "discovery": row.discovery.value,
            "status": row.status.value,
            "due_on": row.due_on,
            "responsible": row.responsible,
        }
        for row in rows
    )


def remark_table(remarks: Iterable[CellError]) -> "pd.DataFrame":
    """Faults, warnings or readings, in the order of the workbook."""
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        {
            "sheet": remark.sheet,
            "cell": remark.cell,
            "found": remark.found,
            "message": remark.message,
            "cure": remark.cure,
        }
        for remark in sorted(remarks, key=_place)
    )


def _place(remark: CellError) -> tuple[int, int, int, str]:
    sheets = [sheet.value for sheet in Sheet]
    sheet = sheets.index(remark.sheet) if remark.sheet in sheets else -1  # the file's come first
    address = ADDRESS.match(remark.cell)
    if address is None:
        return sheet, 0, 0, ""
    letters, row = address.groups()
    return sheet, int(row), len(letters), letters
