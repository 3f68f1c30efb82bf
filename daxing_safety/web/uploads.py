"""How much one account may upload, and into which tabs: the server holds a file in its memory.

Streamlit limits the size of one file (`server.maxUploadSize`) and nothing else. Counted in this
process; several servers behind one proxy each count their own share.
"""

import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import Runtime
from streamlit.runtime.stats import CacheStat

from daxing_safety.actions import audit
from daxing_safety.database import transaction
from daxing_safety.errors import StorageFault
from daxing_safety.models import User

UPLOAD = "/_stcore/upload_file/"
MB = 2**20
WINDOW_S = 60.0
MOST_FILES = 120  # in the window: all units' workbooks, chosen twice
MOST_BYTES = 400 * MB
MOST_HELD = 600 * MB  # by the server, for everybody together
LARGEST = 20 * MB  # what a file counts that does not say its size

TOO_MANY = "上传太频繁，请一分钟后再试。"
ANOTHERS_TAB = "这个页面已失效，请刷新后重新上传。"
FULL = "服务器上等待处理的文件太多，请过几分钟再上传。"

log = logging.getLogger(__name__)


class Allowance:
    """What each account has uploaded of late."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._taken: dict[str, deque[tuple[float, int]]] = defaultdict(deque)
        self._told: dict[str, float] = {}

    def takes(self, username: str, size: int) -> bool:
        """Whether this file may come, too; one that may not is not counted."""
        now = self._clock()
        taken = self._taken[username]
        while taken and taken[0][0] <= now - WINDOW_S:
            taken.popleft()
        if len(taken) >= MOST_FILES or size + sum(each for _, each in taken) > MOST_BYTES:
            return False
        taken.append((now, size))
        return True

    def is_news(self, username: str) -> bool:
        """Whether the log does not know yet that this account has been stopped."""
        now = self._clock()
        is_known = now - self._told.get(username, -WINDOW_S) < WINDOW_S
        if not is_known:
            self._told[username] = now
        return not is_known


class UploadLimits:
    """Behind the gate, which says whose the request is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.allowance = Allowance()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(UPLOAD):
            await self.app(scope, receive, send)
        elif not is_into_ones_own_tab(scope["path"], scope["tabs_of"]):
            await PlainTextResponse(ANOTHERS_TAB, 403)(scope, receive, send)
        elif scope["method"] == "PUT":
            await self._put(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _put(self, scope: Scope, receive: Receive, send: Send) -> None:
        user: User = scope["user"]
        size = size_of(Headers(scope=scope))
        if held() + size > MOST_HELD:
            log.warning("Uploads are refused: %d MB are held already", held() // MB)
            await PlainTextResponse(FULL, 503)(scope, receive, send)
        elif not self.allowance.takes(user.username, size):
            if self.allowance.is_news(user.username):
                await to_thread.run_sync(_note, user)
            await PlainTextResponse(TOO_MANY, 429)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def is_into_ones_own_tab(path: str, sign_in: str) -> bool:
    """Streamlit asks only that the tab is open: whoever knew its number could change its files."""
    number = path.removeprefix(UPLOAD).partition("/")[0]
    tab = Runtime.instance().get_app_session(number) if Runtime.exists() else None
    return tab is None or tab.matches_user_info({"login": sign_in})


def size_of(headers: Headers) -> int:
    said = headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdecimal() else LARGEST


def held() -> int:
    """Bytes of all uploads that Streamlit holds."""
    if not Runtime.exists():
        return 0
    families = Runtime.instance().uploaded_file_mgr.get_stats()
    stats = [stat for each in families.values() for stat in each]
    return sum(stat.byte_length for stat in stats if isinstance(stat, CacheStat))


def _note(user: User) -> None:
    with suppress(StorageFault), transaction() as session:  # stopped all the same
        audit.record(session, "上传受限", user.username, by=user, remark=TOO_MANY)
