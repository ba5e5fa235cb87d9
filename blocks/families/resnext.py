"""ResNeXt: many narrow transformations of one input, summed; their number (cardinality) is a dimension beside depth and width.

Xie, Girshick, Dollar, Tu, He 2016, arXiv 1611.05431. Figure 3 gives one block in three forms, which compute one function:
:func:`concatenate_early` and :func:`as_grouped` carry the weights from form (a) to (b) to (c).
"""

from __future__ import annotations

from typing import Annotated, TypeVar

import torch
from torch import Tensor, nn

from blocks.catalog import Paper, block, family, presets
from blocks.families.resnet import ResNet, of_depth
from blocks.knobs import Activation, Channels, Groups, KernelSize, Named, Stride, WidthPerGroup
from blocks.layers.common import ConvNormAct, named
from blocks.layers.common import activation as activation_called

PAPER = Paper("Aggregated Residual Transformations for Deep Neural Networks", "Xie, Girshick, Dollar, Tu, He", 2016, "1611.05431")
FAMILY = family(
    "resnext",
    "ResNeXt",
    "Split, transform, merge: one residual branch becomes many narrow ones of the same shape.",
    PAPER,
    tags=("shortcut", "split-transform-merge"),
)

_Form = TypeVar("_Form", bound="Aggregated")
Cardinality = Annotated[Groups, Named("g", "Cardinality", "How many paths are summed.", high=256)]


class Aggregated(nn.Module):
    """What the three forms share: a shortcut, a norm and activation after the aggregated branch, and the same knobs.

    Source: arXiv 1611.05431, section 3.3 and figure 3; for C_in = C_out = 256 each form has g·(256d + k²d² + 256d) weights in its convolutions.

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def __init__(
        self,
        c_in: Channels,
        c_out: Channels,
        *,
        cardinality: Cardinality = 32,
        width_per_group: WidthPerGroup = 4,
        kernel_size: KernelSize = 3,
        stride: Stride = 1,
        activation: Activation = "relu",
    ) -> None:
        super().__init__()
        self._branch(c_in, c_out, cardinality, width_per_group, kernel_size, stride, activation)
        self.norm = nn.BatchNorm2d(c_out)
        keeps = stride == 1 and c_in == c_out
        self.shortcut = nn.Identity() if keeps else ConvNormAct(c_in, c_out, 1, stride, act=None)
        self.act = activation_called(activation)

    def _branch(self, c_in: int, c_out: int, paths: int, width: int, kernel: int, stride: int, act: str) -> None:
        raise NotImplementedError

    def aggregate(self, x: Tensor) -> Tensor:
        """The sum of the transformations, before the norm."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.shortcut(x) + self.norm(self.aggregate(x)))


@block(FAMILY, name="resnext_paths", c_in=256, c_out=256, title="ResNeXt block, form (a): summed paths")
class ResNeXtPaths(Aggregated):
    """Form (a): g paths, each 1x1 to d channels, k x k there, 1x1 to C_out; their outputs are summed.

    Source: arXiv 1611.05431, figure 3 (a). Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def _branch(self, c_in: int, c_out: int, paths: int, width: int, kernel: int, stride: int, act: str) -> None:
        self.paths = nn.ModuleList(
            nn.Sequential(ConvNormAct(c_in, width, 1, act=act), ConvNormAct(width, width, kernel, stride, act=act), nn.Conv2d(width, c_out, 1, bias=False))
            for _ in range(paths)
        )

    def aggregate(self, x: Tensor) -> Tensor:
        """The sum over the paths."""
        first, *others = self.paths
        out = first(x)
        for path in others:
            out = out + path(x)
        return out


@block(FAMILY, name="resnext_concatenated", c_in=256, c_out=256, title="ResNeXt block, form (b): early concatenation")
class ResNeXtConcatenated(Aggregated):
    """Form (b): the paths' d channels are concatenated, and one 1x1 convolution takes the g·d of them to C_out.

    Source: arXiv 1611.05431, figure 3 (b), the form of Inception-ResNet. Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def _branch(self, c_in: int, c_out: int, paths: int, width: int, kernel: int, stride: int, act: str) -> None:
        self.paths = nn.ModuleList(
            nn.Sequential(ConvNormAct(c_in, width, 1, act=act), ConvNormAct(width, width, kernel, stride, act=act)) for _ in range(paths)
        )
        self.merge = nn.Conv2d(width * paths, c_out, 1, bias=False)

    def aggregate(self, x: Tensor) -> Tensor:
        """One convolution over the concatenated paths."""
        return self.merge(torch.cat([path(x) for path in self.paths], 1))


