"""What the browser's address bar asked with and is told."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from viz.kit.address_bar import _addresses, values_by_name


def script() -> None:
    import streamlit as st

    from viz.kit import address_bar

    st.text(repr(address_bar.current_query()))
    st.text(str(address_bar.by_link()))
    st.text(str(address_bar.by_history()))
    st.text(str(address_bar.in_fragment()))
    if st.button("Push"):
        address_bar.push((("v", "x"), ("v", "y")))
    if st.button("Settle"):
        address_bar.settle_silently((("v", "z"),))
        address_bar.show_entry("explore", 1, (("v", "z"),), {"pages/explore.py": (("v", "z"),)}, lambda _: None)


def asked(**query: Any) -> AppTest:
    at = AppTest.from_function(script)
    at.query_params = query
    return at.run()


def test_parameters_are_read_in_their_order_without_the_mark_of_a_link() -> None:
    at = asked(v=["b", "a"], _followed="1", net="vgg11")
    assert [t.value for t in at.text] == ["(('v', 'b'), ('v', 'a'), ('net', 'vgg11'))", "True", "False", "False"]
    assert asked(v="a").text[1].value == "False"


def test_the_address_is_what_was_pushed_or_settled_last() -> None:
    at = asked(v="a")
    assert at.button[0].click().run().query_params == {"v": ["x", "y"]}
    assert at.button[1].click().run().query_params == {"v": "z"}
    assert not at.exception


def test_values_are_grouped_by_parameter() -> None:
    assert values_by_name((("v", "b"), ("net", "x"), ("v", "a"))) == {"v": ["b", "a"], "net": ["x"]}


@pytest.mark.parametrize("raw", [None, 3, "net=a", ["net=a"], {"pages/explore.py": 3}, {7: "net=a"}, {"pages/explore.py": "x" * 30_000}])
def test_what_is_no_memory_of_pages_is_left_out(raw: Any) -> None:
    assert _addresses(raw) == {}


def test_a_tab_keeps_addresses_as_text() -> None:
    assert _addresses({"pages/explore.py": "v=a&v=b&w=", "odd": None}) == {"pages/explore.py": (("v", "a"), ("v", "b"), ("w", ""))}


def script_that_calls() -> None:
    import streamlit as st

    from viz.kit.address_bar import leave_for, left_for

    leave_for("pages/explore.py", (("net", "vgg11"),))
    st.text(repr(left_for("pages/compare.py")))
    st.text(repr(left_for("pages/explore.py")))
    leave_for("pages/explore.py", (("net", "vgg11"),))
    st.text(repr(left_for("pages/explore.py")))
    st.text(repr(left_for("pages/explore.py")))


def test_a_page_that_was_called_is_told_once_and_no_other_page() -> None:
    at = AppTest.from_function(script_that_calls).run()
    assert [t.value for t in at.text] == ["None", "None", "(('net', 'vgg11'),)", "None"]
