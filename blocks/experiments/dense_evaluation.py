"""A classifier of one size slid over larger pictures in one pass: VGG's fully connected layers as convolutions, at several scales.

Simonyan and Zisserman 2015, arXiv 1409.1556, sections 3.2 (dense evaluation) and 4.2 (multi-scale evaluation). The network is a thin
VGG with seeded weights: what is shown is that two forms compute one thing, and what the second saves, not what the picture shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from blocks.analysis import analyse
from blocks.experiments import pictures
from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress, picture_option, seed_option
from blocks.families.vgg import CLASSIFIER_SIDE as WINDOW
from blocks.families.vgg import VGG, DenseVGG, fully_convolutional

#: The side that the classifier is made for, how far apart two windows lie, the sides to look at, and how near "equal" is.
TRAINED, STEP, SIDES, BOUND = 224, 32, (256, 320, 384), 1e-10
WIDTHS, HIDDEN, CLASSES = (8, 12, 16, 16, 16), 48, 4


@dataclass(frozen=True, eq=False)
class Dense:
    """By side of the picture: ``maps`` of one class's scores (n, n) and ``scores`` of all classes, the maps' means; ``mean`` over all sides."""

    picture: Tensor
    side: int
    maps: dict[int, Tensor]
    scores: dict[int, list[float]]
    mean: list[float]
    difference: float
    slid: float
    verdict: ClaimVerdict


def classifier_forms(seed: int) -> tuple[VGG, DenseVGG]:
    """A thin VGG in double precision with random weights of a sensible size, and its fully convolutional form."""
    torch.manual_seed(seed)
    net = VGG(depths=(1, 1, 1, 1, 1), widths=WIDTHS, hidden=HIDDEN, num_classes=CLASSES).double().eval()
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")  # so that a picture's differences last to the scores
    return net, fully_convolutional(net)


@torch.no_grad()
def slid_over(net: VGG, x: Tensor) -> Tensor:
    """(K, n, n): the classifier applied to each 7x7 window of the last feature map, one after the other."""
    features = net.stages(x)
    n = features.shape[-1] - WINDOW + 1
    rows = [[net.classifier(features[..., i : i + WINDOW, j : j + WINDOW].flatten(1))[0] for j in range(n)] for i in range(n)]
    return torch.stack([torch.stack(row, -1) for row in rows], -2)


@torch.no_grad()
def run(watch: RunProgress, *, side: int = 320, picture: str | pictures.Picture = "city", seed: int = 1) -> Dense:
    """Both forms at the trained side, the dense form at larger ones, and the classifier slid by hand at ``side``."""
    net, dense = classifier_forms(seed)
    looks = {s: pictures.square(picture, s)[None].double() - 0.5 for s in (TRAINED, *SIDES)}
    plain = net(looks[TRAINED])[0]
    found = {}
    for i, (s, x) in enumerate(looks.items(), 1):
        found[s] = dense(x)[0]
        watch.tick(0.8 * i / len(looks))
    size = float(plain.abs().max())
    difference = float((found[TRAINED][:, 0, 0] - plain).abs().max()) / size
    slid = float((slid_over(net, looks[side]) - found[side]).abs().max()) / size
    cost = analyse(dense, (1, 3, side, side)).macs
    windows = found[side].shape[-1] ** 2
    times = windows * analyse(net, (1, 3, TRAINED, TRAINED)).macs / cost
    scores = {s: maps.mean((1, 2)) for s, maps in found.items()}
    mean = torch.stack(list(scores.values())).mean(0)
    lead = int(mean.argmax())
    numbers = {"trained": TRAINED, "difference": difference, "side": side, "map": found[side].shape[-1], "slid": slid, "times": times}
    holds = max(difference, slid) < BOUND and times > 1
    shown = pictures.square(picture, side)
    return Dense(
        shown,
        side,
        {s: m[lead] for s, m in found.items()},
        {s: v.tolist() for s, v in scores.items()},
        mean.tolist(),
        difference,
        slid,
        ClaimVerdict(holds, numbers),
    )


EXPERIMENT = LiveExperiment(
    title="One pass over a larger image",
    claim="At {trained} pixels both forms agree to {difference:.0e} of the largest score. At {side} one pass gives {map} x {map} scores, each equal to the classifier's on its window (within {slid:.0e}); cropping every window would take {times:.1f} times the MACs.",
    bound=f"confirmed if both differences are below {BOUND:.0e}, and one pass costs less",
    run=run,
    options=(ExperimentOption("side", 320, "Side", values=SIDES), picture_option(default="city"), seed_option()),
    seconds=1,
)  # fmt: skip
