"""VGG: depth from nothing but small windows; stages of 3x3 convolutions, each stage halving the picture and doubling the channels.

Simonyan, Zisserman 2015, arXiv 1409.1556. Two 3x3 convolutions see 5x5, three see 7x7, with 27/49 of a 7x7's weights and three non-linearities.
"""

from __future__ import annotations

import copy
from typing import Annotated

from torch import Tensor, nn

from blocks.catalog import Paper, block, family, model, presets
from blocks.knobs import (
    DEPTH,
    EXTRA,
    WIDTH,
    AddedNorm,
    Channels,
    Depths,
    Dropout,
    InChannels,
    KernelSize,
    NumClasses,
    Repeats,
    Spec,
    WidthMultiplier,
    Widths,
    require,
)
from blocks.layers.common import ConvNormAct, whole

PAPER = Paper("Very Deep Convolutional Networks for Large-Scale Image Recognition", "Simonyan, Zisserman", 2015, "1409.1556")
FAMILY = family("vgg", "VGG", "Stages of 3x3 convolutions: depth from small windows, a pool after each stage.", PAPER, tags=("plain", "small kernels"))

PointwiseLast = Annotated[bool, Spec("", "1x1 at the end", "The last convolution of the stage is 1x1, as in the paper's network C.", DEPTH)]

CLASSIFIER_SIDE = 7  # the feature map that the classifier is trained on: 224 / 2^5


@block(FAMILY, input=(1, "c_in", 56, 56), c_in=128, c_out=256, repeats=3, title="VGG stage")
class VGGStage(nn.Module):
    """A stage: n k x k convolutions, each followed by a ReLU, then a 2x2 max pool.

    Source: arXiv 1409.1556, section 2.1 and table 1. Departure: batch norm as a knob (torchvision's ``_bn`` networks; the convolutions keep
    their biases there). ``pool`` off leaves the size as it is, to compare n small windows with one large.

    Shape: (B, C_in, H, W) -> (B, C_out, H/2, W/2).
    """

    def __init__(
        self,
        c_in: Channels,
        c_out: Channels,
        repeats: Repeats,
        *,
        kernel_size: KernelSize = 3,
        pointwise_last: PointwiseLast = False,
        norm: AddedNorm = False,
        pool: Annotated[bool, Spec("", "Pool", "A 2x2 max pool at the end of the stage.", EXTRA)] = True,
    ) -> None:
        super().__init__()
        self.convs = nn.Sequential()
        for i in range(repeats):
            k = 1 if pointwise_last and i == repeats - 1 else kernel_size
            self.convs.append(ConvNormAct(c_in if i == 0 else c_out, c_out, k, norm=nn.BatchNorm2d if norm else None, bias=True))
        self.pool = nn.MaxPool2d(2, 2) if pool else None

    def forward(self, x: Tensor) -> Tensor:
        x = self.convs(x)
        return x if self.pool is None else self.pool(x)


