"""The viewer as a Streamlit component."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from blocks import analyse
from viz.graph.fold import Fold
from viz.graph.view import changes, signatures


def view_page() -> None:
    import streamlit as st
    from torch import nn

    from blocks import analyse
    from viz.graph import view

    class Small(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Linear(3, 5)

        def forward(self, x):  # type: ignore[no-untyped-def]
            return self.a(x)

    analysis = analyse(Small(), (1, 3))
    st.session_state.setdefault("g.kept", {})["view"] = {"of": "small", "level": "stage", "export": {"format": "html", "n": 1}}
    view.graph_view(analysis, key="g", of="small")
    st.text(st.session_state["g.kept"]["view"]["level"])


def test_a_file_that_cannot_be_made_is_a_sentence_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viz.graph.offline.MAX_PARTS", 1)
    at = AppTest.from_function(view_page, default_timeout=240).run()
    assert not at.exception
    assert at.text[-1].value == "stage"


def test_only_the_operations_that_a_knob_changed_are_marked() -> None:
    before, after = (Fold(analyse("resnet18", **knobs).graph) for knobs in ({}, {"num_classes": 17}))
    assert changes(signatures(before), before) == frozenset()
    assert changes(signatures(before), after) == {"classifier", "/output"}
