"""The graph on a page: the traced graph folded by module, and torchview's tensor-level picture as a second view."""

from __future__ import annotations

import base64
from functools import lru_cache

import streamlit as st
import torch

from blocks import catalog
from blocks.trace.build import on_meta
from viz.graph.fold import Fold, TooMany
from viz.graph.layout import render_svg
from viz.graph.scene import scene
from viz.graph.svg import standalone
from viz.state import Choice, analysed

HEIGHT = 560


def graph_panel(choice: Choice) -> None:
    """The picture of a choice with its level, direction, second view and downloads; its place is reserved."""
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
    level = left.segmented_control(
        "Level", ["stage", "block", "operation", "torchview"], key="level", default="stage", required=True, label_visibility="collapsed"
    )
    dark = st.context.theme.type == "dark"
    try:
        if level == "torchview":
            depth = middle.number_input("Depth", 1, 12, 2, key="depth", help="How deep torchview opens nested modules.")
            svg = torchview_svg(choice, int(depth))
        else:
            across = middle.toggle("Left to right", key="across", value=False)
            svg = folded_svg(choice, level, "LR" if across else "TB", dark)
    except TooMany as error:
        st.warning(f"{error}", icon=":material/warning:")
        svg = folded_svg(choice, "stage", "TB", dark)
    right.download_button("SVG", svg, f"{choice.name}.svg", "image/svg+xml", icon=":material/download:", on_click="ignore")
    with st.container(height=HEIGHT, border=True, key="graph", horizontal_alignment="center"):
        # As an image: no script inside a picture ever runs.
        data = base64.b64encode(svg.encode()).decode()
        st.markdown(f"![graph of {choice.name}](data:image/svg+xml;base64,{data})")


@lru_cache(maxsize=128)
def _svg(choice: _Hashed, level: str, direction: str, dark: bool) -> str:
    graph = analysed(choice.choice).graph
    fold = Fold(graph)
    return standalone(scene(fold.folded(fold.preset(level)), graph, direction), dark)


class _Hashed:
    """A choice that a cache can hold: its knobs are a mapping, its key is not."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice

    def __hash__(self) -> int:
        return hash(self.choice.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashed) and self.choice.key == other.choice.key


def folded_svg(choice: Choice, level: str, direction: str = "TB", dark: bool = False) -> str:
    """The folded graph as an SVG file. Raises :class:`TooMany` where nobody could read it."""
    return _svg(_Hashed(choice), level, direction, dark)


@lru_cache(maxsize=32)
def _torchview(choice: _Hashed, depth: int) -> str:
    import torchview

    chosen = choice.choice
    with on_meta():
        net = catalog.build(chosen.name, **chosen.knobs).train(chosen.training)
    drawn = torchview.draw_graph(
        net, input_data=torch.empty(chosen.shape, device="meta"), device="meta", depth=depth, mode="train" if chosen.training else "eval"
    )
    return render_svg(drawn.visual_graph.source)


def torchview_svg(choice: Choice, depth: int) -> str:
    """torchview's picture of the same module on the meta device, laid out in process."""
    return _torchview(_Hashed(choice), depth)
