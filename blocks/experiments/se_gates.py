"""The gates of squeeze-and-excitation for different images, in a small network trained here to classify shapes.

Hu et al. 2018, arXiv 1709.01507, section 7.2 and figure 6: early gates are much alike whatever the class, late ones differ by class.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks.experiments import pictures, shapes
from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress, picture_option, seed_option
from blocks.families.senet import SEBasicBlock
from blocks.layers.common import ConvNormAct, SqueezeExcite

WIDTHS, STEPS, EACH, CLASSES, MANY, LEAST = (16, 24, 48), 50, 6, 6, 20, 0.02


@dataclass(frozen=True, eq=False)
class Gates:
    """``gates``: for each block (images, channels), one row per image of ``shown`` (P, 3, S, S); the last row is the image chosen by the user.

    ``spread``: for each block the standard deviation over the pictures, mean over the channels. ``accuracy`` on new shapes, 0 to 1.
    """

    shown: Tensor
    gates: list[Tensor]
    spread: list[float]
    accuracy: float
    verdict: ClaimVerdict


def gated_network(se_ratio: int) -> nn.Sequential:
    """A stem and three SE blocks, each at half the size of the one before, and a classifier."""
    widths = (WIDTHS[0], *WIDTHS)
    blocks = [SEBasicBlock(a, b, b, stride=1 if i == 0 else 2, se_ratio=min(se_ratio, b)) for i, (a, b) in enumerate(zip(widths, WIDTHS, strict=False))]
    return nn.Sequential(ConvNormAct(3, WIDTHS[0], 3, 2), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(WIDTHS[-1], CLASSES))


def gates_of(net: nn.Module, x: Tensor) -> list[Tensor]:
    """Each block's gates for each picture, (B, C), in eval mode."""
    found: list[Tensor] = []
    hooks = [m.gate.register_forward_hook(lambda _m, _i, out: found.append(out.detach().flatten(1))) for m in net.modules() if isinstance(m, SqueezeExcite)]
    try:
        with torch.no_grad():
            net.eval()(x)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def run(watch: RunProgress, *, se_ratio: int = 4, picture: str | pictures.Picture = "cat", seed: int = 1) -> Gates:
    """Train briefly on coloured shapes; then pass one image of each class, and the chosen one, through the network."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    net = gated_network(se_ratio)
    optimiser = torch.optim.AdamW(net.parameters(), lr=4e-3)
    for step in range(STEPS):
        x, y = shapes.batch(EACH, range(CLASSES), generator, colour=True)
        optimiser.zero_grad()
        F.cross_entropy(net.train()(x), y).backward()
        optimiser.step()
        watch.tick(0.95 * (step + 1) / STEPS)
    x, y = shapes.batch(MANY, range(CLASSES), generator, colour=True)
    with torch.no_grad():
        accuracy = float((net.eval()(x).argmax(1) == y).float().mean())
    shown = torch.cat([x[::MANY], pictures.square(picture, shapes.SHAPE_SIDE)[None]])
    gates = gates_of(net, shown)
    spread = [float(g.std(0).mean()) for g in gates]
    numbers = {"first": spread[0], "last": spread[-1], "accuracy": accuracy, "chance": 1 / CLASSES}
    return Gates(shown, gates, spread, accuracy, ClaimVerdict(spread[-1] > spread[0] and spread[-1] >= LEAST, numbers))


EXPERIMENT = LiveExperiment(
    title="Gates by image",
    claim="From image to image, a gate of the first block varies by {first:.3f}, one of the last by {last:.3f} (standard deviation). Accuracy on new shapes: {accuracy:.0%}; chance level, {chance:.0%}.",
    bound=f"confirmed if the last block's gates vary more, by {LEAST:g} or more",
    run=run,
    options=(
        ExperimentOption("se_ratio", 4, "Reduction r", values=(1, 2, 4, 8, 16)),
        picture_option(default="cat"),
        seed_option(),
    ),
    seconds=5,
)
