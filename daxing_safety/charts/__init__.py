"""What figures show: rows of a report in, a Chart out. Knows no database and no screen.

A Chart is a plain plotly dict. What is better said in boxes than drawn on axes (tiles.py,
groups.py) comes out as small rows for a template. Numbers become floats here, as lengths on the
paper; what is printed is written from the exact Decimals.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

Value = str | int | Decimal | date | None


class Data(NamedTuple):
    """What a figure is drawn from, to be taken away: exact, and whole where the figure cuts."""

    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def column(self, name: str) -> list[Any]:
        place = self.header.index(name)
        return [row[place] for row in self.rows]


class Drawn(Protocol):
    """A figure of any kind, as its data are handed out."""

    @property
    def title(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def data(self) -> Data | None: ...


@dataclass(frozen=True)
class Chart:
    """A figure with the finding as its title, and the same in words for who cannot see it."""

    title: str
    note: str  # units of measure, as of when
    figure: dict[str, Any] | None  # None: there is nothing to draw, and the title says so
    alt: str = ""
    is_elastic: bool = False  # may grow taller to fill its box
    data: Data | None = None


def table(header: Sequence[str], rows: Sequence[Sequence[Value]]) -> Data:
    return Data(tuple(header), tuple(map(tuple, rows)))


def checked(figure: dict[str, Any]) -> Any:
    """The dict as plotly's Figure: Streamlit would check a dict anew at every run, 3 ms each.

    Most of what is written changes few figures, so one that was checked before is not again.
    """
    return _checked(json.dumps(figure))


@lru_cache(maxsize=256)
def _checked(figure: str) -> Any:
    import plotly.graph_objects as go  # only where figures are drawn

    return go.Figure(json.loads(figure))
