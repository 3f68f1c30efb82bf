"""The official tables into an empty database, and what an upgrade leaves to do."""

import logging
from dataclasses import asdict
from datetime import datetime
from itertools import count

from sqlalchemy import func, select
from sqlmodel import Session

from daxing_safety import backups, database, ledger, settings
from daxing_safety.actions import audit, upkeep
from daxing_safety.criteria import load_criteria, write_document
from daxing_safety.errors import Conflict, UserFacingError
from daxing_safety.models import (
    CriteriaRevision,
    DataVersion,
    Phase,
    ProblemNumber,
    Task,
    TaskDuty,
    Unit,
    WorkPoint,
    WorkPointDuty,
)
from daxing_safety.programme import Programme, load_programme

log = logging.getLogger(__name__)


class UpgradeRefused(UserFacingError):
    """There is no backup, so nothing was changed."""

    def __init__(self, reason: UserFacingError) -> None:
        super().__init__(
            f"升级数据库之前要先备份，但没有备份成：{reason}数据没有改动。"
            "请排除后再启动；已另行备份的，可运行 init --without-backup 升级。"
        )


class _Upgrade:
    """Older tables are backed up as they are; what the new ones sum up is summed up."""

    def __init__(self, *, with_backup: bool) -> None:
        self._with_backup = with_backup
        self._name = ""

    def before(self, schema: str) -> None:
        if not self._with_backup:
            return
        now = settings.clock()
        name = _free_name(f"{upkeep.BEFORE_UPGRADE}-{schema}", now)
        try:
            backups.create(settings.backups_dir() / name, now=now)
        except UserFacingError as reason:
            raise UpgradeRefused(reason) from reason
        self._name = name

    def after(self, session: Session, schema: str) -> None:
        ledger.rebuild(session)
        remark = f"升级前已备份为 {self._name}" if self._name else "升级前没有自动备份"
        subject = f"{schema} → {database.known_revisions()[0]}"
        audit.record(session, "升级数据库", subject, by=audit.SYSTEM, remark=remark)
        log.info("Upgraded the tables, %s (%s)", subject, self._name or "no backup")


def _free_name(kind: str, now: datetime) -> str:
    """An upgrade that failed may be tried again within the second, and keeps its own backup."""
    kinds = (f"{kind}-{attempt}" if attempt else kind for attempt in count())
    names = (upkeep.file_name(each, now) for each in kinds)
    return next(name for name in names if not (settings.backups_dir() / name).exists())


def upgrade(*, with_backup: bool = True) -> None:
    """The tables as this version has them. All of it or nothing; a backup of the old is kept."""
    told = _Upgrade(with_backup=with_backup)
    database.upgrade(before=told.before, after=told.after)


def is_installed(session: Session) -> bool:
    return bool(session.scalar(select(func.count()).select_from(Unit)))


def install(session: Session, *, by: str = audit.SYSTEM) -> None:
    """Loads the plan and the criteria of data/; refuses a database that already has them."""
    if is_installed(session):
        raise Conflict("数据库里已有任务分解表，不能重复初始化。")
    programme = load_programme()
    _store_plan(session, programme)
    criteria = load_criteria(programme)
    session.add(
        CriteriaRevision(
            version=criteria.version,
            document=write_document(criteria),
            loaded_at=settings.now(),
            remark="初始载入",
        )
    )
    session.add_all([DataVersion(id=1, number=1), ProblemNumber(id=1, number=0)])
    session.flush()
    ledger.rebuild(session)
    audit.record(session, "初始化", "任务分解表与评价细则", by=by, remark=criteria.version)


def _store_plan(session: Session, programme: Programme) -> None:
    code = {unit.name: unit.code for unit in programme.units}
    for position, unit in enumerate(programme.units):
        fields = asdict(unit) | {"aliases": ";".join(unit.aliases)}
        session.add(Unit(**fields, position=position))
    session.add_all(Phase(**asdict(phase)) for phase in programme.phases)
    session.add_all(Task(no=t.no, action=t.action, title=t.title) for t in programme.tasks)
    session.flush()
    for task in programme.tasks:
        for position, (name, duty) in enumerate(task.duties):
            session.add(
                TaskDuty(task_no=task.no, unit_code=code[name], duty=duty, position=position)
            )
    for position, point in enumerate(programme.work_points):
        fields = asdict(point) | {"checkpoints": ";".join(map(str, point.checkpoints))}
        session.add(WorkPoint(**fields, position=position))
    session.flush()
    for point in programme.work_points:
        for position, (name, duty) in enumerate(point.duties):
            session.add(
                WorkPointDuty(
                    work_point_code=point.code,
                    unit_code=code[name],
                    duty=duty,
                    position=position,
                )
            )
