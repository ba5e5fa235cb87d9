"""Placement of edge labels: beside the line, clear of boxes, other lines and other labels as far as there is room."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence

from viz.graph.outlines import XY

Box = tuple[float, float, float, float]  # left, top, right, bottom

_CELL = 32.0
_SAMPLES = 8  # samples per Bézier segment
_SHARES = (0.5, 0.38, 0.62, 0.26, 0.74, 0.16, 0.86)  # positions along a line that are tried, best first
_ON_BOX, _ON_LABEL, _ON_LINE = 40.0, 40.0, 4.0


def sample_spline(spline: Sequence[XY]) -> list[XY]:
    """Points along a cubic spline (1 + 3n control points), ends included."""
    points = [spline[0]]
    for i in range(0, len(spline) - 3, 3):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = spline[i : i + 4]
        for j in range(1, _SAMPLES + 1):
            t = j / _SAMPLES
            u = 1 - t
            w = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
            points.append((w[0] * ax + w[1] * bx + w[2] * cx + w[3] * dx, w[0] * ay + w[1] * by + w[2] * cy + w[3] * dy))
    return points


class LabelPlacer:
    """What is where in a picture, to find free places for labels."""

    def __init__(self, size: XY, boxes: Iterable[Box], lines: Sequence[Sequence[XY]]) -> None:
        self._size = size
        self._boxes: dict[tuple[int, int], list[Box]] = defaultdict(list)
        self._labels: dict[tuple[int, int], list[Box]] = defaultdict(list)
        self._points: dict[tuple[int, int], list[tuple[float, float, int]]] = defaultdict(list)
        for box in boxes:
            _enter(self._boxes, box)
        for number, line in enumerate(lines):
            for x, y in _dense(line):
                self._points[int(x // _CELL), int(y // _CELL)].append((x, y, number))

    def place(self, number: int, line: Sequence[XY], width: float, height: float, across: bool) -> XY:
        """Top left corner of a label of this size beside line ``number``; ``across`` where lines mostly run left to right."""
        best, least = (0.0, 0.0), float("inf")
        for rank, share in enumerate(_SHARES):
            x, y = _at(line, share)
            for side in (0, 1):
                left = x - width / 2 if across else x + 6 if side == 0 else x - 6 - width
                top = y - height / 2 if not across else y - 4 - height if side == 0 else y + 4
                box = (left, top, left + width, top + height)
                cost = self._cost(box, number) + rank + 0.6 * side
                if cost < least:
                    best, least = (left, top), cost
            if least < rank + 1:
                break
        _enter(self._labels, (best[0], best[1], best[0] + width, best[1] + height))
        return best

    def _cost(self, box: Box, number: int) -> float:
        cost = _ON_BOX if box[0] < 2 or box[1] < 2 or box[2] > self._size[0] - 2 or box[3] > self._size[1] - 2 else 0.0
        for cell in _cells(box):
            cost += sum(_ON_BOX for other in self._boxes.get(cell, ()) if _overlap(box, other))
            cost += sum(_ON_LABEL for other in self._labels.get(cell, ()) if _overlap(box, other))
            for x, y, line in self._points.get(cell, ()):
                if line != number and box[0] - 2 < x < box[2] + 2 and box[1] - 1 < y < box[3] + 1:
                    cost += _ON_LINE
        return cost


def _dense(line: Sequence[XY]) -> Iterable[XY]:
    """The line's points, with more in between so that none are further apart than a label is high."""
    for (ax, ay), (bx, by) in itertools.pairwise(line):
        steps = int(max(abs(bx - ax), abs(by - ay)) // 10) + 1
        for j in range(steps):
            yield ax + (bx - ax) * j / steps, ay + (by - ay) * j / steps


def _at(line: Sequence[XY], share: float) -> XY:
    lengths = [((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5 for (ax, ay), (bx, by) in itertools.pairwise(line)]
    left = share * sum(lengths)
    for length, (ax, ay), (bx, by) in zip(lengths, line, line[1:], strict=False):
        if left <= length and length:
            return ax + (bx - ax) * left / length, ay + (by - ay) * left / length
        left -= length
    return line[-1]


def _cells(box: Box) -> Iterable[tuple[int, int]]:
    for column in range(int(box[0] // _CELL), int(box[2] // _CELL) + 1):
        for row in range(int(box[1] // _CELL), int(box[3] // _CELL) + 1):
            yield column, row


def _enter(grid: dict[tuple[int, int], list[Box]], box: Box) -> None:
    for cell in _cells(box):
        grid[cell].append(box)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
