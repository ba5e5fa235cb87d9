"""The graph on the Explore page: the traced graph folded by module, and torchview's tensor-level picture as a second view."""

from __future__ import annotations

import base64

import streamlit as st
from torch import nn

from blocks.analysis import Analysis
from blocks.knobs import KnobError
from blocks.language import tr
from blocks.trace.errors import TraceError
from viz.explore.details import PICKED
from viz.explore.graph_times import times_selector
from viz.explore.session import save_view
from viz.explore.torchview_graph import torchview_svg
from viz.explore.view_settings import GRAPH_KEY, view_control
from viz.graph.layout import LayoutFailed
from viz.graph.save import save_buttons
from viz.graph.view import graph_view
from viz.graph.view_state import Selection
from viz.kit.charts import is_dark
from viz.kit.choice import Choice, analysed
from viz.kit.markdown import without_links

_HEIGHT = 660


def graph_panel(choice: Choice) -> Selection | None:
    """The picture of a choice, with the widgets above it. Returns what is selected in it."""
    analysis = analysed(choice)
    with st.container(key="graph"):
        bar = st.container(horizontal=True, vertical_alignment="bottom", key="graph-bar")
        with bar:
            how = view_control("graph", tr("Graph"))
        if how == "tensors":
            _tensors(choice, int(bar.number_input(tr("Depth"), 1, 12, 2, key="depth", help=tr("How deep torchview opens nested modules."), width=150)))
            return None
        with bar:
            times, times_from = times_selector(choice, analysis)
        return graph_view(
            analysis, key=GRAPH_KEY, height=_HEIGHT, times=times, times_from=times_from, select=st.session_state.pop(PICKED, None), of=choice.name,
            saved_as=choice, symbolic=lambda: analysed(choice, symbolic=True), on_view=save_view,
        )  # fmt: skip


def how_far(choice: Choice) -> None:
    """Where a choice cannot run: the part of its graph that could be traced, the failing operation marked. Else nothing."""
    try:
        analysed(choice)
    except TraceError as error:
        if error.graph is not None and len(error.graph.nodes) > 1:
            with st.expander(tr("How far the trace got"), icon=":material/account_tree:"):
                part = Analysis(error.graph, choice.shape, choice.dtype, choice.training, nn.Identity(), choice.name)
                graph_view(part, key="explore_part", height=420, of=f"{choice.name} (part)", saved_as=choice, on_select="ignore")
    except KnobError:
        return


def _tensors(choice: Choice, depth: int) -> None:
    try:
        svg = torchview_svg(choice, depth, is_dark())
    except (LayoutFailed, RuntimeError) as error:
        st.warning(tr("torchview cannot draw this: {why}. The folded graph can.", why=without_links(str(error).splitlines()[0])), icon=":material/warning:")
        return
    with st.container(height=_HEIGHT - 56, border=True, horizontal_alignment="center", key="torchview"):
        # As an image: no script inside a picture ever runs.
        data = base64.b64encode(svg.encode()).decode()
        title = tr("The graph of {name} by torchview", name=choice.name)
        st.markdown(f"![{title}](data:image/svg+xml;base64,{data})")
    save_buttons(svg, of=choice, what="torchview", key="torchview_save")
