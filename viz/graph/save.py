"""Buttons that save a finished SVG as it is, or as a PNG of twice its size that the browser draws."""

from __future__ import annotations

import re

import streamlit as st

from viz.graph.frontend import script
from viz.graph.metrics import text_width
from viz.graph.svg import xml_text
from viz.kit import palette
from viz.kit.charts import is_dark
from viz.kit.naming import Of, dated, file_stem

_HTML = """<div class="save"><button data-form="svg">SVG</button><button data-form="png">PNG</button></div>"""
_CSS = """
.save { display: flex; gap: 8px; }
button { font: inherit; font-family: var(--st-font); color: var(--st-text-color); background: var(--st-background-color); border: 1px solid var(--st-border-color);
  border-radius: 8px; padding: 5px 16px; cursor: pointer; }
button:hover, button:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color); outline: none; }
"""
_mount = st.components.v2.component("save_picture", html=_HTML, css=_CSS, js=script("save.js"))
_MAX_SIDE = 16_000  # pixels that a canvas can hold along one side
_NUMBER, _LINE, _SIZE = r"-?[\d.]+", 24.0, 12.5  # a number in a view box; height of the line below a picture, and of its type


def save_buttons(svg: str, *, of: Of, what: str, key: str) -> None:
    """Offer ``svg`` as an SVG and a PNG file named after ``of``, ``what`` and the day, which the picture says, too."""
    svg = with_said(svg, dated(of), is_dark())
    width, height = view_box_size(svg)
    scale = 2 if max(width, height) * 2 <= _MAX_SIDE else min(1.0, _MAX_SIDE / max(width, height))
    _mount(key=key, data={"svg": svg, "name": file_stem(of, what), "width": width, "height": height, "scale": scale})


def with_said(svg: str, line: str, dark: bool = False) -> str:
    """Graphviz' ``svg`` with ``line`` below its picture; one without a view box stays as it is."""
    found = re.search(rf'width="[\d.]+pt" height="[\d.]+pt"\s+viewBox="({_NUMBER}) ({_NUMBER}) ({_NUMBER}) ({_NUMBER})"', svg)
    if not found:
        return svg
    left, top, width, height = map(float, found.groups())
    text = f'<text x="{left + 12:.2f}" y="{top + height + 6:.2f}" font-family="Helvetica, Arial, sans-serif" font-size="{_SIZE}" fill="{palette.QUIET.on(dark)}">{xml_text(line)}</text>'
    width, height = max(width, text_width(line, _SIZE) + 24), height + _LINE
    ground = f'<rect x="{left:.2f}" y="{top:.2f}" width="{width:.2f}" height="{height:.2f}" fill="{palette.GROUND.on(dark)}"/>'
    head = f'width="{width:.0f}pt" height="{height:.0f}pt" viewBox="{left:.2f} {top:.2f} {width:.2f} {height:.2f}"'
    opened = svg.index(">", found.end()) + 1
    body = svg[opened:].replace("</svg>", f"{text}</svg>")
    return f"{svg[: found.start()]}{head}{svg[found.end() : opened]}{ground}{body}"


def view_box_size(svg: str) -> tuple[float, float]:
    """Width and height of an SVG's view box."""
    found = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"', svg)
    return (float(found[1]), float(found[2])) if found else (800.0, 600.0)
