"""What one position sees, layer by layer: attention against convolutions, measured with gradients.

Dosovitskiy et al. 2020, arXiv 2010.11929, section 4.5 (attention spans the image from the lowest layers on).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from blocks.experiments import pictures
from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress, picture_option, seed_option
from blocks.experiments.gradients import seen
from blocks.families.vit import EncoderBlock, PatchEmbedding
from blocks.layers.common import ConvNormAct

SIDE, WIDTH, HEADS, LAYERS, CHANNELS, PULLS = 64, 48, 4, 3, 8, 4


@dataclass(frozen=True, eq=False)
class Sight:
    """``convolution`` after 1, 2, 3 layers and ``attention`` after the patch embedding and 1, 2 blocks: squared gradients (S, S), largest 1.

    ``shares`` of the picture's pixels that are seen, for "convolution" and "attention".
    """

    picture: Tensor
    patch_size: int
    convolution: list[Tensor]
    attention: list[Tensor]
    shares: dict[str, list[float]]
    verdict: ClaimVerdict


class Tokens(nn.Module):
    """Patch embedding with a position for each token, given back as a map. Shape: (B, 3, S, S) -> (B, D, S/P, S/P)."""

    def __init__(self, patch_size: int) -> None:
        super().__init__()
        self.patches = PatchEmbedding(3, WIDTH, patch_size=patch_size)
        self.positions = nn.Parameter(0.02 * torch.randn(1, (SIDE // patch_size) ** 2, WIDTH))
        self.across = SIDE // patch_size

    def forward(self, x: Tensor) -> Tensor:
        return _map(self.patches(x) + self.positions, self.across)


class OnMap(nn.Module):
    """An encoder block on a map of tokens. Shape: (B, D, H, W) -> (B, D, H, W)."""

    def __init__(self) -> None:
        super().__init__()
        self.block = EncoderBlock(WIDTH, heads=HEADS)

    def forward(self, x: Tensor) -> Tensor:
        return _map(self.block(x.flatten(2).transpose(1, 2)), x.shape[-1])


def _map(tokens: Tensor, across: int) -> Tensor:
    return tokens.transpose(1, 2).reshape(tokens.shape[0], -1, across, across)


def _networks(patch_size: int) -> dict[str, list[nn.Module]]:
    """Three 3x3 convolutions that keep the size; an embedding and two encoder blocks."""
    return {
        "convolution": [ConvNormAct(3 if i == 0 else CHANNELS, CHANNELS, 3, norm=None) for i in range(LAYERS)],
        "attention": [Tokens(patch_size), *(OnMap() for _ in range(LAYERS - 1))],
    }


def run(watch: RunProgress, *, patch_size: int = 8, picture: str | pictures.Picture = "boat", seed: int = 1) -> Sight:
    """The middle position's gradient after every layer of both."""
    torch.manual_seed(seed)
    shown = pictures.square(picture, SIDE)
    found: dict[str, list[Tensor]] = {}
    for k, (name, layers) in enumerate(_networks(patch_size).items()):
        x = shown.expand(PULLS, -1, -1, -1).clone().requires_grad_()
        state, found[name] = x, []
        for i, layer in enumerate(layers):
            state = layer(state)
            middle = state.shape[-1] // 2
            found[name].append(seen(state, x, middle, middle))
            watch.tick((k + (i + 1) / LAYERS) / 2)
    shares = {name: [float((energy > 0).float().mean()) for energy in energies] for name, energies in found.items()}
    fields = [((1 + 2 * (i + 1)) / SIDE) ** 2 for i in range(LAYERS)]
    exact = shares["convolution"] == fields and shares["attention"][0] == (patch_size / SIDE) ** 2
    numbers = {"convolution": shares["convolution"][1], "attention": shares["attention"][1], "patch": shares["attention"][0]}
    maps = {name: [energy / energy.max().clamp_min(1e-300) for energy in energies] for name, energies in found.items()}
    return Sight(shown, patch_size, maps["convolution"], maps["attention"], shares, ClaimVerdict(exact and shares["attention"][1] == 1, numbers))


EXPERIMENT = LiveExperiment(
    title="What the centre position sees, layer by layer",
    claim="After two 3x3 convolutions a position sees {convolution:.2%} of the image. A token first sees its own patch, {patch:.1%}; after one attention layer, {attention:.0%}.",
    bound="confirmed if receptive fields are exact to the pixel and attention sees every pixel",
    run=run,
    options=(ExperimentOption("patch_size", 8, "Patch size", values=(4, 8, 16)), picture_option(), seed_option()),
    seconds=1,
)
