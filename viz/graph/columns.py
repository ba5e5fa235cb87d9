"""A long chain of boxes in columns side by side, or in rows, so that a whole network is seen at a size that can be read."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence

from viz.graph.layout import GraphLayout, Rectangle
from viz.graph.outlines import XY

_SLENDER = 1.8  # a picture more than so many times as high as wide is put into columns
_ASPECT = 2.6  # width by height that columns aim at: that of the viewer on a laptop, where the formula is below it; on a projector it is 2
_WIDE, _ROW_ASPECT = 12.0, 8.0  # the same of rows: a picture from left to right is asked for where there is a wide and low place for it
_MOST = 6  # columns
_WORTH = 0.75  # columns must make the picture so much less high: a last box alone beside a long part helps nobody
_GAP, _ROW_GAP = 84.0, 40.0  # pixels between two columns, or rows: room for the line that leads from one to the next, and for its label
_TURN = 22.0  # pixels that this line runs above the next column
_CORNER = 10.0  # radius of its corners
_ARROW = 9.0

#: Where a picture is cut: at this height, through this edge alone.
Cut = tuple[float, tuple[str, str]]


def in_columns(layout: GraphLayout) -> GraphLayout:
    """``layout``, which runs from top to bottom, in as many columns as make it about as wide as high.

    It is cut only where a single edge leads on, so no branch, residual path or open frame is ever taken apart.
    """
    return _divided(layout, _SLENDER, _ASPECT, _GAP)


def in_rows(layout: GraphLayout) -> GraphLayout:
    """``layout``, which runs from left to right, in rows below one another where it is a long thread; cut as :func:`in_columns` cuts."""
    return _turned(_divided(_turned(layout), _WIDE, 1 / _ROW_ASPECT, _ROW_GAP))


def _turned(layout: GraphLayout) -> GraphLayout:
    """``layout`` with x and y exchanged."""

    def turned(boxes: dict[str, Rectangle]) -> dict[str, Rectangle]:
        return {name: (y, x, h, w) for name, (x, y, w, h) in boxes.items()}

    edges = {ends: tuple((y, x) for x, y in points) for ends, points in layout.edges.items()}
    return GraphLayout(layout.height, layout.width, turned(layout.nodes), turned(layout.frames), edges)


def _divided(layout: GraphLayout, slender: float, aspect: float, gap: float) -> GraphLayout:
    """``layout`` in columns with ``gap`` between them, as many as come nearest to ``aspect``; as it is unless ``slender`` times as high as wide."""
    if layout.height < slender * layout.width:
        return layout
    cuts = _cuts(layout)
    options = [chosen for n in range(1, _MOST) if len(chosen := _evenly(cuts, layout.height, n)) == n]
    columns = [_cut(layout, chosen, gap) for chosen in options]
    found = [layout, *(made for made in columns if made.height < _WORTH * layout.height)]
    return min(found, key=lambda made: abs(math.log(made.width / made.height / aspect)))


def _cuts(layout: GraphLayout) -> list[Cut]:
    """From the top, every height at which only one edge is crossed, between the lowest box above and the highest below."""
    nodes = layout.nodes
    boxes = sorted((y, y + h) for _, y, _, h in (*nodes.values(), *layout.frames.values()))
    cuts: list[Cut] = []
    bottom = boxes[0][1] if boxes else 0.0
    for top, low in boxes:
        if top > bottom:
            middle = (top + bottom) / 2
            crossed = [(source, target) for source, target in layout.edges if nodes[source][1] < middle < nodes[target][1]]
            lowest = max((box for box in nodes.values() if box[1] < middle), key=lambda box: box[1] + box[3])
            highest = min((box for box in nodes.values() if box[1] > middle), key=lambda box: box[1], default=None)
            if len(crossed) == 1 and nodes[crossed[0][0]] == lowest and nodes[crossed[0][1]] == highest:
                cuts.append((middle, crossed[0]))
        bottom = max(bottom, low)
    return cuts


def _evenly(cuts: Sequence[Cut], height: float, n: int) -> list[Cut]:
    """The ``n`` cuts that come nearest to parts of equal height; fewer where there are not so many."""
    wanted = [height * i / (n + 1) for i in range(1, n + 1)]
    return sorted({min(cuts, key=lambda cut: abs(cut[0] - w)) for w in wanted}) if cuts else []


def _cut(layout: GraphLayout, cuts: Sequence[Cut], gap: float) -> GraphLayout:
    heights, through = [height for height, _ in cuts], [ends for _, ends in cuts]
    columns = [_Column() for _ in range(len(cuts) + 1)]
    for x, y, w, h in (*layout.nodes.values(), *layout.frames.values()):
        columns[bisect(heights, y)].hold((x, y), (x + w, y + h))
    for ends, points in layout.edges.items():
        if ends not in through:
            columns[bisect(heights, layout.nodes[ends[0]][1])].hold(*points)
    end = 0.0
    for column in columns:
        column.start = end
        end += column.right - column.left + gap

    def column_of(y: float) -> _Column:
        return columns[bisect(heights, y)]

    nodes = {name: column_of(box[1]).moved(box) for name, box in layout.nodes.items()}
    frames = {name: column_of(box[1]).moved(box) for name, box in layout.frames.items()}
    edges: dict[tuple[str, str], tuple[XY, ...]] = {}
    for ends, points in layout.edges.items():
        if ends in through:
            i = through.index(ends)
            edges[ends] = _leading_on(nodes[ends[0]], nodes[ends[1]], columns[i].height, columns[i + 1].start - gap / 2)
        else:
            edges[ends] = column_of(layout.nodes[ends[0]][1]).moved_points(points)
    return GraphLayout(end - gap, max(column.height for column in columns) + 2 * _TURN, nodes, frames, edges)


class _Column:
    """A part of a picture: the room that it took, and where it begins in the new one."""

    def __init__(self) -> None:
        self.left = self.top = math.inf
        self.right = self.bottom = -math.inf
        self.start = 0.0

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def hold(self, *points: XY) -> None:
        for x, y in points:
            self.left, self.right = min(self.left, x), max(self.right, x)
            self.top, self.bottom = min(self.top, y), max(self.bottom, y)

    def moved_points(self, points: Sequence[XY]) -> tuple[XY, ...]:
        return tuple((x - self.left + self.start, y - self.top + _TURN) for x, y in points)

    def moved(self, box: Rectangle) -> Rectangle:
        ((x, y),) = self.moved_points([box[:2]])
        return x, y, box[2], box[3]


def _leading_on(source: Rectangle, target: Rectangle, height: float, between: float) -> tuple[XY, ...]:
    """The line from the last box of a column, below it, up ``between`` the columns, to the first box of the next."""
    x, below = source[0] + source[2] / 2, height + 1.5 * _TURN
    onto, tip = target[0] + target[2] / 2, target[1]
    corners = [(x, source[1] + source[3]), (x, below), (between, below), (between, _TURN / 2), (onto, _TURN / 2), (onto, tip - _ARROW)]
    return (*_rounded_line(corners), (onto, tip))


def _rounded_line(corners: Sequence[XY]) -> list[XY]:
    """A line of horizontal and vertical pieces as a cubic spline with rounded corners."""
    points = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        arriving, leaving = _toward(corner, before), _toward(corner, after)
        points += [*_straight(points[-1], arriving), corner, corner, leaving]
    return [*points, *_straight(points[-1], corners[-1])]


def _toward(corner: XY, other: XY) -> XY:
    """The point where a corner's rounding begins."""
    length = math.dist(corner, other)
    share = min(_CORNER, length / 2) / length if length else 0.0
    return corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share


def _straight(a: XY, b: XY) -> list[XY]:
    return [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for t in (1 / 3, 2 / 3, 1.0)]
