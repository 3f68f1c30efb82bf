"""The file of 调度会: what was recorded in one."""

from daxing_safety import settings
from daxing_safety.database import reading
from daxing_safety.models import User
from daxing_safety.reports import meeting_minutes, meetings
from daxing_safety.web.handouts import Download, number_in


def minutes(viewer: User, meeting_id: str) -> Download:
    with reading() as session:
        held = meetings.held(
            session, viewer=viewer, meeting_id=number_in(meeting_id), today=settings.today()
        )
    return Download(f"会议纪要要点_{held.head.name}.xlsx", meeting_minutes.workbook(held))
