"""The factor and the shift that a norm gives one of its inputs, from the statistics of the picture that it runs on."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from blocks.look.activations import SeenCall

#: (input, position, arguments by name) -> (factor, shift): the number is factor · input + shift.
Statistics = Callable[[Tensor, tuple[int, ...], Mapping[str, Any]], tuple[float, float]]


def bound_arguments(call: SeenCall, given: tuple[Any, Any]) -> dict[str, Any]:
    """The arguments of a function written in Python by their names, defaults included."""
    bound = inspect.signature(call.function).bind(*given[0], **given[1])
    bound.apply_defaults()
    return dict(bound.arguments)


def _layer(x: Tensor, position: tuple[int, ...], said: Mapping[str, Any]) -> tuple[float, float]:
    """Over the last axes. Source: Ba, Kiros, Hinton 2016, arXiv 1607.06450, equation 4."""
    axes = len(said["normalized_shape"])
    return _scaled(x[position[:-axes]], said, position[-axes:])


def _instance(x: Tensor, position: tuple[int, ...], said: Mapping[str, Any]) -> tuple[float, float]:
    """Over one channel of one picture. Source: Ulyanov, Vedaldi, Lempitsky 2016, arXiv 1607.08022, equation 3."""
    return _scaled(x[position[:2]], said, position[1:2])


def _group(x: Tensor, position: tuple[int, ...], said: Mapping[str, Any]) -> tuple[float, float]:
    """Over a group of channels of one picture. Source: Wu, He 2018, arXiv 1803.08494, section 3."""
    wide = x.shape[1] // said["num_groups"]
    first = position[1] // wide * wide
    return _scaled(x[position[0], first : first + wide], said, position[1:2])


def _scaled(alike: Tensor, said: Mapping[str, Any], place: tuple[int, ...]) -> tuple[float, float]:
    weight, bias = said["weight"], said["bias"]
    factor = float((alike.var(unbiased=False) + said["eps"]).rsqrt()) * (1.0 if weight is None else float(weight[place]))
    return factor, (0.0 if bias is None else float(bias[place])) - factor * float(alike.mean())


def _local_response(x: Tensor, position: tuple[int, ...], said: Mapping[str, Any]) -> tuple[float, float]:
    """Over neighbouring channels. Source: Krizhevsky, Sutskever, Hinton 2012, section 3.3, with α shared out over the window as torch does."""
    size, channel = said["size"], position[1]
    around = slice(max(0, channel - size // 2), channel + (size - 1) // 2 + 1)
    near = x.movedim(1, -1)[(position[0], *position[2:])][around]
    return float((said["k"] + said["alpha"] * near.square().sum() / size) ** -said["beta"]), 0.0


STATISTICS: dict[str, Statistics] = {"layer_norm": _layer, "instance_norm": _instance, "group_norm": _group, "local_response_norm": _local_response}
