"""What if: a network with other numbers in its weights or between its operations, or another light on its picture."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks.trace.graph import Node

NUMBER_TYPES = ("", "bfloat16", "int8", "int4")
_BITS = {"int8": 8, "int4": 4}
_QUANTISED = ("convolution", "linear", "attention", "pool", "add", "activation", "norm", "concat", "multiply")


@dataclass(frozen=True)
class WhatIf:
    """What is changed; nothing by default.

    ``weights`` and ``activations`` are of :data:`NUMBER_TYPES`, simulated: rounded to what the type can hold and computed on in float32. Integer weights have a
    scale per output channel, or per tensor where not ``per_channel``; integer activations one per tensor, from their own range. ``pruned`` per cent of
    the weights of convolutions and linear layers are zero, the smallest of each layer. The picture is blurred by a Gaussian of ``blur`` pixels, moved to the right by ``shift``
    pixels (the border repeated), and its light is ``light`` per cent. ``swapped`` names the activations that run instead of others, as (operation, name) of
    :mod:`blocks.look.swaps`.
    """

    weights: str = ""
    per_channel: bool = True
    activations: str = ""
    pruned: int = 0
    blur: int = 0
    shift: int = 0
    light: int = 100
    swapped: tuple[tuple[int, str], ...] = ()

    @property
    def changes_weights(self) -> bool:
        """Whether the network gets other weights."""
        return bool(self.weights or self.pruned)

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is changed."""
        return not (self.weights or self.activations or self.pruned or self.blur or self.shift or self.light != 100 or self.swapped)


def what_if_of(values: Mapping[str, Any]) -> WhatIf:
    """As :func:`plain_what_if` wrote it, also by way of JSON."""
    swapped = tuple((int(node), str(name)) for node, name in values.get("swapped", ()))
    return WhatIf(**{**values, "swapped": swapped})


def plain_what_if(what: WhatIf) -> dict[str, Any]:
    """The fields of ``what`` that are not as usual, as plain values."""
    usual = asdict(WhatIf())
    return {name: [list(one) for one in value] if name == "swapped" else value for name, value in asdict(what).items() if value != usual[name]}


def changed_weights(network: nn.Module, what: WhatIf) -> nn.Module:
    """A copy of ``network`` whose convolutions and linear layers have the weights of ``what``; biases and norms stay."""
    made = copy.deepcopy(network)
    for module in made.modules():
        weight = getattr(module, "weight", None)
        if isinstance(weight, nn.Parameter) and weight.dim() >= 2:
            with torch.no_grad():
                weight.copy_(as_number_type(pruned(weight, what.pruned), what.weights, what.per_channel))
    return made


def pruned(weight: Tensor, percent: int) -> Tensor:
    """``weight`` with its smallest ``percent`` per cent set to zero. Source: Han et al. 2015, arXiv 1506.02626, section 3."""
    count = round(weight.numel() * percent / 100)
    if not count:
        return weight
    smallest = weight.abs().flatten().topk(count, largest=False).indices
    made = weight.flatten().clone()
    made[smallest] = 0
    return made.reshape(weight.shape)


def as_number_type(values: Tensor, kind: str, per_channel: bool = False) -> Tensor:
    """``values`` rounded to what ``kind`` of :data:`NUMBER_TYPES` can hold, in float32.

    Integers are symmetric about zero, with the scale from the largest absolute value, of the tensor or of each row of its first dimension.
    """
    if kind == "bfloat16":
        return values.to(torch.bfloat16).float()
    if kind not in _BITS:
        return values
    top = 2 ** (_BITS[kind] - 1)
    if per_channel:
        largest = values.detach().abs().flatten(1).amax(1)
        scale = _scale(largest, top)
        return torch.fake_quantize_per_channel_affine(values, scale, torch.zeros_like(scale, dtype=torch.int32), 0, -top, top - 1)
    scale = _scale(values.detach().abs().amax(), top)
    return torch.fake_quantize_per_tensor_affine(values, float(scale), 0, -top, top - 1)


def _scale(largest: Tensor, top: int) -> Tensor:
    """From -top + 0.5 to top - 0.5 steps, as torch's observers set it."""
    return (largest / (top - 0.5)).clamp(min=torch.finfo(torch.float32).eps)


def changed_activation(node: Node, given: Tensor, kind: str) -> Tensor:
    """What ``node`` gives as ``kind`` of :data:`NUMBER_TYPES`; views and integers as they are."""
    return as_number_type(given, kind) if node.kind in _QUANTISED and given.is_floating_point() else given


def changed_picture(pixels: Tensor, what: WhatIf) -> Tensor:
    """Pixels (1, 3, H, W), 0 to 1, in the light of ``what``."""
    made = pixels
    if what.blur:
        made = _blurred(made, what.blur)
    if what.shift:
        columns = (torch.arange(made.shape[3]) - what.shift).clamp(0, made.shape[3] - 1)
        made = made[..., columns]
    return (made * (what.light / 100)).clamp(0, 1)


def _blurred(pixels: Tensor, deviation: int) -> Tensor:
    reach = min(math.ceil(3 * deviation), pixels.shape[2] - 1, pixels.shape[3] - 1)
    steps = torch.arange(-reach, reach + 1, dtype=pixels.dtype)
    kernel = torch.exp(-steps.square() / (2 * deviation**2))
    kernel = (kernel / kernel.sum()).repeat(3, 1, 1, 1)
    along = F.conv2d(F.pad(pixels, (reach, reach, 0, 0), "reflect"), kernel, groups=3)
    return F.conv2d(F.pad(along, (0, 0, reach, reach), "reflect"), kernel.transpose(2, 3), groups=3)
