"""CondenseNet: a dense network whose 1x1 convolutions learn, while training, which inputs each of their groups keeps.

Huang, Liu, van der Maaten, Weinberger 2017, arXiv 1711.09224. G is the number of groups, C_f the condensation factor: each
group ends with 1/C_f of the inputs. In training the layer is a masked dense convolution; afterwards an index layer in front of
an ordinary grouped convolution computes the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks.catalog import Paper, block, family, model, presets
from blocks.knobs import (
    EXTRA,
    GROUPING,
    WIDTH,
    Channels,
    Depths,
    Dropout,
    Groups,
    InChannels,
    KernelSize,
    Named,
    NumClasses,
    Spec,
    Stride,
    Widths,
    require_divides,
    require_one_a_stage,
)
from blocks.layers.common import channel_shuffle, global_pool, named, quotient, same_padding, whole
from blocks.trace.symbolic import plain

PAPER = Paper("CondenseNet: An Efficient DenseNet using Learned Group Convolutions", "Huang, Liu, van der Maaten, Weinberger", 2017, "1711.09224")
FAMILY = family(
    "condensenet",
    "CondenseNet",
    "Let each group of a 1x1 convolution learn which inputs it needs, prune the others, and run it as a grouped convolution.",
    PAPER,
    tags=("groups", "dense", "pruning", "shuffle"),
)

LearnedGroups = Annotated[Groups, Named("G", "Groups of the 1x1")]
Condensation = Annotated[int, Spec("C_f", "Condensation factor", "Each group keeps one of so many inputs.", GROUPING, 1, 1024, 1)]
Form = Annotated[
    str,
    Spec(
        "",
        "Form",
        "As it runs after training (condensed: index, grouped convolution) or as it trains (learned: masked dense convolution).",
        EXTRA,
        values=("condensed", "learned"),
    ),
]
Bottleneck = Annotated[int, Spec("b", "Bottleneck factor", "Channels of the 1x1 convolution over the growth.", WIDTH, 1, 64, 1)]
Growth = Annotated[Channels, Named("k_g", "Growth", "Channels that one layer adds.")]
SpatialGroups = Annotated[Groups, Named("g_3", "Groups of the 3x3")]
_Kept = Annotated[float, Spec("f", "Kept features", "Share of the features that the condensed classifier reads.", WIDTH, 0.05, 1.0, 0.05)]


def _require_shares(c_in: int, c_out: int, groups: int, condensation: int) -> None:
    require_divides("groups", groups, c_out=c_out)
    require_divides("condensation", condensation, c_in=c_in)


@block(FAMILY, input=(1, "c_in", 28, 28), c_in=128, c_out=128)
class LearnedGroupConvolution(nn.Module):
    """Learned group convolution as it trains: norm, ReLU, and a dense 1x1 convolution under a mask that loses inputs stage by stage.

    Source: arXiv 1711.09224, section 3.1 and figure 3. Each :meth:`condense` takes 1/C_f of the inputs from each group: those with the
    least sum of absolute weights. After C_f - 1 of them 1/C_f is left, and :meth:`condensed` gives the grouped form. Output
    channel o belongs to group o mod G, so that the grouped form's outputs come shuffled.

    Shape: (B, C_in, H, W) -> (B, C_out, H, W).
    """

    mask: Tensor

    def __init__(self, c_in: Channels, c_out: Channels, *, groups: LearnedGroups = 4, condensation: Condensation = 4, dropout: Dropout = 0.0) -> None:
        super().__init__()
        _require_shares(c_in, c_out, groups, condensation)
        self.groups, self.condensation = plain(groups), plain(condensation)
        self.norm = nn.BatchNorm2d(c_in)
        self.dropout = nn.Dropout(dropout)
        self.conv = nn.Conv2d(c_in, c_out, 1, bias=False)
        self.register_buffer("mask", torch.ones(c_out, c_in, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (B, C_in, H, W) -> (B, C_out, H, W)."""
        return F.conv2d(self.dropout(F.relu(self.norm(x))), self.conv.weight * self.mask)

    def _by_group(self, weight: Tensor) -> Tensor:
        """(C_out, C_in, 1, 1) -> (C_out/G, G, C_in), a view."""
        return weight.view(-1, self.groups, weight.shape[1])

    @property
    def kept(self) -> Tensor:
        """Which inputs each group still reads: booleans, (G, C_in)."""
        return self._by_group(self.mask)[0] > 0

    @property
    def stage(self) -> int:
        """How many condensations have been made: 0 to C_f - 1."""
        share = self.conv.in_channels // self.condensation
        return (self.conv.in_channels - int(self.kept[0].sum())) // share

    @torch.no_grad()
    def condense(self) -> bool:
        """Prune one share of each group's inputs; False (and nothing done) once only the last share is left."""
        if self.stage >= self.condensation - 1:
            return False
        share = self.conv.in_channels // self.condensation
        importance = self._by_group(self.conv.weight).abs().sum(0).masked_fill(~self.kept, torch.inf)  # (G, C_in)
        least = importance.topk(share, largest=False).indices
        by_group = self._by_group(self.mask)
        by_group.scatter_(2, least.expand(by_group.shape[0], -1, -1), 0)
        return True

    def group_lasso(self) -> Tensor:
        """The regulariser that makes a group drop an input as a whole: sum over groups and inputs of the weights' 2-norm (equation 2)."""
        return self._by_group(self.conv.weight * self.mask).square().sum(0).clamp_min(1e-12).sqrt().sum()

    @torch.no_grad()
    def condensed(self) -> CondensedConvolution:
        """The same function as index layer, grouped convolution and shuffle; the condensations that are left are made first."""
        while self.condense():
            pass
        index = torch.cat([kept.nonzero()[:, 0] for kept in self.kept])
        made = CondensedConvolution(self.conv.in_channels, self.conv.out_channels, groups=self.groups, condensation=self.condensation)
        made.to(self.conv.weight).train(self.training)
        made.index.copy_(index)
        for ours, theirs in zip((*made.norm.parameters(), *made.norm.buffers()), (*self.norm.parameters(), *self.norm.buffers()), strict=True):
            ours.copy_(theirs[index] if theirs.ndim else theirs)
        by_group = self._by_group(self.conv.weight).transpose(0, 1)  # (G, C_out/G, C_in)
        made.conv.weight.copy_(torch.cat([weight[:, kept] for weight, kept in zip(by_group, self.kept, strict=True)])[..., None, None])
        return made


