"""DOT, through the graphviz package: open modules as clusters, boxes of the size that their text needs.

Nodes are called n0, n1, ... and clusters cluster_0, ...; names of modules appear only in attributes, escaped, so that no
name can end a string, start HTML or become DOT syntax.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from math import ceil

import graphviz
from graphviz.quoting import escape as quoted

from blocks.trace.graph import Graph
from viz.graph.clean import clean
from viz.graph.fold import Folded
from viz.graph.labels import BoxLabel, box_label, heading, shape_text
from viz.graph.metrics import text_width
from viz.graph.tree import Item
from viz.kit.palette import CARD, INK, LINE, QUIET, kind_colour, tint

TITLE, DETAIL, HEADING = 15.0, 12.5, 13.0  # text sizes, in points as in CSS pixels
STACK = 7.0  # how far the sheets behind a stack reach out
CHIP = 26.0  # height of the plate with an open module's name
_ROOM = 26.0  # text size at which a line is as high as the plate plus an edge's label above the frame
_BRANCH_LENGTH, _MAX_BAR = 76.0, 640.0  # length of a joining bar for each branch, and at most
DIRECTIONS = ("TB", "LR")
_BEGINS = 4  # weight of the lines to several readers of one tensor: like paths begin at one height, wherever they end
_MANY_BOXES = 600  # boxes; above this Graphviz straightens lines in fewer iterations: half the time, and no visible difference
_SHAPES = {"circle": "circle", "pill": "box", "hexagon": "hexagon", "slant": "parallelogram", "pool": "invtrapezium", "upsample": "trapezium"}


def escape(text: str) -> str:
    """``text`` as a DOT label that is shown literally."""
    escaped: str = quoted(clean(text))  # a str subclass that graphviz never takes for HTML; joined to another string it would lose that
    return escaped


@dataclass(frozen=True, slots=True)
class Sized:
    """A visible item with its label and its box, in pixels."""

    item: Item
    label: BoxLabel
    width: float
    height: float


def sized(folded: Folded, graph: Graph, direction: str = "TB") -> list[Sized]:
    """Every visible item with the box that its text needs; where branches join, a bar whose length grows with their number."""
    branches = Counter(target for _, target in {(e.source, e.target) for e in folded.edges})
    return [_sized(item, box_label(item, graph), branches[item.id] if item.role == "op" else 0, direction) for item in folded.nodes]


def _sized(item: Item, said: BoxLabel, branches: int, direction: str) -> Sized:
    if said.shape == "circle":
        return Sized(item, said, 34, 34)
    wide = max(text_width(said.title, TITLE, bold=True), text_width(said.detail, DETAIL)) + (60 if item.opens else 34)
    width = max(100.0, round(wide + (28 if said.shape in ("slant", "pool", "upsample", "hexagon") else 0)))
    height = (60.0 if said.kind == "module" else 52.0) if said.detail else (46.0 if said.kind == "module" else 36.0)
    if said.shape == "stack":
        width, height = width + STACK, height + STACK
    if said.shape == "bar" and branches > 1:
        long = min(_BRANCH_LENGTH * branches, _MAX_BAR)
        width, height = (max(width, long), height) if direction == "TB" else (width, max(height, long / 2))
    return Sized(item, said, width, height)


def dot(folded: Folded, graph: Graph, direction: str = "TB", *, within: str = "", shapes: bool = False, dark: bool = False) -> graphviz.Digraph:
    """The DOT of a fold state: only sizes and lines, as the layout needs them; with ``shapes`` also labels and colours, for use outside the app.

    ``within`` is the item whose inside is drawn; "" is the network. Node names are "n" and the place in ``folded.nodes``.
    Raises ValueError for a direction other than "TB" or "LR".
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"direction = {direction!r}: must be TB or LR")
    digraph = graphviz.Digraph("network")
    gap = {"TB": (0.5, 0.58), "LR": (0.36, 1.15)}[direction]
    digraph.attr(
        "graph", rankdir=direction, nodesep=str(gap[0]), ranksep=str(gap[1]), fontname="Helvetica", splines="spline", bgcolor="transparent", newrank="false"
    )
    digraph.attr("node", fontname="Helvetica", fontsize=str(TITLE), fixedsize="true", label="", penwidth="1.4", fontcolor=INK.on(dark))
    digraph.attr("edge", arrowsize="0.7", color=LINE.on(dark), fontname="Helvetica", fontsize=str(DETAIL), fontcolor=QUIET.on(dark))
    boxes = sized(folded, graph, direction)
    if len(boxes) > _MANY_BOXES:
        digraph.attr("graph", nslimit="0.3")
    names = {box.item.id: f"n{i}" for i, box in enumerate(boxes)}
    _fill(digraph, _Content(folded, boxes, names, graph, dark, shapes), within)
    seen: set[tuple[str, str]] = set()
    readers = Counter(source for source, _ in {(e.source, e.target) for e in folded.edges if e.path != "residual"})
    for edge in folded.edges:
        if (edge.source, edge.target) in seen:
            continue
        seen.add((edge.source, edge.target))
        settings = {"label": escape(f" {shape_text(edge.shape)} ")} if shapes else {}
        if edge.path:
            settings |= {"color": kind_colour("add" if edge.path == "residual" else "concat", dark), "penwidth": "2"}
        if edge.path == "residual":
            settings["weight"] = "0"
        elif readers[edge.source] > 2:
            settings["weight"] = str(_BEGINS)
        digraph.edge(names[edge.source], names[edge.target], **settings)
    return digraph


