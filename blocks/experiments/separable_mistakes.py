"""The usual mistakes with separable convolutions, each made here and detected by its own check.

Chollet 2016, arXiv 1610.02357; Howard et al. 2017, arXiv 1704.04861. What is checked is what the layer does (which inputs reach an
output, by gradients), what it costs (counted in its trace) or whether torch refuses it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from blocks.analysis import analyse
from blocks.experiments.base import ClaimVerdict, LiveExperiment, RunProgress
from blocks.families.mobilenet_v1 import DepthwiseSeparable

C_IN, C_OUT, SIDE = 32, 48, 16


@dataclass(frozen=True)
class Case:
    """One mistake: its ``code``, whether torch ``refused`` it and how, its counts where it ran, and the ``found`` evidence (empty if nothing)."""

    name: str
    code: str
    params: int | None
    macs: int | None
    refused: str
    found: dict[str, float]


@dataclass(frozen=True)
class Mistakes:
    """The ``right`` block first, then every mistake."""

    right: Case
    cases: list[Case]
    verdict: ClaimVerdict


def depthwise(**changed: object) -> nn.Conv2d:
    """The depthwise convolution with some of its arguments changed."""
    settings: dict[str, object] = {"in_channels": C_IN, "out_channels": C_IN, "kernel_size": 3, "padding": 1, "groups": C_IN, "bias": False}
    return nn.Conv2d(**(settings | changed))  # type: ignore[arg-type]


def pointwise(c_in: int = C_IN, **changed: object) -> nn.Conv2d:
    """The pointwise convolution with some of its arguments changed."""
    settings: dict[str, object] = {"in_channels": c_in, "out_channels": C_OUT, "kernel_size": 1, "bias": False}
    return nn.Conv2d(**(settings | changed))  # type: ignore[arg-type]


def reach(layer: nn.Module) -> Tensor:
    """Which inputs reach the first output channel's middle position: gradients' sizes, (C_in, S, S)."""
    x = torch.randn(1, C_IN, SIDE, SIDE, requires_grad=True)
    y = layer(x)
    (found,) = torch.autograd.grad(y[0, 0, y.shape[2] // 2, y.shape[3] // 2], x)
    return found[0].abs()


# --- The mistakes; each gives the evidence against itself ------------------------------------------


def no_groups() -> tuple[nn.Module, dict[str, float]]:
    """The depthwise convolution without groups: each output reads every channel."""
    layer = depthwise(groups=1)
    return nn.Sequential(layer, pointwise()), {"channels": int((reach(layer).sum((1, 2)) > 0).sum())}


def grouped_pointwise() -> tuple[nn.Module, dict[str, float]]:
    """Groups in the pointwise convolution too: channels never meet."""
    net = nn.Sequential(depthwise(), pointwise(groups=16))
    return net, {"channels": int((reach(net).sum((1, 2)) > 0).sum())}


def spatially_separable() -> tuple[nn.Module, dict[str, float]]:
    """k x 1 then 1 x k over all channels: that separates space, not space from channels."""
    tall, wide = nn.Conv2d(C_IN, C_IN, (3, 1), padding=(1, 0), bias=False), nn.Conv2d(C_IN, C_OUT, (1, 3), padding=(0, 1), bias=False)
    return nn.Sequential(tall, wide), {"channels": int((reach(tall).sum((1, 2)) > 0).sum())}


def no_padding() -> tuple[nn.Module, dict[str, float]]:
    """No padding: the map shrinks, and a shortcut could not be added."""
    net = nn.Sequential(depthwise(padding=0), pointwise())
    return net, {"side": net(torch.zeros(1, C_IN, SIDE, SIDE)).shape[-1]}


def late_stride() -> tuple[nn.Module, dict[str, float]]:
    """The stride on the pointwise convolution: three of four depthwise outputs are computed and thrown away."""
    first, second = depthwise(), pointwise(stride=2)
    middle = first(torch.randn(1, C_IN, SIDE, SIDE)).detach().requires_grad_()
    (grad,) = torch.autograd.grad(second(middle).square().sum(), middle)
    return nn.Sequential(first, second), {"unused": float((grad.abs().sum(1) == 0).float().mean())}


def idle_bias() -> tuple[nn.Module, dict[str, float]]:
    """A bias in front of a norm: the norm subtracts it again, and it never gets a gradient."""
    layer = depthwise(bias=True)
    net = nn.Sequential(layer, nn.BatchNorm2d(C_IN), nn.ReLU(), pointwise())
    net.train()(torch.randn(8, C_IN, SIDE, SIDE)).square().mean().backward()
    assert layer.bias is not None
    assert layer.bias.grad is not None
    assert layer.weight.grad is not None
    return net, {"gradient": float(layer.bias.grad.abs().max() / layer.weight.grad.abs().max())}


def shared_norm() -> tuple[nn.Module, dict[str, float]]:
    """One norm for both widths: torch refuses."""
    norm = nn.BatchNorm2d(C_IN)
    return nn.Sequential(depthwise(), norm, nn.ReLU(), pointwise(), norm, nn.ReLU()), {}


def undivided() -> tuple[nn.Module, dict[str, float]]:
    """The depthwise convolution asked for C_out channels, no multiple of C_in: torch refuses."""
    return nn.Sequential(depthwise(out_channels=C_OUT)), {}


#: Each mistake with the code that makes it, and what of its evidence counts against it.
CASES: dict[str, tuple[str, Callable[[], tuple[nn.Module, dict[str, float]]], Callable[[dict[str, float]], bool]]] = {
    "no_groups": ("Conv2d(C, C, 3, padding=1)", no_groups, lambda e: e["channels"] > 1),
    "grouped_pointwise": ("Conv2d(C, D, 1, groups=16)", grouped_pointwise, lambda e: e["channels"] < C_IN),
    "spatially_separable": ("Conv2d(C, C, (3, 1)), Conv2d(C, D, (1, 3))", spatially_separable, lambda e: e["channels"] > 1),
    "late_stride": ("Conv2d(C, D, 1, stride=2)", late_stride, lambda e: e["unused"] > 0),
    "no_padding": ("Conv2d(C, C, 3, groups=C)", no_padding, lambda e: e["side"] != SIDE),
    "idle_bias": ("Conv2d(C, C, 3, groups=C, bias=True)", idle_bias, lambda e: e["gradient"] < 1e-4),
    "shared_norm": ("norm = BatchNorm2d(C), used twice", shared_norm, lambda e: "refused" in e),
    "undivided": ("Conv2d(C, D, 3, groups=C)", undivided, lambda e: "refused" in e),
}


def tried(name: str) -> Case:
    """Make one mistake and look."""
    code, make, _ = CASES[name]
    refused, counts = "", None
    evidence: dict[str, float] = {}
    try:
        net, evidence = make()
        net(torch.randn(2, C_IN, SIDE, SIDE))
        counts = analyse(net, (1, C_IN, SIDE, SIDE))
    except (RuntimeError, ValueError) as error:
        refused, evidence = str(error), {"refused": 1.0}
    return Case(name, code, counts.params if counts else None, counts.macs if counts else None, refused, evidence)


def run(watch: RunProgress) -> Mistakes:
    """The right block, then all mistakes."""
    torch.manual_seed(1)
    counts = analyse(DepthwiseSeparable(C_IN, C_OUT).eval(), (1, C_IN, SIDE, SIDE))
    right = Case("right", "Conv2d(C, C, 3, groups=C), Conv2d(C, D, 1)", counts.params, counts.macs, "", {})
    cases = []
    for i, name in enumerate(CASES):
        cases.append(tried(name))
        watch.tick((i + 1) / len(CASES))
    caught = [case for case in cases if CASES[case.name][2](case.found)]
    refused = sum(bool(case.refused) for case in cases)
    numbers = {"count": len(cases), "caught": len(caught), "ran": len(cases) - refused, "refused": refused}
    return Mistakes(right, cases, ClaimVerdict(len(caught) == len(cases), numbers))


EXPERIMENT = LiveExperiment(
    title=f"Eight ways to get it wrong (C = {C_IN}, D = {C_OUT})",
    claim="{ran} of {count} mistakes run without an error, torch refuses {refused}; a check of behaviour and cost detects {caught}.",
    bound="confirmed if every mistake is detected",
    run=run,
    seconds=1,
)
