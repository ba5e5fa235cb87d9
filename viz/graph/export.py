"""The graph as a download: SVG, PNG, PDF, DOT, Mermaid, one HTML file, JSON."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from blocks.analysis import Analysis
from blocks.trace.symbolic import plain
from viz.graph.dot import dot
from viz.graph.fold import Fold, Folded
from viz.graph.frontend import script, style_sheet
from viz.graph.labels import box_label, shape_text
from viz.graph.offline import offline_page
from viz.graph.pdf import pdf
from viz.graph.readings import Readings
from viz.graph.scene import Scene, scene
from viz.graph.svg import standalone_svg
from viz.graph.view_state import ViewState, open_items
from viz.kit.palette import ramp

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
_MERMAID_EDGES = 500  # Mermaid's default limit


def download(analysis: Analysis, fold: Fold, readings: Readings, view: ViewState) -> dict[str, Any]:
    """The file that ``view.export`` asks for, as the browser saves it: name, type, and text or base64."""
    format, dark = view.export["format"], bool(view.export.get("dark"))
    folded = fold.folded(open_items(view, fold))
    found: dict[str, Any] = {"n": view.export.get("n"), "name": f"{file_name(view.of)}.{_SUFFIX.get(format, format)}", "mime": _MIME[format]}
    if format in ("svg", "png", "pdf"):
        drawn = scene(folded, analysis.graph, view.direction)
        fills = overlay_fills(folded, readings, str(view.export.get("overlay") or ""), dark)
        if format == "pdf":
            return found | {"base64": base64.b64encode(pdf(drawn, dark, fills)).decode()}
        found["text"] = standalone_svg(drawn, dark, fills)
        return found | raster(drawn) if format == "png" else found
    if format == "html":
        return found | {"text": offline_page(analysis, fold, readings, view.direction, open_items(view, fold), style_sheet(), script("offline.js"))}
    if format == "dot":
        return found | {"text": dot(folded, analysis.graph, view.direction, shapes=True, dark=dark).source}
    return found | {"text": mermaid(folded, fold, view.direction) if format == "mermaid" else graph_json(analysis)}


def raster(drawn: Scene, scale: int = 2) -> dict[str, Any]:
    """What the browser needs to turn the SVG into pixels: twice its size, or less where a canvas cannot hold that."""
    while scale > 1 and max(drawn.width, drawn.height) * scale > 16000:
        scale -= 1
    return {"mime": "image/svg+xml", "raster": {"width": round(drawn.width), "height": round(drawn.height), "scale": scale}}


def file_name(of: str) -> str:
    """A network's name as a file name that every system accepts."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", of).strip("._") or "network"


def overlay_fills(folded: Folded, readings: Readings, overlay: str, dark: bool) -> dict[str, str]:
    """The colour of each visible item under an overlay, as the browser would paint it; {} without one."""
    if overlay not in {o.id for o in readings.overlays}:
        return {}
    values = {item.id: readings.of(item).get(overlay) for item in folded.nodes}
    most = max((v for v in values.values() if v is not None), default=0) or 1
    return {id: ramp((max(value, 0) / most) ** 0.5, dark) for id, value in values.items() if value is not None}


def mermaid(folded: Folded, fold: Fold, direction: str = "TB") -> str:
    """A Mermaid flowchart; open modules become subgraphs. Names are quoted, and characters with a meaning in Mermaid are written as codes."""
    names = {item.id: f"n{i}" for i, item in enumerate(folded.nodes)}
    frames = {item.id: f"f{i}" for i, item in enumerate(folded.clusters)}
    lines = [f"flowchart {direction}"]
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


def graph_json(analysis: Analysis) -> str:
    """The traced graph as JSON: operations with module path, inputs, shapes and costs; module calls; totals."""
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
    about = {"name": analysis.name, "input": [plain(s) for s in analysis.input_shape], "dtype": analysis.dtype, "totals": totals}
    return json.dumps({**about, "nodes": nodes, "calls": calls}, indent=1)


def _json_value(value: Any) -> Any:
    bare = plain(value)
    return [_json_value(v) for v in bare] if isinstance(bare, (tuple, list)) else bare if isinstance(bare, (int, float, str, bool, type(None))) else str(bare)
