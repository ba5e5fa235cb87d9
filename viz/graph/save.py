"""Buttons that save a finished SVG: as it is, or as pixels at twice its size, drawn by the browser."""

from __future__ import annotations

import re

import streamlit as st

_HTML = """<div class="save"><button data-form="svg">SVG</button><button data-form="png">PNG</button></div>"""
_CSS = """
.save { display: flex; gap: 8px; }
button { font: inherit; font-family: var(--st-font); color: var(--st-text-color); background: var(--st-background-color); border: 1px solid var(--st-border-color);
  border-radius: 8px; padding: 5px 16px; cursor: pointer; }
button:hover, button:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color); outline: none; }
"""
_JS = """
export default function ({ data, parentElement }) {
  const save = (blob, suffix) => {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `${data.name}.${suffix}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const picture = () => new Blob([data.svg], { type: "image/svg+xml" });
  const png = async () => {
    const image = Object.assign(new Image(), { src: URL.createObjectURL(picture()) });
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: data.width * data.scale, height: data.height * data.scale });
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    canvas.toBlob((blob) => save(blob, "png"), "image/png");
  };
  for (const button of parentElement.querySelectorAll("button")) button.onclick = () => (button.dataset.form === "svg" ? save(picture(), "svg") : png());
}
"""
_mount = st.components.v2.component("save_picture", html=_HTML, css=_CSS, js=_JS)
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
