"""Explore: pick a network, turn its knobs, see its figures, graph, formulas and latency."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from blocks import catalog
from blocks.analysis import Analysis
from viz.explore import details
from viz.explore.export_panel import export_panel
from viz.explore.formulas import block_formulas, model_formulas
from viz.explore.graph_panel import graph_panel, how_far
from viz.explore.latency_panel import latency_panel
from viz.explore.prefetch import following, give_way
from viz.explore.session import base_of, chosen, kept, settle, sidebar, to_url
from viz.explore.view_settings import control, current
from viz.kit.choice import analysed
from viz.kit.compare_button import add_button
from viz.kit.headline import headline
from viz.kit.page import begin_page

begin_page(steady=True)
memory = kept()
choice, wrong = chosen(memory)
shown, said = settle(memory, choice, wrong)

later = memory.drawn and shown is not None  # a sidebar that stands there can wait; one that does not would make the page jump
if not later:
    sidebar(memory)
for sentence in said:
    st.error(sentence, icon=":material/error:")
if said:
    how_far(choice)
if shown is None:
    to_url(memory)
    st.stop()
if shown != choice:
    what = "the network as published" if memory.good is None else "the last setting that works"
    st.caption(f":material/history: Shown is {what}.")

entry = catalog.entry(shown.name)
analysis = analysed(shown)
title, more = st.columns([4, 1], vertical_alignment="bottom")
title.markdown(f"## {entry.title}\n{' · '.join([entry.family.title, *map(details.cited, entry.papers[:1]), 'input ' + ' × '.join(map(str, shown.shape))])}")
# What a turned knob is waited for comes first: figures, graph, formulas. The rest fills its places afterwards. The graph takes
# longest and is sent before the figures above it, so that all three reach the browser together and it draws them at once.
figures = st.container(key="headline")
picture, timing = st.columns([3, 1])
with picture:
    selection, fill_bar = graph_panel(shown, partial(to_url, memory))
with figures:
    headline(analysis, base_of(shown))
st.markdown("### Formulas")
with st.container(key="formulas"):
    if entry.kind == "block":
        block_formulas(analysed(shown, symbolic=True), memory.turned)
    else:
        choose_count = st.container()
        fill_tables = model_formulas(shown, current("of"))

if later:
    if memory.came_from is not None:
        give_way(following(memory.came_from, choice))
    sidebar(memory)
to_url(memory)
fill_bar()
with more:
    add_button(shown)
if entry.kind != "block":
    with choose_count:
        control("of", "Count")
    fill_tables()
with timing:
    latency_panel(shown)

views: dict[str, Callable[[Analysis], None]] = {
    "Layers": partial(details.layers_view, selection=selection),
    "Stages": details.stages_view,
    "Memory": details.memory_timeline,
}
sources = {"Code": details.code_view, "Published": details.published_view, "Export": export_panel}
view = control("view", "Details")
if view in views:
    views[view](analysis)
else:
    sources[view](shown)
