"""EfficientNet-Lite: EfficientNet for processors and accelerators of phones that compute in 8-bit integers.

Liu 2020, the authors' announcement and code (tensorflow/tpu, models/official/efficientnet/lite). No squeeze-and-excitation, ReLU6 in the place of
SiLU, and stem, first stage, last stage and head are not grown: depth, and for stem and head width too.
"""

from __future__ import annotations

import functools
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from blocks.catalog import model, presets
from blocks.families.efficientnet import FAMILY, STAGES, STEM, DepthMultiplier, PathDrop, StageRow, grown_repeats, grown_stages
from blocks.families.mobilenet_v2 import InvertedBottleneck
from blocks.knobs import Activation, Dropout, Expansion, InChannels, KernelSize, LargeKernel, NumClasses, WidthMultiplier
from blocks.layers.common import ConvNormAct, global_pool, make_divisible
from blocks.trace.symbolic import plain

_NORM = functools.partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)
HEAD = 1280  # channels of the last layer, at any width


class StridedConvNormAct(ConvNormAct):
    """A convolution padded as TensorFlow's "SAME": ceil(H/s) rows come out, and where the padding is odd the larger half is below and to the right.

    Shape: (B, C_in, H, W) -> (B, C_out, ceil(H/s), ceil(W/s)).
    """

    def __init__(self, c_in: int, c_out: int, kernel_size: int, stride: int, *, act: str, groups: int = 1, dilation: int = 1) -> None:
        super().__init__(c_in, c_out, kernel_size, stride, padding=0, groups=groups, dilation=dilation, norm=_NORM, act=act)

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (B, C_in, H, W) -> (B, C_out, ceil(H/s), ceil(W/s))."""
        (top, bottom), (left, right) = (self._padding(plain(size)) for size in x.shape[-2:])
        return super().forward(F.pad(x, (left, right, top, bottom)))

    def _padding(self, size: int) -> tuple[int, int]:
        """Zeros before and after an axis of ``size``."""
        stride, reach = self.conv.stride[0], self.conv.dilation[0] * (self.conv.kernel_size[0] - 1)
        both = max(0, (-(-size // stride) - 1) * stride + reach + 1 - size)
        return both // 2, both - both // 2


@model(FAMILY)
class EfficientNetLite(nn.Module):
    """EfficientNet-Lite for classification: a 3x3 stem of 32 channels, seven stages of inverted residuals with ReLU6, a 1x1 layer of 1280 channels.

    Source: tensorflow/tpu, models/official/efficientnet/lite; stages are those of arXiv 1905.11946, table 1. First and last stage keep their
    repeats at any depth. A block's chance to be skipped grows with its depth up to ``drop_path``.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        width_mult: WidthMultiplier = 1.0,
        depth_mult: DepthMultiplier = 1.0,
        expansion: Expansion = 6.0,
        kernel_size: KernelSize = 3,
        large_kernel: LargeKernel = 5,
        activation: Activation = "relu6",
        dropout: Dropout = 0.2,
        drop_path: PathDrop = 0.2,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        self.stem = StridedConvNormAct(in_channels, STEM, 3, 2, act=activation)
        repeats = [row.repeats if row in (STAGES[0], STAGES[-1]) else grown_repeats(row.repeats, depth_mult) for row in STAGES]

        def make(row: StageRow, c_in: int, c_out: int, stride: int, chance: float) -> nn.Module:
            return InvertedBottleneck(
                c_in,
                c_in if row.expansion == 1 else make_divisible(c_in * expansion),
                c_out,
                kernel_size=large_kernel if row.kernel == 5 else kernel_size,
                stride=stride,
                act=activation,
                expand=row.expansion != 1,
                norm=_NORM,
                depthwise=StridedConvNormAct if stride > 1 else None,
                drop_path=chance,
            )

        self.stages, c_in = grown_stages(STEM, width_mult, repeats, drop_path, make)
        self.head = ConvNormAct(c_in, HEAD, 1, norm=_NORM, act=activation)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(HEAD, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores. Shape: (B, C_0, H, W) -> (B, K)."""
        return self.classifier(self.dropout(global_pool(self.head(self.stages(self.stem(x))))))


# Width, depth, resolution and dropout of Lite0 to Lite4, from the authors' code.
LITE_VARIANTS = ((1.0, 1.0, 224, 0.2), (1.0, 1.1, 240, 0.2), (1.1, 1.2, 260, 0.3), (1.2, 1.4, 280, 0.3), (1.4, 1.8, 300, 0.3))

for _i, (_width, _depth, _side, _dropout) in enumerate(LITE_VARIANTS):
    _preset: dict[str, Any] = {f"efficientnet_lite{_i}": {"width_mult": _width, "depth_mult": _depth, "dropout": _dropout}}
    presets(EfficientNetLite, "efficientnet_lite_pytorch", resolution=_side, **_preset)
