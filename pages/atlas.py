"""Atlas, the first page: what this is and the ways in; all families in time and by idea, and their presets on accuracy against cost."""

import streamlit as st

from viz.atlas.address import ATLAS, AtlasState, choose_family, follow_old_address
from viz.atlas.map import family_map
from viz.atlas.panel import family_panel
from viz.atlas.presets import presets_view
from viz.atlas.search import search_box, search_hits, search_results
from viz.atlas.welcome import tour, welcome
from viz.kit.access import over_page
from viz.kit.markdown import error_box
from viz.kit.page import begin_page

begin_page()
follow_old_address()
saved = ATLAS.open()
welcome()
searching, offer = st.columns([3, 1], vertical_alignment="top")
with searching:
    text = search_box()
    search_results(text)
with offer:
    tour()
hits = search_hits(text)

with over_page():
    for problem in ATLAS.problems(AtlasState(saved.state.family, text)):
        error_box(problem)
family = saved.state.family
with st.container(key="families"):
    picture, story = st.columns([3.3, 1.2], gap="medium")
with picture:
    family_map(family, hits, key="atlas-map", on_choose=choose_family)
with story:
    family_panel(family)
presets_view(family, hits)
ATLAS.save(AtlasState(family, text))
