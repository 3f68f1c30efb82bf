"""backup, restore, verify, log."""

import argparse
import os
from pathlib import Path

from daxing_safety import backups, database, logs, settings, verification
from daxing_safety.actions import audit, upkeep
from daxing_safety.backups import Manifest
from daxing_safety.cli.installing import use_demo_day
from daxing_safety.cli.outcome import CLEAN, FAULTS, print_json
from daxing_safety.errors import NotFound


def backup(options: argparse.Namespace) -> int:
    use_demo_day()
    now = settings.clock()
    manifest = backups.create(options.file, now=now)
    with database.transaction() as session:
        upkeep.note_backup(
            session, name=options.file.name, manifest=manifest, by=audit.SYSTEM, now=now
        )
    print(f"已备份到 {options.file}：数据库和 {len(manifest.members) - 1} 个文件。")
    print(f"操作日志至第 {manifest.log.number} 条，校验码 {manifest.log.hash}")
    return _told_of_missing(manifest)


def _told_of_missing(manifest: Manifest) -> int:
    for digest in manifest.missing:
        print(f"磁盘上已丢失，备份里没有：{digest}")
    return FAULTS if manifest.missing else CLEAN


def restore(options: argparse.Namespace) -> int:
    if options.into:
        _from_here_on(options.into)
    manifest = backups.restore(options.file)
    database.upgrade()
    use_demo_day()
    with database.transaction() as session:
        upkeep.note_restored(
            session, name=options.file.name, manifest=manifest, now=settings.clock()
        )
    print(f"已恢复到 {settings.data_dir()}：数据库和 {len(manifest.members) - 1} 个文件。")
    print("请运行 verify 核对；用这份数据启动服务，把 DAXING_DATA_DIR 设为这个文件夹。")
    return _told_of_missing(manifest)


def _from_here_on(folder: Path) -> None:
    """Beside the data in use: in a folder of its own, whatever database that is in."""
    os.environ["DAXING_DATA_DIR"] = str(folder)
    os.environ.pop("DAXING_DATABASE_URL", None)


def verify(options: argparse.Namespace) -> int:
    found = verification.verify()
    if options.json:
        print_json(found.document())
        return FAULTS if found.differences else CLEAN
    for difference in found.differences:
        print(difference.text)
    for event in found.set_back:
        print(f"时钟曾被调慢，在这一条之前：{event}")
    counted = f"{found.files} 个文件，{found.events} 条操作日志"
    print(f"核对完成，{'有不符' if found.differences else '全部相符'}（{counted}）。")
    return FAULTS if found.differences else CLEAN


def find_failure(options: argparse.Namespace) -> int:
    found = logs.find(options.number)
    if found is None:
        raise NotFound(f"运行日志里没有编号“{options.number}”，请核对；很久以前的可能已不在。")
    told = (found.get(name, "") for name in ("time", "path", "user", "address"))
    print("　".join(filter(None, (f"编号 {options.number}：", *told))))
    print(found["traceback"].rstrip())
    return CLEAN
