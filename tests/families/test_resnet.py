"""ResNet: the paper's counts, its knobs together with other papers' parts, and the errors."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from blocks import catalog
from blocks.knobs import KnobError

#: Parameters of the published models (torchvision 0.25 documentation of the weights).
PUBLISHED = {
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
}


def parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def weights(net: nn.Module) -> int:
    return sum(m.weight.numel() for m in net.modules() if isinstance(m, nn.Conv2d))


def bare(name: str, **knobs: Any) -> nn.Module:
    with torch.device("meta"):
        return catalog.build(name, **knobs)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_parameters(name: str) -> None:
    assert parameters(bare(name)) == PUBLISHED[name]


def test_bottleneck_costs_about_a_basic_block() -> None:
    assert weights(bare("bottleneck", c_in=256, c_mid=64, c_out=256)) == 256 * 64 + 9 * 64 * 64 + 64 * 256 == 69_632
    assert weights(bare("basic_block", c_in=64, c_mid=64, c_out=64)) == 2 * 9 * 64 * 64 == 73_728


@pytest.mark.parametrize(("layout", "kernels"), [("k,k", (5, 5)), ("k,1,k", (5, 1, 5)), ("1,k,1", (1, 5, 1)), ("k", (5,)), ("k,k,k,k", (5, 5, 5, 5))])
def test_convolutions_in_the_block(layout: str, kernels: tuple[int, ...]) -> None:
    block = catalog.build("basic_block", c_in=24, c_mid=12, c_out=36, kernel_size=5, layout=layout, groups=3)
    widths = [24] + [12] * (len(kernels) - 1) + [36]
    body = sum(k * k * a * b // (3 if k == 5 else 1) for k, a, b in zip(kernels, widths, widths[1:], strict=False))
    assert weights(block) == body + 24 * 36  # and the projection


def test_stride_sits_on_the_window_and_not_on_the_1x1() -> None:
    strides = [m.stride[0] for m in bare("bottleneck", c_in=8, c_mid=4, c_out=8, stride=2).body.modules() if isinstance(m, nn.Conv2d)]
    assert strides == [1, 2, 1]


def test_plain_block_is_the_residual_one_without_its_shortcut() -> None:
    torch.manual_seed(0)
    residual = catalog.build("basic_block", c_in=6, c_mid=6, c_out=6).double().eval()
    plain = catalog.build("plain_block", c_in=6, c_out=6).double().eval()
    plain.body.load_state_dict(residual.body.state_dict())
    x = torch.randn(2, 6, 8, 8, dtype=torch.float64)
    torch.testing.assert_close(torch.relu(residual.body(x)), plain(x))
    torch.testing.assert_close(torch.relu(residual.body(x) + x), residual(x))


def test_pre_activation_leaves_the_identity_path_untouched() -> None:
    block = catalog.build("pre_activation_block", c_in=6, c_mid=6, c_out=6, norm="none")
    with torch.no_grad():
        for p in block.parameters():
            p.zero_()
    x = torch.randn(2, 6, 8, 8)
    assert torch.equal(block(x), x)  # also where the first activation could have overwritten the input


def test_the_identity_path_brings_a_gradient_back_through_any_depth() -> None:
    torch.manual_seed(0)
    sizes = {}
    for name, depth in (("plain_block", 30), ("pre_activation_block", 30)):
        knobs = {"c_in": 6, "c_out": 6, "norm": "none"} | ({} if name == "plain_block" else {"c_mid": 6})
        stack = nn.Sequential(*(catalog.build(name, **knobs).double() for _ in range(depth)))
        with torch.no_grad():
            for p in stack.parameters():
                p.mul_(0.1)  # branches that do next to nothing, as at the start of training
        x = torch.randn(2, 6, 8, 8, dtype=torch.float64, requires_grad=True)
        direction = torch.randn(2, 6, 8, 8, dtype=torch.float64)
        (gradient,) = torch.autograd.grad(stack(x), x, direction)
        sizes[name] = (gradient.norm() / direction.norm()).item()
    assert sizes["pre_activation_block"] == pytest.approx(1, rel=0.05)
    assert sizes["plain_block"] < 1e-9


COMBINATIONS: list[dict[str, Any]] = [
    {"groups": 4, "width_per_group": 16, "se_ratio": 4, "norm": "ibn_a"},
    {"groups": 4, "width_per_group": 16, "se_ratio": 4, "norm": "ibn_a", "partial_ratio": 0.5},
    {"groups": 2, "se_ratio": 8, "norm": "ibn_a", "octave_alpha": 0.5},
    {"se_ratio": 8, "se_placement": "identity", "norm": "ibn_b", "octave_alpha": 0.25},
    {"se_ratio": 8, "se_placement": "post", "block": "pre_activation", "dropout": 0.3, "drop_path": 0.2},
    {"block": "pre_activation_bottleneck", "norm": "none", "activation": "silu"},
    {"block": "basic", "layout": "k,1,k", "kernel_size": 5, "groups": 2, "octave_alpha": 0.5},
    {"shortcut": "none", "partial_ratio": 0.25, "fusion": "fusion_last", "stem": "deep"},
    {"stem": "cifar", "widths": (8, 16), "depths": (1, 2), "se_ratio": 4, "se_placement": "pre", "in_channels": 5, "num_classes": 7},
]


@pytest.mark.parametrize("knobs", COMBINATIONS, ids=str)
def test_combinations_that_no_paper_combined_train(knobs: dict[str, Any]) -> None:
    small = {"block": "bottleneck", "widths": (16, 32, 64, 64), "depths": (1, 2, 1, 1), "stem_width": 16}
    net = catalog.build("resnet50", **(small | knobs)).train()
    out = net(torch.randn(2, knobs.get("in_channels", 3), 64, 64))
    assert out.shape == (2, knobs.get("num_classes", 1000))
    out.square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())


def test_our_counts_are_right_for_a_combination() -> None:
    from blocks.analysis import analyse

    knobs = {"groups": 32, "width_per_group": 4, "se_ratio": 16, "norm": "ibn_a", "partial_ratio": 0.5}
    net, found = bare("resnet50", **knobs).eval(), analyse("resnet50", **knobs)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.empty(1, 3, 224, 224, device="meta"))
    assert (found.params, 2 * found.macs) == (parameters(net), counter.get_total_flops())


def test_formula_in_the_papers_letters_holds_at_other_values() -> None:
    from blocks.analysis import analyse

    formula = analyse("bottleneck", symbolic=True).formula("params")
    changed = {"c_in": 64, "c_out": 64, "kernel_size": 5, "groups": 4}
    assert formula.evaluate(**changed) == parameters(bare("bottleneck", **changed))


@pytest.mark.parametrize(
    ("name", "knobs", "argument"),
    [
        ("bottleneck", {"groups": 5}, "groups"),
        ("basic_block", {"groups": 3}, "groups"),
        ("resnet50", {"depths": (3, 4, 6)}, "depths"),
        ("resnet50", {"width_per_group": 1, "widths": (16, 32, 64, 64)}, "width_per_group"),
        ("resnet50", {"octave_alpha": 0.5, "partial_ratio": 0.5}, "partial_ratio"),
        ("resnet50", {"shortcut": "none", "se_ratio": 16, "se_placement": "identity"}, "se_placement"),
    ],
)
def test_what_cannot_be_is_refused_and_the_nearest_value_works(name: str, knobs: dict[str, Any], argument: str) -> None:
    with pytest.raises(KnobError) as error:
        bare(name, **knobs)
    assert error.value.argument == argument
    for nearest in error.value.nearest:
        bare(name, **(knobs | {argument: nearest}))


def test_stochastic_depth_drops_branches_only_while_training() -> None:
    block = catalog.build("basic_block", c_in=4, c_mid=4, c_out=4, drop_path=0.5)
    x = torch.rand(64, 4, 5, 5)
    dropped = (block.train()(x) == x).flatten(1).all(1)
    assert 0 < dropped.sum() < 64
    assert not (block.eval()(x) == x).flatten(1).all(1).any()
