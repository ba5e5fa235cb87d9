"""The picture as plain shapes: what the browser, the SVG file and the PDF file all draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from blocks.trace.graph import KINDS, Graph
from blocks.trace.symbolic import plain
from viz.graph.dot import DETAIL, DIRECTIONS, TITLE, Sized, dot, sized
from viz.graph.fold import Edge, Folded
from viz.graph.labels import heading, shape_text
from viz.graph.layout import Layout, Point, lay_out
from viz.graph.outlines import Path, arrow, circle, outline, polygon, rounded, spline
from viz.graph.tree import Item

MARGIN = 24.0


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text at a baseline; ``style`` names how it looks and ``anchor`` is SVG's text-anchor."""

    x: float
    y: float
    text: str
    style: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Line:
    """A path with the name of how it looks."""

    path: Path
    style: str


@dataclass(slots=True)
class Part:
    """A box, a frame or an edge: its shapes, its CSS classes and its data attributes."""

    classes: str
    kind: str
    shapes: list[Line | Text]
    data: dict[str, str] = field(default_factory=dict)
    scale: float = 0.0  # channels of an edge over the most of any edge


@dataclass(slots=True)
class Scene:
    """A whole picture; parts in drawing order, coordinates in pixels from the top left."""

    width: float
    height: float
    frames: list[Part]
    edges: list[Part]
    headings: list[Part]
    nodes: list[Part]

    def parts(self) -> Iterator[Part]:
        """Everything, back to front."""
        yield from self.frames
        yield from self.edges
        yield from self.headings
        yield from self.nodes


def scene(folded: Folded, graph: Graph, direction: str = "TB") -> Scene:
    """Lay out a fold state and draw it. Raises ValueError for a bad direction, LayoutFailed where Graphviz gives up."""
    assert_direction(direction)
    layout = lay_out(dot(folded, graph, direction).source)
    boxes = sized(folded, graph)
    names = {box.item.id: f"n{i}" for i, box in enumerate(boxes)}
    return Scene(
        layout.width + 2 * MARGIN,
        layout.height + 2 * MARGIN,
        [_frame(layout, f"cluster_{i}", item) for i, item in enumerate(folded.clusters)],
        _edges(folded, graph, layout, names, direction),
        [_heading(layout, f"cluster_{i}", item.id, heading(item, graph)) for i, item in enumerate(folded.clusters)],
        [_node(box, layout, names[box.item.id], graph) for box in boxes],
    )


def assert_direction(direction: str) -> None:
    """Raise ValueError for a direction that is neither "TB" nor "LR"."""
    if direction not in DIRECTIONS:
        raise ValueError(f"direction = {direction!r}: must be TB or LR")


def _frame(layout: Layout, name: str, item: Item) -> Part:
    x, y, w, h = layout.frames[name]
    return Part(f"frame {item.role}", "module", [Line(rounded(x + MARGIN, y + MARGIN, w, h, 12), "frame")], {"id": item.id})


def _heading(layout: Layout, name: str, id: str, title: str) -> Part:
    """The frame's name and its badge: above the edges, which may cross them."""
    x, y, w, _ = layout.frames[name]
    x, y = x + MARGIN, y + MARGIN
    return Part("framed", "module", [Text(x + 14, y + 21, title, "heading", "start"), *_badge(x + w - 17, y + 16.5, opened=True)], {"id": id})


def _node(box: Sized, layout: Layout, name: str, graph: Graph) -> Part:
    x, y, w, h = layout.nodes[name]
    x, y = x + MARGIN, y + MARGIN
    said = box.label
    shapes: list[Line | Text] = []
    if said.shape == "stack":
        shapes += [Line(rounded(x + o, y + o, w, h, 9), "behind") for o in (7, 3.5)]
    shapes.append(Line(outline(said.shape, x, y, w, h), "body"))
    if said.kind == "module":
        shapes += _composition(box.item, graph, x + 10, y + h - 7.5, w - 20)
    centre = x + w / 2 - (8 if box.item.opens else 0)
    middle = y + h / 2 - (2.5 if said.kind == "module" else 0)
    if said.shape == "circle":
        shapes.append(Text(x + w / 2, y + h / 2 + 6, said.title, "sign"))
    else:
        shapes.append(Text(centre, middle + (-4 if said.detail else TITLE * 0.36), said.title, "title"))
    if said.detail:
        shapes.append(Text(centre, middle + DETAIL + 2, said.detail, "detail"))
    if box.item.opens:
        shapes += _badge(x + w - 17, middle, opened=False)
    classes = f"node {box.item.role} {said.shape}" + (" opens" if box.item.opens else "")
    return Part(classes, said.kind, shapes, {"id": box.item.id})


def _composition(item: Item, graph: Graph, x: float, y: float, width: float) -> list[Line | Text]:
    """A thin bar that says what a closed module is made of: its operations by kind, in the legend's order."""
    kinds = Counter(node.kind for node in graph.nodes[item.start : item.stop])
    total = kinds.total()
    bar: list[Line | Text] = []
    for kind in sorted(kinds, key=KINDS.index):
        w = width * kinds[kind] / total
        bar.append(Line(polygon((x, y), (x + w, y), (x + w, y + 3), (x, y + 3)), f"mix k-{kind}"))
        x += w
    return bar


def _badge(x: float, y: float, opened: bool) -> list[Line | Text]:
    sign: Path = [("M", (x - 3.5, y)), ("L", (x + 3.5, y))]
    if not opened:
        sign += [("M", (x, y - 3.5)), ("L", (x, y + 3.5))]
    return [Line(circle(x, y, 8), "badge"), Line(sign, "badge-sign")]


def _edges(folded: Folded, graph: Graph, layout: Layout, names: dict[str, str], direction: str) -> list[Part]:
    most = max((_channels(e) for e in folded.edges), default=1)
    drawn: set[tuple[str, str]] = set()
    told: set[tuple[str, tuple[int, int]]] = set()
    parts = []
    for edge in folded.edges:
        ends = (names[edge.source], names[edge.target])
        if ends in drawn or ends not in layout.edges:
            continue
        drawn.add(ends)
        points = [(x + MARGIN, y + MARGIN) for x, y in layout.edges[ends]]
        shapes: list[Line | Text] = [Line(spline(points[:-1]), "line"), Line(arrow(points[-2], points[-1]), "head")]
        if (edge.source, edge.ref) not in told:
            told.add((edge.source, edge.ref))
            shapes.append(_shape_label(points, shape_text(edge.shape), direction))
        data = {"from": edge.source, "to": edge.target, "ref": f"{edge.ref[0]}.{edge.ref[1]}"}
        parts.append(Part(f"edge {edge.path}".strip(), "concat" if edge.path == "concat" else "add" if edge.path else "", shapes, data, _channels(edge) / most))
    return parts


def _channels(edge: Edge) -> int:
    shape = edge.shape
    return plain(shape[1]) if len(shape) in (2, 4, 5) else plain(shape[-1]) if shape else 1


def _shape_label(points: list[Point], text: str, direction: str) -> Text:
    x, y = points[0]
    return Text(x + 7, y + 14, text, "shape", "start") if direction == "TB" else Text(x + 6, y - 6, text, "shape", "start")
