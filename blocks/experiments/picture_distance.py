"""The distance between two images, by a siamese network that is trained here on drawn shapes.

It knows shapes on a background and nothing about faces. Checked is only what must hold for any distance.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from blocks.experiments import pictures, shapes
from blocks.experiments.base import ClaimVerdict, LiveExperiment, RunProgress, picture_option, seed_option
from blocks.experiments.siamese_shapes import UNSEEN, distances, embedding_network, train
from blocks.families.siamese import Siamese

EPOCHS, SHIFT, TINY = 8, 1, 1e-5


@dataclass(frozen=True, eq=False)
class Distances:
    """``pictures`` (3, 1, S, S) as the network sees them: the first, the same a pixel aside, the other; ``found`` distances from the first.

    ``score``: the share of pairs of two shape classes that lie farther apart than the two pictures, 0 to 1.
    """

    pictures: Tensor
    found: list[float]
    score: float
    verdict: ClaimVerdict


def trained(seed: int, watch: RunProgress) -> Siamese:
    """The network after a short training, kept for the next pair."""
    if seed not in _kept():
        torch.manual_seed(seed)
        net = embedding_network()
        train(net, watch, EPOCHS, "contrastive", torch.Generator().manual_seed(seed), report=False)
        _kept()[seed] = net.eval()
        while len(_kept()) > 4:
            _kept().pop(next(iter(_kept())))
    return _kept()[seed]


@functools.cache
def _kept() -> dict[int, Siamese]:
    return {}


def grey(picture: str | pictures.Picture) -> Tensor:
    """A picture as the shapes are: one channel, their side, their range of brightness. (1, S, S)."""
    x = pictures.square(picture, shapes.SHAPE_SIDE).mean(0, keepdim=True)
    return (0.1 + 0.8 * (x - x.min()) / (x.max() - x.min()).clamp_min(1e-3)).clamp(0, 1)


def run(watch: RunProgress, *, picture: str | pictures.Picture = "boat", other: str | pictures.Picture = "cat", seed: int = 1) -> Distances:
    """Both images, and the first one shifted by a pixel, through one network."""
    net = trained(seed, watch)
    a, b = grey(picture), grey(other)
    moved = F.pad(a[None], (SHIFT, 0, 0, 0), mode="replicate")[0, :, :, : shapes.SHAPE_SIDE]
    x = torch.stack([a, moved, b])
    first = x[:1].expand_as(x)
    with torch.no_grad():
        there, back = net(torch.stack([first, x], 1)), net(torch.stack([x, first], 1))
    _, strangers = distances(net, *shapes.batch(8, UNSEEN, torch.Generator().manual_seed(seed)))
    found = there.tolist()
    score = float((strangers > there[2]).float().mean())
    lawful = found[0] <= TINY and float((there - back).abs().max()) <= TINY
    numbers = {"distance": found[2], "moved": found[1], "score": score}
    return Distances(x, found, score, ClaimVerdict(lawful and found[1] < found[2], numbers))


EXPERIMENT = LiveExperiment(
    title="Two images, one distance",
    claim="The images are {distance:.3f} apart; the first is {moved:.3f} from itself shifted by one pixel. Score: {score:.0%} of pairs of different shapes are farther apart.",
    bound="confirmed if an image is at distance 0 from itself, both orders agree, and the shifted image is nearer than the other one",
    run=run,
    options=(picture_option(), picture_option("other", "cat", "Other image"), seed_option()),
    seconds=4,
)
