"""The viewer's front end: script, style sheet and template, for the app's page and for the file that works without a server."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

import streamlit as st

from viz.graph.marks import DIFFERENCES
from viz.kit import palette
from viz.kit.scripts import joined_script

_ASSETS = Path(__file__).parent / "assets"


def script(entry: str) -> str:
    """The module ``entry`` with everything that it imports, as one text."""
    return joined_script(_ASSETS / entry)


@cache
def style_sheet() -> str:
    """The style sheet with the palette's colours, light and dark."""
    rules = [(_ASSETS / "graph.css").read_text("utf-8")]
    for dark, scope in ((False, ".viewer"), (True, ".viewer.dark")):
        rules.append(
            f"{scope} {{ --line: {palette.LINE.on(dark)}; --quiet: {palette.QUIET.on(dark)}; --warn: {palette.CHANGED.on(dark)}; --fail: {palette.MARK_COLOURS['removed'].on(dark)}; --cardfill: {palette.CARD.on(dark)}; }}"
        )
        rules += [f"{scope} .k-{kind} {{ --kind: {palette.kind_colour(kind, dark)}; --tint: {palette.tint(kind, dark)}; }}" for kind in palette.KIND_COLOURS]
        rules += [f"{scope} .mark-{mark} {{ --mark: {palette.MARK_COLOURS[mark].on(dark)}; }}" for mark in DIFFERENCES]
        rules.append(f"{scope} .path-residual {{ --kind: {palette.kind_colour('add', dark)}; }}")
    return "\n".join(rules)


def template() -> str:
    """The viewer's elements, as HTML."""
    return (_ASSETS / "graph.html").read_text("utf-8")


@cache
def page_font() -> str:
    """The font of the app's pages as a style sheet with the font in it, so that text in a file is as wide as on the page; "" where Streamlit has none of that name."""
    found = sorted((Path(st.__file__).parent / "static" / "static" / "media").glob("SourceSansVF-Upright*.woff2"))
    if not found:
        return ""
    data = base64.b64encode(found[0].read_bytes()).decode()
    return (
        f'@font-face {{ font-family: "Source Sans"; font-weight: 200 900; src: url(data:font/woff2;base64,{data}) format("woff2"); }}\n'
        ':root { --st-font: "Source Sans", sans-serif; }'
    )


def offline_template() -> str:
    """The HTML page of the file that works without a server, with a comment for each part to fill in."""
    return (_ASSETS / "offline.html").read_text("utf-8")
