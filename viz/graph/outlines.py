"""Outlines as paths of SVG-like commands. Corners and curves are cubic Béziers, which SVG and PDF both know."""

from __future__ import annotations

from math import hypot

XY = tuple[float, float]
Path = list[tuple[str, *tuple[XY, ...]]]  # ("M", p), ("L", p), ("C", p, p, p), ("Z",)

_ROUND = 0.5523  # control point distance, in radii, at which a Bézier approximates a quarter circle


def rounded(x: float, y: float, w: float, h: float, r: float) -> Path:
    """A rectangle with round corners."""
    r = min(r, w / 2, h / 2)
    k = r * (1 - _ROUND)
    return [
        ("M", (x + r, y)), ("L", (x + w - r, y)), ("C", (x + w - k, y), (x + w, y + k), (x + w, y + r)),
        ("L", (x + w, y + h - r)), ("C", (x + w, y + h - k), (x + w - k, y + h), (x + w - r, y + h)),
        ("L", (x + r, y + h)), ("C", (x + k, y + h), (x, y + h - k), (x, y + h - r)),
        ("L", (x, y + r)), ("C", (x, y + k), (x + k, y), (x + r, y)), ("Z",),
    ]  # fmt: skip


def circle(x: float, y: float, r: float) -> Path:
    """A circle around (x, y)."""
    return rounded(x - r, y - r, 2 * r, 2 * r, r)


def polygon(*points: XY) -> Path:
    """A closed polygon."""
    return [("M", points[0]), *(("L", p) for p in points[1:]), ("Z",)]


def outline(shape: str, x: float, y: float, w: float, h: float) -> Path:
    """The outline of one kind of operation, filling the given rectangle."""
    d = min(14.0, w / 6)
    if shape == "circle":
        return circle(x + w / 2, y + h / 2, min(w, h) / 2)
    if shape == "pill":
        return rounded(x, y, w, h, h / 2)
    if shape == "square":
        return rounded(x, y, w, h, 2)
    if shape == "hexagon":
        return polygon((x + d, y), (x + w - d, y), (x + w, y + h / 2), (x + w - d, y + h), (x + d, y + h), (x, y + h / 2))
    if shape == "slant":
        return polygon((x + d, y), (x + w, y), (x + w - d, y + h), (x, y + h))
    if shape == "pool":
        return polygon((x, y), (x + w, y), (x + w - d, y + h), (x + d, y + h))
    if shape == "upsample":
        return polygon((x + d, y), (x + w - d, y), (x + w, y + h), (x, y + h))
    return rounded(x, y, w, h, 4 if shape == "bar" else 9)


def spline(points: list[XY]) -> Path:
    """A cubic spline from Graphviz's control points (1 + 3n of them)."""
    path: Path = [("M", points[0])]
    for i in range(1, len(points) - 2, 3):
        path.append(("C", points[i], points[i + 1], points[i + 2]))
    return path


def arrow(base: XY, tip: XY) -> Path:
    """A slim arrow head from ``base`` (where the line ends) to ``tip``."""
    dx, dy = tip[0] - base[0], tip[1] - base[1]
    length = hypot(dx, dy) or 1.0
    nx, ny = -dy / length * 3.6, dx / length * 3.6
    return polygon((base[0] + nx, base[1] + ny), tip, (base[0] - nx, base[1] - ny))


def commands(path: Path) -> str:
    """The path in SVG's notation, to a tenth of a pixel."""
    return "".join(step[0] + " ".join(f"{x:.1f} {y:.1f}" for x, y in step[1:]) for step in path)
