"""One unit of a 调度会 in large type: frozen figures, what it promised, what is recorded now."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from daxing_safety import wording
from daxing_safety.reports.meeting_figures import Overdue, Slide
from daxing_safety.reports.meetings import Fate, Line
from daxing_safety.ui import panels
from daxing_safety.ui.panels import Figure
from daxing_safety.wording import day_of_year, points

MOST_PROBLEMS = 3
MOST_LINES = 4
TONES = {Fate.KEPT: "good", Fate.BROKEN: "bad", Fate.UNCHECKED: "bad"}


class Entry(NamedTuple):
    fate: str
    tone: str
    text: str
    note: str


class Late(NamedTuple):
    number: str
    what: str
    measure: str
    dates: str


def drawn(slide: Slide, on: date, earlier: Sequence[Line], recorded: Sequence[Line]) -> str:
    """`on` is the day that the figures are of."""
    return panels.meeting_slide(
        name=slide.name,
        place=_place(slide),
        figures=_figures(slide),
        overdue=[_late(each, on) for each in slide.overdue[:MOST_PROBLEMS]],
        overdue_note=_left_over(len(slide.overdue), MOST_PROBLEMS, "逾期最久的"),
        earlier=_entries(earlier),
        earlier_note=_left_over(len(earlier), MOST_LINES, "最近的"),
        recorded=_entries(recorded),
    )


def _place(slide: Slide) -> str:
    if slide.place is None:
        return f"{slide.group.value} · 不参加排名"
    return f"{slide.group.value} · 得分率第 {slide.place} 名（{slide.ranked} 家）"


def _figures(slide: Slide) -> list[Figure]:
    return [
        Figure(
            "核定失分",
            points(slide.lost),
            "分",
            (f"得分率 {slide.rate}%，承担 {wording.plain(slide.points_in_duty)} 分",),
            "bad" if slide.lost else "good",
        ),
        Figure(
            "红灯要点",
            str(slide.overdue_points),
            "项",
            (f"黄灯（滞后）{slide.behind_points} 项",),
            "bad" if slide.overdue_points else "good",
        ),
        Figure(
            "逾期问题",
            str(len(slide.overdue)),
            "个",
            (f"未销号 {slide.problems - slide.closed} 个，没有时限 {slide.undated} 个",),
            "bad" if slide.overdue else "good",
        ),
        _promises(slide),
    ]


def _promises(slide: Slide) -> Figure:
    if not slide.promised:
        return Figure("守时", "—", "", ("还没有到期的整改时限",))
    missed = slide.kept < slide.promised
    return Figure(
        "守时",
        f"{slide.kept}/{slide.promised}",
        "个",
        ("到期的问题中按时限整改好的",),
        "bad" if missed else "good",
    )


def _late(problem: Overdue, on: date) -> Late:
    dates = f"承诺 {day_of_year(problem.first_due_on)}"
    if problem.due_on != problem.first_due_on:
        dates += f"，延到 {day_of_year(problem.due_on)}"
    who = f" · 责任人 {problem.responsible}" if problem.responsible else ""
    return Late(
        number=problem.number,
        what=f"{wording.shortened(problem.site, 24)}，{wording.shortened(problem.description, 40)}",
        measure=f"措施：{wording.shortened(problem.measure, 60)}"
        if problem.measure
        else "还没有措施",
        dates=f"{dates} · 逾期 {(on - problem.due_on).days} 天 · {problem.status.value}{who}",
    )


def _entries(lines: Sequence[Line]) -> list[Entry]:
    """The newest first."""
    return [
        Entry(
            line.fate.value,
            TONES.get(line.fate, ""),
            wording.shortened(line.item.text, 70),
            _note(line),
        )
        for line in reversed(lines[-MOST_LINES:])
    ]


def _note(line: Line) -> str:
    what = line.item.kind.value + (
        f" {line.item.problem_number}" if line.item.problem_number else ""
    )
    status = f" · 现在{line.status.value}" if line.status else ""
    return (
        f"{what} · {day_of_year(line.item.due_on)}以前{status} · "
        f"{day_of_year(line.meeting_on)}“{line.meeting}”"
    )


def _left_over(number: int, most: int, which: str) -> str:
    return f"共 {number} 项，列{which} {most} 项" if number > most else ""
