"""Siamese network: one network looks at two pictures, and their distance in its output says whether they show the same.

Koch, Zemel, Salakhutdinov 2015, "Siamese Neural Networks for One-shot Image Recognition"; the contrastive loss is that of Hadsell,
Chopra, LeCun 2006. A pair of pictures is one input with a dimension of two: (B, 2, C, H, W).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks import catalog
from blocks.catalog import Paper, family, model, presets
from blocks.knobs import (
    EXTRA,
    KERNEL,
    TASK,
    Features,
    InChannels,
    Named,
    NumClasses,
    Spec,
    WidthMultiplier,
    Widths,
    require,
    require_one_a_stage,
)
from blocks.layers.common import make_divisible
from blocks.trace.symbolic import plain

PAPER = Paper(
    "Siamese Neural Networks for One-shot Image Recognition", "Koch, Zemel, Salakhutdinov", 2015, url="https://www.cs.cmu.edu/~rsalakhu/papers/oneshot1.pdf"
)
CONTRASTIVE = Paper(
    "Dimensionality Reduction by Learning an Invariant Mapping",
    "Hadsell, Chopra, LeCun",
    2006,
    url="http://yann.lecun.com/exdb/publis/pdf/hadsell-chopra-lecun-06.pdf",
)
FAMILY = family(
    "siamese",
    "Siamese network",
    "One network embeds two images; their distance says whether they show the same thing.",
    PAPER,
    CONTRASTIVE,
    tags=("metric learning", "one-shot", "shared weights", "contrastive", "triplet"),
)


class Backbones(Sequence[str]):
    """The catalog's models that can embed a picture (those with a class count), read when asked: this file loads before others."""

    def _names(self) -> list[str]:
        return [n for n in catalog.names(kind="model") if any(k.name == "num_classes" for k in catalog.knobs(n))]

    def __getitem__(self, index: Any) -> Any:
        return self._names()[index]

    def __len__(self) -> int:
        return len(self._names())

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    def __repr__(self) -> str:
        return "Backbones()"


Backbone = Annotated[str, Spec("", "Backbone", "The network that embeds both images: any model of the catalog.", EXTRA, values=Backbones())]
Head = Annotated[
    str,
    Spec(
        "", "Distance", "Euclidean, or Koch's: a learned weight for each feature's difference, through a sigmoid.", EXTRA, values=("euclidean", "weighted_l1")
    ),
]
_Kernels = Annotated[tuple[int, ...], Spec("k", "Kernels", "Side of each convolution's window; no padding.", KERNEL, 1, 31, 1)]
_ImageSize = Annotated[int, Spec("S", "Image size", "Side of each square picture in pixels.", TASK, 1, 4096, 1)]
Embedding = Annotated[Features, Named("D", "Embedding", "Length of the vector that represents an image.")]


