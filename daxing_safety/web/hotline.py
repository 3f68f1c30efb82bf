"""The list of public reports to take along, as it is filtered on the screen."""

from daxing_safety import settings
from daxing_safety.database import reading
from daxing_safety.documents.sheet import workbook_of
from daxing_safety.errors import NotAllowed
from daxing_safety.models import User
from daxing_safety.permissions import units_seen_by
from daxing_safety.reports import public_report_list, public_reports
from daxing_safety.web.handouts import Download
from daxing_safety.workbooks.worker import run_in_worker


def report_list(viewer: User, query: str) -> Download:
    """`query` is Filters.as_query()."""
    if units_seen_by(viewer) == frozenset():
        raise NotAllowed("您的账号不能下载接诉即办清单。")
    now, filters = settings.now(), public_reports.of_query(query)
    with reading() as session:
        sheet = public_report_list.sheet(session, viewer=viewer, filters=filters, now=now)
    return Download(f"接诉即办清单_{now:%Y%m%d}.xlsx", run_in_worker(workbook_of, [sheet]))
