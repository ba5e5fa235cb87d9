"""The app: page configuration and navigation, run for each session; imported by the server, it is what the server runs. What a page shows is in pages/."""

import streamlit as st

from blocks.language import tr
from viz.explore.one_screen import ONE_SCREEN
from viz.explore.warm_up import warm_up_pages
from viz.inside.one_screen import INSIDE_ON_ONE_SCREEN
from viz.kit.language import settle_language
from viz.server.log import log_page_error
from viz.server.middleware import server_middleware

if __name__ == "__main__":
    settle_language()
    st.set_page_config(page_title=tr("Architecture explorer"), layout="wide")
    st.navigation(
        [
            st.Page("pages/atlas.py", title=tr("Atlas"), default=True),
            st.Page("pages/explore.py", title=tr("Explore")),
            st.Page("pages/compare.py", title=tr("Compare")),
            st.Page("pages/inside.py", title=tr("Inside")),
            st.Page("pages/scaling.py", title=tr("Scaling")),
            st.Page("pages/space.py", title=tr("Design space")),
            st.Page("pages/latency.py", title=tr("Latency")),
            st.Page("pages/devices.py", title=tr("Devices")),
            st.Page("pages/lectures.py", title=tr("Lectures")),
        ],
        position="top",
    ).run()
else:
    warm_up_pages()
    app = st.App(__file__, middleware=server_middleware(ONE_SCREEN + INSIDE_ON_ONE_SCREEN), on_script_error=log_page_error)
