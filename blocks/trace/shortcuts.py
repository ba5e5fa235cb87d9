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

Call = tuple[Callable[..., Any], tuple[Any, ...]]


def _convolution(function: Callable[..., Any]) -> Callable[[Any, Any], Call | None]:
    def call(m: Any, x: Any) -> Call | None:
        own = m._parameters
        if m.padding_mode != "zeros" or own.get("weight") is None or "bias" not in own:  # a weight that is computed is no parameter
            return None
        return function, (x, own["weight"], own["bias"], m.stride, m.padding, m.dilation, m.groups)

    return call


def _batch_norm(m: Any, x: Any) -> Call | None:
    if m.training or not m.track_running_stats or len(x.shape) < 2:
        return None
    own, stored = m._parameters, m._buffers
    if not own.keys() >= {"weight", "bias"} or not stored.keys() >= {"running_mean", "running_var"}:
        return None
    return F.batch_norm, (x, stored["running_mean"], stored["running_var"], own["weight"], own["bias"], False, m.momentum, m.eps)


def _linear(m: Any, x: Any) -> Call | None:
    own = m._parameters
    return (F.linear, (x, own["weight"], own["bias"])) if own.get("weight") is not None and "bias" in own else None


def _layer_norm(m: Any, x: Any) -> Call | None:
    own = m._parameters
    return (F.layer_norm, (x, m.normalized_shape, own["weight"], own["bias"], m.eps)) if own.keys() >= {"weight", "bias"} else None


def _activation(function: Callable[..., Any]) -> Callable[[Any, Any], Call]:
    return lambda m, x: (function, (x, m.inplace))


SHORTCUTS: dict[type, Callable[[Any, Any], Call | None]] = {
    nn.Conv1d: _convolution(torch.conv1d), nn.Conv2d: _convolution(torch.conv2d), nn.Conv3d: _convolution(torch.conv3d), nn.Linear: _linear, nn.LayerNorm: _layer_norm,
    nn.BatchNorm1d: _batch_norm, nn.BatchNorm2d: _batch_norm, nn.BatchNorm3d: _batch_norm, nn.ReLU: _activation(F.relu), nn.ReLU6: _activation(F.relu6),
    nn.Hardswish: _activation(F.hardswish), nn.SiLU: _activation(F.silu), nn.Hardsigmoid: _activation(F.hardsigmoid),
}  # fmt: skip
