"""The picture as plain shapes, drawn alike by the browser, the SVG file and the PDF file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from blocks.trace.graph import OPERATION_KINDS, Graph
from blocks.trace.symbolic import plain
from viz.graph.columns import in_columns, in_rows
from viz.graph.dot import CHIP, DETAIL, STACK, TITLE, Sized, chip_width, dot, sized
from viz.graph.edge_labels import LabelPlacer, sample_spline
from viz.graph.fold import Folded, VisibleEdge
from viz.graph.labels import heading, shape_text
from viz.graph.layout import XY, GraphLayout, Rectangle, lay_out, spread_at_bars, trim_frame, with_margin
from viz.graph.metrics import text_width
from viz.graph.outlines import Path, arrow, circle, outline, polygon, rounded, spline
from viz.graph.tree import Item

_MARGIN = 24.0
_FRAME_MARGIN, _FUSED_MARGIN = 16.0, 9.0  # between a frame and its content; around the parts of a fused convolution


@dataclass(frozen=True, slots=True)
class TextShape:
    """One line of text at a baseline; ``style`` names its paint and ``anchor`` is SVG's text-anchor."""

    x: float
    y: float
    text: str
    style: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class PathShape:
    """A path with the name of its paint."""

    path: Path
    style: str


@dataclass(slots=True)
class ScenePart:
    """A box, a frame or an edge: its shapes, its CSS classes and its data attributes."""

    classes: str
    kind: str
    shapes: list[PathShape | TextShape]
    data: dict[str, str] = field(default_factory=dict)
    scale: float = 0.0  # channels of an edge as a share of the widest edge's


@dataclass(slots=True)
class Scene:
    """A whole picture; parts in drawing order, coordinates in pixels from the top left."""

    width: float
    height: float
    frames: list[ScenePart]
    edges: list[ScenePart]
    headings: list[ScenePart]
    nodes: list[ScenePart]

    def parts(self) -> Iterator[ScenePart]:
        """Everything, back to front."""
        yield from self.frames
        yield from self.edges
        yield from self.headings
        yield from self.nodes


def scene(folded: Folded, graph: Graph, direction: str = "TB") -> Scene:
    """Lay out a fold state and draw it. Raises ValueError for a bad direction, LayoutFailed where Graphviz fails."""
    layout = lay_out(dot(folded, graph, direction).source)
    layout = with_margin(in_columns(layout) if direction == "TB" else in_rows(layout), _MARGIN)
    boxes = sized(folded, graph, direction)
    names = {box.item.id: f"n{i}" for i, box in enumerate(boxes)}
    layout = spread_at_bars(layout, [names[box.item.id] for box in boxes if box.label.shape == "bar"], direction)
    layout = replace(layout, frames=_trimmed(folded, layout, names, graph))
    headings = [_heading(layout.frames[f"cluster_{i}"], item, graph, direction) for i, item in enumerate(folded.clusters)]
    return Scene(
        layout.width,
        layout.height,
        [_frame(layout.frames[f"cluster_{i}"], item) for i, item in enumerate(folded.clusters)],
        edge_parts(folded, layout, names, headings, direction),
        headings,
        [node_part(box, layout.nodes[names[box.item.id]], graph) for box in boxes],
    )


def _trimmed(folded: Folded, layout: GraphLayout, names: dict[str, str], graph: Graph) -> dict[str, Rectangle]:
    """The frames without empty room beside their content."""
    frames = dict(layout.frames)
    number = {item.id: f"cluster_{i}" for i, item in enumerate(folded.clusters)}
    folded_item = {item.id: item for item in folded.nodes}
    inside: dict[str, list[Rectangle]] = defaultdict(list)
    for item in folded.nodes:
        if item.parent is not None:
            inside[item.parent.id].append(layout.nodes[names[item.id]])
    for edge in folded.edges:
        ends = (names[edge.source], names[edge.target])
        around = {a.id for a in folded_item[edge.target].ancestors()} if ends in layout.edges else set()
        if common := next((a.id for a in folded_item[edge.source].ancestors() if a.id in around), ""):
            inside[common].append(_bounds(layout.edges[ends]))
    for item in reversed(folded.clusters):
        plate = (0.0, _FUSED_MARGIN) if item.role == "fused" else (chip_width(heading(item, graph)), CHIP + 18)
        frames[number[item.id]] = trim_frame(frames[number[item.id]], inside[item.id], plate, _FUSED_MARGIN if item.role == "fused" else _FRAME_MARGIN)
        if item.parent is not None:
            inside[item.parent.id].append(frames[number[item.id]])
    return frames


def _frame(place: Rectangle, item: Item) -> ScenePart:
    return ScenePart(f"frame {item.role}", "module", [PathShape(rounded(*place, 14), "frame")], {"id": item.id, "box": _numbers(*place)})


def _numbers(*values: float) -> str:
    return " ".join(f"{v:.1f}" for v in values)


def _heading(place: Rectangle, item: Item, graph: Graph, direction: str) -> ScenePart:
    """The plate with the frame's name and badge, drawn above the edges: centred, or at the left where the picture runs to the right.

    A fused box has only the badge.
    """
    x, y, w, _ = place
    if item.role == "fused":
        return ScenePart("framed fused", "module", _badge(x + w - 1, y + 1, opened=True), {"id": item.id})
    title = heading(item, graph)
    wide = chip_width(title)
    left, top = x + ((w - wide) / 2 if direction == "TB" else min(_FRAME_MARGIN - 4, (w - wide) / 2)), y + 8
    shapes: list[PathShape | TextShape] = [
        PathShape(rounded(left, top, wide, CHIP, CHIP / 2), "chip"),
        TextShape(left + 15, top + CHIP / 2 + 4.5, title, "heading", "start"),
    ]
    return ScenePart("framed", "module", [*shapes, *_badge(left + wide - 15, top + CHIP / 2, opened=True)], {"id": item.id})


