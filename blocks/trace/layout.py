"""How the elements of a tensor lie in memory, where they are not in order: whether a reshape can look at them or must copy.

Only tensors that are out of order (transposed, sliced) carry strides; what becomes of these, torch is asked on meta tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from blocks.trace.proxy import META, Proxy
from blocks.trace.rules import Out
from blocks.trace.symbolic import plain

Strides = tuple[int, ...]


def out_of_order(tensor: Tensor) -> Strides | None:
    """The strides of a tensor; None where its elements are in order."""
    return None if tensor.is_contiguous() else tensor.stride()


def arrange(out: Out, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Put into ``out`` how the result of ``func`` lies in memory, and whether it shares its input's."""
    x = args[0]
    try:
        with torch._C.DisableTorchFunction():
            given = torch.empty_strided(plain(tuple(x.shape)), x.strides, device=META) if x.strides else torch.empty(plain(tuple(x.shape)), device=META)
            made = func(given, *map(_plain, args[1:]), **{name: _plain(value) for name, value in kwargs.items()})
    except (RuntimeError, TypeError, ValueError, IndexError):
        return  # another form of the function: the rule's own word stays
    several = [made] if isinstance(made, Tensor) else list(made)
    if several:
        out.view = several[0].untyped_storage()._cdata == given.untyped_storage()._cdata
        out.strides = [out_of_order(tensor) for tensor in several]


def like(shape: Sequence[int], strides: Strides) -> list[Strides | None]:
    """The layout of an element-wise result: that of its first operand as far as it has no gaps."""
    with torch._C.DisableTorchFunction():
        return [out_of_order(torch.empty_like(torch.empty_strided(plain(tuple(shape)), strides, device=META)))]


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return type(value)(map(_plain, value)) if type(value) in (tuple, list) else tuple(map(_plain, value))
    return value.dtype if type(value) is Proxy else plain(value)
