"""Compound scaling: the sliders, and the chart against counts and the closed form a·b²·c²."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from blocks.space.scaling import SCALED_DIMENSIONS, compound, published_family
from viz.scaling import compound as view


@pytest.mark.parametrize("of", ["macs", "params"])
def test_the_chart_has_a_line_for_each_way_and_the_published_stars(of: str) -> None:
    frame, family = compound((0.0, 1.0), 1.2, 1.1, 1.15), published_family(1.15)
    figure = view._figure(frame, family, of, 1.92)
    names = [t.name for t in figure.data]
    assert names[-5:] == ["width only", "depth only", "resolution only", "compound", "published"]
    assert ("B0 × 1.92^φ" in names) is (of == "macs")
    drawn = {t.name: t for t in figure.data}
    scale = view.CHART_FIGURES[of].scale
    for way in SCALED_DIMENSIONS:
        line = drawn["compound" if way == "compound" else f"{way} only"]
        assert list(line.y) == pytest.approx([v * scale for v in frame[frame["way"] == way][of]])
    assert list(drawn["published"].text)[:2] == ["B0", "B1"]


def test_ways_differ_in_colour_dash_and_mark() -> None:
    assert len({view.way_colour(way, dark=False) for way in SCALED_DIMENSIONS}) == len(SCALED_DIMENSIONS)
    for table in (view.WAY_DASHES, view.WAY_MARKS):
        assert set(table) == set(SCALED_DIMENSIONS)
        assert len(set(table.values())) == len(table)


def page() -> None:
    import pandas as pd
    import streamlit as st

    from blocks.space.scaling import compound
    from viz.kit.choice import Choice
    from viz.scaling import compound as view
    from viz.scaling.address import ScalingState

    def few(a: float, b: float, c: float) -> pd.DataFrame:
        return compound((0.0, 1.0), a, b, c)

    view._compound = few  # eight EfficientNets a way take longer than this test may
    st.session_state["state"] = view.compound_view(ScalingState(Choice("efficientnet_b0")), "k")


def test_the_sliders_are_the_state_and_the_constraint_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "_compound", view._compound)  # put back afterwards
    app = AppTest.from_function(page, default_timeout=240).run()
    assert not app.exception
    assert app.session_state["state"].abc == (1.2, 1.1, 1.15)
    assert app.metric[0].value == f"{1.2 * 1.1**2 * 1.15**2:.3f}"
    assert app.metric[0].delta == "the paper asks for ≈ 2"
    app.slider("k.b").set_value(1.5).run()
    assert not app.exception
    assert app.session_state["state"].abc == (1.2, 1.5, 1.15)
    assert app.metric[0].delta == f"{1.2 * 1.5**2 * 1.15**2 - 2:+.2f} against the paper's 2"
