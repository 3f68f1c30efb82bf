"""失分构成: what a loss is made of, two levels at a time, as areas.

Words on areas must wrap, and be read on a phone: so these are boxes for a template, laid out here
in percent of the box around them, once for a screen that is wide and once for one that is tall.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from daxing_safety import wording
from daxing_safety.charts import palette
from daxing_safety.reports.losses.tree import Node, Tree
from daxing_safety.wording import gist, percent, points

WIDE, TALL = 2.3, 0.62  # width by height
NAME_MOST = 30
UNRATED = Decimal("0.5")  # the shade of what has no points of its own to lose a share of


class Box(NamedTuple):
    """Where it lies in the box around it, in percent."""

    left: float
    top: float
    width: float
    height: float


class Area(NamedTuple):
    name: str
    lost: str
    words: str  # in full, for who points at it
    colour: str
    ink: str
    box: Box
    parts: tuple["Area", ...]


class Composition(NamedTuple):
    title: str
    note: str
    alt: str
    wide: tuple[Area, ...]
    tall: tuple[Area, ...]


def composition(tree: Tree, node: Node, *, as_of: date) -> Composition:
    on = f"截至{wording.day(as_of)}"
    if not node.lost:
        return Composition(f"{node.name}{tree.side.value}没有失分", on, "", (), ())
    if not node.children:
        return Composition(f"失 {points(node.lost)} 分：{node.about}", on, "", (), ())
    what = f"{node.name}，{tree.side.value}失分（分）"
    note = f"{what}。面积为失分，颜色越深，失去的比例越大 · {on}"
    below = _dearest_first(node)
    return Composition(
        title=_finding(node, below[0]),
        note=note,
        alt="；".join(f"{each.name}失 {points(each.lost)} 分" for each in below),
        wide=_areas(node, WIDE),
        tall=_areas(node, TALL),
    )


def _dearest_first(node: Node) -> list[Node]:
    losing = [each for each in node.children if each.lost > 0]
    return sorted(losing, key=lambda each: -each.lost)


def _finding(node: Node, first: Node) -> str:
    whole = f"失 {points(node.lost)} 分"
    if first.points is None:  # units, of different groups: nobody is held up as the worst
        return f"{whole}，由 {len(node.children)} 家单位分担"
    if first.lost == node.lost:
        return f"{whole}，全在“{gist(first.name, NAME_MOST)}”"
    share = percent(first.lost / node.lost)
    return f"{whole}，最多的是“{gist(first.name, NAME_MOST)}”，{points(first.lost)} 分，占 {share}"


def _areas(node: Node, shape: float, levels: int = 2) -> tuple[Area, ...]:
    """The parts of a node, and of each of them the parts again."""
    below = _dearest_first(node) if levels else []
    if not below:
        return ()
    boxes = squarified([float(each.lost) for each in below], shape)
    return tuple(
        _area(each, box, _areas(each, shape * box.width / box.height, levels - 1))
        for each, box in zip(below, boxes, strict=True)
    )


def _area(node: Node, box: Box, parts: tuple[Area, ...]) -> Area:
    share = node.lost / node.points if node.points else None
    colour, ink = palette.step(UNRATED if share is None else share)
    lost = points(node.lost)
    of_worth = f"，占分值 {percent(share)}" if share is not None else ""
    return Area(node.name, lost, f"{node.name}：失 {lost} 分{of_worth}", colour, ink, box, parts)


# ---- the layout ---------------------------------------------------------------------------------


def squarified(sizes: Sequence[float], shape: float) -> list[Box]:
    """Boxes as near to squares as rows and columns allow; the sizes fall from first to last.

    Bruls, Huizing and van Wijk, “Squarified Treemaps” (2000): a strip along the shorter side takes
    one more box for as long as its worst box becomes no longer.
    """
    left, top, width, height = 0.0, 0.0, shape, 1.0
    scale = shape / sum(sizes)
    waiting = [size * scale for size in sizes]
    boxes: list[Box] = []
    while waiting:
        side = min(width, height)
        number = _boxes_in_strip(waiting, side)
        strip, waiting = waiting[:number], waiting[number:]
        depth = sum(strip) / side
        along = 0.0
        for size in strip:
            length = size / depth
            if width >= height:
                boxes.append(Box(left, top + along, depth, length))
            else:
                boxes.append(Box(left + along, top, length, depth))
            along += length
        if width >= height:
            left, width = left + depth, width - depth
        else:
            top, height = top + depth, height - depth
    return [_in_percent(box, shape) for box in boxes]


def _boxes_in_strip(sizes: Sequence[float], side: float) -> int:
    number = 1
    while number < len(sizes) and _worst(sizes[: number + 1], side) <= _worst(sizes[:number], side):
        number += 1
    return number


def _worst(strip: Sequence[float], side: float) -> float:
    """How many times longer than wide the worst box of a strip is."""
    depth = sum(strip) / side
    return max(max(depth * depth / size, size / (depth * depth)) for size in strip)


def _in_percent(box: Box, shape: float) -> Box:
    return Box(
        left=round(100 * box.left / shape, 3),
        top=round(100 * box.top, 3),
        width=round(100 * box.width / shape, 3),
        height=round(100 * box.height, 3),
    )
