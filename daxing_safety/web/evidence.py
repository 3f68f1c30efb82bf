"""The files of 佐证材料: what units uploaded, as it came, and the pages they print and sign."""

from daxing_safety import files
from daxing_safety.database import reading
from daxing_safety.documents.signed_page import write_signed_page
from daxing_safety.models import User
from daxing_safety.reports import materials, signed_pages, submissions
from daxing_safety.web.handouts import Download, number_in
from daxing_safety.workbooks import worker

ANY_FILE = "application/octet-stream"  # what it is, is for the viewer's computer to find out


def material(viewer: User, evidence_id: str) -> Download:
    """Also one that was replaced or withdrawn: its unit and the office may look back."""
    with reading() as session:
        found = materials.material(session, viewer=viewer, evidence_id=number_in(evidence_id))
    return Download(found.name, files.load(found.sha256), ANY_FILE)


def signed_page(viewer: User, submission_id: str) -> Download:
    number = number_in(submission_id)
    with reading() as session:
        version = submissions.version(session, viewer=viewer, submission_id=number)
    raw = worker.read_in_worker(files.load(version.file_sha256))
    with reading() as session:
        page = signed_pages.page(session, viewer=viewer, submission_id=number, raw=raw)
    name = f"签字页_{version.unit}_{version.round}_{page.code}.xlsx"
    return Download(name, worker.run_in_worker(write_signed_page, page))
