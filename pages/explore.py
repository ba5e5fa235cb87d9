"""Explore: pick a network, turn its knobs, see its figures, graph, formulas and latency."""

import streamlit as st

from blocks import catalog
from blocks.language import tr
from viz.explore import details
from viz.explore.address import ExploreState
from viz.explore.check_note import check_note
from viz.explore.export_panel import export_panel
from viz.explore.formulas import block_formulas, memory_formulas, model_formulas
from viz.explore.graph_panel import graph_panel, how_far
from viz.explore.latency_panel import latency_panel
from viz.explore.prefetch import prefetch
from viz.explore.session import EXPLORE, base_of, explore_session, knob_sidebar, network_control, settle, turn_buttons, use_choice
from viz.explore.training_panel import training_panel
from viz.explore.view_settings import current_view, view_control
from viz.kit.access import over_page
from viz.kit.choice import analysed, python_code
from viz.kit.command_line import from_command_line
from viz.kit.compare_button import add_button
from viz.kit.headline import headline
from viz.kit.markdown import error_box
from viz.kit.page import begin_page
from viz.kit.refusal_view import refusal_view, shown_instead
from viz.kit.setting import setting_title
from viz.kit.sharing import share_bar

begin_page(steady=True)
saved, session = EXPLORE.open(), explore_session()
with st.sidebar:
    choice = network_control(saved.state.choice, session)
    turning = st.container()
    controls = st.container()  # drawn last: users wait for figures, graph and formulas
shown, refused = settle(session, choice)
with turning:
    turn_buttons(choice)

with over_page():
    for sentence in [*from_command_line(), *saved.problems, *session.refused]:
        error_box(sentence)
    for sentence in refused:
        refusal_view(sentence, choice, session.good, use_choice, "explore")
        how_far(choice)
    if shown is not None and shown != choice:
        shown_instead(shown, choice)
if shown is None:
    with controls:
        knob_sidebar(choice, session)
    EXPLORE.save(ExploreState(choice, current_view()))
    st.stop()

entry, analysis = catalog.entry(shown.name), analysed(shown)
with st.container(key="title", horizontal=True):
    st.markdown(f"## {setting_title(shown, tr(entry.title))}", width="content")
    st.markdown(details.subtitle(shown), width="content")
    st.space("stretch")
    with st.container(horizontal=True, width="content", vertical_alignment="center"):
        with st.popover(tr("Code"), help=tr("The Python that builds and analyses exactly this."), type="tertiary", key="code"):
            st.code(python_code(shown), language="python")
        share_bar()
        add_button(shown)
picture, side = st.container(key="screen").columns([3.6, 1])
with side, st.container(key="headline"):
    headline(analysis, base_of(shown))
    check_note(shown)
with picture:
    selection = graph_panel(shown)
    with st.container(key="formulas"):
        if entry.kind == "block":
            block_formulas(analysed(shown, symbolic=True), session.turned)
        else:
            model_formulas(shown, view_control("count", tr("Count")))
with controls:
    knob_sidebar(choice, session)
with side:
    latency_panel(shown)

tab = view_control("tab", tr("Details"))
if tab == "layers":
    details.layers_view(shown, selection)
elif tab == "memory":
    details.memory_timeline(shown)
    training_panel(shown)
    memory_formulas(shown)
elif tab == "stages":
    details.stages_view(shown)
else:
    {"code": details.code_view, "published": details.published_view, "export": export_panel}[tab](shown)

EXPLORE.save(ExploreState(choice, current_view()))
prefetch(session.turns.past if session.before is not None else (), choice)
