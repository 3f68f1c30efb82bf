"""填报: rounds, the versions that came in, and which units are still missing."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Select, select
from sqlmodel import Session, col

from daxing_safety import prefill
from daxing_safety.errors import NotFound
from daxing_safety.models import LateAllowance, Round, Submission, Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.reports import scoped
from daxing_safety.vocabulary import GROUP_OF, Group, ReviewState, RoundState

if TYPE_CHECKING:
    import pandas as pd

MISSING = "未报送"
ON_TIME, LATE = "按时", "逾期"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one unit's workbook, with the names people know it by."""

    id: int
    unit_code: str
    unit: str
    group: Group
    round_id: int
    round: str
    number: int
    submitted_at: datetime
    submitted_by: str
    is_late: bool
    file_name: str
    file_sha256: str
    state: ReviewState
    reviewed_at: datetime | None
    reviewed_by: str
    remark: str  # why it was returned
    counts: dict[str, int]  # what it changed (actions.changes.Changes.counts)

    @property
    def stands(self) -> bool:
        return self.state is not ReviewState.TAKEN_BACK

    @property
    def punctuality(self) -> str:
        return LATE if self.is_late else ON_TIME


@dataclass(frozen=True, slots=True)
class Line:
    """A unit that has to report in a round, and its newest version if there is one."""

    unit_code: str
    unit: str
    group: Group
    version: Version | None
    late_until: datetime | None  # 补报

    @property
    def state(self) -> str:
        return self.version.state.value if self.version else MISSING


def rounds(session: Session) -> list[Round]:
    """The newest first."""
    return list(session.scalars(select(Round).order_by(col(Round.id).desc())))


OPEN_ROUND = select(Round).where(col(Round.state) == RoundState.OPEN)  # asked often, so made once


def open_round(session: Session) -> Round | None:
    return session.scalar(OPEN_ROUND)


def closes_at(session: Session, *, viewer: User, round_: Round) -> datetime:
    """When the round closes for the viewer's unit: 补报 may give it longer than all others."""
    allowance = session.get(LateAllowance, (round_.id, viewer.unit_code))
    return max(round_.due_at, allowance.until) if allowance else round_.due_at


def newest(versions: Iterable[Version], round_: Round) -> Version | None:
    """The one that stands in a round, from versions that stand newest first."""
    return next((v for v in versions if v.round_id == round_.id and v.stands), None)


def versions_of_unit(session: Session, *, viewer: User, unit_code: str) -> list[Version]:
    """The newest first, over all rounds; none for a viewer who may not see the unit's rows."""
    query = _versions(viewer).where(col(Submission.unit_code) == unit_code)
    return _read(session, query.order_by(col(Submission.id).desc()))


def pending(session: Session, *, viewer: User) -> list[Version]:
    """待审核, the oldest first."""
    query = _versions(viewer).where(col(Submission.state) == ReviewState.PENDING)
    return _read(session, query.order_by(col(Submission.submitted_at), col(Submission.id)))


def version(session: Session, *, viewer: User, submission_id: int) -> Version:
    """Raises NotFound where there is none that the viewer may see."""
    found = _read(session, _versions(viewer).where(col(Submission.id) == submission_id))
    if not found:
        raise NotFound("没有这一份报送记录，或者它不属于您可以查看的单位。")
    return found[0]


def _versions(viewer: User) -> Select[Submission, Unit, str]:
    query = (
        select(Submission, Unit, col(Round.name))
        .join(Unit, col(Unit.code) == col(Submission.unit_code))
        .join(Round, col(Round.id) == col(Submission.round_id))
    )
    return scoped(query, viewer, Submission.unit_code)


def _read(session: Session, query: Select[Submission, Unit, str]) -> list[Version]:
    return [_version(*row) for row in session.execute(query)]


def _version(row: Submission, unit: Unit, round_name: str) -> Version:
    assert row.id is not None
    return Version(
        id=row.id,
        unit_code=unit.code,
        unit=unit.name,
        group=GROUP_OF[unit.kind],
        round_id=row.round_id,
        round=round_name,
        number=row.version,
        submitted_at=row.submitted_at,
        submitted_by=row.submitted_by,
        is_late=row.is_late,
        file_name=row.file_name,
        file_sha256=row.file_sha256,
        state=row.state,
        reviewed_at=row.reviewed_at,
        reviewed_by=row.reviewed_by or "",
        remark=row.review_remark,
        counts=json.loads(row.changes),
    )


def board(session: Session, *, viewer: User, round_id: int) -> list[Line]:
    """Every unit that has to report, in the plan's order."""
    require(viewer, Permission.SEE_DISTRICT)
    query = _versions(viewer).where(col(Submission.round_id) == round_id)
    versions = _read(session, query.order_by(col(Submission.version)))
    newest = {version.unit_code: version for version in versions if version.stands}
    allowed = select(LateAllowance).where(col(LateAllowance.round_id) == round_id)
    until = {each.unit_code: each.until for each in session.scalars(allowed)}
    return [
        Line(u.code, u.name, GROUP_OF[u.kind], newest.get(u.code), until.get(u.code))
        for u in prefill.reporting_units(session)
    ]


def group_table(lines: Sequence[Line]) -> "pd.DataFrame":
    """A row a group of units that has to report, and one for all of them."""
    import pandas as pd  # only where a frame is made

    groups = [(group.value, [line for line in lines if line.group is group]) for group in Group]
    rows = [(name, of_group) for name, of_group in groups if of_group]
    return pd.DataFrame(_group_row(name, of_group) for name, of_group in [*rows, ("合计", lines)])


def _group_row(name: str, lines: Sequence[Line]) -> dict[str, object]:
    versions = [line.version for line in lines if line.version]
    states = Counter(version.state for version in versions)
    return {
        "group": name,
        "expected": len(lines),
        "received": len(versions),
        "late": sum(version.is_late for version in versions),
        "missing": len(lines) - len(versions),
        "pending": states[ReviewState.PENDING],
        "returned": states[ReviewState.RETURNED],
        "accepted": states[ReviewState.ACCEPTED],
        "rate": 100 * len(versions) / len(lines) if lines else None,
    }


def unit_table(lines: Iterable[Line]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        {
            "group": line.group.value,
            "unit": line.unit,
            "state": [line.state],
            "version": f"第{line.version.number}版" if line.version else "",
            "submitted_at": line.version.submitted_at if line.version else None,
            "punctuality": line.version.punctuality if line.version else "",
            "late_until": line.late_until,
            "original": f"/download/submission/{line.version.id}" if line.version else None,
            "template": f"/download/template/{line.unit_code}",
        }
        for line in lines
    )


def version_table(versions: Iterable[Version]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        {
            "round": version.round,
            "unit": version.unit,
            "version": f"第{version.number}版",
            "submitted_at": version.submitted_at,
            "punctuality": version.punctuality,
            "state": [version.state.value],
            "remark": version.remark,
            "reviewed_at": version.reviewed_at,
            "changed": counts_in_words(version.counts),
            "original": f"/download/submission/{version.id}",
        }
        for version in versions
    )


def counts_in_words(counts: dict[str, int]) -> str:
    """工作进展 3 条、新增问题 1 个, from actions.changes.Changes.counts."""
    words = {
        "progress": "工作进展 {} 条",
        "findings": "自评结论 {} 条",
        "problems_opened": "新增问题 {} 个",
        "problems_updated": "更新问题 {} 个",
        "claimed_fixed": "申请销号 {} 个",
    }
    return (
        "、".join(text.format(counts[k]) for k, text in words.items() if counts.get(k))
        or "没有变化"
    )
