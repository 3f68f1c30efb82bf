"""What a clerk is shown of an uploaded workbook before it is stored: its faults, or its changes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from daxing_safety.actions import submissions
from daxing_safety.actions.changes import Changes, Comparison
from daxing_safety.errors import UserFacingError
from daxing_safety.models import Submission, User
from daxing_safety.reports.changes import Change, changes
from daxing_safety.reports.effect import Claimed, effects
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

# A statement is made once: making one costs as much as running it.
_of_units = col(Submission.unit_code).in_(bindparam("units", expanding=True))
LATEST = select(
    col(Submission.unit_code),
    col(Submission.round_id),
    col(Submission.file_sha256),
    col(Submission.version),
).where(_of_units, col(Submission.is_latest))


@dataclass(frozen=True, slots=True)
class Effect:
    """What storing the workbook would change against how things stand."""

    progress: tuple[Change, ...]
    findings: tuple[Change, ...]
    problems: tuple[Change, ...]
    opened: tuple[ProblemRow, ...]
    counts: dict[str, int]  # of rows, as actions.changes.Changes counts them
    before: Claimed
    after: Claimed

    def __bool__(self) -> bool:
        return any(self.counts.values())


@dataclass(frozen=True, slots=True)
class Preview:
    """Either `repeats` (the number of the version that the file already is), or `checked` has
    faults, or there is an effect."""

    compared: Comparison
    repeats: int | None = None
    effect: Effect | None = None

    @property
    def checked(self) -> CheckedWorkbook:
        return self.compared.checked


def preview_all(
    session: Session, *, files: Sequence[tuple[RawWorkbook, str]], by: User, now: datetime
) -> list[Preview | UserFacingError]:
    """Of each file, by what was read of it and its SHA-256, or why it cannot be stored.

    Read for all of them at once: for fifty it costs little more than for one. Stores nothing.
    """
    outcomes = submissions.preview_all(session, raws=[raw for raw, _ in files], by=by, now=now)
    compared = [each for each in outcomes if isinstance(each, Comparison)]
    latest = _latest_versions(session, compared)
    sound = [each for each in compared if not each.checked.errors]
    claimed = dict(zip(map(id, sound), effects(session, sound), strict=True))

    def preview(each: Comparison, sha256: str) -> Preview:
        repeats = latest.get((each.checked.unit_code, each.checked.round_id, sha256))
        if repeats or id(each) not in claimed:
            return Preview(each, repeats)
        return Preview(each, effect=_effect(each, *claimed[id(each)]))

    return [
        preview(each, sha256) if isinstance(each, Comparison) else each
        for each, (_, sha256) in zip(outcomes, files, strict=True)
    ]


def _latest_versions(
    session: Session, compared: Iterable[Comparison]
) -> dict[tuple[str, int, str], int]:
    """By unit, round and the file's SHA-256, the number of the version that it is."""
    units = {each.checked.unit_code for each in compared}
    rows = session.connection().execute(LATEST, {"units": list(units)})
    return {(unit, round_id, sha256): version for unit, round_id, sha256, version in rows}


def _effect(compared: Comparison, before: Claimed, after: Claimed) -> Effect:
    expected, changed = compared.expected, compared.changes
    return Effect(
        progress=_progress_changes(expected, changed),
        findings=_finding_changes(expected, changed),
        problems=_problem_changes(expected, changed),
        opened=changed.problems_opened,
        counts=changed.counts(),
        before=before,
        after=after,
    )


def _progress_changes(expected: WorkbookContent, changed: Changes) -> tuple[Change, ...]:
    before = {row.work_point_code: row for row in expected.progress}
    after = {row.work_point_code: row for row in changed.progress}
    about = {code: row.work_point for code, row in before.items()}
    return tuple(changes(Sheet.PROGRESS, before, after, about))


def _finding_changes(expected: WorkbookContent, changed: Changes) -> tuple[Change, ...]:
    before = {row.rule_code: row for row in expected.findings}
    after = {row.rule_code: row for row in changed.findings}
    about = {code: row.condition for code, row in before.items()}
    return tuple(changes(Sheet.SELF_ASSESSMENT, before, after, about))


def _problem_changes(expected: WorkbookContent, changed: Changes) -> tuple[Change, ...]:
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
