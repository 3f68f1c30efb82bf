"""操作日志 to take along, as it is filtered on the screen."""

from functools import partial
from urllib.parse import parse_qsl

from daxing_safety import settings
from daxing_safety.database import reading
from daxing_safety.documents.sheet import workbook_of
from daxing_safety.models import User
from daxing_safety.reports import log, log_list
from daxing_safety.web.handouts import Download
from daxing_safety.workbooks.worker import run_in_worker

write = partial(workbook_of, is_long=True)


def event_list(viewer: User, query: str) -> Download:
    """`query` is Filters.query()."""
    now, filters = settings.now(), log.Filters.read(dict(parse_qsl(query)))
    with reading() as session:
        sheet = log_list.sheet(session, viewer=viewer, filters=filters, now=now)
    return Download(f"操作日志_{now:%Y%m%d}.xlsx", run_in_worker(write, [sheet]))
