"""操作日志: one record for every write, in the write's own transaction, bound to the one before.

Writers take turns, so the end of the log cannot move while a transaction writes.
"""

import json
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import event as events
from sqlalchemy import insert, select
from sqlmodel import Session

from daxing_safety import settings
from daxing_safety.database import table_of
from daxing_safety.errors import Forbidden
from daxing_safety.log_chain import Head, hash_of
from daxing_safety.models import AuditEvent, AuditHead, User
from daxing_safety.texts import INVISIBLE

EVENT = insert(table_of(AuditEvent)).inline()  # nobody asks for its number
HEAD = select(*(table_of(AuditHead).c[name] for name in Head._fields))
KEPT = "audit_head"  # in Session.info: several records of one transaction look once

SYSTEM = "系统"  # the command line on the server itself, and what the server does by itself

# From where the present call comes; set by the gate and for every run of a page.
_address: ContextVar[str] = ContextVar("address", default="")


def came_from(address: str) -> None:
    """What is recorded from here on, in this thread or request, was asked for from there."""
    _address.set(address)


@dataclass(frozen=True, slots=True)
class Note:
    """What was done to whom; `before` and `after` hold only what changed."""

    subject: object
    remark: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


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
    record_all(session, action, [Note(subject, remark, before, after)], by=by)


def record_all(session: Session, action: str, notes: Sequence[Note], *, by: User | str) -> None:
    """A record a note, in their order."""
    if not notes:
        return
    session.flush()  # what is told of comes first
    connection = session.connection()
    head = session.info.get(KEPT) or Head(*connection.execute(HEAD).one())
    events = []
    for note in notes:
        event, head = _event_after(head, action, note, by)
        events.append(event)
    connection.execute(EVENT, events)  # if it fails, so does the write
    session.info[KEPT] = head


def _event_after(
    head: Head, action: str, note: Note, by: User | str
) -> tuple[dict[str, Any], Head]:
    """The event that follows the end of the log, which is then the end."""
    now = settings.now()
    event = {
        "id": head.number + 1,
        "at": now,
        "username": by if isinstance(by, str) else by.username,
        "address": _address.get(),
        "action": action,
        "subject": _storable(str(note.subject)),
        "remark": _storable(note.remark),
        "before": _as_json(note.before),
        "after": _as_json(note.after),
        # A fixed day (settings.fixed_day) is no clock.
        "is_set_back": head.at is not None and now < head.at and not settings.fixed_day(),
    }
    digest = hash_of(head.hash, event)
    return event | {"hash": digest}, Head(head.number + 1, digest, now)


def record_refusal(session: Session, refusal: Forbidden) -> None:
    """What the table of grants refused; the write that was tried is undone by now."""
    record(session, "越权访问", refusal.wanted, by=refusal.username, remark=str(refusal))


@events.listens_for(Session, "after_soft_rollback")
@events.listens_for(Session, "after_commit")
def _look_again(session: Session, *_: object) -> None:
    """What was recorded may be undone, if only up to a savepoint, or others may write now."""
    session.info.pop(KEPT, None)


def _storable(text: str) -> str:
    """An address may hold anything; that something stood there is kept."""
    return text if text.isprintable() else INVISIBLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _as_json(values: Mapping[str, Any] | None) -> str:
    return _storable(json.dumps(values, ensure_ascii=False, default=_as_text)) if values else ""


def _as_text(value: object) -> str:
    return value.name if isinstance(value, Enum) else str(value)
