"""Depth with and without the shortcut: how large the signal is after each block, and the gradient that reaches it.

Blocks are the catalog's own plain and pre-activation blocks at He's initialisation (arXiv 1502.01852). Source of the question:
arXiv 1512.03385, section 4.1, and arXiv 1603.05027, section 2. With batch norm the signal keeps its size in both, yet the plain
stack's gradient grows with every block; without it the plain stack's fades or the residual one's grows with the initialisation.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress
from blocks.families.resnet import PlainBlock, PreActivationBlock

CHANNELS, SIDE, BATCH = 16, 12, 8


@dataclass(frozen=True)
class Depth:
    """Root mean squares by block, for "plain" and "residual": ``signal`` forward, ``gradient`` at each block's input; ``verdict``.

    The gradient is of a fixed random direction of the last output, over its size at the last block.
    """

    depth: int
    signal: dict[str, list[float]]
    gradient: dict[str, list[float]]
    verdict: ClaimVerdict


def block_stack(kind: str, depth: int, norm: str, gain: float) -> list[nn.Module]:
    """``depth`` blocks of one width in the order they are applied; convolutions have He's variance times ``gain`` squared."""
    blocks: list[nn.Module] = []
    for _ in range(depth):
        made: nn.Module = PlainBlock(CHANNELS, CHANNELS, norm=norm) if kind == "plain" else PreActivationBlock(CHANNELS, CHANNELS, CHANNELS, norm=norm)
        for module in made.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
                with torch.no_grad():
                    module.weight.mul_(gain)
        blocks.append(made.train())
    return blocks


def _measured(kind: str, depth: int, norm: str, gain: float, seed: int, watch: RunProgress, base: float) -> tuple[list[float], list[float]]:
    """(signal, gradient) root mean squares at each block."""
    torch.manual_seed(seed)
    blocks = block_stack(kind, depth, norm, gain)
    x = torch.randn(BATCH, CHANNELS, SIDE, SIDE, requires_grad=True)
    states: list[Tensor] = [x]
    for i, one in enumerate(blocks):
        states.append(one(states[-1]))
        watch.tick(base + 0.25 * (i + 1) / depth)
    grads = torch.autograd.grad(states[-1], states[:-1], torch.randn_like(states[-1]))
    return [rms(s.detach()) for s in states], [rms(g) for g in grads]


def rms(values: Tensor) -> float:
    """Root mean square."""
    return float(values.double().square().mean().sqrt())


def run(watch: RunProgress, *, depth: int = 40, gain: float = 1.0, norm: bool = True, seed: int = 1) -> Depth:
    """Both stacks at the same depth, the same initialisation and the same input."""
    signal: dict[str, list[float]] = {}
    gradient: dict[str, list[float]] = {}
    for i, kind in enumerate(("plain", "residual")):
        forward, back = _measured(kind, depth, "batch" if norm else "none", gain, seed, watch, 0.5 * i)
        signal[kind] = [v / forward[0] for v in forward]
        gradient[kind] = [v / back[-1] for v in back]
    moved = {kind: _change(values) for kind, values in gradient.items()}
    numbers = {"depth": depth, **moved}
    return Depth(depth, signal, gradient, ClaimVerdict(moved["plain"] >= 10 * moved["residual"], numbers))


def _change(values: list[float]) -> float:
    """The factor, at least 1, between the first block's gradient and the last one's, whichever is larger."""
    ratio = max(values[0], 1e-300) / values[-1]
    return max(ratio, 1 / ratio)


EXPERIMENT = LiveExperiment(
    title="Signal and gradient through depth",
    claim="Backward through {depth} blocks, the size of the gradient changes by a factor of {plain:.3g} in the plain stack and {residual:.3g} in the residual one.",
    bound="confirmed if the plain stack changes it at least 10 times as much",
    run=run,
    options=(
        ExperimentOption("depth", 40, "Number of blocks", 2, 100, 2),
        ExperimentOption("gain", 1.0, "Initial scale (He's = 1)", 0.5, 1.2, 0.05),
        ExperimentOption("norm", True, "Batch norm"),
        ExperimentOption("seed", 1, "Seed", 0, 999, 1),
    ),
    seconds=2,
)
