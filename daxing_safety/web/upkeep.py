"""The daily backup and check, the same by hand, and backups to take along.

Every server asks once a minute whether the daily backup is due; the database says yes to one.
"""

import asyncio
import logging
import shutil
from datetime import timedelta

from anyio import to_thread
from sqlalchemy.exc import SQLAlchemyError

from daxing_safety import backups, settings, verification
from daxing_safety.actions import audit, upkeep
from daxing_safety.database import transaction
from daxing_safety.errors import UserFacingError
from daxing_safety.models import User
from daxing_safety.permissions import Permission, require
from daxing_safety.web.handouts import ZIP, Download

TICK_S = 60.0
CUT_OFF_AFTER = timedelta(days=1)

log = logging.getLogger(__name__)


async def run() -> None:
    while True:
        await asyncio.sleep(TICK_S)
        try:
            await to_thread.run_sync(do_what_is_due)
        except (SQLAlchemyError, OSError, UserFacingError):
            log.exception("The daily backup or check failed")


def do_what_is_due() -> bool:
    """True where this server made the daily backup."""
    with transaction() as session:
        if not upkeep.claim_daily_backup(session, now=settings.clock()):
            return False
        plan = upkeep.schedule(session)
    try:
        back_up(upkeep.BY_CLOCK, by=audit.SYSTEM)
        names = upkeep.rotate(plan.keep)
        with transaction() as session:
            upkeep.note_rotated(session, names=names)
        _remove_what_was_cut_off()
    finally:  # a full disk is no reason not to look at what is there
        check(by=audit.SYSTEM)
    return True


def back_up(kind: str, *, by: User | str) -> str:
    """Returns the name of the new backup; why there is none is noted, and raised."""
    if isinstance(by, User):
        require(by, Permission.MANAGE_SYSTEM)
    now = settings.clock()
    name = upkeep.file_name(kind, now)
    try:
        manifest = backups.create(settings.backups_dir() / name, now=now)
    except UserFacingError as refusal:
        with transaction() as session:
            upkeep.note_failed_backup(session, reason=str(refusal), by=by, now=now)
        raise
    with transaction() as session:
        upkeep.note_backup(session, name=name, manifest=manifest, by=by, now=now)
    return name


def check(*, by: User | str) -> None:
    if isinstance(by, User):
        require(by, Permission.MANAGE_SYSTEM)
    found = verification.verify()
    with transaction() as session:
        upkeep.note_check(session, found=found, by=by, now=settings.clock())


def _remove_what_was_cut_off() -> None:
    """Uploads and backups that a killed server left half-way."""
    now = settings.clock()
    verification.remove_orphans(now=now)
    limit = (now - CUT_OFF_AFTER).replace(tzinfo=settings.BEIJING).timestamp()
    for folder in settings.backups_dir().glob(f"{backups.STAGE}*"):
        if folder.stat().st_mtime < limit:
            shutil.rmtree(folder, ignore_errors=True)


def backup(viewer: User, name: str) -> Download:
    """It holds everything: only for who looks after the server."""
    require(viewer, Permission.MANAGE_SYSTEM)
    path = backups.find(name)
    return Download(path.name, path, ZIP)
