"""The files of 佐证材料: what units uploaded, as it came, and the pages they print and sign."""

from functools import lru_cache

from daxing_safety import evidence_files, files, settings
from daxing_safety.database import reading
from daxing_safety.documents.signed_page import write_signed_page
from daxing_safety.errors import NotFound
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import materials, signed_pages, submissions
from daxing_safety.reports.spot_checks import items
from daxing_safety.web.handouts import Download, number_in
from daxing_safety.workbooks import worker

ANY_FILE = "application/octet-stream"  # what it is, is for the viewer's computer to find out
JPEG = "image/jpeg"
MOST_PHOTOS = 128  # kept drawn, some 200 KB each


def material(viewer: User, evidence_id: str) -> Download:
    """Also one that was replaced or withdrawn: its unit and the office may look back."""
    found = _found(viewer, evidence_id)
    return Download(found.name, files.load(found.sha256), ANY_FILE)


def photo(viewer: User, evidence_id: str) -> Download:
    """A photo drawn anew and small, for an <img>; by itself it is saved like every download."""
    found = _found(viewer, evidence_id)
    if found.kind not in evidence_files.PHOTOS:
        raise NotFound("这份材料不是照片。")
    return Download(f"照片_{found.id}.jpg", made_small(found.sha256), JPEG)


def _found(viewer: User, evidence_id: str) -> materials.Material | items.File:
    """Of a unit that the viewer sees; an expert gets what belongs to the things drawn for them."""
    number = number_in(evidence_id)
    with reading() as session:
        if allows(viewer, Permission.SPOT_CHECK):
            today = settings.today()
            return items.drawn_file(session, viewer=viewer, evidence_id=number, today=today)
        return materials.material(session, viewer=viewer, evidence_id=number)


@lru_cache(maxsize=MOST_PHOTOS)
def made_small(digest: str) -> bytes:
    from daxing_safety import photos  # the child's, not the server's

    try:
        return worker.run_in_worker(photos.made_small, files.load(digest))
    except worker.ChildDied as crash:
        raise NotFound("这张照片太大，画不出来，请下载原件查看。") from crash


def signed_page(viewer: User, submission_id: str) -> Download:
    number = number_in(submission_id)
    with reading() as session:
        version = submissions.version(session, viewer=viewer, submission_id=number)
    raw = worker.read_in_worker(files.load(version.file_sha256))
    with reading() as session:
        page = signed_pages.page(session, viewer=viewer, submission_id=number, raw=raw)
    name = f"签字页_{version.unit}_{version.round}_{page.code}.xlsx"
    return Download(name, worker.run_in_worker(write_signed_page, page))
