"""The page's own components: the picture, the strip of operations, and the wall of channels."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from blocks.analysis import Analysis
from blocks.language import tr
from viz.inside.address import InsideState
from viz.inside.views import is_off
from viz.inside.wording import node_words, written
from viz.kit.scripts import joined_script

_ASSETS = Path(__file__).parent / "assets"
_NOT_SHOWN = ("output",)
_LABELS = 12  # letters of an operation's name under its tile


@cache
def _style() -> str:
    return (_ASSETS / "inside.css").read_text("utf-8")


def inside_component(name: str) -> Any:
    """The page's component ``name``, with its script and the page's style."""
    return st.components.v2.component(f"inside_{name}", html=f'<div class="inside-{name}"></div>', css=_style(), js=joined_script(_ASSETS / f"{name}.js"))


_picture, _strip, _wall = inside_component("picture"), inside_component("strip"), inside_component("wall")


def picture_pane(
    picture: bytes,
    title: str,
    overlay: Mapping[str, Any] | None,
    field: Sequence[int] | None,
    acting: Mapping[str, Any] | None,
    size: tuple[int, int],
    on_paste: Callable[[bytes], None],
) -> None:
    """The picture with heat, the seen field and the outline of what acts on the chosen number; ``on_paste`` gets the bytes of an image that is pasted on the page, none where it is no image."""
    key = "inside.picture.pane"

    def pasted() -> None:
        source = getattr(st.session_state[key], "pasted", None)
        if source is None:
            return
        try:
            on_paste(base64.b64decode(str(source).partition(",")[2], validate=True))
        except binascii.Error:
            on_paste(b"")

    source = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    region = {name: acting[name] for name in ("cells", "rows", "columns")} if acting and acting["pixels"] else None
    data = {"source": source, "alt": title, "overlay": overlay, "field": list(field) if field else None, "region": region, "size": list(size)}
    _picture(key=key, data=data, on_pasted_change=pasted)


def strip_pane(analysis: Analysis, operations: Mapping[str, Any], chosen: int, on_choose: Callable[[int], None]) -> None:
    """A tile for each operation that ran, by the parts of the network; a click calls ``on_choose`` with the operation's index."""
    key = "inside.strip"

    def clicked() -> None:
        node = getattr(st.session_state[key], "node", None)
        if node is not None:
            on_choose(int(node))

    data = {"groups": tile_groups(analysis, operations), "chosen": chosen, "words": {"play": tr("▶ Play"), "stop": tr("■ Stop")}}
    _strip(key=key, data=data, on_node_change=clicked)


def tile_groups(analysis: Analysis, operations: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The operations with thumbnails by the first part of their path, in the order in which they run."""
    groups: list[dict[str, Any]] = []
    for node in analysis.graph.nodes:
        found = operations.get(str(node.index))
        if found is None or node.kind in _NOT_SHOWN:
            continue
        path = analysis.graph.calls[node.scope].path if node.scope >= 0 else ""
        part = ".".join(path.split(".")[:2]) if path.split(".")[0] in ("stages", "layers", "features", "blocks") else path.split(".")[0]
        name = part or tr("network")
        if not groups or groups[-1]["name"] != name:
            groups.append({"name": name, "tiles": []})
        groups[-1]["tiles"].append(
            {"node": node.index, "label": node.op[:_LABELS], "title": node_words(analysis, node), "kind": node.kind, "thumb": found["thumb"]}
        )
    return groups


def wall_pane(state: InsideState, found: Mapping[str, Any], on_channel: Callable[[int], None], on_pixel: Callable[[int, int], None]) -> None:
    """The channels of the open operation, and the chosen one large; clicks call with a channel, or with a row and a column."""
    key = "inside.wall"

    def channel_clicked() -> None:
        channel = getattr(st.session_state[key], "channel", None)
        if channel is not None:
            on_channel(int(channel))

    def pixel_clicked() -> None:
        pixel = getattr(st.session_state[key], "pixel", None)
        if pixel is not None:
            row, _, column = str(pixel).partition(".")
            on_pixel(int(row), int(column))

    channels = [{"number": c["number"], "title": _channel_title(c), "off": is_off(state, c["number"]), "map": c["map"]} for c in found["wall"]]
    data = {
        "node": state.node,
        "channels": channels,
        "channel": found["channel"]["number"],
        "chosen": found["chosen"],
        "size": found["size"],
        "pixel": None if state.pixel is None else list(state.pixel),
        "words": {"wall": tr("Channels"), "map": tr("The chosen channel; arrow keys move the chosen number")},
    }
    _wall(key=key, data=data, on_channel_change=channel_clicked, on_pixel_change=pixel_clicked)


def _channel_title(channel: Mapping[str, Any]) -> str:
    return tr(
        "Channel {n}: mean of |x| {strength}, variance {variance}, {zeros} zeros",
        n=channel["number"],
        strength=written(channel["strength"], 3),
        variance=written(channel["variance"], 3),
        zeros=f"{channel['zeros']:.0%}",
    )
