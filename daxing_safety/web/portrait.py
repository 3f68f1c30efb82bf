"""单位画像 as a Word document, to print."""

from datetime import date

from daxing_safety import past, settings
from daxing_safety.actions import preferences
from daxing_safety.database import reading
from daxing_safety.documents.paper import write_paper
from daxing_safety.errors import NotFound
from daxing_safety.models import User
from daxing_safety.reports import portrait as reports
from daxing_safety.reports.portrait_paper import paper
from daxing_safety.web.handouts import Download
from daxing_safety.workbooks.worker import run_in_worker

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def portrait(viewer: User, asked: str) -> Download:
    """`asked` is the unit and the day of the figures: U05_2021-05-20."""
    unit_code, _, text = asked.partition("_")
    day, now = day_in(text), settings.now()
    with past.reading_on(day) as session:
        found = reports.portrait(session, viewer=viewer, unit_code=unit_code, today=day)
    with reading() as session:
        is_demo = preferences.is_demo(session)
        rates = (
            reports.public_reports(session, viewer=viewer, unit_code=unit_code, now=now)
            if day == now.date()
            else None
        )
    document = run_in_worker(write_paper, paper(found, rates, is_demo=is_demo, now=now))
    return Download(f"单位画像_{found.unit.name}_{day:%Y%m%d}.docx", document, DOCX)


def day_in(text: str) -> date:
    """A day out of an address, at the latest today."""
    try:
        return min(date.fromisoformat(text), settings.today())
    except ValueError as wrong:
        raise NotFound("没有这个文件，请从页面上重新下载。") from wrong
