"""Parts of many papers given to one residual network at random: the figures are right, or a sentence says why not and what would do."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from counting import macs, params
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks import analyse, catalog
from blocks.knobs import KnobError

SMALL = {"widths": (16, 24, 32), "depths": (1, 2, 1), "stem_width": 12, "num_classes": 5}
SIDE = 32

PARTS: dict[str, list[Any]] = {
    "block": ["basic", "bottleneck", "pre_activation", "pre_activation_bottleneck"],
    "groups": [1, 2, 3, 4, 8],
    "width_per_group": [64, 32, 16, 8],
    "width_mult": [1.0, 0.5, 1.5],
    "layout": ["own", "k,k,k", "k,1,k", "k"],
    "kernel_size": [3, 5, 1],
    "se_ratio": [0, 4, 16],
    "se_placement": ["standard", "pre", "post", "identity"],
    "norm": ["batch", "ibn_a", "ibn_b", "instance", "none"],
    "octave_alpha": [0.0, 0.25, 0.5],
    "partial_ratio": [0.0, 0.5, 0.3],
    "fusion": ["both", "fusion_first", "fusion_last"],
    "shake": ["none", "image", "batch", "even"],
    "shortcut": ["projection", "none"],
    "shrink_first": [1, 2],
    "stem": ["imagenet", "deep", "cifar"],
    "dropout": [0.0, 0.3],
    "drop_path": [0.0, 0.2],
    "activation": ["relu", "silu"],
}
combinations = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in PARTS.items()})


def bare(knobs: dict[str, Any]) -> torch.nn.Module:
    with torch.device("meta"):
        return catalog.build("resnet50", **(SMALL | knobs))


def refusal(knobs: dict[str, Any]) -> KnobError | None:
    try:
        bare(knobs)
    except KnobError as error:
        return error
    return None


@settings(max_examples=30)
@given(knobs=combinations)
def test_any_combination_is_counted_right_or_refused_with_what_works(knobs: dict[str, Any]) -> None:
    error = refusal(knobs)
    if error is not None:
        assert error.argument in knobs
        assert str(error.value) in str(error)
        assert [refusal(knobs | {error.argument: nearest}) for nearest in error.nearest] == [None] * len(error.nearest)
        return
    net = bare(knobs)
    found = analyse("resnet50", (2, 3, SIDE, SIDE), **(SMALL | knobs))
    assert found.not_counted == []
    assert found.params == params(net)
    assert found.macs == macs(net, 2, 3, SIDE, SIDE)
    assert found.graph.unused_params == 0


@settings(max_examples=8)
@given(knobs=combinations.filter(lambda k: not (k["octave_alpha"] and k["partial_ratio"])))
def test_any_combination_trains_in_both_modes_of_precision(knobs: dict[str, Any]) -> None:
    try:
        net = catalog.build("resnet50", **(SMALL | knobs)).train()
    except KnobError:
        return
    torch.manual_seed(0)
    out = net(torch.randn(3, 3, SIDE * 2, SIDE * 2))
    out.square().mean().backward()
    assert all(p.grad is not None for p in net.parameters())
    half = net.eval().to(torch.bfloat16)(torch.randn(1, 3, SIDE * 2, SIDE * 2, dtype=torch.bfloat16))
    assert half.dtype == torch.bfloat16


ALL_AT_ONCE: dict[str, Any] = {"groups": 4, "width_per_group": 16, "se_ratio": 8, "norm": "ibn_a", "partial_ratio": 0.5, "shake": "image", "width_mult": 2.0}


def test_what_no_paper_combined_costs_the_sum_of_its_parts() -> None:
    """A grouped, widened, SE, IBN, cross-stage-partial, shaken bottleneck network: each part adds what it costs alone."""
    without = {name: knob.default for knob in catalog.knobs("resnet50") if (name := knob.name) in ("se_ratio", "norm", "shake")}
    whole, plain = bare(ALL_AT_ONCE), bare(ALL_AT_ONCE | without)
    one = bare(ALL_AT_ONCE | {"shake": "none"})
    gates = sum(params(m) for m in one.modules() if type(m).__name__ == "SqueezeExcite")
    assert gates > 0
    assert params(one) == params(plain) + gates  # IBN costs nothing
    assert params(whole) == params(one) + sum(params(m.body) for m in one.modules() if type(m).__name__ == "Bottleneck")


def test_a_shaken_network_is_random_in_training_and_the_mean_of_two_in_eval() -> None:
    torch.manual_seed(0)
    net = catalog.build("resnet50", **SMALL, shake="image", norm="instance")
    x = torch.randn(2, 3, SIDE, SIDE)
    assert torch.equal(net.eval()(x), net(x))
    assert not torch.equal(net.train()(x), net(x))


def test_two_frequencies_share_the_draw() -> None:
    block = catalog.build("octave_bottleneck", c_in=8, c_mid=4, c_out=8, shake="image", norm="none", activation="identity").train()
    block.shortcut = None
    ones = [torch.ones(3, 4, 4, 4), torch.ones(3, 4, 2, 2)]
    high, low = block.shake(tuple(ones), tuple(torch.zeros_like(t) for t in ones))
    assert torch.equal(high[:, 0, 0, 0], low[:, 0, 0, 0])
    assert high[:, 0, 0, 0].unique().numel() == 3


@pytest.mark.parametrize("training", [False, True])
def test_the_trace_shows_both_branches_and_the_mixture(training: bool) -> None:
    found = analyse("resnet50", (1, 3, SIDE, SIDE), training=training, **SMALL, shake="image")
    classes = [call.cls for call in found.graph.calls]
    assert classes.count("Shake") == sum(SMALL["depths"])  # type: ignore[arg-type]
    drawn = [n for n in found.graph.nodes if n.op == "bernoulli"]
    assert len(drawn) == (classes.count("Shake") if training else 0)
