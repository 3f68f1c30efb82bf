"""The files of 抽查: a check as Excel, and the photos that experts took."""

from daxing_safety import files, settings
from daxing_safety.database import reading
from daxing_safety.errors import NotAllowed
from daxing_safety.models import User
from daxing_safety.reports import sees_district
from daxing_safety.reports.spot_checks import items, sheets
from daxing_safety.web.evidence import ANY_FILE, JPEG, made_small
from daxing_safety.web.handouts import Download, number_in


def results(viewer: User, check_id: str) -> Download:
    """For who sees the district: an expert sees what was drawn for others nowhere."""
    number = number_in(check_id)
    if not sees_district(viewer):
        raise NotAllowed("您的账号不能下载抽查结果。")
    with reading() as session:
        name, content = sheets.workbook(
            session, viewer=viewer, check_id=number, today=settings.today()
        )
    return Download(f"抽查_{name}.xlsx", content)


def photo(viewer: User, photo_id: str) -> Download:
    """Drawn anew and small, for an <img>."""
    found = _found(viewer, photo_id)
    return Download(f"抽查照片_{found.id}.jpg", made_small(found.sha256), JPEG)


def original(viewer: User, photo_id: str) -> Download:
    found = _found(viewer, photo_id)
    return Download(found.name, files.load(found.sha256), ANY_FILE)


def _found(viewer: User, photo_id: str) -> items.File:
    number = number_in(photo_id)
    with reading() as session:
        return items.photo(session, viewer=viewer, photo_id=number, today=settings.today())
