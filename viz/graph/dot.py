"""DOT, through the graphviz package: open modules as clusters, boxes of the size that their text needs.

Nodes are called n0, n1, ... and clusters cluster_0, ...; what a module or a person is called appears only in attributes,
escaped, so that no name can end a string, start HTML or become DOT's own syntax.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import graphviz
from graphviz.quoting import escape

from blocks.trace.graph import Graph
from viz.graph.fold import Folded
from viz.graph.labels import Label, heading, label, shape_text
from viz.graph.metrics import text_width
from viz.graph.tree import Item
from viz.palette import CARD, INK, LINE, QUIET, kind_colour, tint

TITLE, DETAIL = 14.0, 11.5  # text sizes, in points as in CSS pixels
DIRECTIONS = ("TB", "LR")
_SHAPES = {"circle": "circle", "pill": "box", "hexagon": "hexagon", "slant": "parallelogram", "pool": "invtrapezium", "upsample": "trapezium"}


@dataclass(frozen=True, slots=True)
class Sized:
    """A visible item with its label and its box, in pixels."""

    item: Item
    label: Label
    width: float
    height: float


def sized(folded: Folded, graph: Graph) -> list[Sized]:
    """Every visible item with the box that its text needs."""
    found = []
    for item in folded.nodes:
        said = label(item, graph)
        if said.shape == "circle":
            found.append(Sized(item, said, 32, 32))
            continue
        wide = max(text_width(said.title, TITLE, bold=True), text_width(said.detail, DETAIL)) + (34 if not item.opens else 58)
        found.append(
            Sized(
                item,
                said,
                max(96.0, round(wide + (28 if said.shape in ("slant", "pool", "upsample", "hexagon") else 0))),
                (56 if said.kind == "module" else 50) if said.detail else 34,
            )
        )
    return found


def dot(folded: Folded, graph: Graph, direction: str = "TB", *, shapes: bool = False, dark: bool = False) -> graphviz.Digraph:
    """The DOT of a fold state; with ``shapes`` the edges carry their tensors' shapes as labels (for use outside of the app).

    Raises ValueError for a direction other than "TB" or "LR".
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"direction = {direction!r}: must be TB or LR")
    digraph = graphviz.Digraph("network")
    gap = {"TB": (0.42, 0.42), "LR": (0.32, 1.0)}[direction]
    digraph.attr(
        "graph", rankdir=direction, nodesep=str(gap[0]), ranksep=str(gap[1]), fontname="Helvetica", splines="spline", bgcolor="transparent", newrank="false"
    )
    digraph.attr("node", fontname="Helvetica", fontsize=str(TITLE), fixedsize="true", style="rounded,filled", penwidth="1.4", fontcolor=INK.on(dark))
    digraph.attr("edge", arrowsize="0.7", color=LINE.on(dark), fontname="Helvetica", fontsize=str(DETAIL), fontcolor=QUIET.on(dark))
    inside: dict[str, list[Sized]] = defaultdict(list)
    names: dict[str, str] = {}
    for i, box in enumerate(sized(folded, graph)):
        names[box.item.id] = f"n{i}"
        inside[_around(box.item, folded)].append(box)
    frames: dict[str, list[tuple[int, Item]]] = defaultdict(list)
    for i, item in enumerate(folded.clusters):
        frames[_around(item, folded)].append((i, item))
    _fill(digraph, "", inside, frames, names, graph, dark)
    seen: set[tuple[str, str]] = set()
    for edge in folded.edges:
        if (edge.source, edge.target) in seen:
            continue
        seen.add((edge.source, edge.target))
        settings = {"label": f" {escape(shape_text(edge.shape))} "} if shapes else {}
        if edge.path:
            settings |= {"color": kind_colour("add" if edge.path == "residual" else "concat", dark), "penwidth": "2"}
        if edge.path == "residual":
            settings["weight"] = "0"
        digraph.edge(names[edge.source], names[edge.target], **settings)
    return digraph


def _around(item: Item, folded: Folded) -> str:
    """Id of the frame that directly holds ``item``; "" for the picture itself."""
    return item.parent.id if item.parent is not None else ""


def _fill(
    digraph: graphviz.Digraph,
    frame: str,
    inside: dict[str, list[Sized]],
    frames: dict[str, list[tuple[int, Item]]],
    names: dict[str, str],
    graph: Graph,
    dark: bool,
) -> None:
    for box in inside[frame]:
        _node(digraph, box, names[box.item.id], dark)
    for i, item in frames[frame]:
        with digraph.subgraph(name=f"cluster_{i}") as cluster:
            cluster.attr(
                label=escape(heading(item, graph)),
                labeljust="l",
                style="rounded",
                color=LINE.on(dark),
                fontcolor=QUIET.on(dark),
                fontsize=str(DETAIL + 1),
                margin="18",
            )
            _fill(cluster, item.id, inside, frames, names, graph, dark)


def _node(digraph: graphviz.Digraph, box: Sized, name: str, dark: bool) -> None:
    said = box.label
    text = escape(said.title) + (f"\n{escape(said.detail)}" if said.detail else "")
    digraph.node(
        name,
        label=text,
        shape=_SHAPES.get(said.shape, "box"),
        style="filled" if said.shape in ("square", "circle", "hexagon", "slant", "pool", "upsample") else "rounded,filled",
        width=f"{box.width / 72:.3f}",
        height=f"{box.height / 72:.3f}",
        color=kind_colour(said.kind, dark),
        fillcolor=CARD.on(dark) if said.kind == "module" else tint(said.kind, dark),
        tooltip=escape(box.item.id or "network"),
    )
