"""The answers to the lectures' questions that only looking answers, on the very operations that the links open; more in test_looking.py."""

from __future__ import annotations

import pytest
import torch

from blocks.look.acting import acting_pixels, acting_region
from blocks.look.explain import Explanation
from blocks.look.handler import SHARE_OF_ACTING
from blocks.look.seen_network import WHOLE, SeenNetwork
from tests.viz.lectures.looking import given, input_of, opened, place, seen_by, sides, terms
from viz.inside.address import InsideState


def test_fewer_than_half_of_the_pixels_that_vgg_could_see_act_on_a_number() -> None:
    (state,) = opened("vgg")
    seen = seen_by(state)
    inputs = input_of(state, seen)
    assert seen.analysis.graph.nodes[state.node].shape[2:] == (7, 7)
    assert state.pixel == (3, 3)
    assert sides(state, seen) == (212, 212)
    acting = acting_region(acting_pixels(seen, inputs, state.node, place(state, inputs, seen)), SHARE_OF_ACTING)
    assert 0 < acting.pixels < 212 * 212 / 2


def test_branches_of_inception_see_three_sizes() -> None:
    states = opened("inception")
    seen = seen_by(states[0])
    assert [sides(state, seen) for state in states] == [(27, 27), (43, 43), (59, 59), (43, 43)]


def test_a_path_of_resnext_reads_its_own_four_channels() -> None:
    first, last, mixed = opened("resnext")
    seen = seen_by(first)
    assert {t.position[1] for t in terms(first, seen)} == {4, 5, 6, 7}
    assert {t.position[1] for t in terms(last, seen)} == {124, 125, 126, 127}
    assert len(terms(first, seen)) == len(terms(last, seen)) == 36
    assert 9 * seen.analysis.graph.nodes[first.node].shape[1] == 32 * 36  # without groups
    assert {t.position[1] for t in terms(mixed, seen)} == set(range(128))


def test_the_last_block_adds_a_seventh_to_the_sum() -> None:
    branch, before = opened("wide_resnet")
    seen = seen_by(branch)
    last = [n for n in seen.analysis.graph.nodes if n.kind == "add"][-1]
    assert [node for node, _ in last.inputs] == [branch.node, before.node]
    norms = [float(given(state, seen).norm()) for state in (branch, before)]
    assert norms == pytest.approx([0.64, 4.46], abs=0.005)
    assert norms[0] / norms[1] == pytest.approx(1 / 7, abs=0.01)


def test_depthwise_reads_one_channel_and_pointwise_one_position() -> None:
    depthwise, pointwise = opened("mobilenet_v1")
    seen = seen_by(depthwise)
    filtered, mixed = terms(depthwise, seen), terms(pointwise, seen)
    assert len(filtered) == len({t.position[2:] for t in filtered}) == 9
    assert {t.position[1] for t in filtered} == {7}
    assert {t.position[1:] for t in mixed} == {(channel, *(pointwise.pixel or ())) for channel in range(32)}
    assert len(mixed) * len(filtered) == 288


def test_dense_layers_hand_on_what_the_first_has_computed() -> None:
    (state,) = opened("densenet")
    seen = seen_by(state)
    inputs = input_of(state, seen)
    chain = seen.chain(inputs, state.node, place(state, inputs, seen))
    graph = seen.analysis.graph
    concatenations = [n.index for n in graph.nodes if n.kind == "concat"]
    assert [node for node, _ in chain] == concatenations[:6][::-1]
    assert all(len(said.terms) == 1 and said.terms[0].factor == 1 and said.value == chain[0][1].value for _, said in chain)
    assert chain[-1][1].terms[0].position[1] == 70 - 64
    assert [graph.calls[graph.nodes[node].scope].path for node, _ in chain] == [f"stages.0.{layer}" for layer in (5, 4, 3, 2, 1, 0)]


