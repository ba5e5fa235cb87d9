"""Choosing a network by list, family and search."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from blocks import catalog
from viz.kit.network_picker import network_title


def page() -> None:
    import streamlit as st

    from viz.kit.network_picker import pick_network

    st.session_state["picked"] = pick_network("resnet50")


def opened() -> AppTest:
    app = AppTest.from_function(page, default_timeout=240).run()
    assert not app.exception
    return app


def test_it_begins_with_what_is_current() -> None:
    assert opened().session_state["picked"] == "resnet50"


def test_a_search_narrows_the_list() -> None:
    app = opened()
    app.text_input("search").set_value("shuffle").run()
    assert not app.exception
    assert {network_title(n) for n in catalog.search("shuffle")} <= set(app.selectbox("net").options)
    assert len(app.selectbox("net").options) < len(catalog.names()) / 2
    assert app.session_state["picked"] == "resnet50"  # until another is picked


def test_what_is_searched_for_is_listed_best_first() -> None:
    app = opened()
    app.text_input("search").set_value("bottleneck").run()
    assert app.selectbox("net").options[1] == network_title("bottleneck")  # after the current one


def test_a_search_without_a_hit_offers_the_nearest() -> None:
    app = opened()
    app.text_input("search").set_value("resnett50x").run()
    assert not app.exception
    assert "Nothing mentions “resnett50x”." in app.caption[0].value
    assert app.session_state["picked"] in catalog.names()


def test_an_address_that_cannot_be_opened_is_a_sentence() -> None:
    app = opened()
    app.text_input("search").set_value("nowhere:nothing").run()
    assert not app.exception
    assert "nowhere:nothing" in app.error[0].value
    assert app.session_state["picked"] == "resnet50"


def test_blocks_are_listed_by_title_and_family() -> None:
    assert network_title("resnet50") == "resnet50"
    entry = catalog.entry("bottleneck")
    assert network_title("bottleneck") == f"▢ {entry.title} · {entry.family.title}"
