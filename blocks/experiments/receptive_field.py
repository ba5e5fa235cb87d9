"""The receptive field on an image: what one position sees in theory, what it sees by gradients, and where most of that lies.

Theory: 1 + L·d·(k - 1) for L layers of kernel k and dilation d. The effective field, smaller and round: Luo et al. 2016, arXiv 1701.04128.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks.experiments import pictures
from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress, picture_option, seed_option
from blocks.experiments.gradients import core, extent, seen
from blocks.layers.common import ConvNormAct

SIDE, CHANNELS, NETWORKS, PULLS, MARGIN = 65, 8, 3, 4, 4


@dataclass(frozen=True, eq=False)
class Fields:
    """For each layer its side in ``theory``, ``measured`` and ``effective`` (the square with 95 % of the squared gradient), in pixels.

    ``picture`` (3, S, S); ``energy`` (S, S) the last layer's squared gradient over its largest value.
    """

    picture: Tensor
    energy: Tensor
    theory: list[int]
    measured: list[int]
    effective: list[int]
    verdict: ClaimVerdict


def convolution_stack(layers: int, kernel_size: int, dilation: int) -> list[nn.Module]:
    """Convolutions with ReLU that keep the picture's size, at He's initialisation."""
    made: list[nn.Module] = [ConvNormAct(3 if i == 0 else CHANNELS, CHANNELS, kernel_size, dilation=dilation, norm=None) for i in range(layers)]
    for layer in made:
        nn.init.kaiming_normal_(layer.conv.weight)  # type: ignore[arg-type, union-attr]
    return made


def run(watch: RunProgress, *, layers: int = 3, kernel_size: int = 3, dilation: int = 1, picture: str | pictures.Picture = "boat", seed: int = 1) -> Fields:
    """The middle position's gradient after each layer, over several random networks that look at the picture."""
    torch.manual_seed(seed)
    shown = pictures.square(picture, SIDE)
    theory = [1 + (i + 1) * dilation * (kernel_size - 1) for i in range(layers)]
    side = min(SIDE, theory[-1] + 2 * MARGIN)  # what lies further out cannot change the middle; the margin would show if it did
    off, middle = (SIDE - side) // 2, side // 2
    total = [torch.zeros(side, side, dtype=torch.float64) for _ in range(layers)]
    for n in range(NETWORKS):
        x = shown[:, off : off + side, off : off + side].expand(PULLS, -1, -1, -1).clone().requires_grad_()
        state = x
        for i, layer in enumerate(convolution_stack(layers, kernel_size, dilation)):
            state = layer(state)
            found = seen(state, x, middle, middle)
            total[i] += found / found.sum().clamp_min(1e-300)
            watch.tick((n + (i + 1) / layers) / NETWORKS)
    measured = [max(extent(t)[2:]) for t in total]
    effective = [core(t, middle, middle) for t in total]
    cut = [min(field, SIDE) for field in theory]
    energy = F.pad(total[-1] / total[-1].max(), (off, off, off, off))
    numbers = {"layers": layers, "theory": theory[-1], "measured": measured[-1], "effective": effective[-1]}
    return Fields(shown, energy, theory, measured, effective, ClaimVerdict(measured == cut and effective[-1] <= measured[-1], numbers))


EXPERIMENT = LiveExperiment(
    title="What the centre position sees",
    claim="After {layers} layers theory says {theory} x {theory} pixels; gradients reach {measured} x {measured}, and 95 % of them come from {effective} x {effective}.",
    bound="confirmed if both agree to the pixel after every layer, within the image",
    run=run,
    options=(
        ExperimentOption("layers", 3, "Number of layers", 1, 8, 1),
        ExperimentOption("kernel_size", 3, "Kernel size", 1, 9, 2),
        ExperimentOption("dilation", 1, "Dilation", 1, 4, 1),
        picture_option(),
        seed_option(),
    ),
    seconds=2,
)
