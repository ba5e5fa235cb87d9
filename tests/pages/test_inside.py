"""The Inside page: what it opens with, what a link restores, a picture of one's own, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from blocks.experiments.pictures import drawn, png
from blocks.language import speaking
from blocks.look.answer import class_name
from blocks.look.background import stop_looking
from tests.pages.test_pages_in_chinese import english, english_heads
from viz.inside import asking

PAGE = Path(__file__).resolve().parents[2] / "pages" / "inside.py"
SECONDS = 240


@pytest.fixture(autouse=True, scope="module")
def _process() -> Iterator[None]:
    yield
    stop_looking()


def opened(**params: str) -> AppTest:
    at = AppTest.from_file(str(PAGE), default_timeout=SECONDS)
    for name, value in params.items():
        at.query_params[name] = value
    return at.run()


def said(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.error, *at.info, *at.get("html")]
    return "\n".join(str(getattr(part, "value", "") or getattr(part.proto, "body", "")) for part in parts)


def until(at: AppTest, seen: Callable[[str], Any]) -> str:
    """Run the page until ``seen`` of what it says; the looking process takes its time."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if seen(text := said(at)):
            return text
        at.run()
    raise AssertionError(said(at))


def test_a_fresh_page_names_the_cat_without_a_network_connection() -> None:
    at = opened()
    text = until(at, lambda text: "Mean" in text)
    assert not at.exception
    assert not at.error
    assert "Inside efficientnet_lite0" in text
    assert "Egyptian Mau" in text
    assert "All 296 tensors are trained." in text
    assert "2 · conv2d · stem.conv · 32 × 112 × 112" in text
    assert "of the 32 channels are dead" in text


def test_a_link_opens_a_number_and_its_arithmetic() -> None:
    at = opened(at="4", ch="3", px="40.50")
    text = until(at, lambda text: "conv2d · stem.conv · 32 × 112 × 112** · [3, 40, 50]" in text)
    assert r"\operatorname{relu6}" in text
    assert "batch_norm · stem.norm" in text
    assert r"\sum_{i=1}^{27} x_i w_i" in text
    assert "The frame is all that the chosen number can see: 3 × 3 pixels." in text
    until(at, lambda text: "95 % of its gradient lies in the outline: " in text or "Its gradient is zero" in text)


def test_a_channel_is_switched_off_and_the_answer_follows_and_undo_brings_it_back() -> None:
    at = opened(at="4", ch="6")
    until(at, lambda text: "Mean" in text)
    next(b for b in at.button if b.label == "Switch channel 6 off").click().run()
    text = until(at, lambda text: "untouched:" in text)
    assert "Off: 4 · relu6: 6" in text
    assert at.query_params["off"] in ("4.6", ["4.6"])
    next(b for b in at.button if b.label == "Undo all").click().run()
    until(at, lambda text: "untouched:" not in text)
    assert "off" not in at.query_params


def test_what_if_the_weights_were_int4_is_answered_beside_the_untouched_network_and_undone() -> None:
    at = opened(side="64")
    until(at, lambda text: "Mean" in text)
    next(b for b in at.get("button_group") if b.label == "Weights as").set_value("int4").run()
    until(at, lambda text: "untouched:" in text)
    assert at.query_params["if"] in ("weights:int4", ["weights:int4"])
    next(b for b in at.get("button_group") if b.label == "Scale").set_value(False).run()
    next(s for s in at.slider if s.label == "Light (%)").set_value(40).run()
    assert at.query_params["if"] in ("weights:int4,light:40,scale:tensor", ["weights:int4,light:40,scale:tensor"])
    assert not at.exception
    next(b for b in at.button if b.label == "Undo all").click().run()
    until(at, lambda text: "untouched:" not in text)
    assert "if" not in at.query_params


def test_an_activation_is_replaced_its_arithmetic_follows_and_undo_brings_it_back() -> None:
    at = opened(side="64", at="4", ch="3", px="7.9")
    until(at, lambda text: r"\operatorname{relu6}" in text)
    next(s for s in at.selectbox if s.label == "This activation replaced by").set_value("silu").run()
    text = until(at, lambda text: r"\operatorname{silu}" in text)
    assert "Replaced: 4 · relu6: silu" in text
    assert at.query_params["if"] in ("act4:silu", ["act4:silu"])
    until(at, lambda text: "untouched:" in text)
    next(s for s in at.selectbox if s.label == "All activations replaced by").set_value("gelu").run()
    assert at.query_params["if"] in ("act:gelu,act4:silu", ["act:gelu,act4:silu"])
    assert not at.exception
    next(b for b in at.button if b.label == "Undo all").click().run()
    until(at, lambda text: r"\operatorname{relu6}" in text and "untouched:" not in text)
    assert "if" not in at.query_params


