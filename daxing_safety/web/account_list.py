"""账号开通表: the list of accounts to be opened, with a row for every unit that has none."""

from daxing_safety import settings
from daxing_safety.database import reading
from daxing_safety.models import User
from daxing_safety.reports import account_list as reports
from daxing_safety.web.handouts import Download
from daxing_safety.workbooks.account_template import template_bytes
from daxing_safety.workbooks.worker import run_in_worker


def template(viewer: User, _: str) -> Download:
    with reading() as session:
        missing, every = reports.units(session, viewer=viewer)
    now = settings.clock()
    content = run_in_worker(template_bytes, missing, every, now)
    return Download(f"账号开通表_{now:%Y%m%d}.xlsx", content)
