"""AlexNet: five convolutions, large windows first, and three fully connected layers that hold nearly all of the weights.

Krizhevsky, Sutskever, Hinton 2012 (Advances in Neural Information Processing Systems 25); in the one-column form of
Krizhevsky 2014, arXiv 1404.5997.
"""

from __future__ import annotations

from typing import Annotated

from torch import Tensor, nn

from blocks.catalog import Paper, family, model, presets
from blocks.knobs import EXTRA, KERNEL, WIDTH, Dropout, Groups, InChannels, Named, NumClasses, Spec, WidthMultiplier, Widths, require, require_divides
from blocks.layers.common import ConvNormAct, LocalResponseNorm, same_padding, whole

PAPER = Paper(
    "ImageNet Classification with Deep Convolutional Neural Networks",
    "Krizhevsky, Sutskever, Hinton",
    2012,
    url="https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
)
PAPER_ONE_COLUMN = Paper("One weird trick for parallelizing convolutional neural networks", "Krizhevsky", 2014, "1404.5997")
FAMILY = family(
    "alexnet", "AlexNet", "Five convolutions with large windows first; three fully connected layers hold the weights.", PAPER, PAPER_ONE_COLUMN, tags=("plain",)
)

_SIDE = 6  # the feature map of a 224 pixel picture


@model(FAMILY)
class AlexNet(nn.Module):
    """AlexNet: convolutions of 11x11 (stride 4), 5x5 and three of 3x3 with overlapping pools, then three fully connected layers.

    Source: Krizhevsky et al. 2012, section 3.5; the defaults are the one-column network of arXiv 1404.5997, as in torchvision. ``groups`` = 2
    parts the second, fourth and fifth convolution as the paper's two GPUs did; ``lrn`` is its section 3.3. Departures: other sizes than 224
    are averaged to the classifier's 6x6 grid; batch norm is a knob.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        widths: Annotated[Widths, Named(label="Channels per convolution", help="Output channels of each of the five convolutions.")] = (64, 192, 384, 256, 256),
        kernel_sizes: Annotated[tuple[int, ...], Spec("k", "Kernel sizes", "Window of each of the five convolutions; odd.", KERNEL, 1, 31, 2)] = (
            11,
            5,
            3,
            3,
            3,
        ),
        width_mult: WidthMultiplier = 1.0,
        groups: Annotated[Groups, Named(help="Groups of the second, fourth and fifth convolution; 2 in the paper's two-GPU network.")] = 1,
        lrn: Annotated[
            bool, Spec("", "Local response norm", "Divide by the energy of five neighbouring channels after the first two convolutions.", EXTRA)
        ] = False,
        norm: Annotated[bool, Spec("", "Batch norm", "A batch norm after each convolution.", EXTRA)] = False,
        hidden: Annotated[int, Spec("C_h", "Hidden units", "Width of the two fully connected layers before the classes.", WIDTH, 1, 16384, 256)] = 4096,
        dropout: Dropout = 0.5,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        for name, given in (("widths", widths), ("kernel_sizes", kernel_sizes)):
            require(len(given) == 5, name, given, "needs five numbers, one for each convolution", [(*given, *([given[-1]] * 5))[:5]])
        even = [k for k in kernel_sizes if k % 2 == 0]
        require(not even, "kernel_sizes", kernel_sizes, "each must be odd, so that padding keeps the size", [tuple(k - 1 + k % 2 for k in kernel_sizes)])
        channels = [max(1, whole(width * width_mult)) for width in widths]
        if groups > 1:
            require_divides("groups", groups, **{f"C_{i + 1}": c for i, c in enumerate(channels)})
        self.features = nn.Sequential()
        c_in = in_channels
        for i, (c_out, k) in enumerate(zip(channels, kernel_sizes, strict=True)):
            # The first convolution pads 2 for its 11x11 window, so that 224 pixels give 55.
            padding = max(0, same_padding(k) - 3) if i == 0 else same_padding(k)
            parts = groups if i in (1, 3, 4) else 1
            self.features.append(ConvNormAct(c_in, c_out, k, 4 if i == 0 else 1, padding=padding, groups=parts, norm=nn.BatchNorm2d if norm else None))
            if lrn and i < 2:
                self.features.append(LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0))  # torch divides alpha by the five channels
            if i in (0, 1, 4):
                self.features.append(nn.MaxPool2d(3, 2))
            c_in = c_out
        self.grid = nn.AdaptiveAvgPool2d(_SIDE)
        self.classifier = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(c_in * _SIDE * _SIDE, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.grid(self.features(x)).flatten(1))


presets(AlexNet, "torchvision", paper=PAPER_ONE_COLUMN, alexnet={})
presets(AlexNet, "Krizhevsky et al. 2012, section 3.5", paper=PAPER, alexnet_2012={"widths": (96, 256, 384, 384, 256), "groups": 2, "lrn": True})
