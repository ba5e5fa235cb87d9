"""The front-end's files, as the app's page and the file without a server load them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from viz.graph.marks import DIFFERENCES
from viz.kit import palette

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = ("viewer.js", "camera.js", "input.js", "overlay.js", "group.js", "panels.js", "field.js")


@cache
def script(*entries: str) -> str:
    """The front-end's files in one, ending with ``entries``."""
    return "\n".join((ASSETS / name).read_text("utf-8") for name in (*SCRIPTS, *entries))


@cache
def style_sheet() -> str:
    """The style sheet with the palette's colours, light and dark."""
    rules = [(ASSETS / "graph.css").read_text("utf-8")]
    for dark, scope in ((False, ".viewer"), (True, ".viewer.dark")):
        rules.append(
            f"{scope} {{ --line: {palette.LINE.on(dark)}; --quiet: {palette.QUIET.on(dark)}; --warn: {palette.CHANGED.on(dark)}; --fail: {palette.MARKS['removed'].on(dark)}; --cardfill: {palette.CARD.on(dark)}; }}"
        )
        rules += [f"{scope} .k-{kind} {{ --kind: {palette.kind_colour(kind, dark)}; --tint: {palette.tint(kind, dark)}; }}" for kind in palette.KINDS]
        rules += [f"{scope} .mark-{mark} {{ --mark: {palette.MARKS[mark].on(dark)}; }}" for mark in DIFFERENCES]
        rules.append(f"{scope} .path-residual {{ --kind: {palette.kind_colour('add', dark)}; }}")
    return "\n".join(rules)


def template() -> str:
    """The viewer's elements."""
    return (ASSETS / "graph.html").read_text("utf-8")
