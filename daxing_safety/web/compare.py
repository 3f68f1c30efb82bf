"""两日对比 as Excel."""

from daxing_safety import past
from daxing_safety.documents.sheet import workbook_of
from daxing_safety.errors import NotAllowed
from daxing_safety.models import User
from daxing_safety.permissions import units_seen_by
from daxing_safety.reports import compare
from daxing_safety.reports.compare_sheets import sheets
from daxing_safety.web.handouts import Download
from daxing_safety.web.portrait import day_in
from daxing_safety.workbooks.worker import run_in_worker


def comparison(viewer: User, asked: str) -> Download:
    """`asked` are the days: 2021-04-15_2021-05-20."""
    if units_seen_by(viewer) == frozenset():
        raise NotAllowed("您的账号不能下载两日对比。")
    before, after = sorted(map(day_in, asked.partition("_")[::2]))
    with past.reading_on(after) as session:
        found = compare.comparison(session, viewer=viewer, before=before, after=after)
    name = f"两日对比_{before:%Y%m%d}_{after:%Y%m%d}.xlsx"
    return Download(name, run_in_worker(workbook_of, sheets(found)))
