"""The app: page configuration and navigation. What a page shows is in pages/."""

import streamlit as st

st.set_page_config(page_title="Architecture explorer", layout="wide")
st.navigation(
    [
        st.Page("pages/atlas.py", title="Atlas", default=True),
        st.Page("pages/explore.py", title="Explore"),
        st.Page("pages/compare.py", title="Compare"),
        st.Page("pages/scaling.py", title="Scaling"),
        st.Page("pages/space.py", title="Design space"),
        st.Page("pages/latency.py", title="Latency"),
        st.Page("pages/lectures.py", title="Lectures"),
    ],
    position="top",
).run()
