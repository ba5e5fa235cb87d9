"""Buttons that save a finished SVG as it is, or as a PNG of twice its size that the browser draws."""

from __future__ import annotations

import re

import streamlit as st

from viz.graph.frontend import script

_HTML = """<div class="save"><button data-form="svg">SVG</button><button data-form="png">PNG</button></div>"""
_CSS = """
.save { display: flex; gap: 8px; }
button { font: inherit; font-family: var(--st-font); color: var(--st-text-color); background: var(--st-background-color); border: 1px solid var(--st-border-color);
  border-radius: 8px; padding: 5px 16px; cursor: pointer; }
button:hover, button:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color); outline: none; }
"""
_mount = st.components.v2.component("save_picture", html=_HTML, css=_CSS, js=script("save.js"))
_MAX_SIDE = 16_000  # pixels that a canvas can hold along one side


def save_buttons(svg: str, name: str, *, key: str) -> None:
    """Offer ``svg`` as ``name``.svg and ``name``.png."""
    width, height = view_box_size(svg)
    scale = 2 if max(width, height) * 2 <= _MAX_SIDE else min(1.0, _MAX_SIDE / max(width, height))
    _mount(key=key, data={"svg": svg, "name": name, "width": width, "height": height, "scale": scale})


def view_box_size(svg: str) -> tuple[float, float]:
    """Width and height of an SVG's view box."""
    found = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"', svg)
    return (float(found[1]), float(found[2])) if found else (800.0, 600.0)
