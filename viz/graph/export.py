"""The graph as a download: SVG, PNG, PDF, DOT, Mermaid, one HTML file, JSON."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from typing import Any

from blocks.analysis import Analysis
from blocks.language import language, speaking
from blocks.trace.symbolic import plain
from viz.graph.dot import dot, escape
from viz.graph.fold import Fold, Folded
from viz.graph.frontend import script, style_sheet
from viz.graph.labels import box_label, shape_text
from viz.graph.metrics import text_width
from viz.graph.offline import offline_page
from viz.graph.pdf import pdf
from viz.graph.readings import Readings
from viz.graph.scene import Scene, ScenePart, TextShape, scene
from viz.graph.style import TEXT_SIZES
from viz.graph.svg import standalone_svg
from viz.graph.view_state import ViewState, open_items
from viz.kit.naming import Of, dated, file_stem, of_title, today
from viz.kit.palette import QUIET, ramp

_MIME = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "html": "text/html",
    "dot": "text/vnd.graphviz",
    "mermaid": "text/plain",
    "json": "application/json",
}
_SUFFIX = {"mermaid": "mmd"}
_LINE_LEFT, _LINE_ROOM = 24.0, 18.0  # pixels: from the left to the line that says what a picture is of, and its height
_MERMAID_EDGES = 500  # Mermaid's default limit


def download(analysis: Analysis, fold: Fold, readings: Readings, view: ViewState, of: Of | None = None) -> dict[str, Any]:
    """The file that ``view.export`` asks for, as the browser saves it: name, type, and text or base64.

    Its name and its content say the network with its knobs, ``of`` (the view's without it), and the day.
    """
    of = view.of if of is None else of
    line = dated(of)
    format, dark = view.export["format"], bool(view.export.get("dark"))
    folded = fold.folded(open_items(view, fold))
    found: dict[str, object] = {"n": view.export.get("n"), "name": f"{file_stem(of)}.{_SUFFIX.get(format, format)}", "mime": _MIME[format]}
    if format in ("svg", "png", "pdf"):
        with speaking("en" if format == "pdf" else language()):  # the standard fonts of a PDF have Latin letters only
            drawn = with_line(scene(folded, analysis.graph, view.direction), dated(of))
        fills = overlay_fills(folded, readings, str(view.export.get("overlay") or ""), dark)
        if format == "pdf":
            return found | {"base64": base64.b64encode(pdf(drawn, dark, fills)).decode()}
        found["text"] = standalone_svg(drawn, dark, fills)
        return found | raster(drawn) if format == "png" else found
    if format == "html":
        return found | {"text": offline_page(analysis, fold, readings, view.direction, open_items(view, fold), style_sheet(), script("offline.js"), line)}
    if format == "dot":
        digraph = dot(folded, analysis.graph, view.direction, shapes=True, dark=dark)
        digraph.attr("graph", label=escape(line), labelloc="b", fontcolor=QUIET.on(dark))
        return found | {"text": digraph.source}
    return found | {"text": mermaid(folded, fold, view.direction, line) if format == "mermaid" else graph_json(analysis, of_title(of))}


def with_line(drawn: Scene, line: str) -> Scene:
    """The picture with ``line`` below it."""
    said = TextShape(_LINE_LEFT, drawn.height + 4, line, "shape", "start")
    width = max(drawn.width, text_width(line, TEXT_SIZES["shape"]) + 2 * _LINE_LEFT)
    return replace(drawn, width=width, height=drawn.height + _LINE_ROOM, nodes=[*drawn.nodes, ScenePart("said", "", [said])])


def raster(drawn: Scene, scale: int = 2) -> dict[str, object]:
    """What the browser needs to turn the SVG into pixels: twice its size, or less where a canvas cannot hold that."""
    while scale > 1 and max(drawn.width, drawn.height) * scale > 16000:
        scale -= 1
    return {"mime": "image/svg+xml", "raster": {"width": round(drawn.width), "height": round(drawn.height), "scale": scale}}


def overlay_fills(folded: Folded, readings: Readings, overlay: str, dark: bool) -> dict[str, str]:
    """The colour of each visible item under an overlay, as the browser would paint it; {} without one."""
    if overlay not in {o.id for o in readings.overlays}:
        return {}
    values = {item.id: readings.of(item).get(overlay) for item in folded.nodes}
    most = max((v for v in values.values() if v is not None), default=0) or 1
    return {id: ramp((max(value, 0) / most) ** 0.5, dark) for id, value in values.items() if value is not None}


def mermaid(folded: Folded, fold: Fold, direction: str = "TB", line: str = "") -> str:
    """A Mermaid flowchart, ``line`` in a comment; open modules become subgraphs. Names are quoted, and characters with a meaning in Mermaid are written as codes."""
    names = {item.id: f"n{i}" for i, item in enumerate(folded.nodes)}
    frames = {item.id: f"f{i}" for i, item in enumerate(folded.clusters)}
    lines = [f"flowchart {direction}", *([f"%% {_mermaid_comment(line)}"] if line else [])]
    if len(folded.edges) >= _MERMAID_EDGES:
        lines.append(
            f"%% Mermaid draws at most {_MERMAID_EDGES} lines by default; raise the limit with mermaid.initialize({{ maxEdges: {len(folded.edges) + 1} }})"
        )

    def inside(frame: str, indent: str) -> None:
        for item in folded.nodes:
            if _around(item) == frame:
                said = box_label(item, fold.graph)
                lines.append(f'{indent}{names[item.id]}["{_mermaid_text(said.title)}{"<br/>" + _mermaid_text(said.detail) if said.detail else ""}"]')
        for item in folded.clusters:
            if _around(item) == frame:
                lines.append(f'{indent}subgraph {frames[item.id]}["{_mermaid_text(box_label(item, fold.graph).title)}"]')
                inside(item.id, indent + "  ")
                lines.append(f"{indent}end")

    inside("", "  ")
    for edge in folded.edges:
        arrow = "-.->" if edge.path == "residual" else "-->"
        lines.append(f'  {names[edge.source]} {arrow}|"{_mermaid_text(shape_text(edge.shape))}"| {names[edge.target]}')
    return "\n".join(lines) + "\n"


def _around(item: Any) -> str:
    return item.parent.id if item.parent is not None else ""


def _mermaid_text(text: str) -> str:
    return "".join(c if c.isalnum() or c in " ×·→.,+/-_()=" else f"#{ord(c)};" for c in text)


def _mermaid_comment(text: str) -> str:
    """``text`` without line breaks, which end a comment, and without braces, which Mermaid takes for settings."""
    return re.sub(r"[\s{}]+", " ", text)


def graph_json(analysis: Analysis, title: str = "") -> str:
    """The traced graph as JSON: operations with module path, inputs, shapes and costs; module calls; totals; and what it is called on the page, ``title``."""
    graph = analysis.graph
    nodes = [
        {
            "index": n.index, "op": n.op, "kind": n.kind, "call": n.scope, "module": graph.label(n) if n.scope >= 0 else "", "inputs": [list(ref) for ref in n.inputs],
            "outputs": [[plain(s) for s in shape] for shape in n.outputs], "dtype": n.dtype, "params": plain(n.params), "macs": plain(n.macs), "flops": plain(n.flops),
            "reads": plain(n.reads), "writes": plain(n.writes), "weights": list(n.weights), "counted": n.counted, "attributes": {k: _json_value(v) for k, v in n.attrs.items()},
        }
        for n in graph.nodes
    ]  # fmt: skip
    calls = [{"index": c.index, "path": c.path, "label": c.label, "parent": c.parent, "class": c.cls, "failed": c.failed} for c in graph.calls]
    totals = {"params": analysis.params, "macs": analysis.macs, "flops": analysis.flops, "bytes": analysis.bytes_moved}
    about = {
        "name": analysis.name,
        "title": title or analysis.name,
        "date": today(),
        "input": [plain(s) for s in analysis.input_shape],
        "dtype": analysis.dtype,
        "totals": totals,
    }
    return json.dumps({**about, "nodes": nodes, "calls": calls}, indent=1)


def _json_value(value: object) -> object:
    bare = plain(value)
    return [_json_value(v) for v in bare] if isinstance(bare, (tuple, list)) else bare if isinstance(bare, (int, float, str, bool, type(None))) else str(bare)
