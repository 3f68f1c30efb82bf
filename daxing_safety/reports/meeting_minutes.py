"""会议纪要要点: what a 调度会 recorded, as an Excel sheet to check, sign and send round."""

from daxing_safety import wording
from daxing_safety.documents.sheet import Cell, Column, Sheet, workbook_of
from daxing_safety.reports.meetings import Held, Line

COLUMNS = (
    Column("序号", 6),
    Column("单位", 16),
    Column("类别", 8),
    Column("内容", 52),
    Column("问题编号", 11),
    Column("完成时限", 12),
    Column("目前情况", 16),
    Column("记录人", 10),
)


def workbook(held: Held) -> bytes:
    sheet = Sheet(
        name="会议纪要要点",
        title=f"{held.head.name}会议纪要要点",
        note=note(held),
        columns=COLUMNS,
        rows=[(at, *_row(line)) for at, line in enumerate(held.minutes, start=1)],
        signatures="　　　　　　".join(("主持人（签字）：", "记录人（签字）：", "年　　月　　日")),
    )
    return workbook_of([sheet])


def note(held: Held) -> str:
    """When it was, what its figures were, and how much came of it."""
    head = held.head
    until = f"—{head.closed_at:%H:%M}" if head.closed_at else "，还没有结束"
    units = len(held.recorded)
    return (
        f"{wording.moment(head.opened_at)}{until} · {figures_of(held)} · "
        f"记录 {len(held.minutes)} 项，涉及 {units} 家单位"
    )


def figures_of(held: Held) -> str:
    """As of when the slides stand."""
    head = held.head
    if head.day < head.opened_at.date():
        return f"数据截至{wording.day(head.day)}结束时"
    return f"数据截至{wording.day(head.day)}{head.opened_at:%H:%M}"


def state(line: Line) -> str:
    """已兑现；已销号"""
    return f"{line.fate.value}；{line.status.value}" if line.status else line.fate.value


def _row(line: Line) -> tuple[Cell, ...]:
    item = line.item
    return (
        line.unit,
        item.kind.value,
        item.text,
        item.problem_number or "",
        item.due_on,
        state(line),
        line.recorded_by,
    )
