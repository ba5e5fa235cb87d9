"""What a call of a torch function does, told from the function: it asks, reads values, makes a tensor, or writes into one."""

from __future__ import annotations

import functools
from typing import Any

import torch
from torch import Tensor, nn

from blocks.trace.rules import Rule
from blocks.trace.rules.registry import spellings, writes_into_first

#: Questions that a real tensor answers by itself: they compute nothing.
QUERIES = frozenset(
    getattr(torch.Tensor, name).__get__
    for name in ("shape", "dtype", "device", "ndim", "requires_grad", "layout", "is_cuda", "is_meta", "is_leaf", "grad", "grad_fn", "itemsize", "is_nested")
) | {torch.Tensor.size, torch.Tensor.dim, torch.Tensor.numel, torch.Tensor.is_contiguous, torch.Tensor.is_floating_point, torch.Tensor.stride}
DEVICE = torch.Tensor.device.__get__
DATA = torch.Tensor.data.__get__  # type: ignore[attr-defined]
FACTORIES = {torch.empty, torch.zeros, torch.ones, torch.rand, torch.randn, torch.full}
#: What Python is told of values: no tensor comes out.
TELLS_VALUES = {
    func
    for name in (
        "item",
        "tolist",
        "numpy",
        "__float__",
        "__int__",
        "__bool__",
        "__index__",
        "__complex__",
        "__contains__",
        "equal",
        "allclose",
        "is_nonzero",
        "__format__",
    )
    for func, _ in spellings(name)
}
#: What reads values, or makes a size out of them.
READS_VALUES = TELLS_VALUES | {func for name in ("nonzero", "unique", "unique_consecutive", "masked_select", "argwhere") for func, _ in spellings(name)}
GRAD_MODE = torch._C._set_grad_enabled  # what entering and leaving torch.no_grad() calls
is_autocast_on = torch._C._is_any_autocast_enabled
AUTOCAST = {"convolution", "linear", "attention"}


@functools.cache
def fills(func: Any) -> bool:
    """Whether ``func`` only gives its first argument values: initialisation, or a function that works in place."""
    return getattr(func, "__module__", "") == "torch.nn.init" or writes_into_first(getattr(func, "__name__", ""))


def sizes_given(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The sizes that a factory such as torch.empty is asked for."""
    return kwargs.get("size", args[0] if args and isinstance(args[0], (tuple, list)) else args)


def autocast_dtype(dtype: torch.dtype) -> torch.dtype:
    """What autocast makes of ``dtype`` in a convolution or product."""
    device = next((d for d in ("cuda", "cpu", "mps", "xpu") if torch.is_autocast_enabled(d)), None)
    return torch.get_autocast_dtype(device) if device and dtype in (torch.float32, torch.float16, torch.bfloat16) else dtype


_INPLACE_LAST = {
    getattr(nn.functional, n) for n in ("relu", "relu6", "silu", "hardswish", "hardsigmoid", "mish", "elu", "leaky_relu", "hardtanh", "celu", "selu")
}


def is_inplace(func: Any, kwargs: dict[str, Any]) -> bool:
    """Whether a call without a rule writes into one of its arguments."""
    return writes_into_first(func.__name__) or isinstance(kwargs.get("out"), Tensor)


def written_into(rule: Rule, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    """The tensor that a call writes into, if any."""
    if rule.inplace:
        target = args[0] if args else next(iter(kwargs.values()))
    elif kwargs.get("inplace") is True:
        target = args[0] if args else kwargs.get("input")
    elif kwargs:
        target = kwargs.get("out")
    else:
        target = args[0] if func in _INPLACE_LAST and len(args) > 1 else None
    return target if isinstance(target, Tensor) else None
