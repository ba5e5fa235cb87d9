"""The app: page configuration and navigation. What a page shows is in pages/."""

import streamlit as st

from blocks.language import tr
from viz.kit.language import settle_language

settle_language()
st.set_page_config(page_title=tr("Architecture explorer"), layout="wide")
st.navigation(
    [
        st.Page("pages/atlas.py", title=tr("Atlas"), default=True),
        st.Page("pages/explore.py", title=tr("Explore")),
        st.Page("pages/compare.py", title=tr("Compare")),
        st.Page("pages/scaling.py", title=tr("Scaling")),
        st.Page("pages/space.py", title=tr("Design space")),
        st.Page("pages/latency.py", title=tr("Latency")),
        st.Page("pages/lectures.py", title=tr("Lectures")),
    ],
    position="top",
).run()
