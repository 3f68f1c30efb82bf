"""The list of public reports to take along: of what its viewer sees, as the screen is filtered."""

from datetime import datetime

from sqlmodel import Session

from daxing_safety.documents.sheet import Column, Sheet
from daxing_safety.models import User
from daxing_safety.reports import public_reports
from daxing_safety.reports.public_reports import Filters, Row

MOST = 10_000  # rows
YES_NO = {True: "是", False: "否", None: ""}
COLUMNS = (
    Column("诉求编号", 10),
    Column("状态", 9),
    Column("热线编号", 20),
    Column("受理时间", 16),
    Column("诉求内容", 46),
    Column("地址", 24),
    Column("属地", 12),
    Column("承办单位", 14),
    Column("难易", 7),
    Column("办理期限", 16),
    Column("答复时间", 16),
    Column("时效", 12),
    Column("答复", 40),
    Column("联系诉求人", 11),
    Column("是否解决", 10),
    Column("满意度", 10),
    Column("条款", 8),
    Column("问题编号", 10),
)


def sheet(session: Session, *, viewer: User, filters: Filters, now: datetime) -> Sheet:
    found = public_reports.rows(session, viewer=viewer, filters=filters, now=now, most=MOST)
    rows = [_in_texts(row, now) for row in found]
    note = f"{now:%Y-%m-%d %H:%M} 导出，{len(rows)} 件"
    return Sheet("接诉即办", "接诉即办清单", note, COLUMNS, rows, is_filtered=True, held=1)


def _in_texts(row: Row, now: datetime) -> tuple[str, ...]:
    return (
        row.number,
        row.status.value,
        row.source_number or "",
        _moment(row.received_at),
        row.content,
        row.site,
        row.town,
        row.unit,
        row.complexity.value,
        _moment(row.due_at),
        _moment(row.answered_at),
        row.punctuality(now),
        row.answer,
        YES_NO[row.is_contacted],
        YES_NO[row.is_resolved],
        row.satisfaction.value if row.satisfaction else "",
        row.rule_code or "",
        row.problem_number or "",
    )


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
