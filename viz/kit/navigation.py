"""Links that open another page, wherever they stand: a page of the running app by Streamlit's navigation, else by its address."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from viz.kit.address import here
from viz.kit.address_bar import FOLLOWED, current_query, leave_for, values_by_name
from viz.kit.home import APP_FOLDER
from viz.kit.language import in_language
from viz.kit.links import Link


def exists(link: Link) -> bool:
    """Whether the app has the page that ``link`` leads to."""
    return (APP_FOLDER / link.page).is_file()


def link_to(link: Link, label: str, *, help: str | None = None, icon: str | None = None, **options: Any) -> None:
    """A link that opens ``link`` without losing the session; further ``options`` go to st.page_link."""
    query = [*in_language(tuple(link.query))] if link.query else []
    query += [FOLLOWED] if link.page == here() else []
    try:
        st.page_link(link.page, label=label, query_params=query, help=help, icon=icon, **options)
    except StreamlitAPIException:  # the page runs by itself, outside of the app's navigation
        st.markdown(f"[{label}]({link.url})", help=help)


def go(link: Link) -> None:
    """Leave this page for ``link``; where there is no navigation, say where it leads.

    st.switch_page would write the parameters of ``link`` into this page's address first, where going back would find them: it gets what stands there.
    """
    leave_for(link.page, tuple(link.query))
    try:
        st.switch_page(link.page, query_params=values_by_name(current_query()))
    except StreamlitAPIException:
        st.markdown(f"[{link.url}]({link.url})")
