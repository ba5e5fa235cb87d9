"""The Explore page: what a knob moves, what a link restores, what bad input leaves standing."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

PAGE = Path(__file__).resolve().parents[2] / "pages" / "explore.py"


def opened(**params: str) -> AppTest:
    at = AppTest.from_file(str(PAGE), default_timeout=240)
    for name, value in params.items():
        at.query_params[name] = value
    return at.run()


def figures(at: AppTest) -> dict[str, str]:
    return {m.label: m.value for m in at.metric}


KINDS = ("number_input", "slider", "selectbox", "toggle", "text_input")


def knob(at: AppTest, name: str) -> object:
    """The widget of a knob; where it is under "More", that is opened first."""
    if not any((w.key or "").endswith(f".{name}") for kind in KINDS for w in at.get(kind)):
        prefix = next(key for w in at.get("number_input") if (key := w.key or "").startswith("k")).split(".")[0]
        at.session_state[f"{prefix}.more"] = True
        at.run()
    return next(w for kind in KINDS for w in at.get(kind) if (w.key or "").endswith(f".{name}"))


def test_it_opens_on_resnet50() -> None:
    at = opened()
    assert not at.exception
    assert not at.error
    assert figures(at)["Parameters"] == "25.56 M"
    assert figures(at)["MACs"] == "4.089 G"


def test_a_turned_knob_changes_figures_url_and_formulas() -> None:
    at = opened(net="inverted_residual")
    before = figures(at)
    knob(at, "expansion").set_value(4.0).run()  # type: ignore[attr-defined]
    assert not at.exception
    assert figures(at) != before
    assert at.query_params["expansion"] in ("4.0", ["4.0"])
    assert any(r"\textcolor" in m.value for m in at.markdown)


def test_a_link_restores_the_page() -> None:
    at = opened(net="resnet50", se_ratio="16", batch="2", dtype="bfloat16", side="192")
    assert not at.error
    assert figures(at)["Parameters"] == "28.09 M"
    assert any("2 × 3 × 192 × 192" in m.value for m in at.markdown)


def test_a_link_restores_how_the_page_is_looked_at() -> None:
    at = opened(net="resnet18", _tab="stages", _count="params", _latency="versus", _level="block", _direction="LR")
    assert not at.error
    assert any("By stage" in str(chart.proto) for chart in at.get("plotly_chart"))
    assert any("no size of the input occurs in it" in m.value for m in at.markdown)
    view = at.session_state["explore_graph.kept"]["view"]
    assert (view["level"], view["direction"]) == ("block", "LR")
    knob(at, "num_classes").set_value(77).run()  # type: ignore[attr-defined]
    kept = {name: at.query_params[name] for name in ("_tab", "_count", "_latency", "_level", "_direction")}
    assert {k: v[0] if isinstance(v, list) else v for k, v in kept.items()} == {
        "_tab": "stages", "_count": "params", "_latency": "versus", "_level": "block", "_direction": "LR",
    }  # fmt: skip


def test_opened_modules_are_in_the_link() -> None:
    at = opened(net="resnet18", _open="stages.0×,stages.1×")
    assert not at.error
    assert at.session_state["explore_graph.kept"]["view"]["open"] == ["stages.0×", "stages.1×"]


@pytest.mark.parametrize(("params", "sentence"), [
    ({"net": "resnet18", "_tab": "layer"}, "must be one of layers, stages"),
    ({"net": "resnet18", "_level": "atom"}, "must be one of stage, block, operation"),
    ({"net": "resnet18", "_zoom": "2"}, "is not a setting of this page"),
    ({"net": "resnet5O"}, "is not in the catalog"),
    ({"net": "resnet50", "se_ration": "4"}, "no such knob"),
    ({"net": "resnet50", "se_ratio": "many"}, "must be a whole number"),
    ({"net": "resnet50", "width_mult": "0"}, "must lie between"),
    ({"net": "resnet50", "batch": "none"}, "must be a whole number between"),
    ({"net": "shuffle_unit", "groups": "7"}, "must divide"),
    ({"net": "alexnet", "side": "20"}, "smallest resolution that works is"),
    ({"net": "vit_b_16", "image_size": "8"}, "must be a multiple of patch_size"),
    ({"net": "alexnet", "kernel_size": "many"}, "no such knob"),
    ({"net": "vgg16", "side": "8"}, "the window of 2 is larger than the input of 1"),
    ({"net": "resnet18", "depths": "two,many"}, "must be whole numbers such as 3,4,6,3"),
    ({"net": "resnet18", "widths": "0,64,128,256"}, "each entry must lie between"),
    ({"net": "bottleneck", "groups": "5"}, "must divide"),
    ({"net": "resnet50", "side": "99999"}, "must be a whole number between 1 and 4096"),
    ({"net": "<script>alert(1)</script>"}, "is not in the catalog"),
])  # fmt: skip
def test_bad_links_are_answered_and_something_is_shown(params: dict[str, str], sentence: str) -> None:
    at = opened(**params)
    assert not at.exception
    assert any(sentence in e.value for e in at.error), [e.value for e in at.error]
    assert figures(at)["Parameters"]


def test_a_resolution_that_shrinks_to_nothing_leaves_the_last_good_picture() -> None:
    at = opened(net="alexnet")
    good = figures(at)
    side = next(w for w in at.number_input if (w.key or "").endswith("_side"))
    side.set_value(32).run()
    assert not at.exception
    assert any("larger than the input of 1" in e.value and "smallest resolution that works is 63" in e.value for e in at.error)
    assert figures(at) == good
    side = next(w for w in at.number_input if (w.key or "").endswith("_side"))
    side.set_value(63).run()
    assert not at.error
    assert figures(at) != good


def test_a_bad_knob_leaves_the_last_good_picture() -> None:
    at = opened(net="shuffle_unit")
    good = figures(at)
    knob(at, "groups").set_value(7).run()  # type: ignore[attr-defined]
    assert not at.exception
    assert any("must divide" in e.value for e in at.error)
    assert figures(at) == good


def button(at: AppTest, label: str) -> object:
    return next(b for b in at.button if b.label == label)


def test_a_refused_setting_has_two_ways_out() -> None:
    at = opened(net="resnet50", se_ratio="16")
    good = figures(at)
    knob(at, "groups").set_value(48).run()  # type: ignore[attr-defined]
    (error,) = at.error
    assert error.value.startswith("groups 48 cannot be used here")
    button(at, "Undo").click().run()  # type: ignore[attr-defined]
    assert not at.error
    assert figures(at) == good
    assert knob(at, "groups").value == 1  # type: ignore[attr-defined]
    knob(at, "groups").set_value(48).run()  # type: ignore[attr-defined]
    button(at, "Use groups 32").click().run()  # type: ignore[attr-defined]
    assert not at.error
    assert knob(at, "groups").value == 32  # type: ignore[attr-defined]
    assert at.query_params["groups"] in ("32", ["32"])
    assert figures(at) != good


def test_a_link_to_a_refused_setting_shows_it_with_its_sentence() -> None:
    at = opened(net="resnet50", groups="48")
    assert at.error[0].value.startswith("groups 48 cannot be used here")
    assert any("resnet50, as published; not resnet50, groups 48" in c.value for c in at.caption)
    assert knob(at, "groups").value == 48  # type: ignore[attr-defined]
    assert at.query_params["groups"] in ("48", ["48"])
    button(at, "As published").click().run()  # type: ignore[attr-defined]
    assert not at.error


def test_an_error_goes_when_the_next_comes() -> None:
    at = opened(net="resnet50", se_ratio="many")
    assert [e.value for e in at.error] == ["se_ratio = 'many': must be a whole number. Nearest: 0."]
    knob(at, "groups").set_value(48).run()  # type: ignore[attr-defined]
    (error,) = at.error
    assert "groups 48" in error.value


def test_a_list_may_have_spaces() -> None:
    at = opened(net="resnet50")
    knob(at, "widths").set_value("64 128 256 512").run()  # type: ignore[attr-defined]
    assert not at.error
    knob(at, "widths").set_value("32 64 128 256").run()  # type: ignore[attr-defined]
    assert at.query_params["widths"] in ("32,64,128,256", ["32,64,128,256"])
    assert any("resnet50, channels per stage 32,64,128,256" in m.value for m in at.markdown)


def test_a_knob_that_moves_nothing_is_said_to() -> None:
    at = opened(net="encoder_block")
    knob(at, "heads").set_value(6).run()  # type: ignore[attr-defined]
    assert any("moves no" in i.value for i in at.info)


@pytest.mark.parametrize("view", ["layers", "stages", "memory", "code", "published"])
def test_every_detail_opens(view: str) -> None:
    at = opened(net="resnet18")
    at.session_state["view"] = view
    at.run()
    assert not at.exception


def turned_by(at: AppTest, key: str) -> AppTest:
    return at.button(key=key).click().run()


def test_turns_are_undone_and_redone_and_the_network_is_as_published_again() -> None:
    at = opened(net="resnet18")
    assert at.button(key="undo").disabled
    assert at.button(key="published").disabled
    groups = knob(at, "num_classes")
    groups.set_value(10).run()  # type: ignore[attr-defined]
    next(w for w in at.segmented_control if w.key.endswith(".se_ratio")).set_value(8).run()
    assert knobs_of(at) == {"net": "resnet18", "num_classes": "10", "se_ratio": "8"}
    assert knobs_of(turned_by(at, "undo")) == {"net": "resnet18", "num_classes": "10"}
    assert knobs_of(turned_by(at, "undo")) == {"net": "resnet18"}
    assert at.button(key="undo").disabled
    turned_by(at, "redo")
    assert knobs_of(turned_by(at, "redo")) == {"net": "resnet18", "num_classes": "10", "se_ratio": "8"}
    assert at.button(key="redo").disabled
    assert knobs_of(turned_by(at, "published")) == {"net": "resnet18"}
    assert knobs_of(turned_by(at, "undo")) == {"net": "resnet18", "num_classes": "10", "se_ratio": "8"}
    assert not at.exception


def test_another_network_is_undone_too() -> None:
    at = opened(net="resnet18", groups="1")
    at.selectbox(key="explore.net").set_value("vgg11").run()
    assert knobs_of(at) == {"net": "vgg11"}
    assert knobs_of(turned_by(at, "undo")) == {"net": "resnet18"}
    assert at.selectbox(key="explore.net").value == "resnet18"


def knobs_of(at: AppTest) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in at.query_params.items()}
