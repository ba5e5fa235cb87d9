"""The graph on the Explore page: the traced graph folded by module, and torchview's tensor-level picture as a second view."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any

import streamlit as st
import torch

from blocks import catalog
from blocks.trace.build import on_meta
from viz.details import PICKED
from viz.graph.layout import LayoutFailed, render_svg
from viz.graph.save import save
from viz.graph.state import Selection
from viz.graph.view import graph_view
from viz.graph_times import node_times
from viz.state import Choice, analysed

HEIGHT = 660
FOLDED, TENSORS = "Folded by module", "Every tensor (torchview)"


def graph_panel(choice: Choice) -> Selection | None:
    """The picture of a choice; its place is reserved. Returns what is selected in it."""
    analysis = analysed(choice)
    with st.container(key="graph"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            how = st.segmented_control("Graph", [FOLDED, TENSORS], key="graph_how", default=FOLDED, required=True, label_visibility="collapsed")
            if how == TENSORS:
                depth = st.number_input("Depth", 1, 12, 2, key="depth", help="How deep torchview opens nested modules.", width=150)
            else:
                times, times_from = node_times(choice, analysis)
        if how == TENSORS:
            _tensors(choice, int(depth))
            return None
        return graph_view(
            analysis, key="explore_graph", height=HEIGHT, times=times, times_from=times_from, select=st.session_state.pop(PICKED, None), of=choice.name,
            symbolic=lambda: analysed(choice, symbolic=True),
        )  # fmt: skip


def _tensors(choice: Choice, depth: int) -> None:
    try:
        svg = torchview_svg(choice, depth)
    except (LayoutFailed, RuntimeError) as error:
        st.warning(f"torchview cannot draw this: {str(error).splitlines()[0]}. The folded graph can.", icon=":material/warning:")
        return
    with st.container(height=HEIGHT - 56, border=True, horizontal_alignment="center", key="torchview"):
        # As an image: no script inside a picture ever runs.
        data = base64.b64encode(svg.encode()).decode()
        st.markdown(f"![torchview's graph of {choice.name}](data:image/svg+xml;base64,{data})")
    save(svg, f"{choice.name}-torchview", key="torchview_save")


class _Hashed:
    """A choice that a cache can hold: its knobs are a mapping, its key is not."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice

    def __hash__(self) -> int:
        return hash(self.choice.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashed) and self.choice.key == other.choice.key


@lru_cache(maxsize=32)
def _torchview(choice: _Hashed, depth: int) -> str:
    return render_svg(drawn_by_torchview(choice.choice, depth).visual_graph.source)


def drawn_by_torchview(choice: Choice, depth: int) -> Any:
    """torchview's graph of the network on the meta device."""
    import torchview

    with on_meta():
        net = catalog.build(choice.name, **choice.knobs).train(choice.training)
    mode = "train" if choice.training else "eval"
    return torchview.draw_graph(net, input_data=torch.empty(choice.shape, device="meta"), device="meta", depth=depth, mode=mode)


def torchview_svg(choice: Choice, depth: int) -> str:
    """torchview's picture of the same module on the meta device, laid out in process."""
    return _torchview(_Hashed(choice), depth)