@model(FAMILY)
class VGG(nn.Module):
    """VGG: stages of 3x3 convolutions and a pool, then three fully connected layers with dropout.

    Source: arXiv 1409.1556, table 1 (networks A, B, C, D, E have 11, 13, 16, 16, 19 layers with weights). Departure: other sizes than 224
    are averaged to the classifier's 7x7 grid, as in torchvision; :func:`fully_convolutional` gives the paper's dense form.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        depths: Depths = (1, 1, 2, 2, 2),
        widths: Widths = (64, 128, 256, 512, 512),
        width_mult: WidthMultiplier = 1.0,
        kernel_size: KernelSize = 3,
        pointwise_last: PointwiseLast = False,
        norm: AddedNorm = False,
        hidden: Annotated[int, Spec("C_h", "Hidden units", "Width of the two fully connected layers before the classes.", WIDTH, 1, 16384, 256)] = 4096,
        dropout: Dropout = 0.5,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        require(
            len(depths) == len(widths),
            "depths",
            depths,
            f"needs one number for each of the {len(widths)} stages of widths",
            [(*depths, *([depths[-1]] * len(widths)))[: len(widths)]],
        )
        self.stages = nn.Sequential()
        c_in = in_channels
        for stage, (repeats, width) in enumerate(zip(depths, widths, strict=True)):
            c_out = max(1, whole(width * width_mult))
            # Network C has 1x1 convolutions from the third stage on.
            self.stages.append(VGGStage(c_in, c_out, repeats, kernel_size=kernel_size, pointwise_last=pointwise_last and stage >= 2, norm=norm))
            c_in = c_out
        self.grid = nn.AdaptiveAvgPool2d(CLASSIFIER_SIDE)
        self.classifier = nn.Sequential(
            nn.Linear(c_in * CLASSIFIER_SIDE * CLASSIFIER_SIDE, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.grid(self.stages(x)).flatten(1))


# --- Plain functions -----------------------------------------------------------------------------


class DenseVGG(nn.Module):
    """VGG with its fully connected layers as convolutions: a map of class scores, one for each window that the classifier would see.

    Source: arXiv 1409.1556, section 3.2 (dense evaluation). Made by :func:`fully_convolutional`. The mean over the map is the picture's score.

    Shape: (B, C_0, H, W) -> (B, K, H/32 - 6, W/32 - 6).
    """

    def __init__(self, stages: nn.Module, classifier: nn.Sequential) -> None:
        super().__init__()
        self.stages = stages
        self.classifier = classifier

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.stages(x))


def fully_convolutional(net: VGG) -> DenseVGG:
    """The fully convolutional form of ``net``: the first linear layer as a 7x7 convolution, the others as 1x1; weights are copied.

    At the trained size (a 7x7 map, 224 pixels) it gives (B, K, 1, 1) equal to ``net``'s scores. ``net`` stays as it is.
    Source: arXiv 1409.1556, section 3.2.
    """
    sides = (CLASSIFIER_SIDE, 1, 1)
    linears = [layer for layer in net.classifier if isinstance(layer, nn.Linear)]
    convolutions = {id(linear): _as_convolution(linear, side) for linear, side in zip(linears, sides, strict=True)}
    layers = (convolutions.get(id(layer)) or copy.deepcopy(layer) for layer in net.classifier)
    return DenseVGG(copy.deepcopy(net.stages), nn.Sequential(*layers)).train(net.training)


def _as_convolution(linear: nn.Linear, side: int) -> nn.Conv2d:
    """The convolution whose ``side`` x ``side`` window does what ``linear`` does to a flattened map of that size."""
    c_in = linear.in_features // side**2
    conv = nn.Conv2d(c_in, linear.out_features, side, device=linear.weight.device, dtype=linear.weight.dtype)
    conv.weight.data.copy_(linear.weight.data.view(conv.weight.shape))
    conv.get_parameter("bias").data.copy_(linear.bias.data)
    return conv


def initialise_from(net: VGG, trained: VGG, convolutions: int = 4) -> list[str]:
    """Start ``net`` from a trained shallower one: its first ``convolutions`` convolutions and all fully connected layers are copied.

    Convolution j of a stage goes to convolution j of the same stage, where the two nets have the same channels; with each goes its batch
    norm, if both have one. The rest of ``net`` keeps its own start. Returns the paths of the copied modules. Raises
    :class:`blocks.knobs.KnobError`, before anything is copied, when the networks' layers do not have the same sizes.
    Source: arXiv 1409.1556, section 3.1 (networks B to E from a trained A).
    """
    target, source = dict(net.named_modules()), dict(trained.named_modules())
    names = [name for name, module in source.items() if isinstance(module, nn.Conv2d)][:convolutions]
    names += [name.removesuffix("conv") + "norm" for name in names]
    names += [name for name, module in source.items() if isinstance(module, nn.Linear)]
    copied = [name for name in names if name in source and name in target]
    for name in copied:
        shapes = [tuple(owner[name].weight.shape) for owner in (target, source)]
        rule = f"{name} has weights {shapes[1]} there and {shapes[0]} here; both networks need the same widths, kernels, hidden units and classes"
        require(shapes[0] == shapes[1], "trained", type(trained).__name__, rule)
    for name in copied:
        target[name].load_state_dict(source[name].state_dict())
    return copied


# Table 1 of the paper: convolutions per stage. The networks with a norm are torchvision's.
A, B, C, D, E = (1, 1, 2, 2, 2), (2, 2, 2, 2, 2), (2, 2, 3, 3, 3), (2, 2, 3, 3, 3), (2, 2, 4, 4, 4)
presets(
    VGG,
    "torchvision",
    vgg11={"depths": A},
    vgg13={"depths": B},
    vgg16={"depths": D},
    vgg19={"depths": E},
    vgg11_bn={"depths": A, "norm": True},
    vgg13_bn={"depths": B, "norm": True},
    vgg16_bn={"depths": D, "norm": True},
    vgg19_bn={"depths": E, "norm": True},
)
presets(VGG, "arXiv 1409.1556, table 1, network C", vgg16_c={"depths": C, "pointwise_last": True})
