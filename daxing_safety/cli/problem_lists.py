"""export problems."""

import argparse

from daxing_safety import database, settings
from daxing_safety.cli.installing import use_demo_day
from daxing_safety.cli.outcome import CLEAN, note_export
from daxing_safety.cli.workbooks import unit_named
from daxing_safety.errors import BadInput
from daxing_safety.permissions import operator
from daxing_safety.reports.problems import export as problem_export
from daxing_safety.reports.problems.filters import Filters, Sort
from daxing_safety.vocabulary import RectificationStatus, Role
from daxing_safety.workbooks.problem_list.template import file_name, list_bytes


def export(options: argparse.Namespace) -> int:
    use_demo_day()
    now = settings.now()
    statuses = tuple(_status(word) for word in options.status)
    with database.reading() as session:
        units = (unit_named(session, options.unit).code,) if options.unit else ()
        filters = Filters(status=statuses, unit=units, sort=Sort.NUMBER)
        content = problem_export.content(
            session, viewer=operator(Role.OFFICE), filters=filters, now=now
        )
    name = file_name(content.cover.unit_name, now.date())
    path = options.out / name if options.out.is_dir() else options.out
    path.write_bytes(list_bytes(content))
    note_export(path.name)
    print(f"{content.cover.unit_name}：已导出 {len(content.rows)} 个问题。")
    return CLEAN


def _status(word: str) -> RectificationStatus:
    for status in RectificationStatus:
        if word in (status.name, status.value):
            return status
    words = "、".join(status.value for status in RectificationStatus)
    raise BadInput(f"没有“{word}”这种整改状态，可以是：{words}。")