def node_part(box: Sized, place: Rectangle, graph: Graph) -> ScenePart:
    """The box of a closed item at ``place``."""
    x, y, w, h = place
    said = box.label
    shapes: list[PathShape | TextShape] = []
    if said.shape == "stack":
        w, h = w - STACK, h - STACK
        shapes += [PathShape(rounded(x + o, y + o, w, h, 9), "behind") for o in (STACK, STACK / 2)]
    shapes.append(PathShape(outline(said.shape, x, y, w, h), "body"))
    if said.kind == "module":
        shapes += _composition(box.item, graph, x + 12, y + h - 10, w - 24)
    centre = x + w / 2 - (10 if box.item.opens else 0)
    middle = y + h / 2 - (3.5 if said.kind == "module" else 0)
    if said.shape == "circle":
        shapes.append(TextShape(x + w / 2, y + h / 2 + 7, said.title, "sign"))
    else:
        shapes.append(TextShape(centre, middle + (-3.5 if said.detail else TITLE * 0.36), said.title, "title"))
    if said.detail:
        shapes.append(TextShape(centre, middle + DETAIL + 2.5, said.detail, "detail"))
    if box.item.opens:
        shapes += _badge(x + w - 19, middle, opened=False)
    classes = f"node {box.item.role} {said.shape}" + (" opens" if box.item.opens else "")
    return ScenePart(classes, said.kind, shapes, {"id": box.item.id, "box": _numbers(x, y, w, h)})


def _composition(item: Item, graph: Graph, x: float, y: float, width: float) -> list[PathShape | TextShape]:
    """A thin bar that shows the composition of a closed module: its operations by kind, in the legend's order."""
    kinds = Counter(node.kind for node in graph.nodes[item.start : item.stop])
    total = kinds.total()
    bar: list[PathShape | TextShape] = []
    for kind in sorted(kinds, key=OPERATION_KINDS.index):
        w = width * kinds[kind] / total
        bar.append(PathShape(polygon((x, y), (x + w, y), (x + w, y + 4), (x, y + 4)), f"mix k-{kind}"))
        x += w
    return bar


def _badge(x: float, y: float, opened: bool) -> list[PathShape | TextShape]:
    sign: Path = [("M", (x - 3.5, y)), ("L", (x + 3.5, y))]
    if not opened:
        sign += [("M", (x, y - 3.5)), ("L", (x, y + 3.5))]
    return [PathShape(circle(x, y, 8), "badge"), PathShape(sign, "badge-sign"), PathShape(circle(x, y, 14), "badge-room")]


def edge_parts(folded: Folded, layout: GraphLayout, names: dict[str, str], headings: list[ScenePart], direction: str) -> list[ScenePart]:
    """One line per pair of items, and one shape label per tensor."""
    most = max((channels(e) for e in folded.edges), default=1)
    shown = {(names[e.source], names[e.target]): e for e in reversed(folded.edges)}
    shown = {ends: e for ends, e in reversed(shown.items()) if ends in layout.edges}
    lines = {ends: sample_spline(layout.edges[ends][:-1]) for ends in shown}
    room = LabelPlacer((layout.width, layout.height), [*map(corners, layout.nodes.values()), *filter(None, map(_plate, headings))], list(lines.values()))
    told: set[tuple[str, tuple[int, int]]] = set()
    parts = []
    for number, (ends, edge) in enumerate(shown.items()):
        points = layout.edges[ends]
        shapes: list[PathShape | TextShape] = [PathShape(spline(list(points[:-1])), "line"), PathShape(arrow(points[-2], points[-1]), "head")]
        if (edge.source, edge.ref) not in told:
            told.add((edge.source, edge.ref))
            shapes.append(shape_label(room, number, lines[ends], shape_text(edge.shape), direction))
        data = {"from": edge.source, "to": edge.target, "ref": f"{edge.ref[0]}.{edge.ref[1]}"}
        parts.append(
            ScenePart(f"edge {edge.path}".strip(), "concat" if edge.path == "concat" else "add" if edge.path else "", shapes, data, channels(edge) / most)
        )
    return parts


def channels(edge: VisibleEdge) -> int:
    """Channels of what an edge carries; of tokens their width."""
    shape = edge.shape
    return plain(shape[1]) if len(shape) in (2, 4, 5) else plain(shape[-1]) if shape else 1


def shape_label(room: LabelPlacer, number: int, line: list[XY], text: str, direction: str) -> TextShape:
    """The shape ``text`` beside line ``number``, where the picture has room for it."""
    x, y = room.place(number, line, text_width(text, DETAIL), DETAIL + 2, direction == "LR")
    return TextShape(x, y + DETAIL, text, "shape", "start")


def _bounds(points: Iterable[XY]) -> Rectangle:
    xs, ys = zip(*points, strict=True)
    return min(xs) + _FRAME_MARGIN - 5, max(ys), max(xs) - min(xs) - 2 * (_FRAME_MARGIN - 5), 0.0  # a line may come nearer to the frame than a box


def corners(place: Rectangle) -> Rectangle:
    """Left, top, right and bottom of a box."""
    x, y, w, h = place
    return x, y, x + w, y + h


def _plate(heading: ScenePart) -> Rectangle | None:
    """Corners of the plate with a frame's name."""
    plate = next((s for s in heading.shapes if isinstance(s, PathShape) and s.style == "chip"), None)
    if plate is None:
        return None
    xs, ys = zip(*(point for step in plate.path for point in step[1:]), strict=True)
    return min(xs), min(ys), max(xs), max(ys)