@block(FAMILY, name="resnext_grouped", c_in=256, c_out=256, title="ResNeXt block, form (c): grouped convolution")
class ResNeXtGrouped(Aggregated):
    """Form (c): 1x1 to g·d channels, a k x k convolution in g groups, 1x1 to C_out.

    Source: arXiv 1611.05431, figure 3 (c). Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def _branch(self, c_in: int, c_out: int, paths: int, width: int, kernel: int, stride: int, act: str) -> None:
        c_mid = named("C_mid", width * paths)
        self.reduce = ConvNormAct(c_in, c_mid, 1, act=act)
        self.transform = ConvNormAct(c_mid, c_mid, kernel, stride, groups=paths, act=act)
        self.merge = nn.Conv2d(c_mid, c_out, 1, bias=False)

    def aggregate(self, x: Tensor) -> Tensor:
        """The grouped branch."""
        return self.merge(self.transform(self.reduce(x)))


@torch.no_grad()
def concatenate_early(paths: ResNeXtPaths) -> ResNeXtConcatenated:
    """Form (b) with the weights of a form (a): the paths' last convolutions become one, side by side in its inputs."""
    made = _twin(paths, ResNeXtConcatenated)
    for source, target in zip(paths.paths, made.paths, strict=True):
        for i in (0, 1):
            _layer(target, i).load_state_dict(_layer(source, i).state_dict())
    made.merge.weight.copy_(torch.cat([_layer(path, 2).get_parameter("weight") for path in paths.paths], 1))
    return made


@torch.no_grad()
def as_grouped(concatenated: ResNeXtConcatenated) -> ResNeXtGrouped:
    """Form (c) with the weights of a form (b): the paths' convolutions and norms become the groups of one."""
    made = _twin(concatenated, ResNeXtGrouped)
    _stack([_layer(path, 0) for path in concatenated.paths], made.reduce)
    _stack([_layer(path, 1) for path in concatenated.paths], made.transform)
    made.merge.load_state_dict(concatenated.merge.state_dict())
    return made


def _layer(path: nn.Module, i: int) -> nn.Module:
    """The ``i``-th layer of one path."""
    return path.get_submodule(str(i))


def _stack(parts: list[nn.Module], whole: nn.Module) -> None:
    """Put the output channels of ``parts`` one after the other, in every tensor that has them."""
    states = [part.state_dict() for part in parts]
    whole.load_state_dict({k: first if first.ndim == 0 else torch.cat([state[k] for state in states]) for k, first in states[0].items()})


def _twin(form: Aggregated, cls: type[_Form]) -> _Form:
    """A block of another form with the same knobs, dtype, device, mode, norm and shortcut."""
    like = form.norm.weight
    made = cls(**form.knob_values).to(like.device, like.dtype).train(form.training)  # type: ignore[arg-type]
    made.norm.load_state_dict(form.norm.state_dict())
    made.shortcut.load_state_dict(form.shortcut.state_dict())
    return made


presets(
    ResNet,
    "torchvision",
    of=FAMILY,
    resnext50_32x4d=of_depth(50, groups=32, width_per_group=4),
    resnext101_32x8d=of_depth(101, groups=32, width_per_group=8),
    resnext101_64x4d=of_depth(101, groups=64, width_per_group=4),
)
presets(ResNet, "timm", of=FAMILY, resnext101_32x4d=of_depth(101, groups=32, width_per_group=4))
