"""The tiles of the strip, and what the side panes say."""

from __future__ import annotations

from blocks import analyse
from blocks.look.seen_network import WHOLE
from viz.inside import views
from viz.inside.address import InsideState
from viz.inside.page import opened_state
from viz.inside.panes import tile_groups
from viz.inside.wording import node_words
from viz.kit.choice import Choice


def test_tiles_stand_in_the_parts_of_the_network_in_the_order_of_the_run() -> None:
    analysis = analyse("efficientnet_lite0")
    ran = {str(n.index): {"thumb": [0.5]} for n in analysis.graph.nodes if n.kind not in ("input", "output")}
    groups = tile_groups(analysis, ran)
    assert [g["name"] for g in groups] == ["stem", *(f"stages.{i}" for i in range(7)), "head", "network", "dropout", "classifier"]  # flattening is nobody's
    numbers = [tile["node"] for g in groups for tile in g["tiles"]]
    assert numbers == sorted(map(int, ran))
    assert tile_groups(analysis, {"3": {"thumb": [1.0]}})[0]["tiles"][0]["title"] == "3 · batch_norm · stem.norm · 32 × 112 × 112"


def test_an_operation_that_is_not_there_opens_the_first_convolution() -> None:
    analysis = analyse("efficientnet_lite0")
    state = InsideState(Choice("efficientnet_lite0"), node=99_999, channel=4, pixel=(1, 1))
    assert (opened := opened_state(state, analysis)).node == 2
    assert (opened.channel, opened.pixel) == (0, None)
    assert opened_state(InsideState(Choice("efficientnet_lite0"), node=5, channel=4), analysis).channel == 4
    assert node_words(analysis, analysis.graph.nodes[0]) == "0 · input · 3 × 224 × 224"


def test_what_is_switched_off_is_named_by_operation() -> None:
    analysis = analyse("efficientnet_lite0")
    assert views.switched_off(((2, 1), (2, 7), (4, WHOLE), (9999, 1)), analysis) == "Off: 2 · conv2d: 1, 7; 4 · relu6: all"
    state = InsideState(Choice("efficientnet_lite0"), node=4, off=((2, 1), (4, WHOLE)))
    assert views.is_off(state, 17)
    assert [views.is_off(InsideState(Choice("efficientnet_lite0"), node=2, off=state.off), channel) for channel in (1, 2)] == [True, False]


def test_the_field_and_what_acts_of_it_are_said_together() -> None:
    acting = {"pixels": 214, "box": [20, 40, 30, 48]}
    frame = "The frame is all that the chosen number can see: 43 × 39 pixels."
    assert views.field_sentence([10, 52, 20, 58], acting) == f"{frame} 95 % of its gradient lies in the outline: 214 pixels, within 21 × 19."
    assert views.field_sentence([10, 52, 20, 58], None) == frame
    assert views.field_sentence(None, {"pixels": 0, "box": None}) == "Its gradient is zero: no small change of the picture moves this number."
    assert views.field_sentence(None, None) == ""


def test_the_note_on_the_weights_says_how_much_is_trained() -> None:
    random = InsideState(Choice("resnet18"))
    assert "random" in views.trained_note(random, {"trained": 0, "tensors": 0})
    lite = InsideState(Choice("efficientnet_lite0"), "lite0")
    assert views.trained_note(lite, {"trained": 290, "tensors": 296}) == "290 of 296 tensors are trained; the others no longer fit, and are random."
    assert views.trained_note(lite, {"trained": 296, "tensors": 296}) == "All 296 tensors are trained."
