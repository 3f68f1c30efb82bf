"""template, check, submit: of 填报表, and of 问题整改清单 that are told by what is in them."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from daxing_safety import database, prefill, settings
from daxing_safety.actions import problem_imports, rounds, submissions
from daxing_safety.cli.installing import use_demo_day
from daxing_safety.cli.outcome import (
    CLEAN,
    FAULTS,
    STORAGE,
    UNREADABLE,
    note_export,
    print_json,
)
from daxing_safety.errors import BadInput, NotFound, StorageFault, UserFacingError
from daxing_safety.models import Unit, User
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import Role
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.annotate import annotate
from daxing_safety.workbooks.content import CellError, CheckedWorkbook
from daxing_safety.workbooks.identity import is_problem_list
from daxing_safety.workbooks.problem_list.content import CheckedList
from daxing_safety.workbooks.reading import RawWorkbook
from daxing_safety.workbooks.template import file_name, write_workbook

Report = dict[str, Any]
Checked = CheckedWorkbook | CheckedList


def template(options: argparse.Namespace) -> int:
    use_demo_day()
    with database.reading() as session:
        round_ = rounds.find_round(session, options.round)
        units = (
            prefill.reporting_units(session) if options.all else [unit_named(session, options.unit)]
        )
        contents = [prefill.content(session, round_, unit) for unit in units]
    if options.all or options.out.is_dir():
        options.out.mkdir(parents=True, exist_ok=True)
        paths = [options.out / file_name(content.cover) for content in contents]
    else:
        paths = [options.out]
    for content, path in zip(contents, paths, strict=True):
        write_workbook(content, path)
    note_export(f"{round_.name}填报表 {len(paths)} 份")
    print(f"{round_.name}：已生成 {len(paths)} 份填报表。")
    return CLEAN


def unit_named(session: Session, name: str) -> Unit:
    unit = session.exec(select(Unit).where(col(Unit.name) == name)).one_or_none()
    if unit is None:
        raise NotFound(f"没有名为“{name}”的单位。")
    return unit


def check(options: argparse.Namespace) -> int:
    use_demo_day()
    by, now = operator(Role.OFFICE), settings.now()

    def look(session: Session, raw: RawWorkbook, data: bytes, path: Path) -> tuple[Checked, Report]:
        checked: Checked
        if is_problem_list(raw.meta):
            checked = problem_imports.check(session, raw=raw, data=data, by=by, now=now)
        else:
            checked = submissions.check(session, raw=raw, by=by, today=now.date())
        if checked.errors and options.annotated:
            options.annotated.mkdir(parents=True, exist_ok=True)
            marked = worker.run_in_worker(annotate, data, checked)
            (options.annotated / path.name).write_bytes(marked)
        return checked, {}

    with database.reading() as session:
        reports = [_report(path, lambda *file: look(session, *file)) for path in options.files]
    return _finish(options, reports)


def submit(options: argparse.Namespace) -> int:
    use_demo_day()
    by = _submitter(options.by)

    def store(raw: RawWorkbook, data: bytes, path: Path) -> tuple[Checked, Report]:
        store_it = _store_list if is_problem_list(raw.meta) else _store_workbook
        try:
            return store_it(raw, data, path, by)
        except (submissions.RejectedWorkbook, problem_imports.RejectedList) as rejected:
            return rejected.checked, {"stored": False, "version": None}

    return _finish(options, [_report(path, store) for path in options.files])


@database.through_restarts
def _store_workbook(raw: RawWorkbook, data: bytes, path: Path, by: User) -> tuple[Checked, Report]:
    with database.transaction() as session:
        receipt = submissions.submit(
            session, raw=raw, data=data, file_name=path.name, by=by, now=settings.now()
        )
    return receipt.checked, {"stored": receipt.is_new, "version": receipt.submission.version}


@database.through_restarts
def _store_list(raw: RawWorkbook, data: bytes, path: Path, by: User) -> tuple[Checked, Report]:
    with database.transaction() as session:
        receipt = problem_imports.submit(
            session, raw=raw, data=data, file_name=path.name, by=by, now=settings.now()
        )
    return receipt.checked, {"stored": bool(receipt.made), "version": None}


def _submitter(username: str | None) -> User:
    if username is None:
        return operator(Role.OFFICE)
    with database.reading() as session:
        user = session.exec(select(User).where(col(User.username) == username)).one_or_none()
    if user is None:
        raise NotFound(f"没有用户名为“{username}”的账号。")
    return user


def _report(
    path: Path, use: Callable[[RawWorkbook, bytes, Path], tuple[Checked, Report]]
) -> Report:
    """One file's line of the answer; `use` does what the command is for."""
    report: Report = {"file": str(path), "unit": None, "round": None, "readable": False}
    try:
        data = path.read_bytes()
        raw = worker.read_in_worker(data)
    except OSError:
        return report | _said(UserFacingError("找不到或打不开这个文件。"))
    except BadInput as refusal:
        return report | _said(refusal)
    report["readable"] = True
    try:
        checked, outcome = use(raw, data, path)
    except StorageFault as fault:
        return report | _said(fault) | {"storage_failed": True}
    except UserFacingError as refusal:
        return report | _said(refusal)
    return (
        report
        | {"unit": checked.unit_name, "round": checked.round_name or None}
        | {"errors": [_fault(each) for each in checked.errors]}
        | {"warnings": [_fault(each) for each in checked.warnings]}
        | outcome
    )


def _said(refusal: UserFacingError) -> Report:
    fault = {"sheet": "", "cell": "", "message": str(refusal), "cure": ""}
    return {"errors": [fault], "warnings": []}


def _fault(error: CellError) -> Report:
    return {
        "sheet": error.sheet,
        "cell": error.cell,
        "message": error.message,
        "cure": error.cure,
    }


def _finish(options: argparse.Namespace, reports: list[Report]) -> int:
    if options.json:
        print_json(reports)
    else:
        for report in reports:
            _print(report)
    if any("storage_failed" in report for report in reports):  # to be tried again as it is
        return STORAGE
    if not all(report["readable"] for report in reports):
        return UNREADABLE
    return FAULTS if any(report["errors"] for report in reports) else CLEAN


def _print(report: Report) -> None:
    named = "，".join(filter(None, (report["unit"], report["round"])))
    whose = f"（{named}）" if named else ""
    stored = ""
    if "stored" in report:
        stored = "，已入库" if report["stored"] else "，没有入库"
    version = f"第 {report['version']} 版" if report.get("version") else ""
    faults, warnings = report["errors"], report["warnings"]
    print(f"{report['file']}{whose}：{len(faults)} 处错误，{len(warnings)} 条提醒{stored}{version}")
    for word, entries in (("错误", faults), ("提醒", warnings)):
        for entry in entries:
            place = "!".join(filter(None, (entry["sheet"], entry["cell"])))
            print(f"  {word}  {place or '整份文件'}  {entry['message']}。{entry['cure']}")
