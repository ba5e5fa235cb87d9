"""The paint of each named shape in SVG and PDF files, which have no style sheet. The app's page has assets/graph.css."""

from __future__ import annotations

from dataclasses import dataclass, field

from viz.graph.dot import DETAIL, HEADING, TITLE
from viz.graph.scene import ScenePart
from viz.kit.palette import CARD, GROUND, INK, LINE, QUIET, contrast, kind_colour, mix, tint

TEXT_SIZES = {"title": TITLE, "detail": DETAIL, "heading": HEADING, "shape": DETAIL, "sign": 18.0}


@dataclass(frozen=True, slots=True)
class FileStyle:
    """Theme of a file, and the colours of an overlay by item id."""

    dark: bool = False
    fills: dict[str, str] = field(default_factory=dict)

    @property
    def ground(self) -> str:
        """Background."""
        return GROUND.on(self.dark)


@dataclass(frozen=True, slots=True)
class Paint:
    """Fill, stroke and text size of one shape; "none" and 0 draw nothing."""

    fill: str = "none"
    stroke: str = "none"
    width: float = 1.0
    size: float = 0.0
    dash: str = ""


def weight_of(name: str) -> int:
    """Font weight of a text style."""
    return 600 if name in ("title", "heading", "sign") else 400


def paint_of(name: str, part: ScenePart, style: FileStyle) -> Paint:
    """The paint of shape ``name`` in ``part``."""
    dark = style.dark
    if name in TEXT_SIZES:
        return Paint(_ink(name, part, style), size=TEXT_SIZES[name])
    kind = kind_colour(part.kind, dark)
    if name.startswith("mix k-"):
        return Paint(kind_colour(name[6:], dark))
    if name == "body":
        return Paint(style.fills.get(part.data["id"], CARD.on(dark) if part.kind == "module" else tint(part.kind, dark)), kind, 1.5)
    if name == "behind":
        return Paint(style.ground, mix(kind, style.ground, 0.6), 1.2)
    if name == "frame":
        return Paint(mix(INK.on(dark), style.ground, 0.035), LINE.on(dark), 1.0)
    if name == "chip":
        return Paint(CARD.on(dark), LINE.on(dark), 1.0)
    if name == "line":
        return Paint(stroke=kind if part.kind else LINE.on(dark), width=2.6 if part.kind else 1.6)
    if name == "head":
        return Paint(kind if part.kind else LINE.on(dark))
    if name == "badge-room":
        return Paint()
    return Paint(style.ground, kind, 1.0) if name == "badge" else Paint(stroke=kind, width=1.5)


def _ink(name: str, part: ScenePart, style: FileStyle) -> str:
    if name in ("shape", "heading"):
        return QUIET.on(style.dark)
    if part.data.get("id") in style.fills:
        fill = style.fills[part.data["id"]]
        return max((INK.light, INK.dark), key=lambda ink: contrast(ink, fill))
    if name == "sign":
        return kind_colour(part.kind, style.dark)
    return QUIET.on(style.dark) if name == "detail" else INK.on(style.dark)
