"""/healthz: whether this server can be worked with, for balancers and whoever watches it.

Nobody signs in for it, so it says no more than that, and what hinders: it stops, storage fails
(web/trouble.py tells that), or the disk is as good as full. It does not answer at all until the
start is over.
"""

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from daxing_safety import disks, settings
from daxing_safety.errors import StorageFault
from daxing_safety.web import login
from daxing_safety.writes import Stopping, writes

FAILED_WITHIN_S = 60.0  # writes may be rare: what failed long ago says nothing about now


async def health(_: Request) -> Response:
    await to_thread.run_sync(_require_health)
    return PlainTextResponse("ok", headers={"cache-control": "no-store"})


def _require_health() -> None:
    """Raises StorageFault."""
    if writes.are_refused:
        raise Stopping
    login.has_no_accounts()  # reads
    if fault := writes.fault(within_s=FAILED_WITHIN_S):
        raise fault
    space = disks.space(settings.data_dir())
    if space.free < space.reserve:
        raise StorageFault("数据所在磁盘快满了，已停止接收上传的文件。请马上清理。")
