"""Upkeep of the system: backups by hand and by the clock, checks, what a restored copy begins with.

Times are the real clock's (settings.clock), whatever the business day. What took long has been
done before a verb here notes its outcome: nobody else's write waits for a backup.
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlmodel import Session, delete

from daxing_safety import backups, database, ledger, verification
from daxing_safety.actions import audit
from daxing_safety.backups import Manifest
from daxing_safety.errors import BadInput
from daxing_safety.models import LoginSession, Preference, User
from daxing_safety.permissions import Permission, require
from daxing_safety.verification import Verification

BY_CLOCK, BY_HAND, BEFORE_UPGRADE = "auto", "manual", "upgrade"
SCHEDULE, CLAIM = "backup_schedule", "backup_claimed_at"
LAST_BACKUP, LAST_CHECK = "last_backup", "last_check"
MOST_KEPT = 400
AHEAD = timedelta(days=1)  # further than any two servers' clocks are apart
MOST_TOLD = 50  # differences that are kept with the last result


@dataclass(frozen=True)
class Schedule:
    """Every day at a time (None: never), so many kept of those made by the clock."""

    at: time | None = time(2, 0)
    keep: int = 14


@dataclass(frozen=True)
class Outcome:
    """What a backup or a check came to, for the screen."""

    at: datetime
    is_good: bool
    text: str
    details: tuple[str, ...] = ()


# ---- the daily backup -------------------------------------------------------------------------


def schedule(session: Session) -> Schedule:
    kept = session.get(Preference, SCHEDULE)
    if kept is None:
        return Schedule()
    told = json.loads(kept.value)
    return Schedule(time.fromisoformat(told["at"]) if told["at"] else None, told["keep"])


def set_schedule(session: Session, *, at: str, keep: int, by: User) -> None:
    """`at` as 02:00; empty for no daily backup."""
    require(by, Permission.MANAGE_SYSTEM)
    if not 1 <= keep <= MOST_KEPT:
        raise BadInput(f"保留份数请填 1 到 {MOST_KEPT} 之间的整数。")
    before, new = schedule(session), Schedule(_read_time(at.strip()), keep)
    _keep(session, SCHEDULE, _told(new))
    audit.record(session, "设置每日备份", "备份", by=by, before=_told(before), after=_told(new))


def _read_time(text: str) -> time | None:
    if not text:
        return None
    found = re.fullmatch(r"(\d{1,2})[:：](\d{2})", text)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise BadInput(f"备份时间“{text}”看不懂，请写成“02:00”；不要每日备份的，留空。")
    return time(int(found[1]), int(found[2]))


def _told(plan: Schedule) -> dict[str, Any]:
    return {"at": plan.at.strftime("%H:%M") if plan.at else "", "keep": plan.keep}


def claim_daily_backup(session: Session, *, now: datetime) -> bool:
    """Whether it is due and nobody has taken it on: of several servers, one hears yes."""
    plan, claimed = schedule(session), session.get(Preference, CLAIM)
    # A new database waits for its first night; so does one whose clock had been far ahead.
    if claimed is None or datetime.fromisoformat(claimed.value) > now + AHEAD:
        _keep(session, CLAIM, now.isoformat())
        return False
    if plan.at is None or datetime.fromisoformat(claimed.value) >= _last_due(plan.at, now):
        return False
    _keep(session, CLAIM, now.isoformat())
    return True


def _last_due(at: time, now: datetime) -> datetime:
    today = datetime.combine(now.date(), at)
    return today if today <= now else today - timedelta(days=1)


def file_name(kind: str, now: datetime) -> str:
    return f"daxing-{kind}-{now:%Y%m%d-%H%M%S}.zip"


def rotate(keep: int) -> list[str]:
    """Removes the oldest of those made by the clock; those made by hand stay."""
    old = [each for each in backups.kept() if f"-{BY_CLOCK}-" in each.path.name][keep:]
    for each in old:
        each.path.unlink(missing_ok=True)
    return [each.path.name for each in old]


# ---- what is noted of backups and checks --------------------------------------------------------


def note_backup(
    session: Session, *, name: str, manifest: Manifest, by: User | str, now: datetime
) -> None:
    _require(by)
    log, files = manifest.log, len(manifest.members) - 1
    lost = f"；{len(manifest.missing)} 个文件在磁盘上已丢失，没有备份到" if manifest.missing else ""
    text = f"{name}：数据库和 {files} 个文件{lost}"
    _keep(session, LAST_BACKUP, asdict(Outcome(now, not manifest.missing, text)))
    remark = f"{files} 个文件，操作日志至第 {log.number} 条，校验码 {log.hash}"
    audit.record(session, "备份", name, by=by, remark=remark + lost)


def note_failed_backup(session: Session, *, reason: str, by: User | str, now: datetime) -> None:
    _require(by)
    _keep(session, LAST_BACKUP, asdict(Outcome(now, False, reason)))
    audit.record(session, "备份失败", "备份", by=by, remark=reason)


def note_rotated(session: Session, *, names: list[str]) -> None:
    if names:
        audit.record(session, "删除过期备份", "备份", by=audit.SYSTEM, remark="、".join(names))


def note_check(session: Session, *, found: Verification, by: User | str, now: datetime) -> None:
    _require(by)
    faults = [each.text for each in found.differences]
    text = f"有 {len(faults)} 处不符" if faults else "全部相符"
    details = (*faults[:MOST_TOLD], *(f"时钟曾被调慢：{each}" for each in found.set_back[-5:]))
    text += f"（{found.files} 个文件，{found.events} 条操作日志）"
    _keep(session, LAST_CHECK, asdict(Outcome(now, not faults, text, details)))
    audit.record(session, "核对", "数据", by=by, remark=text, after={"differences": faults[:10]})


def note_restored(session: Session, *, name: str, manifest: Manifest, now: datetime) -> None:
    """A restored copy begins here: nobody is signed in, and sums are this version's."""
    session.exec(delete(LoginSession))
    _keep(session, CLAIM, now.isoformat())
    if manifest.schema != database.known_revisions()[0]:
        ledger.rebuild(session)
    began = {"number": manifest.log.number, "at": now.isoformat()}
    _keep(session, verification.RESTORED, began)
    remark = f"备份于 {manifest.created_at:%Y-%m-%d %H:%M}"
    audit.record(session, "恢复备份", name, by=audit.SYSTEM, remark=remark)


def last(session: Session, what: str) -> Outcome | None:
    kept = session.get(Preference, what)
    if kept is None:
        return None
    told = json.loads(kept.value)
    at = datetime.fromisoformat(told["at"])
    return Outcome(at, told["is_good"], told["text"], tuple(told["details"]))


def _require(by: User | str) -> None:
    """The server itself and its command line act under a name, not an account."""
    if isinstance(by, User):
        require(by, Permission.MANAGE_SYSTEM)


def _keep(session: Session, name: str, value: Any) -> None:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    session.merge(Preference(name=name, value=text))
