"""A scene as SVG. Every text and attribute is escaped here, and no other module builds markup from names."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from viz.graph.clean import clean
from viz.graph.metrics import text_width
from viz.graph.outlines import commands
from viz.graph.scene import PathShape, Scene, ScenePart, TextShape
from viz.graph.style import TEXT_SIZES, FileStyle, paint_of, weight_of


def xml_text(value: str) -> str:
    """``value`` as XML text; characters that XML does not allow become the replacement character."""
    return escape(clean(value))


def xml_attribute(value: str) -> str:
    """``value`` as a quoted XML attribute."""
    return quoteattr(clean(value))


def page_svg(scene: Scene) -> str:
    """The picture for the app's page, whose style sheet colours it."""
    return _document(scene, None)


def standalone_svg(scene: Scene, dark: bool = False, fills: dict[str, str] | None = None) -> str:
    """A self-contained file, its colours included; ``fills`` (item id to #rrggbb) replace the colours by kind."""
    return _document(scene, FileStyle(dark, fills or {}))


def _document(scene: Scene, style: FileStyle | None) -> str:
    size = f"{scene.width:.0f}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" width="{size}" height="{scene.height:.0f}" viewBox="0 0 {scene.width:.1f} {scene.height:.1f}">'
    ]
    if style:
        parts.append(f'<rect width="100%" height="100%" fill="{style.ground}"/>')
    for name in ("frames", "edges", "headings", "nodes"):
        parts.append(f'<g class="{name}">')
        parts.extend(_part(part, style) for part in getattr(scene, name))
        parts.append("</g>")
    parts.append("</svg>")
    return "".join(parts)


def _part(part: ScenePart, style: FileStyle | None) -> str:
    data = "".join(f" data-{name}={xml_attribute(value)}" for name, value in part.data.items() if name != "box" or not style)
    scale = f' style="--c:{part.scale:.3f}"' if part.scale and not style else ""
    inside = "".join(_shape(shape, part, style) for shape in part.shapes)
    return f'<g class="{part.classes}{" k-" + part.kind if part.kind else ""}"{scale}{data}>{inside}</g>'


def _shape(shape: PathShape | TextShape, part: ScenePart, style: FileStyle | None) -> str:
    if isinstance(shape, PathShape):
        return f'<path class="{shape.style}" d="{commands(shape.path)}"{_painted(shape.style, part, style)}/>'
    # A program without Helvetica or Arial fits its own font into the same width.
    width = text_width(shape.text, TEXT_SIZES[shape.style], weight_of(shape.style) > 400) if style else 0.0
    fit = f' textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs"' if len(shape.text) > 3 and width else ""
    return (
        f'<text class="{shape.style}" x="{shape.x:.1f}" y="{shape.y:.1f}" text-anchor="{shape.anchor}"{fit}'
        f"{_painted(shape.style, part, style)}>{xml_text(shape.text)}</text>"
    )


def _painted(name: str, part: ScenePart, style: FileStyle | None) -> str:
    if style is None:
        return ""
    paint = paint_of(name, part, style)
    attributes = f' fill="{paint.fill}"'
    if paint.stroke != "none":
        attributes += f' stroke="{paint.stroke}" stroke-width="{paint.width:g}"' + (f' stroke-dasharray="{paint.dash}"' if paint.dash else "")
    if paint.size:
        attributes += f' font-family="Helvetica, Arial, Liberation Sans, sans-serif" font-size="{paint.size:g}" font-weight="{weight_of(name)}"'
    return attributes
