"""操作日志: one record for every write, in the write's own transaction."""

import json
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from daxing_safety import settings
from daxing_safety.models import AuditEvent, User

SYSTEM = "系统"  # the command line on the server itself, and what the server does by itself


def record(
    session: Session,
    action: str,
    subject: object,
    *,
    by: User | str,
    remark: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Notes who did what to what. `before` and `after` hold only what changed."""
    session.add(
        AuditEvent(
            at=settings.now(),
            username=by if isinstance(by, str) else by.username,
            action=action,
            subject=str(subject),
            remark=remark,
            before=_as_json(before),
            after=_as_json(after),
        )
    )
    session.flush()  # a record that cannot be written must undo the write


def _as_json(values: Mapping[str, Any] | None) -> str:
    return json.dumps(values, ensure_ascii=False, default=str) if values else ""