def test_kernels_and_singular_values_are_shown_on_request() -> None:
    at = opened(side="64")
    assert "singular values make" not in until(at, lambda text: "Mean" in text)
    next(t for t in at.toggle if t.label == "Show kernels, histogram and singular values").set_value(True).run()
    text = until(at, lambda text: "singular values make" in text)
    assert "stem.conv.weight` · 32 × 3 × 3 × 3" in text
    assert "of 27 singular values make 90 % of the squared norm" in text
    assert not at.exception


VIT = {"net": "vit_ti_16", "image_size": "96", "side": "96", "depth": "2", "at": "17"}


def test_attention_is_shown_for_the_class_token_and_for_the_patch_of_the_link() -> None:
    text = until(opened(**VIT), lambda text: "asks." in text)
    assert "The class token asks. Head 0: " in text
    at = opened(**VIT, q="4.1", ch="2")
    text = until(at, lambda text: "asks." in text)
    assert "Patch (4, 1) asks. Head 2: " in text
    assert "Over all patches it looks " in text
    assert not at.exception
    assert not at.error
    assert at.query_params["q"] in ("4.1", ["4.1"])


def test_a_patch_outside_the_picture_is_a_sentence() -> None:
    at = opened(**VIT, q="40.1")
    until(at, lambda text: "must lie in 6x6 patches" in text)
    assert not at.exception


def test_gates_are_bars_and_a_second_picture_names_the_channels_that_differ() -> None:
    at = opened(net="seresnet18", side="64", at="14")
    text = until(at, lambda text: "Largest gates: " in text)
    assert "differ most" not in text
    next(s for s in at.selectbox if s.label == "Gates of a second picture").set_value("coffee").run()
    until(at, lambda text: "“Cat” and “Coffee” differ most in the gates " in text)
    assert at.query_params["vs"] in ("coffee", ["coffee"])
    next(b for b in at.get("button_group") if b.label == "Bars").set_value("difference").run()
    assert at.query_params["bars"] in ("difference", ["difference"])
    assert not at.exception
    assert not at.error


def test_another_network_without_trained_weights_says_so() -> None:
    at = opened(net="resnet18", side="64")
    text = until(at, lambda text: "Mean" in text)
    assert "The weights are random" in text
    assert not at.error


def test_a_network_that_takes_no_picture_says_so() -> None:
    at = opened(net="encoder_block")
    until(at, lambda text: "and not a picture" in text)
    assert not at.exception


def test_a_refused_knob_says_why_and_offers_ways_out() -> None:
    at = opened(net="bottleneck", groups="3")
    assert "groups 3 cannot be used here" in said(at)
    next(b for b in at.button if b.label == "Use groups 2").click().run()
    until(at, lambda text: "Mean" in text)
    assert not at.exception
    assert not at.error
    assert at.query_params["groups"] in ("2", ["2"])


def uploads(at: AppTest, data: bytes) -> AppTest:
    field = next(f for f in at.file_uploader if f.key == "inside.file")
    return field.set_value([("boat.png", data, "image/png")]).run()


def test_a_picture_of_ones_own_is_used_and_after_it_a_broken_one_is_a_sentence() -> None:
    at = opened(side="64")
    until(at, lambda text: "Mean" in text)
    uploads(at, png(drawn("boat", 80)))
    until(at, lambda text: "Mean" in text)
    assert at.query_params["picture"] in ("own", ["own"])
    assert asking.own_picture() is None  # of this session only
    uploads(at, b"GIF89a no picture of these")
    assert "is not an image in a supported format" in said(at)
    assert at.query_params["picture"] in ("own", ["own"])  # the last good one stays
    assert not at.exception


def test_the_answered_page_is_chinese_but_for_the_classes_names() -> None:
    with speaking("zh"):  # AppTest writes the options of a select box itself
        at = opened(lang="zh", at="4", px="4.5", off="4.1", why="grad_cam")
        until(at, lambda text: "标准差" in text and "未改动时" in text and "方框" in text)
    classes = [class_name(i) for i in range(1000)]
    assert [text for text in english(at) if not any(name in text for name in classes)] == []
    assert english_heads(at) == []


def test_a_link_with_a_picture_that_only_its_owner_has_shows_another() -> None:
    at = opened(picture="own", side="64")
    until(at, lambda text: "Mean" in text)
    assert not at.exception
    assert not at.error
