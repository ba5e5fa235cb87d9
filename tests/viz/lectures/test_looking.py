"""Questions of the lectures that only looking answers: their links open the right operation, and their answers are true of what is seen there."""

from __future__ import annotations

import pytest
import torch

from blocks import analyse
from blocks.experiments.pictures import png
from blocks.look.attention import is_attention, looked_at
from blocks.look.gates import channel_gate, gate_values
from blocks.look.samples import sample_pixels
from blocks.look.seen_network import WHOLE, SeenNetwork, SwitchedOff
from tests.viz.lectures.looking import links, opened
from viz.lectures import course

CAT, COFFEE = (png(sample_pixels(name, 224)) for name in ("cat", "coffee"))
LECTURES = [lecture.name for lecture in course.lectures("en")]


@pytest.mark.parametrize("name", LECTURES)
def test_links_are_the_same_in_both_languages_and_open_operations_that_are_there(name: str) -> None:
    assert links(name) == links(name, "zh")
    assert opened(name)
    for state in opened(name):
        nodes = analyse(state.choice.name, **state.choice.knobs).graph.nodes
        assert 0 < state.node < len(nodes) - 1
        assert all(0 < node < len(nodes) - 1 for node, _ in state.off)


def test_heads_look_equally_far_before_training() -> None:
    first, last = opened("vit")
    seen = SeenNetwork(first.choice.name, {})
    attention = [n.index for n in seen.analysis.graph.nodes if is_attention(n)]
    assert [first.node, last.node] == [attention[0], attention[-1]]
    distances = looked_at(seen, seen.input_of(CAT), last.node).distances
    assert float(distances.min()) > 0.95 * float(distances.max())
    assert float(distances.mean()) / 224 == pytest.approx(0.52, abs=0.02)


def test_gates_are_near_one_half_before_training() -> None:
    first, last = opened("senet")
    seen = SeenNetwork(first.choice.name, {})
    gates = [n.index for n in seen.analysis.graph.nodes if channel_gate(seen.analysis.graph, n.index)]
    assert [first.node, last.node] == [gates[0], gates[-1]]
    for state in (first, last):
        assert state.beside == "coffee"
        cat, coffee = (gate_values(seen, seen.input_of(picture), state.node).gates for picture in (CAT, COFFEE))
        assert torch.stack([cat, coffee]).sub(0.5).abs().max() < 0.1
        assert (cat - coffee).abs().max() < 0.01


def test_the_shuffle_takes_every_third_channel() -> None:
    (state,) = opened("shufflenet")
    seen = SeenNetwork(state.choice.name, {})
    inputs, place = seen.input_of(CAT), state.pixel
    assert place is not None
    groups = set()
    for channel in range(20):
        steps = dict(seen.chain(inputs, state.node, (0, channel, *place)))
        (before,) = steps[10].terms  # the first of the three operations that shuffle
        assert before.position[1] == 3 * channel
        groups.add(before.position[1] // 20)
    assert groups == {0, 1, 2}


def test_late_activations_set_most_to_zero_and_projections_nothing() -> None:
    early, late, projection = opened("mobilenet_v2")
    seen = SeenNetwork("efficientnet_lite0", {}, "lite0")
    nodes = seen.analysis.graph.nodes
    assert [nodes[s.node].op for s in (early, late, projection)] == ["relu6", "relu6", "batch_norm"]
    zeros = [float((seen.given(seen.input_of(CAT), s.node) == 0).float().mean()) for s in (early, late, projection)]
    assert zeros[0] < 1 / 3 < 2 / 3 < zeros[1]
    assert zeros[2] == 0


def test_the_last_branch_can_go_and_the_first_changes_the_cat() -> None:
    seen = SeenNetwork("efficientnet_lite0", {}, "lite0")
    inputs, adds = seen.input_of(CAT), [n for n in seen.analysis.graph.nodes if n.kind == "add"]
    with torch.no_grad():
        own = seen.answer(seen.network(inputs), 1)[0].name
    found = []
    for state, add in zip(opened("resnet"), (adds[-1], adds[0]), strict=True):
        assert state.node == add.index
        ((branch, channel),) = state.off
        assert (channel, branch) == (WHOLE, add.index - 1)
        run = seen.run(inputs, lambda *_: None, SwitchedOff({branch: [WHOLE]}))
        found.append(seen.answer(run.output, 1)[0].name)
    assert found[0] == own
    assert found[1] != own
    assert "cat" in found[1]
