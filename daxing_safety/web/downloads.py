"""Files for a signed-in viewer: GET /download/<kind>/<id>, always saved and never shown.

Streamlit's own /media asks nobody who they are and may serve one user's bytes to another; what
is meant for some viewers only goes through here.
"""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from daxing_safety.actions import audit
from daxing_safety.database import through_restarts, transaction
from daxing_safety.errors import NotAllowed, StorageFault, UserFacingError
from daxing_safety.models import User
from daxing_safety.texts import legible
from daxing_safety.web import (
    account_list,
    compare,
    evidence,
    figures,
    handouts,
    hotline,
    log,
    losses,
    meetings,
    portrait,
    problem_lists,
    slips,
    spot_checks,
    upkeep,
)
from daxing_safety.web.handouts import Download

# A new kind: write a function (viewer, id) -> Download that raises NotAllowed or NotFound for
# what this viewer may not have, enter it here, and test it in tests/web/test_downloads.py.
DOWNLOADS: dict[str, Callable[[User, str], Download]] = {
    "tasks": handouts.task_decomposition,
    "template": handouts.template,
    "templates": handouts.templates,
    "submission": handouts.submission,
    "evidence": evidence.material,
    "portrait": portrait.portrait,
    "compare": compare.comparison,
    "figure": figures.data,
    "backup": upkeep.backup,
    "log": log.event_list,
    "losses": losses.ledger,
    "loss_bill": losses.bill,
    "improvement": losses.path,
    "public_reports": hotline.report_list,
    "minutes": meetings.minutes,
    "photo": evidence.photo,
    "problems": problem_lists.problem_list,
    "signed_page": evidence.signed_page,
    "account_list": account_list.template,
    "slips": slips.slips,
    "spot_check": spot_checks.results,
    "spot_photo": spot_checks.photo,
    "spot_photo_file": spot_checks.original,
}

DRAWN = {"photo", "spot_photo"}  # in a page, again and again: seen rather than taken away
LONGEST_ADDRESS = 200  # that is noted; anybody may ask for anything


async def download(request: Request) -> Response:
    kind, wanted = request.path_params["kind"], legible(request.path_params["id"])
    if kind not in DOWNLOADS:
        return PlainTextResponse("没有这种文件。", 404)
    try:
        file = await to_thread.run_sync(_fetch, kind, wanted, request.user)
    except StorageFault as fault:
        return PlainTextResponse(str(fault), 503)
    except NotAllowed as refusal:
        return PlainTextResponse(str(refusal), 403)
    except UserFacingError as refusal:
        return PlainTextResponse(str(refusal), 404)
    headers = {
        "content-disposition": disposition(file.name),
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "no-store",
    }
    if isinstance(file.content, Path):
        return FileResponse(file.content, headers=headers, media_type=file.media_type)
    return Response(file.content, headers=headers, media_type=file.media_type)


@through_restarts
def _fetch(kind: str, wanted: str, viewer: User) -> Download:
    """With a line in the log: who took which file, or wanted to."""
    address = f"{kind}/{wanted[:LONGEST_ADDRESS]}"
    try:
        file = DOWNLOADS[kind](viewer, wanted)
    except StorageFault:  # nor could it be noted
        raise
    except UserFacingError as refusal:
        action = "越权访问" if isinstance(refusal, NotAllowed) else "下载未果"
        with transaction() as session:
            audit.record(session, action, address, by=viewer, remark=str(refusal))
        raise
    if kind not in DRAWN:
        with transaction() as session:
            audit.record(session, "下载", file.name, by=viewer, remark=address)
    return file


def disposition(name: str) -> str:
    """RFC 6266: the Chinese name for browsers, a plain one for what does not read it."""
    suffix = re.search(r"\.[A-Za-z0-9]+$", name)
    plain = "download" + (suffix.group() if suffix else "")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
