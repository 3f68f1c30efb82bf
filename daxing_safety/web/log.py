"""操作日志 to take along, as it is filtered on the screen."""

from urllib.parse import parse_qsl

from daxing_safety import settings
from daxing_safety.database import reading
from daxing_safety.models import User
from daxing_safety.reports import log
from daxing_safety.web.handouts import Download
from daxing_safety.workbooks.log_list import list_bytes
from daxing_safety.workbooks.worker import run_in_worker


def event_list(viewer: User, query: str) -> Download:
    """`query` is Filters.query()."""
    now, filters = settings.now(), log.Filters.read(dict(parse_qsl(query)))
    with reading() as session:
        total = log.total(session, viewer=viewer, filters=filters)
        found = log.rows(session, viewer=viewer, filters=filters, most=log.MOST_IN_EXCEL)
    whole = "" if total <= len(found) else f"，符合条件的共 {total} 条，这里是最新的"
    title = f"操作日志（{now:%Y-%m-%d %H:%M} 导出，{len(found)} 条{whole}）"
    texts = [log.in_texts(row) for row in found]
    return Download(f"操作日志_{now:%Y%m%d}.xlsx", run_in_worker(list_bytes, title, texts))
