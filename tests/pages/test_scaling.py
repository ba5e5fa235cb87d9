"""The Scaling page: what it opens with, what a link restores, what bad links say, and each of its views."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

PAGE = Path(__file__).resolve().parents[2] / "pages" / "scaling.py"


def opened(**params: str) -> AppTest:
    at = AppTest.from_file(str(PAGE), default_timeout=240)
    for name, value in params.items():
        at.query_params[name] = value
    return at.run()


def said(at: AppTest) -> str:
    return "\n".join(m.value for m in at.markdown)


def test_it_opens_with_the_width_of_mobilenet_v2_and_its_square_law() -> None:
    at = opened()
    assert not at.exception
    assert not at.error
    assert "MACs of mobilenet_v2 over width multiplier" in said(at)
    assert r"Grows with $\alpha^{2}$" in said(at)
    [formula] = [m.value for m in at.markdown if "247.9" in m.value]
    assert formula.startswith(r"$\displaystyle")
    assert formula.endswith("$")
    assert at.metric[0].value.startswith("1.")


def test_a_changed_figure_and_axis_go_into_the_address() -> None:
    at = opened()
    next(w for w in at.selectbox if w.label == "Figure").set_value("params").run()
    next(w for w in at.selectbox if w.label == "Along").set_value("expansion").run()
    assert not at.exception
    assert "Parameters of mobilenet_v2 over expansion" in said(at)
    assert r"Grows with $t^{1}$" in said(at)
    assert {k: at.query_params[k] for k in ("of", "x")} in ({"of": "params", "x": "expansion"}, {"of": ["params"], "x": ["expansion"]})


def test_a_link_restores_two_knobs_and_a_machine() -> None:
    at = opened(net="resnet18", x="side", y="width_mult", of="latency", on="t4", to="256")
    assert not at.exception
    assert not at.error
    assert "Estimated latency of resnet18 over resolution and widen factor" in said(at)
    assert next(w for w in at.selectbox if w.label == "Machine").value == "t4"
    assert at.slider[0].value[1] == 256


@pytest.mark.parametrize(("params", "sentence"), [
    ({"net": "resnet5O"}, "is not in the catalog"),
    ({"x": "colour"}, "nothing of this name to vary"),
    ({"x": "activation"}, "has no numeric range"),
    ({"from": "wide"}, "must be a number"),
    ({"abc": "1,2"}, "three numbers"),
    ({"abc": "9,1,1"}, "between 1 and 2"),
    ({"of": "beauty"}, "must be one of params"),
])  # fmt: skip
def test_a_bad_link_is_answered_and_something_is_shown(params: dict[str, str], sentence: str) -> None:
    at = opened(**params)
    assert not at.exception
    assert any(sentence in e.value for e in at.error), [e.value for e in at.error]
    assert "over" in said(at)


def test_compound_scaling_says_its_constraint() -> None:
    at = opened(view="compound", abc="1.3,1.1,1.1")
    assert not at.exception
    assert at.metric[0].value == f"{1.3 * 1.1**2 * 1.1**2:.3f}"


def test_accuracy_against_cost_opens() -> None:
    at = opened(view="published")
    assert not at.exception
    assert any("steeper" in c.value for c in at.caption)


def test_a_block_without_a_scale_and_a_knob_that_is_looped_over_are_said_to_be() -> None:
    at = opened(net="vit_ti_16", x="depth")
    assert "loops over" in said(at)


def test_a_refused_setting_has_its_ways_out_and_the_published_network_below() -> None:
    at = opened(net="shuffle_unit", groups="7")
    assert [e.value for e in at.error] == ["groups = 7: must divide c_in = 240. Nearest: 6 or 5."]
    assert any("The page shows shuffle_unit, as published; not shuffle_unit, groups 7." in c.value for c in at.caption)
    assert "MACs of ▢ Shuffle Unit · ShuffleNet v1 over resolution" in said(at)
    assert at.query_params["groups"] in ("7", ["7"])  # whoever gets the link sees the same
    next(b for b in at.button if b.label == "Use groups 6").click().run()
    assert not at.error
    assert "MACs of ▢ Shuffle Unit · ShuffleNet v1, groups 6 over resolution" in said(at)
    assert at.query_params["groups"] in ("6", ["6"])
