"""One HTML file that shows the graph without a server: pan, zoom, fold, search, card and overlays.

The fold state in which it was saved, and that of each level, are in the file as the app draws them. There are too many others to lay out each
beforehand, so the file carries the inside of every module, laid out once, and its script fits an open module into the picture around it
(assets/offline_graph.js). Lines into an open module then meet at one point of its frame, whereas the app leads each to its own box.
"""

from __future__ import annotations

import html as markup
import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from blocks.analysis import Analysis
from blocks.language import tr
from viz.graph.card import item_card
from viz.graph.dot import chip_width, dot, sized
from viz.graph.edge_labels import LabelPlacer, sample_spline
from viz.graph.fold import FOLD_LEVELS, Fold, Folded, TooManyBoxes, VisibleEdge
from viz.graph.frontend import offline_template, page_font, template
from viz.graph.labels import heading, kind_names, shape_text
from viz.graph.layout import GraphLayout, LayoutFailed, lay_out, spread_at_bars
from viz.graph.outlines import commands
from viz.graph.payload import item_data, overlay_data, search_text
from viz.graph.readings import Readings
from viz.graph.scene import PathShape, channels, corners, node_part, scene, shape_label
from viz.graph.svg import page_svg
from viz.graph.tree import Item
from viz.graph.words import graph_words
from viz.kit import palette

GATES = ("in", "out")  # stand for everything outside a module
MAX_PARTS = 6000  # items; a larger file is slow to open


class TooManyParts(ValueError):
    """The network has too many parts for one file."""


def offline_page(analysis: Analysis, fold: Fold, readings: Readings, direction: str, open: Iterable[str], style: str, script: str, title: str = "") -> str:
    """The file, called ``title``, with the style sheet and the front-end's script given. Raises :class:`TooManyParts`."""
    if len(fold.items) > MAX_PARTS:
        raise TooManyParts(
            tr(
                "This network has {parts} parts; a file that works without a server can hold {most}. Use another format: only this one has a limit.",
                parts=f"{len(fold.items):,}",
                most=f"{MAX_PARTS:,}",
            )
        )
    data = json.dumps(offline_data(analysis, fold, readings, direction, open), separators=(",", ":")).replace("<", "\\u003c")
    name = markup.escape(title or analysis.name or "network")
    page = offline_template()
    parts = {"TITLE": name, "THEME": _theme(), "FONT": page_font(), "STYLE": style, "VIEWER": template(), "DATA": data, "SCRIPT": script}
    for mark, text in parts.items():
        page = page.replace(f"<!--{mark}-->", text, 1)
    return page


def offline_data(analysis: Analysis, fold: Fold, readings: Readings, direction: str, open: Iterable[str]) -> dict[str, object]:
    """The data of the file's script (``OfflineData`` in assets/types.d.ts): items, the inside of each module, cards, levels."""
    items: dict[str, object] = {}
    for item in fold.root.walk():
        items[item.id] = item_data(item, fold, readings) | {
            "parent": item.parent.id if item.parent else None, "inside": [child.id for child in item.children], "role": item.role, "search": search_text(item, fold), "card": item_card(item, fold, analysis),
            "heading": heading(item, fold.graph), "plate": chip_width(heading(item, fold.graph)), "shapes": [],
        }  # fmt: skip
    open = frozenset(open)
    insides = {item.id: _inside(item, fold, direction, items) for item in fold.root.walk() if item.children}
    return {
        "of": analysis.name or "network", "direction": direction, "open": sorted(open), "items": items, "insides": insides,
        "scenes": _scenes(fold, direction, [open, *map(fold.preset, FOLD_LEVELS)]),
        "levels": {level: sorted(fold.preset(level)) for level in FOLD_LEVELS}, "overlays": overlay_data(readings), "ramp": [list(r) for r in palette.RAMP],
        "kinds": kind_names(fold.graph.nodes), "words": graph_words(), "error": analysis.graph.error,
    }  # fmt: skip


def _scenes(fold: Fold, direction: str, states: Iterable[frozenset[str]]) -> list[dict[str, Any]]:
    """The fold states as the app draws them; those with more boxes than it draws are left out."""
    found = []
    for open in dict.fromkeys(states):
        with suppress(TooManyBoxes, LayoutFailed):
            found.append({"open": sorted(open), "svg": page_svg(scene(fold.folded(open), fold.graph, direction))})
    return found