def test_a_low_number_sees_more_than_a_high_one() -> None:
    high, low = opened("octave")
    seen = seen_by(high)
    graph = seen.analysis.graph
    assert [graph.calls[graph.nodes[state.node].scope].path.split(".")[-1] for state in (high, low)] == ["high_to_high", "low_to_low"]
    assert [sides(state, seen) for state in (high, low)] == [(19, 19), (31, 31)]
    assert 19 + (6 - 3) * 4 == 31  # positions of the full map are four pixels apart


def test_instance_norm_gives_the_same_statistics_in_half_the_light() -> None:
    states = opened("ibn_net")
    seen = seen_by(states[0])
    assert [seen.analysis.graph.nodes[state.node].op for state in states] == ["instance_norm"] * 2 + ["batch_norm"] * 2
    assert [state.what.light for state in states] == [100, 50, 100, 50]
    found = [given(state, seen) for state in states]
    assert [float(f.mean()) for f in found[:2]] == pytest.approx([0, 0], abs=0.001)
    assert [float(f.std()) for f in found[:2]] == pytest.approx([1, 1], abs=0.001)
    assert [float(f.std()) for f in found[2:]] == pytest.approx([0.37, 0.26], abs=0.005)


def test_half_of_the_channels_are_as_they_are_without_the_blocks() -> None:
    whole, without = opened("cspnet")
    seen = seen_by(whole)
    assert without.off == ((seen.analysis.graph.nodes[whole.node].inputs[1][0], WHOLE),)
    before, after = given(whole, seen)[0], given(without, seen)[0]
    equal = [torch.equal(a, b) for a, b in zip(before, after, strict=True)]
    assert equal == [True] * 128 + [False] * 128
    assert int(torch.count_nonzero(after[128:])) == 0
    assert int(torch.count_nonzero(before)) == before.numel()


def test_only_the_skip_branch_differs_from_pixel_to_pixel() -> None:
    up, skip = opened("hourglass")
    seen = seen_by(up)
    graph = seen.analysis.graph
    assert [n.kind for n in graph.nodes if (up.node, 0) in n.inputs and (skip.node, 0) in n.inputs] == ["add"]
    squares = [given(state, seen)[0].unfold(1, 2, 2).unfold(2, 2, 2).flatten(3) for state in (up, skip)]
    differ = [bool((s.amax(3) > s.amin(3)).any()) for s in squares]
    assert differ == [False, True]
    assert (squares[1].amax(3) > squares[1].amin(3)).all()


def test_branches_of_shake_shake_get_one_half_each_and_are_not_alike() -> None:
    states = opened("shake_shake")
    seen = seen_by(states[0])
    assert [[t.factor for t in terms(state, seen)] for state in states] == [[0.5], [0.5]]
    first, second = (given(state, seen)[0, state.channel].flatten() for state in states)
    assert abs(float(torch.corrcoef(torch.stack([first, second]))[0, 1])) < 0.5


def test_both_sides_have_the_same_kernel() -> None:
    left, right = opened("siamese")
    seen = seen_by(left)

    def said(state: InsideState) -> Explanation:
        inputs = input_of(state, seen)
        return seen.chain(inputs, state.node, place(state, inputs, seen))[0][1]

    one, other = said(left), said(right)
    assert [t.factor for t in one.terms] == [t.factor for t in other.terms]
    assert one.offset == other.offset != 0
    assert one.value != other.value
    assert all(a.value != b.value for a, b in zip(one.terms, other.terms, strict=True))


def test_coffee_is_named_at_the_size_of_the_training_only() -> None:
    found = []
    for state, size in zip(opened("efficientnet"), (224, 64, 448), strict=True):
        seen: SeenNetwork = seen_by(state)
        assert seen.shape[2:] == (size, size)
        with torch.no_grad():
            (best,) = seen.answer(seen.network(input_of(state, seen)), 1)
        found.append(best)
    assert [best.name for best in found[:2]] == ["espresso", "electrical switch"]
    assert found[2].probability < 0.1
