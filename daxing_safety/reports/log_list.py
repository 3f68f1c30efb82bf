"""操作日志 to take along, as it is filtered on the screen; every cell is text."""

from datetime import datetime

from sqlmodel import Session

from daxing_safety.documents.sheet import Column, Sheet
from daxing_safety.models import User
from daxing_safety.reports import log
from daxing_safety.reports.log import SET_BACK, Filters, Row, in_words

MOST = 50_000  # rows
COLUMNS = (
    Column("序号", 9),
    Column("时间", 20),
    Column("用户名", 14),
    Column("姓名", 12),
    Column("来源地址", 16),
    Column("操作", 16),
    Column("对象", 28),
    Column("说明", 40),
    Column("改动", 50),
    Column("标记", 14),
    Column("校验码", 68),
)


def sheet(session: Session, *, viewer: User, filters: Filters, now: datetime) -> Sheet:
    total = log.total(session, viewer=viewer, filters=filters)
    rows = [_in_texts(row) for row in log.rows(session, viewer=viewer, filters=filters, most=MOST)]
    whole = "" if total <= len(rows) else f"，符合条件的共 {total} 条，这里是最新的"
    note = f"{now:%Y-%m-%d %H:%M} 导出，{len(rows)} 条{whole}"
    return Sheet("操作日志", "操作日志", note, COLUMNS, rows, is_filtered=True, held=2)


def _in_texts(row: Row) -> tuple[str, ...]:
    return (
        str(row.number),
        f"{row.at:%Y-%m-%d %H:%M:%S}",
        row.username,
        row.name,
        row.address,
        row.action,
        row.subject,
        row.remark,
        in_words(row.changes),
        SET_BACK if row.is_set_back else "",
        row.hash,
    )
