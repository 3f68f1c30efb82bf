"""密码条 on their way to the printer: in this process's memory, for ten minutes, once.

Initial passwords stand in no table and no file of ours. Whoever issued them takes the document
away; what is not fetched in time, or goes astray, is reset again.
"""

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from daxing_safety.actions.sessions import INITIAL_PASSWORD_LASTS
from daxing_safety.documents.slips import Slip, Slips, write_slips
from daxing_safety.errors import NotFound
from daxing_safety.models import User
from daxing_safety.permissions import Permission, require
from daxing_safety.web.handouts import Download
from daxing_safety.web.portrait import DOCX
from daxing_safety.workbooks.worker import run_in_worker

KEPT_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Kept:
    user_id: int
    name: str
    document: bytes


_kept: dict[str, Kept] = {}  # by their ids


def document(slips: Iterable[Slip], *, address: str, by: str, now: datetime) -> bytes:
    """`by` is whom to ask, with a telephone number if there is one."""
    found = Slips(
        slips=tuple(slips),
        address=address,
        good_until=(now + INITIAL_PASSWORD_LASTS).date(),
        contact=by,
        made_at=now,
    )
    return run_in_worker(write_slips, found)


def keep(made: bytes, *, by: User, now: datetime) -> str:
    """Until it is fetched or its time is over; returns the id in its address."""
    assert by.id is not None
    id_ = secrets.token_urlsafe(18)
    _kept[id_] = Kept(by.id, f"密码条_{now:%Y%m%d_%H%M}.docx", made)
    forget = threading.Timer(KEPT_FOR.total_seconds(), _kept.pop, (id_, None))
    forget.daemon = True
    forget.start()
    return id_


def is_waiting(id_: str) -> bool:
    return id_ in _kept


def slips(viewer: User, id_: str) -> Download:
    """For who issued them, and once."""
    require(viewer, Permission.MANAGE_ACCOUNTS)
    found = _kept.get(id_)
    if found is None or found.user_id != viewer.id or _kept.pop(id_, None) is None:
        raise NotFound(
            "密码条只能下载一次，十分钟内有效，现在已经取走或过期。"
            "需要的请在“单位与账号”重新重置密码。"
        )
    return Download(found.name, found.document, DOCX)
