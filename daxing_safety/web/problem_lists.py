"""问题整改清单 to take along, as it is filtered on the screen."""

from urllib.parse import parse_qsl

from daxing_safety import settings
from daxing_safety.database import reading
from daxing_safety.errors import NotAllowed
from daxing_safety.models import User
from daxing_safety.permissions import units_seen_by
from daxing_safety.reports.problems import export as problem_export
from daxing_safety.reports.problems import filters as problem_filters
from daxing_safety.web.handouts import Download
from daxing_safety.workbooks.problem_list.template import file_name, list_bytes
from daxing_safety.workbooks.worker import run_in_worker


def problem_list(viewer: User, query: str) -> Download:
    """`query` is Filters.query(), as an address writes it."""
    if units_seen_by(viewer) == frozenset():
        raise NotAllowed("您的账号不能导出问题整改清单。")
    now = settings.now()
    with reading() as session:
        choices = problem_filters.choices(session, viewer=viewer)
        filters = problem_filters.Filters.read(dict(parse_qsl(query)), choices)
        content = problem_export.content(session, viewer=viewer, filters=filters, now=now)
    name = file_name(content.cover.unit_name, now.date())
    return Download(name, run_in_worker(list_bytes, content))
