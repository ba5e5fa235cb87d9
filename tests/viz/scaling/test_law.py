"""A total's power law in words, against the closed form of a convolution."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from blocks.space.axes import find_axis
from viz.kit.figures import CHART_FIGURES
from viz.scaling import law


@pytest.mark.parametrize(("value", "text"), [(247_900_000, r"247.9\,\mathrm{M}"), (9, "9"), (1500, r"1.500\,\mathrm{k}")])
def test_coefficients_are_latex(value: float, text: str) -> None:
    assert law._number(value) == text


def page() -> None:
    import streamlit as st

    from blocks.space.axes import find_axis
    from blocks.space.count import NetworkVariant, Setup
    from blocks.space.scaling import values_over
    from viz.kit.figures import CHART_FIGURES
    from viz.scaling.law import law

    name, along, of = st.session_state["asked"]
    setup, axis = Setup(name, "float32", False, 1), find_axis(name, along)
    knobs = {"norm": False} if name == "standard_convolution" else {}
    frame, _ = values_over(setup, knobs, None, axis, [32, 48, 64, 80, 96])
    law(setup, NetworkVariant(knobs, None), axis, CHART_FIGURES[of], frame, 64)


def said(along: str, of: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=240)
    app.session_state["asked"] = ("standard_convolution", along, of)
    app.run()
    assert not app.exception
    return app


def test_parameters_of_a_convolution_grow_with_its_inputs() -> None:
    app = said("c_in", "params")
    assert app.metric[0].label == "Slope at 64"
    assert float(app.metric[0].value) == pytest.approx(1.0, abs=0.02)
    assert any("Grows with $" in m.value and "100%" in m.value for m in app.markdown)


def test_parameters_do_not_move_with_the_resolution() -> None:
    app = said("side", "params")
    assert any("independent of $H$" in m.value for m in app.markdown)
    assert app.metric[0].value in ("0.00", "–")


@pytest.mark.parametrize(("followed", "moved", "words"), [(False, True, "loops over"), (True, True, "take another way"), (True, False, "independent of")])
def test_without_an_exponent_it_says_why(monkeypatch: pytest.MonkeyPatch, followed: bool, moved: bool, words: str) -> None:
    lines: list[str] = []
    monkeypatch.setattr(law.st, "markdown", lines.append)
    found: Any = SimpleNamespace(exponent=0, followed=followed)
    law._say(found, find_axis("standard_convolution", "c_in"), CHART_FIGURES["params"], 64.0, moved=moved)
    assert len(lines) == 1
    assert words in lines[0]
