"""The numbers behind a figure of a screen, as a small Excel sheet.

The address names the screen, the figure, the day and what the screen was narrowed to; the figure
is drawn anew from it, for this viewer, so that what is drawn and what is taken away are one.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from daxing_safety import past, settings
from daxing_safety.charts import Drawn
from daxing_safety.documents import sheet
from daxing_safety.errors import NotAllowed, NotFound
from daxing_safety.models import User
from daxing_safety.permissions import units_seen_by
from daxing_safety.ui import honour_board, overview, portrait, progress
from daxing_safety.ui.links import BETWEEN
from daxing_safety.web.handouts import Download

Figures = Callable[[Any, User, date, Sequence[str]], Mapping[str, Drawn]]

# A new screen of figures: a function (session, viewer, day, scope) -> its figures by their names,
# from which the screen itself is drawn, and its line here.
SCREENS: dict[str, Figures] = {
    "honour_board": honour_board.drawn,
    "overview": overview.drawn,
    "portrait": portrait.drawn,
    "progress": progress.drawn,
}


def data(viewer: User, asked: str) -> Download:
    """`overview.sections.2021-05-20`, `progress.gantt.2021-05-20.TOWNS..3`"""
    if units_seen_by(viewer) == frozenset():
        raise NotAllowed("您的账号不能下载图表数据。")
    screen, name, day, *scope = [*asked.split(BETWEEN), "", ""]
    on = _day(day)
    if screen not in SCREENS:
        raise NotFound("没有这张图表。")
    with past.reading_on(on) as session:
        figure = SCREENS[screen](session, viewer, on, scope).get(name)
    if figure is None or figure.data is None:
        raise NotFound("这张图表没有数据，请刷新页面后再下载。")
    content = sheet.workbook(figure.title, figure.note, *figure.data)
    return Download(f"{_name(figure.title)}_{on:%Y%m%d}.xlsx", content)


def _day(text: str) -> date:
    try:
        return min(date.fromisoformat(text), settings.today())
    except ValueError as wrong:
        raise NotFound("没有这一天的图表，请刷新页面后再下载。") from wrong


def _name(title: str) -> str:
    """The finding as a file's name: without what file systems refuse."""
    return "".join("_" if each in '\\/:*?"<>|' else each for each in title)
