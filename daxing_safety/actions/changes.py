"""A workbook that came back against how things stand: its faults, and what it changes."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from daxing_safety.actions.cases import Case
from daxing_safety.vocabulary import RectificationStatus, Sheet
from daxing_safety.workbooks.checks import check
from daxing_safety.workbooks.content import (
    CheckedWorkbook,
    FindingRow,
    ProblemRow,
    ProgressRow,
    WorkbookContent,
)
from daxing_safety.workbooks.reading import RawWorkbook

CLAIMED_FIXED = RectificationStatus.CLAIMED_FIXED


@dataclass(frozen=True, slots=True)
class Changes:
    """What a version changes against how things stood."""

    progress: tuple[ProgressRow, ...]
    findings: tuple[FindingRow, ...]
    problems_opened: tuple[ProblemRow, ...]
    problems_updated: tuple[ProblemRow, ...]
    extensions: tuple[ProblemRow, ...]  # whose deadline the unit asks to put off

    def counts(self) -> dict[str, int]:
        claimed = sum(row.status is CLAIMED_FIXED for row in self.problems_updated)
        return {
            "progress": len(self.progress),
            "findings": len(self.findings),
            "problems_opened": len(self.problems_opened),
            "problems_updated": len(self.problems_updated),
            "claimed_fixed": claimed,
            "extensions": len(self.extensions),
        }

    def __bool__(self) -> bool:
        return any(self.counts().values())


@dataclass(frozen=True, slots=True)
class Comparison:
    """A workbook held against how things stood on a day: its faults, and what it changes."""

    raw: RawWorkbook
    expected: WorkbookContent
    data_version: int  # of which `expected` was read
    today: date
    checked: CheckedWorkbook
    changes: Changes


def compare(
    raw: RawWorkbook, case: Case, today: date, seen: Comparison | None = None
) -> Comparison:
    """The workbook against how things stand at this moment.

    Where that is what `seen` was held against, the check would come to the same, and is not made
    twice.
    """
    if seen and seen.raw is raw and (seen.expected, seen.today) == (case.expected, today):
        return seen
    found = checked(raw, case.expected, today)
    changes = changes_between(case.expected, found)
    return Comparison(raw, case.expected, case.data_version, today, found, changes)


def checked(raw: RawWorkbook, expected: WorkbookContent, today: date) -> CheckedWorkbook:
    """The workbook as checked; what its round does not ask for stands as it was."""
    found = check(raw, expected, today)
    asked = expected.cover.sheets
    return replace(
        found,
        progress=found.progress if Sheet.PROGRESS in asked else expected.progress,
        findings=found.findings if Sheet.SELF_ASSESSMENT in asked else expected.findings,
    )


def changes_between(expected: WorkbookContent, checked: CheckedWorkbook) -> Changes:
    """Compares only what a unit reports; the locked part may be worded anew between rounds."""
    progress = {_said_of_work_point(row) for row in expected.progress}
    findings = {_said_of_rule(row) for row in expected.findings}
    problems = {row.number: row for row in expected.problems}
    reported = [row for row in checked.problems if row.number]
    held = [hold_deadline(problems[row.number], row) for row in reported]
    return Changes(
        progress=tuple(r for r in checked.progress if _said_of_work_point(r) not in progress),
        findings=tuple(r for r in checked.findings if _said_of_rule(r) not in findings),
        problems_opened=tuple(row for row in checked.problems if not row.number),
        problems_updated=tuple(row for row in held if row != problems[row.number]),
        extensions=tuple(
            row
            for row, kept in zip(reported, held, strict=True)
            if row is not kept and row.status is not CLAIMED_FIXED
        ),
    )


def hold_deadline(before: ProblemRow, after: ProblemRow) -> ProblemRow:
    """A unit may set a deadline and move it forward; putting it off takes the office's consent."""
    if before.due_on and after.due_on and after.due_on > before.due_on:
        return after._replace(due_on=before.due_on)
    return after


_said_of_rule = attrgetter("rule_code", "finding", "measured", "remark", "evidence")


def _said_of_work_point(row: ProgressRow) -> tuple[Any, ...]:
    percent = row.percent or Decimal(0)  # an empty cell says nothing has been done
    return row.work_point_code, row.status, percent, row.done_on, row.remark, row.evidence
