"""操作日志 as a chain: every event's hash covers the one before, so no change goes unseen.

Pure. Whoever can write to the database can also make all hashes anew; that shows against the
numbers and hashes which backups have noted (anchors), and those lie elsewhere.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

START = "0" * 64  # what the first event's hash covers as the one before


class Head(NamedTuple):
    """The end of the log."""

    number: int
    hash: str
    at: datetime | None = None


class Anchor(NamedTuple):
    """An earlier end of the log, noted where the database does not reach."""

    number: int
    hash: str
    noted_in: str


class Checked(NamedTuple):
    """How far the chain holds, and the first fault in words ("" if there is none)."""

    events: int
    fault: str
    set_back: tuple[str, ...]  # where the clock had been set back


def hash_of(previous: str, event: Mapping[str, Any]) -> str:
    """In hex. The event's fields as the table keeps them, in an order that never changes."""
    told = (
        previous,
        event["id"],
        event["at"].isoformat(),
        event["username"],
        event["address"],
        event["action"],
        event["subject"],
        event["remark"],
        event["before"],
        event["after"],
        bool(event["is_set_back"]),
    )
    return hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest()


def check(events: Iterable[Mapping[str, Any]], head: Head, anchors: Iterable[Anchor]) -> Checked:
    """Goes along the chain up to the first link that does not hold."""
    known = {anchor.number: anchor for anchor in anchors}
    last = Head(0, START)
    set_back: list[str] = []
    for event in events:
        fault = _fault_of(event, last) or _fault_against(known.pop(event["id"], None), event)
        if fault:
            return Checked(last.number, fault, tuple(set_back))
        if event["is_set_back"]:
            set_back.append(in_words(event))
        last = Head(event["id"], event["hash"])
    return Checked(last.number, _fault_at_end(last, head, known), tuple(set_back))


def _fault_of(event: Mapping[str, Any], last: Head) -> str:
    if event["id"] != last.number + 1:
        return f"操作日志缺少第 {last.number + 1} 条，其后是{in_words(event)}"
    if event["hash"] != hash_of(last.hash, event):
        return f"操作日志被改动过，从这一条起校验码不符：{in_words(event)}"
    return ""


def _fault_against(anchor: Anchor | None, event: Mapping[str, Any]) -> str:
    if anchor is None or anchor.hash == event["hash"]:
        return ""
    return f"操作日志被重新写过：{in_words(event)}与{anchor.noted_in}中记下的校验码不符"


def _fault_at_end(last: Head, head: Head, missing: Mapping[int, Anchor]) -> str:
    if last.number < head.number:
        return f"操作日志末尾被截断：应有 {head.number} 条，只剩 {last.number} 条"
    if (last.number, last.hash) != (head.number, head.hash):
        return f"操作日志的末尾与登记的不符：登记到第 {head.number} 条，实有 {last.number} 条"
    for anchor in missing.values():
        return f"操作日志末尾被截断：{anchor.noted_in}中已记到第 {anchor.number} 条"
    return ""


def in_words(event: Mapping[str, Any]) -> str:
    """Number, when, who and what, for a sentence."""
    told = f"{event['at']:%Y-%m-%d %H:%M:%S}，{event['username']}，{event['action']}"
    return f"第 {event['id']} 条（{told}“{event['subject']}”）"