def _inside(item: Item, fold: Fold, direction: str, items: dict[str, Any]) -> dict[str, object]:
    """One module's children, closed, with their lines and the two gates to the outside; adds the children's shapes to ``items``."""
    edges = _edges(item, fold)
    folded = Folded(tuple(item.children), (), tuple(e for e in edges if e.source not in GATES and e.target not in GATES))
    boxes = sized(folded, fold.graph, direction)
    names = {box.item.id: f"n{i}" for i, box in enumerate(boxes)} | {gate: gate for gate in GATES}
    source = dot(folded, fold.graph, direction, within=item.id)
    for gate in GATES:
        source.node(gate, shape="point", width="0.02", height="0.02")
    for edge in edges:
        if edge.source in GATES or edge.target in GATES:
            source.edge(names[edge.source], names[edge.target])
    layout = spread_at_bars(lay_out(source.source), [names[b.item.id] for b in boxes if b.label.shape == "bar"], direction)
    for box in boxes:
        part = node_part(box, (0.0, 0.0, box.width, box.height), fold.graph)
        items[box.item.id] |= {"classes": part.classes, "size": [box.width, box.height], "shapes": [_shape(shape) for shape in part.shapes]}
    return {"size": [layout.width, layout.height], "boxes": _boxes(layout, names), "lines": _lines(layout, edges, names, direction)}


def _edges(item: Item, fold: Fold) -> list[VisibleEdge]:
    owner: dict[int, str] = {index: child.id for child in item.children for index in range(child.start, child.stop)}
    found: dict[tuple[str, str], VisibleEdge] = {}
    for node in fold.graph.nodes:
        for ref in node.inputs:
            ends = owner.get(ref[0], GATES[0]), owner.get(node.index, GATES[1])
            if ends[0] != ends[1] and ends != GATES:
                found.setdefault(ends, VisibleEdge(*ends, ref, fold.graph.nodes[ref[0]].outputs[ref[1]], fold.path(ref, node.index)))
    return list(found.values())


def _shape(shape: Any) -> list[object]:
    return (
        [shape.style, commands(shape.path)] if isinstance(shape, PathShape) else [shape.style, shape.text, round(shape.x, 1), round(shape.y, 1), shape.anchor]
    )


def _boxes(layout: GraphLayout, names: dict[str, str]) -> dict[str, list[float]]:
    return {id: [round(v, 1) for v in layout.nodes[name]] for id, name in names.items() if name in layout.nodes}


def _lines(layout: GraphLayout, edges: list[VisibleEdge], names: dict[str, str], direction: str) -> list[dict[str, object]]:
    """The lines with their control points; each tensor's first line says its shape, at a place that the inside leaves free."""
    most = max(map(channels, edges), default=1)
    shown = [e for e in edges if (names[e.source], names[e.target]) in layout.edges]
    curves = [sample_spline(layout.edges[names[e.source], names[e.target]][:-1]) for e in shown]
    room = LabelPlacer((layout.width, layout.height), map(corners, layout.nodes.values()), curves)
    told: set[tuple[str, tuple[int, int]]] = set()
    found = []
    for number, (e, curve) in enumerate(zip(shown, curves, strict=True)):
        new = e.source not in GATES and (e.source, e.ref) not in told
        told.add((e.source, e.ref))
        label = shape_label(room, number, curve, shape_text(e.shape), direction) if new else None
        found.append({
            "from": e.source, "to": e.target, "ref": f"{e.ref[0]}.{e.ref[1]}", "path": e.path, "c": round(channels(e) / most, 3), "text": label.text if label else "",
            "at": [round(label.x, 1), round(label.y, 1)] if label else [0, 0],
            "points": [[round(x, 1), round(y, 1)] for x, y in layout.edges[names[e.source], names[e.target]]],
        })  # fmt: skip
    return found


def _theme() -> str:
    """CSS variables as Streamlit's theme sets them on the app's page, light and dark."""

    def rules(dark: bool) -> str:
        soft = palette.mix(palette.INK.on(dark), palette.GROUND.on(dark), 0.06)
        rule = palette.mix(palette.INK.on(dark), palette.GROUND.on(dark), 0.16)
        values = {"background-color": palette.GROUND, "text-color": palette.INK, "primary-color": palette.ACCENT}
        named = "".join(f"--st-{name}: {colour.on(dark)}; " for name, colour in values.items())
        return f":root {{ color-scheme: {'dark' if dark else 'light'}; {named}--st-secondary-background-color: {soft}; --st-border-color: {rule}; }}"

    return f"{rules(False)}\n@media (prefers-color-scheme: dark) {{ {rules(True)} }}"