class _Content:
    """The boxes and frames directly inside each frame."""

    def __init__(self, folded: Folded, boxes: list[Sized], names: dict[str, str], graph: Graph, dark: bool, outside: bool) -> None:
        self.names, self.graph, self.dark, self.outside = names, graph, dark, outside
        self.boxes: dict[str, list[Sized]] = defaultdict(list)
        self.frames: dict[str, list[tuple[int, Item]]] = defaultdict(list)
        for box in boxes:
            self.boxes[_around(box.item)].append(box)
        for i, item in enumerate(folded.clusters):
            self.frames[_around(item)].append((i, item))


def chip_width(title: str) -> float:
    """Width of the plate that carries an open module's name, in pixels; its height is :data:`CHIP`."""
    return round(text_width(title, HEADING, bold=True) + 48)


def _around(item: Item) -> str:
    """Id of the frame that directly holds ``item``; "" for the picture itself."""
    return item.parent.id if item.parent is not None else ""


def _fill(digraph: graphviz.Digraph, content: _Content, frame: str) -> None:
    for box in content.boxes[frame]:
        _node(digraph, box, content)
    for i, item in content.frames[frame]:
        with digraph.subgraph(name=f"cluster_{i}") as cluster:
            cluster.attr(style="rounded", color=LINE.on(content.dark), fontcolor=QUIET.on(content.dark), fontsize=str(HEADING))
            if item.role == "fused":
                cluster.attr(margin="9", label="")
            else:
                title = heading(item, content.graph)
                # Graphviz only reserves room for the plate; the text itself is drawn by the scene.
                room = "M" * ceil(chip_width(title) / text_width("M", _ROOM))
                cluster.attr(margin="16", **({"label": escape(title)} if content.outside else {"label": room, "fontsize": str(_ROOM)}))
            _fill(cluster, content, item.id)


def _node(digraph: graphviz.Digraph, box: Sized, content: _Content) -> None:
    said, dark = box.label, content.dark
    size = {"shape": _SHAPES.get(said.shape, "box"), "width": f"{box.width / 72:.3f}", "height": f"{box.height / 72:.3f}"}
    if not content.outside:
        digraph.node(content.names[box.item.id], **size)
        return
    digraph.node(
        content.names[box.item.id],
        label=escape(f"{said.title}\n{said.detail}" if said.detail else said.title),
        style="filled" if said.shape in ("square", "circle", "hexagon", "slant", "pool", "upsample") else "rounded,filled",
        color=kind_colour(said.kind, dark),
        fillcolor=CARD.on(dark) if said.kind == "module" else tint(said.kind, dark),
        tooltip=escape(box.item.id or "network"),
        **size,
    )
