"""Normalisations, in FLOPs an element.

With stored statistics (batch norm in eval mode): 2, since scale and shift fold into one multiplication and one addition.
With statistics of the input itself: 5 (mean 1; variance 2: subtract-square-add less the shared subtraction; normalise 2), and
2 more for the affine scale and shift.
"""

from __future__ import annotations

from typing import Any

import torch

from blocks.trace.errors import NoRule
from blocks.trace.graph import Extra
from blocks.trace.rules.registry import RULES, Out, Rule, per_axis, product, rule


@rule("batch_norm", kind="norm")
def batch_norm(
    x: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None, training: bool = False, *rest: Any, **settings: Any
) -> Out:
    """Per-channel norm, with stored statistics unless ``training``."""
    if training is not True:
        return Out(x.shape, unit=2, saves=(x, running_mean, running_var, weight))
    # A narrow input between wide weights, as autocast has it: statistics are as wide as these.
    wide = next((t.dtype.itemsize for t in (weight, running_mean) if t is not None and t.dtype.itemsize > x.dtype.itemsize), 0)
    out = _own_statistics(x, weight, (0, *range(2, len(x.shape))), (Extra((x.shape[1],), wide),) * 2)
    out.saves = (x, running_mean, running_var, weight)
    return out


def _own_statistics(x: Any, weight: Any, over: tuple[int, ...], extras: tuple[Extra, ...], groups: Any = None) -> Out:
    """Norm by the input's own statistics over some dimensions; over the second one by ``groups``. ``extras`` are what it computes beside."""
    return Out(x.shape, unit=5 if weight is None else 7, saves=(x, weight), extras=extras, places={"over": over, "groups": groups})


def _last(x: Any, shape: Any) -> tuple[int, ...]:
    rank = len(x.shape)
    return tuple(range(rank - (len(shape) if isinstance(shape, (tuple, list)) else 1), rank))


@rule("layer_norm", kind="norm")
def layer_norm(x: Any, normalized_shape: Any, weight: Any = None, *rest: Any, **settings: Any) -> Out:
    """Norm over the last dimensions."""
    # Mean and reciprocal deviation of each row.
    over = _last(x, normalized_shape)
    return _own_statistics(x, weight, over, (Extra(tuple(x.shape[: len(x.shape) - len(over)])),) * 2)


@rule("group_norm", kind="norm")
def group_norm(x: Any, num_groups: Any, weight: Any = None, *rest: Any, **settings: Any) -> Out:
    """Norm over the positions and a group of channels."""
    return _own_statistics(x, weight, tuple(range(2, len(x.shape))), (Extra((x.shape[0], num_groups)),) * 2, num_groups)


@rule("instance_norm", kind="norm")
def instance_norm(x: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None, *rest: Any, **settings: Any) -> Out:
    """Norm over the positions of one channel of one picture."""
    # torch repeats weight and running statistics for each picture and keeps them, with the mean and deviation of each; the bias it only repeats.
    row = Extra((x.shape[0] * x.shape[1],))
    kept = 2 + (weight is not None) + 2 * (running_mean is not None)
    is_copied = not getattr(x, "dense", True)
    extras = (row,) * kept + (row._replace(kept=False),) * (bias is not None) + (Extra(tuple(x.shape)),) * is_copied
    out = _own_statistics(x, weight, tuple(range(2, len(x.shape))), extras)
    out.saves = () if is_copied else (x,)
    return out


# Below F, the scale and shift come before the statistics.
RULES[torch.batch_norm] = Rule(
    lambda x, weight, bias, mean, var, training, *rest, **_: batch_norm(x, mean, var, weight, bias, training), "batch_norm", "norm", False
)
RULES[torch.instance_norm] = Rule(lambda x, weight, bias, mean, var, *rest, **_: instance_norm(x, mean, var, weight, bias), "instance_norm", "norm", False)


@rule("rms_norm", kind="norm")
def rms_norm(x: Any, normalized_shape: Any, weight: Any = None, eps: Any = None) -> Out:
    """Division by the root mean square: square, add, multiply; one more for the scale."""
    if x.dtype.is_complex:
        raise NoRule("complex numbers")
    rows = x.shape[: len(x.shape) - len(normalized_shape)]
    return Out(
        x.shape,
        unit=3 if weight is None else 4,
        saves=(x, weight),
        extras=(Extra((*rows, *[1] * len(normalized_shape))),),
        places={"over": _last(x, normalized_shape), "groups": None},
    )


@rule("local_response_norm", kind="norm")
def local_response_norm(x: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Out:
    """Division by a power of the squares of ``size`` neighbouring channels: size + 5 an element."""
    # Squares behind borders, the denominator and its power; the borders are gone when most is alive.
    same, padded = Extra(tuple(x.shape)), Extra((x.shape[0], x.shape[1] + size - 1, *x.shape[2:]), running=False)
    return Out(x.shape, unit=size + 5, saves=(x,), extras=(same, same, padded), places={"size": size})


@rule("normalize", kind="norm")
def normalize(x: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12, out: Any = None) -> Out:
    """Division by the norm along a dimension: square, add, divide."""
    over = tuple(d % len(x.shape) for d in per_axis(dim, 1))
    # The norm, which is gone when most is alive, and what of it is at least eps.
    norm = Extra(tuple(1 if d in over else size for d, size in enumerate(x.shape)))
    flops = (6 if x.dtype.is_complex else 3) * product(x.shape)
    return Out(x.shape, flops=flops, saves=(x,), extras=(norm._replace(running=False), norm), places={"over": over, "groups": None})
