"""A unit's workbook of the open round, filled in as a test says, written and read back."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from daxing_safety import prefill
from daxing_safety.actions import submissions
from daxing_safety.models import Round, Unit, User
from daxing_safety.vocabulary import Discovery, RectificationStatus
from daxing_safety.workbooks.content import ProblemRow, WorkbookContent
from daxing_safety.workbooks.reading import read_workbook
from daxing_safety.workbooks.template import write_workbook

NOW = datetime(2021, 5, 20, 10, 0)
Fill = Callable[[WorkbookContent], WorkbookContent]


def dry_hydrant(**changes: Any) -> ProblemRow:
    """A new problem under rule 4-1, all its cells filled in."""
    return ProblemRow(
        number="",
        rule_code="4-1",
        site="黄村西大街12号院北门",
        description="消火栓无水",
        count=2,
        discovery=Discovery.SELF_CHECK,
        found_on=date(2021, 5, 10),
        target="恢复供水",
        measure="更换阀门并试水",
        responsible="王科长",
        due_on=date(2021, 6, 30),
        status=RectificationStatus.IN_PROGRESS,
    )._replace(
        **changes,
    )


def rules(**findings: dict[str, Any]) -> Fill:
    """rules(_4_1={"finding": …}): what is said of these rules."""
    said = {code.strip("_").replace("_", "-"): values for code, values in findings.items()}
    return lambda content: replace(
        content,
        findings=tuple(row._replace(**said.get(row.rule_code, {})) for row in content.findings),
    )


def work_points(**progress: dict[str, Any]) -> Fill:
    """work_points(_1_05={"status": …}): what is said of these work points."""
    said = {code.strip("_").replace("_", "-"): values for code, values in progress.items()}
    return lambda content: replace(
        content,
        progress=tuple(
            row._replace(**said.get(row.work_point_code, {})) for row in content.progress
        ),
    )


def problems(*rows: ProblemRow) -> Fill:
    """These problem lines, instead of what was there."""
    return lambda content: replace(content, problems=rows)


def written(session: Session, round_: Round, unit: Unit, *fills: Fill) -> bytes:
    content = prefill.content(session, round_, unit)
    for fill in fills:
        content = fill(content)
    file = io.BytesIO()
    write_workbook(content, file)
    return file.getvalue()


def hand_in(
    session: Session, round_: Round, unit: Unit, *fills: Fill, by: User, now: datetime = NOW
) -> submissions.Receipt:
    return hand_in_bytes(session, written(session, round_, unit, *fills), by=by, now=now)


def hand_in_bytes(
    session: Session, data: bytes, *, by: User, now: datetime = NOW
) -> submissions.Receipt:
    return submissions.submit(
        session, raw=read_workbook(data), data=data, file_name="填报表.xlsx", by=by, now=now
    )
