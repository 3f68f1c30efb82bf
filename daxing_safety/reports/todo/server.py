"""待办 of who looks after the server: disks that fill up, backups and checks that went wrong.

By the real clock, whatever the business day.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from daxing_safety import settings
from daxing_safety.actions import upkeep
from daxing_safety.actions.upkeep import Outcome
from daxing_safety.disks import Space, in_words
from daxing_safety.models import User
from daxing_safety.permissions import Permission, require
from daxing_safety.reports import system
from daxing_safety.reports.todo.items import Item, Kind, Link, Urgency

TO_SYSTEM = Link("system", "看系统", {})
OLD = timedelta(days=2)  # a daily backup that did not come


def disk_space(session: Session, viewer: User, now: datetime) -> list[Item]:
    require(viewer, Permission.MANAGE_SYSTEM)
    return [_filling(name, it) for name, it in system.spaces().items() if it.is_little]


def _filling(name: str, space: Space) -> Item:
    is_used_up = space.free < space.reserve
    consequence = "已停止接收上传的文件" if is_used_up else "满了以后不能再报送"
    return Item(
        Kind.SERVER,
        f"{name}所在磁盘只剩 {in_words(space.free)}，{consequence}",
        TO_SYSTEM,
        f"磁盘共 {in_words(space.total)}。请清理或扩容，旧的备份先复制到别处再删。",
        urgency=Urgency.TODAY if is_used_up else Urgency.NORMAL,
    )


def last_backup(session: Session, viewer: User, now: datetime) -> list[Item]:
    require(viewer, Permission.MANAGE_SYSTEM)
    last, plan = upkeep.last(session, upkeep.LAST_BACKUP), upkeep.schedule(session)
    if last and not last.is_good:
        return [_went_wrong("最近一次备份没有做好", last)]
    if last and plan.at and last.at < settings.clock() - OLD:
        return [_went_wrong("每日备份已经停了", last)]
    return []


def last_check(session: Session, viewer: User, now: datetime) -> list[Item]:
    require(viewer, Permission.MANAGE_SYSTEM)
    last = upkeep.last(session, upkeep.LAST_CHECK)
    return [] if last is None or last.is_good else [_went_wrong("最近一次核对有不符", last)]


def _went_wrong(title: str, last: Outcome) -> Item:
    detail = "；".join([f"{last.at:%Y-%m-%d %H:%M}　{last.text}", *last.details[:1]])
    return Item(Kind.SERVER, title, TO_SYSTEM, detail, urgency=Urgency.TODAY)
