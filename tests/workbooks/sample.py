"""What the sample workbooks were handed out with, and what their clerk meant to say in them.

Every file in should_pass says either nothing or exactly FILLED, each in a way of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from daxing_safety.vocabulary import Finding, Sheet
from daxing_safety.workbooks.content import FindingRow, WorkbookContent
from tests.workbook_files import Edit, add_problem, check_after, content_of, fill, problem

UNIT = "区城管委"  # leads an indicator with a rate, besides rules that count what is found
STORED = problem("DX-2021-0001", rule_code="6-1", site="亦庄桥", description="桥下堆放杂物")
WORK_POINT, DONE_WORK_POINT, RULE, RATE_RULE = "1-09", "3-01", "6-2", "4-2"
NEW_ROW = 5  # of 问题整改: below the stored problem


def _as_it_stands(row: FindingRow) -> FindingRow:
    return row._replace(finding=Finding.HAS_PROBLEM) if row.rule_code == "6-1" else row


def handed_out(*sheets: Sheet) -> WorkbookContent:
    content = content_of(UNIT, STORED, sheets=sheets or tuple(Sheet))
    return replace(content, findings=tuple(map(_as_it_stands, content.findings)))


HANDED_OUT = handed_out()

# By its name, what the clerk does in one row; a sample may do one of them otherwise.
SAID: dict[str, Callable[..., Edit]] = {
    "going_on": lambda **cells: fill(
        WORK_POINT, **{"status": "推进中", "percent": 80, "remark": "已开会部署"} | cells
    ),
    "done": lambda **cells: fill(
        DONE_WORK_POINT,
        **{"status": "已完成", "percent": 100, "done_on": date(2021, 4, 30), "evidence": "总结"}
        | cells,
    ),
    "seen": lambda **cells: fill(RULE, **{"finding": "达标"} | cells),
    "rate": lambda **cells: fill(RATE_RULE, **{"finding": "达标", "measured": 85.5} | cells),
    "claimed": lambda **cells: fill(
        STORED.number,
        **{"status": "申请销号", "done_on": date(2021, 5, 10), "remark": "已清走"} | cells,
    ),
    "new": lambda **cells: add_problem(**{"rule_code": "6-1"} | cells),
}


def filled(**otherwise: Mapping[str, object]) -> tuple[Edit, ...]:
    """filled(new={"count": "2处"}): all that is said, but these cells written otherwise."""
    return tuple(said(**otherwise.get(name, {})) for name, said in SAID.items())


FILLED = check_after(HANDED_OUT, *filled())