@block(FAMILY, input=(1, "c_in", 28, 28), c_in=128, c_out=128)
class CondensedConvolution(nn.Module):
    """Learned group convolution as it runs: an index layer picks each group's inputs, then norm, ReLU, grouped 1x1, shuffle.

    Source: arXiv 1711.09224, section 3.1 and figure 4 (the index layer). One input may serve several groups or none. Fresh, the
    index deals the inputs to the groups in turn.

    Shape: (B, C_in, H, W) -> (B, C_out, H, W).
    """

    index: Tensor

    def __init__(self, c_in: Channels, c_out: Channels, *, groups: LearnedGroups = 4, condensation: Condensation = 4) -> None:
        super().__init__()
        _require_shares(c_in, c_out, groups, condensation)
        c_index = named("C_i", groups * quotient(c_in, condensation))
        self.groups = groups
        self.register_buffer("index", torch.arange(plain(c_index)) % plain(c_in))
        self.norm = nn.BatchNorm2d(c_index)
        self.conv = nn.Conv2d(c_index, c_out, 1, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (B, C_in, H, W) -> (B, C_out, H, W)."""
        y = self.conv(F.relu(self.norm(torch.index_select(x, 1, self.index))))
        return channel_shuffle(y, self.groups)


@block(FAMILY, input=(1, "c_in", 28, 28), c_in=128, growth=32)
class CondenseLayer(nn.Module):
    """One layer of CondenseNet: a learned group 1x1 to b·k_g channels, a grouped 3x3 to k_g, concatenated to the input.

    Source: arXiv 1711.09224, section 3.1 and figure 1 (b, c).

    Shape: (B, C_in, H, W) -> (B, C_in + k_g, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        growth: Growth,
        *,
        groups: LearnedGroups = 4,
        condensation: Condensation = 4,
        spatial_groups: SpatialGroups = 4,
        bottleneck: Bottleneck = 4,
        kernel_size: KernelSize = 3,
        dropout: Dropout = 0.0,
        form: Form = "condensed",
    ) -> None:
        super().__init__()
        c_mid = named("C_mid", bottleneck * growth)
        require_divides("spatial_groups", spatial_groups, growth=growth, c_mid=c_mid)
        self.squeeze: nn.Module
        if form == "learned":
            self.squeeze = LearnedGroupConvolution(c_in, c_mid, groups=groups, condensation=condensation, dropout=dropout)
        else:
            self.squeeze = CondensedConvolution(c_in, c_mid, groups=groups, condensation=condensation)
        self.norm = nn.BatchNorm2d(c_mid)
        self.conv = nn.Conv2d(c_mid, growth, kernel_size, padding=same_padding(kernel_size), groups=spatial_groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (B, C_in, H, W) -> (B, C_in + k_g, H, W)."""
        return torch.cat([x, self.conv(F.relu(self.norm(self.squeeze(x))))], dim=1)


class CondensedLinear(nn.Module):
    """A classifier that reads only the features in ``index``. Shape: (B, C) -> (B, K)."""

    index: Tensor

    def __init__(self, c_in: int, kept: int, num_classes: int) -> None:
        super().__init__()
        self.register_buffer("index", torch.arange(plain(kept)) % plain(c_in))
        self.linear = nn.Linear(kept, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(torch.index_select(x, 1, self.index))


@model(FAMILY)
class CondenseNet(nn.Module):
    """CondenseNet for classification: a 3x3 stem, dense blocks whose growth doubles, 2x2 average pools between them.

    Source: arXiv 1711.09224, section 4.2 and table 1. In the learned form it is trained, with :func:`condense` after each epoch and
    :func:`group_lasso` in the loss; :func:`converted` gives its condensed form, whose classifier reads the half of the features
    with the largest weights. Departure: the first of a layer's inputs are its oldest, as in the authors' code.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        depths: Depths = (4, 6, 8, 10, 8),
        growths: Annotated[Widths, Named("k_g", "Growth per block", "Channels that each layer of a dense block adds.")] = (8, 16, 32, 64, 128),
        groups: LearnedGroups = 4,
        condensation: Condensation = 4,
        spatial_groups: SpatialGroups = 4,
        bottleneck: Bottleneck = 4,
        kernel_size: KernelSize = 3,
        stem_stride: Annotated[Stride, Named("s_1", "Stride of the stem", "2 for ImageNet's pictures, 1 for CIFAR's.")] = 2,
        kept_features: _Kept = 0.5,
        dropout: Dropout = 0.0,
        form: Form = "condensed",
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        require_one_a_stage("growths", growths, len(depths))
        c_in = 2 * growths[0]
        self.stem = nn.Conv2d(in_channels, c_in, 3, stem_stride, 1, bias=False)
        self.blocks = nn.Sequential()
        for i, (depth, growth) in enumerate(zip(depths, growths, strict=True)):
            dense = nn.Sequential()
            for _ in range(depth):
                dense.append(
                    CondenseLayer(
                        c_in,
                        growth,
                        groups=groups,
                        condensation=condensation,
                        spatial_groups=spatial_groups,
                        bottleneck=bottleneck,
                        kernel_size=kernel_size,
                        dropout=dropout,
                        form=form,
                    )
                )
                c_in = c_in + growth
            if i + 1 < len(depths):
                dense.append(nn.AvgPool2d(2))
            self.blocks.append(dense)
        self.norm = nn.BatchNorm2d(c_in)
        self.classifier = nn.Linear(c_in, num_classes) if form == "learned" else CondensedLinear(c_in, max(1, whole(c_in * kept_features)), num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores. Shape: (B, C_0, H, W) -> (B, K)."""
        x = F.relu(self.norm(self.blocks(self.stem(x))))
        return self.classifier(global_pool(x))


# --- Training and conversion ---------------------------------------------------------------------


def learned_convolutions(net: nn.Module) -> Iterator[LearnedGroupConvolution]:
    """All learned group convolutions of a network in its learned form."""
    return (m for m in net.modules() if isinstance(m, LearnedGroupConvolution))


def condense(net: nn.Module, progress: float) -> None:
    """Make the condensations that are due when ``progress`` (0 to 1) of the training is done.

    Source: arXiv 1711.09224, section 3.1: C_f - 1 condensing stages of equal length fill the first half of the training, each ends with one
    pruning, and the second half trains what is left.
    """
    for conv in learned_convolutions(net):
        due = min(conv.condensation - 1, int(2 * progress * (conv.condensation - 1)))
        while conv.stage < due:
            conv.condense()


def group_lasso(net: nn.Module) -> Tensor:
    """Sum of the group-lasso regularisers of a network in its learned form, to be weighted into the loss (1e-5 in the paper)."""
    return torch.stack([conv.group_lasso() for conv in learned_convolutions(net)]).sum()


@torch.no_grad()
def converted(net: CondenseNet) -> CondenseNet:
    """The condensed form of a network in its learned form, with its weights.

    The convolutions compute the same; the classifier keeps the ``kept_features`` with the largest absolute weights, so that the scores are
    the same where that share is 1.
    """
    settings: dict[str, Any] = {**cast(dict[str, object], net.knob_values), "form": "condensed"}
    made = CondenseNet(**settings).to(net.stem.weight).train(net.training)
    for name, module in net.named_modules():
        if isinstance(module, LearnedGroupConvolution):
            made.get_submodule(name.rpartition(".")[0]).squeeze = module.condensed()
    state = {k: v for k, v in net.state_dict().items() if ".squeeze." not in k and not k.startswith("classifier.")}
    made.load_state_dict(state, strict=False)
    full, part = cast(nn.Linear, net.classifier), cast(CondensedLinear, made.classifier)
    part.index.copy_(full.weight.abs().sum(0).topk(len(part.index)).indices.sort().values)
    part.linear.weight.copy_(full.weight[:, part.index])
    part.linear.bias.copy_(full.bias)
    return made


presets(CondenseNet, condensenet74_g4={}, condensenet74_g8={"groups": 8, "condensation": 8, "spatial_groups": 8})
presets(
    CondenseNet,
    resolution=32,
    condensenet86_cifar={"depths": (14, 14, 14), "growths": (8, 16, 32), "stem_stride": 1, "num_classes": 10},
    condensenet182_cifar={"depths": (30, 30, 30), "growths": (12, 24, 48), "stem_stride": 1, "num_classes": 10},
)
