"""How far features move when the appearance of an image changes, under batch, instance and IBN norm.

Pan et al. 2018, arXiv 1807.09441. The three networks have the same convolutions; batch norm uses statistics of the drawn pictures, as a
trained network would of its training set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from blocks.experiments import pictures
from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress, picture_option, seed_option
from blocks.language import translatable
from blocks.layers.common import InstanceBatchNorm

SIDE, WIDTHS = 64, (16, 24, 32, 48, 64)
NORMS: dict[str, Callable[[int], nn.Module]] = {
    "batch": nn.BatchNorm2d,
    "ibn": InstanceBatchNorm,
    "instance": lambda channels: nn.InstanceNorm2d(channels, affine=True),
}


@dataclass(frozen=True, eq=False)
class FeatureShifts:
    """``before`` and ``after`` (3, S, S); for each norm the distance between both pictures' features after each layer, over the features' own size."""

    change: str
    before: Tensor
    after: Tensor
    moved: dict[str, list[float]]
    verdict: ClaimVerdict


def change_appearance(picture: Tensor, change: str, amount: float) -> Tensor:
    """The picture with another brightness (a constant added), contrast (around grey) or hue (turned around the grey axis), not cut off."""
    if change == "brightness":
        return picture + 0.5 * amount
    if change == "contrast":
        return 0.5 + (picture - 0.5) * (1 - 0.8 * amount)
    angle = torch.tensor(torch.pi * amount)
    axis = torch.full((3,), 3**-0.5)
    cross = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]]) * 3**-0.5
    turn = angle.cos() * torch.eye(3) + angle.sin() * cross + (1 - angle.cos()) * torch.outer(axis, axis)
    return torch.einsum("dc,chw->dhw", turn, picture)


def _network(norm: str, seed: int) -> list[nn.Module]:
    """Convolution, norm, ReLU, five times; every second one halves the size. The convolutions depend on the seed alone."""
    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for i, (a, b) in enumerate(zip((3, *WIDTHS), WIDTHS, strict=False)):
        # Replicated borders: a constant added to the picture is then a constant added to the map, rim included.
        convolution = nn.Conv2d(a, b, 3, 1 + i % 2, padding=1, padding_mode="replicate", bias=False)
        nn.init.kaiming_normal_(convolution.weight)
        layers.append(nn.Sequential(convolution, NORMS[norm](b), nn.ReLU()))
    return layers


def run(watch: RunProgress, *, change: str = "contrast", amount: float = 0.5, picture: str | pictures.Picture = "boat", seed: int = 1) -> FeatureShifts:
    """Both pictures through the three networks."""
    before = pictures.square(picture, SIDE)
    after = change_appearance(before, change, amount)
    many = torch.stack([pictures.square(name, SIDE) for name in pictures.DRAWN_IMAGES])
    moved: dict[str, list[float]] = {}
    for i, norm in enumerate(NORMS):
        layers = _network(norm, seed)
        state = many
        with torch.no_grad():
            for layer in layers:  # what batch norm will know of pictures
                for part in layer.modules():
                    if isinstance(part, nn.BatchNorm2d):
                        part.momentum = None
                state = layer.train()(state)
            pair, distances = torch.stack([before, after]), []
            for layer in layers:
                pair = layer.eval()(pair)
                distances.append(float((pair[1] - pair[0]).norm() / pair[0].norm()))
        moved[norm] = distances
        watch.tick((i + 1) / len(NORMS))
    means = {norm: sum(values) / len(values) for norm, values in moved.items()}
    return FeatureShifts(change, before, after, moved, ClaimVerdict(means["instance"] < means["ibn"] < means["batch"], means))


EXPERIMENT = LiveExperiment(
    title="How far features move when the image changes",
    claim="Averaged over five layers, the features move by {batch:.1%} of their size under batch norm, {ibn:.1%} under IBN and {instance:.1%} under instance norm.",
    bound="confirmed if the order is batch, IBN, instance",
    run=run,
    options=(
        ExperimentOption(
            "change", "contrast", "Style change", values=("brightness", "contrast", "hue"),
            titles={"brightness": translatable("brightness"), "contrast": translatable("contrast"), "hue": translatable("hue")},
        ),
        ExperimentOption("amount", 0.5, "Amount", 0.1, 1.0, 0.1),
        picture_option(),
        seed_option(),
    ),
    seconds=1,
)  # fmt: skip
