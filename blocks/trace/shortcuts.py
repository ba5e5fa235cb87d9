"""What the forward of torch's plainest layers comes to: the one function that each of them calls, and with what.

A network is mostly convolutions, batch norms and activations. Their own forward asks a dozen questions before it calls a
single function; a trace that calls that function itself is twice as fast and writes down the same. Only exact classes of
torch are listed, and only in the settings in which their forward is that single call; everything else runs as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

#: The function, its arguments, and those of them that are tensors.
Call = tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]

_MISSING: Any = object()


def _convolution(function: Callable[..., Any]) -> Callable[[Any, Any], Call | None]:
    def call(m: Any, x: Any) -> Call | None:
        own = m._parameters
        weight, bias = own.get("weight"), own.get("bias", _MISSING)
        if weight is None or bias is _MISSING or m.padding_mode != "zeros":  # a weight that is computed is no parameter
            return None
        return function, (x, weight, bias, m.stride, m.padding, m.dilation, m.groups), (x, weight) if bias is None else (x, weight, bias)

    return call


def _batch_norm(m: Any, x: Any) -> Call | None:
    if m.training or not m.track_running_stats or len(x.shape) < 2:
        return None
    own, stored = m._parameters, m._buffers
    if not ("weight" in own and "bias" in own and "running_mean" in stored and "running_var" in stored):
        return None
    tensors = x, stored["running_mean"], stored["running_var"], own["weight"], own["bias"]
    return F.batch_norm, (*tensors, False, m.momentum, m.eps), tensors


def _linear(m: Any, x: Any) -> Call | None:
    own = m._parameters
    if own.get("weight") is None or "bias" not in own:
        return None
    tensors = x, own["weight"], own["bias"]
    return F.linear, tensors, tensors


def _layer_norm(m: Any, x: Any) -> Call | None:
    own = m._parameters
    if not ("weight" in own and "bias" in own):
        return None
    weight, bias = own["weight"], own["bias"]
    return F.layer_norm, (x, m.normalized_shape, weight, bias, m.eps), (x, weight, bias)


def _activation(function: Callable[..., Any]) -> Callable[[Any, Any], Call]:
    return lambda m, x: (function, (x, m.inplace), (x,))


def _function(function: Callable[..., Any]) -> Callable[[Any, Any], Call]:
    return lambda _, x: (function, (x,), (x,))


def _dropout(m: Any, x: Any) -> Call | None:
    return None if m.inplace else (F.dropout, (x, m.p, m.training, False), (x,))


SHORTCUTS: dict[type, Callable[[Any, Any], Call | None]] = {
    nn.Conv1d: _convolution(torch.conv1d), nn.Conv2d: _convolution(torch.conv2d), nn.Conv3d: _convolution(torch.conv3d), nn.Linear: _linear, nn.LayerNorm: _layer_norm,
    nn.BatchNorm1d: _batch_norm, nn.BatchNorm2d: _batch_norm, nn.BatchNorm3d: _batch_norm, nn.ReLU: _activation(F.relu), nn.ReLU6: _activation(F.relu6),
    nn.Hardswish: _activation(F.hardswish), nn.SiLU: _activation(F.silu), nn.Hardsigmoid: _activation(F.hardsigmoid), nn.Dropout: _dropout,
    nn.GELU: _function(F.gelu), nn.Sigmoid: _function(torch.sigmoid),
    nn.AdaptiveAvgPool2d: lambda m, x: (F.adaptive_avg_pool2d, (x, m.output_size), (x,)),
}  # fmt: skip