@model(FAMILY)
class KochNet(nn.Module):
    """Koch's convolutional network: unpadded convolutions with ReLU and 2x2 max pools, then one wide sigmoid layer.

    Source: Koch et al. 2015, section 3.1 and figure 4. The wide layer is made for one picture size.

    Shape: (B, C_0, S, S) -> (B, D).
    """

    def __init__(
        self,
        *,
        image_size: _ImageSize = 105,
        widths: Widths = (64, 128, 128, 256),
        kernels: _Kernels = (10, 7, 4, 4),
        width_mult: WidthMultiplier = 1.0,
        num_classes: Annotated[NumClasses, Named("D", "Embedding", "Length of the vector that represents an image.")] = 4096,
        in_channels: InChannels = 1,
    ) -> None:
        super().__init__()
        require_one_a_stage("kernels", kernels, len(widths))
        least = _least_size(tuple(plain(k) for k in kernels))
        require(image_size >= least, "image_size", image_size, f"must be at least {least}, or the kernels {plain(kernels)} run out of picture", [least])
        self.image_size = image_size
        self.features = nn.Sequential()
        c_in, side = in_channels, image_size
        for i, (width, kernel) in enumerate(zip(widths, kernels, strict=True)):
            if i:
                self.features.append(nn.MaxPool2d(2))
                side = side // 2
            c_out = make_divisible(width * width_mult)
            self.features.append(nn.Sequential(nn.Conv2d(c_in, c_out, kernel), nn.ReLU(inplace=True)))
            c_in, side = c_out, side - kernel + 1
        self.embed = nn.Linear(c_in * side * side, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """The picture's vector, each number between 0 and 1. Shape: (B, C_0, S, S) -> (B, D)."""
        height, width = x.shape[-2:]
        require(
            height == self.image_size and width == self.image_size,
            "image_size",
            self.image_size,
            f"must be the side of the input picture, which is {plain(height)} x {plain(width)}",
            [height] if height == width else [],
        )
        return torch.sigmoid(self.embed(self.features(x).flatten(1)))


def _least_size(kernels: tuple[int, ...]) -> int:
    """Side of the smallest picture that leaves one position after the last convolution."""
    side = kernels[-1]
    for kernel in reversed(kernels[:-1]):
        side = 2 * side + kernel - 1
    return side


@model(FAMILY)
class Siamese(nn.Module):
    """Siamese network: one backbone applied to both pictures of a pair, and the distance between what it says of them.

    Source: Koch et al. 2015, section 3.1; Hadsell et al. 2006, section 2. The backbone's parameters count once and its arithmetic twice.
    ``num_classes`` of the backbone is the embedding's width D. Euclidean distance by default; Koch's weighted L1 distance gives
    1 - p, p his probability that both are the same. Either way less means more alike.

    Shape: (B, 2, C_0, H, W) -> (B,).
    """

    def __init__(
        self,
        *,
        backbone: Backbone = "koch_net",
        embedding: Embedding = 4096,
        head: Head = "euclidean",
        image_size: _ImageSize = 105,
        in_channels: InChannels = 1,
    ) -> None:
        super().__init__()
        known = {k.name for k in catalog.knobs(backbone)}
        wanted = {"num_classes": embedding, "in_channels": in_channels, "image_size": image_size}
        self.backbone = catalog.build(backbone, **{name: value for name, value in wanted.items() if name in known})
        self.weigh = nn.Linear(embedding, 1) if head == "weighted_l1" else None

    def embed(self, x: Tensor) -> Tensor:
        """The backbone's vector for each picture. Shape: (B, C_0, H, W) -> (B, D)."""
        return self.backbone(x).flatten(1)

    def compare(self, a: Tensor, b: Tensor) -> Tensor:
        """Distance between embeddings, which broadcast. Shape: (..., D) and (..., D) -> (...,)."""
        if self.weigh is None:
            return euclidean(a, b)
        return 1 - torch.sigmoid(self.weigh((a - b).abs())).squeeze(-1)

    def forward(self, x: Tensor) -> Tensor:
        """Distance between the two pictures of each pair. Shape: (B, 2, C_0, H, W) -> (B,)."""
        require(x.ndim == 5 and x.shape[1] == 2, "input", tuple(plain(s) for s in x.shape), "must be pairs of pictures, (B, 2, C, H, W)")
        return self.compare(self.embed(x[:, 0]), self.embed(x[:, 1]))


# --- Distances, losses, one-shot -----------------------------------------------------------------


def euclidean(a: Tensor, b: Tensor) -> Tensor:
    """Euclidean distance along the last dimension. Shape: (..., D) and (..., D) -> (...,)."""
    return torch.linalg.vector_norm(a - b, dim=-1)


def contrastive_loss(distance: Tensor, same: Tensor, margin: float = 1.0) -> Tensor:
    """Mean of d²/2 for pairs of one class and max(0, margin - d)²/2 for pairs of two.

    Source: Hadsell et al. 2006, equation 4. ``distance`` and ``same`` (1 for one class, 0 for two) have shape (B,).
    """
    same = same.to(distance.dtype)
    return (same * distance.square() + (1 - same) * F.relu(margin - distance).square()).mean() / 2


def triplet_loss(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0) -> Tensor:
    """Mean of max(0, d(anchor, positive) - d(anchor, negative) + margin) over embeddings of shape (B, D).

    Source: Schroff et al. 2015, arXiv 1503.03832, section 3.1, with the distance itself where that paper squares it.
    """
    return F.relu(euclidean(anchor, positive) - euclidean(anchor, negative) + margin).mean()


@torch.no_grad()
def one_shot(net: Siamese, query: Tensor, support: Tensor) -> tuple[Tensor, Tensor]:
    """Which of ``support`` (one picture a class, (N, C, H, W)) each of ``query`` ((B, C, H, W)) is nearest to, and all distances.

    Source: Koch et al. 2015, section 4.3. Returns indices (B,) and distances (B, N). Run the network in eval mode.
    """
    distances = net.compare(net.embed(query)[:, None], net.embed(support)[None])
    return distances.argmin(dim=1), distances


presets(KochNet, resolution="image_size", koch_net={})
presets(Siamese, input=(1, 2, "in_channels", "image_size", "image_size"), siamese={}, siamese_koch={"head": "weighted_l1"})
