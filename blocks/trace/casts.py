"""Under ``torch.autocast``: the copies of operands in another type that torch makes before it computes are operations of their own.

torch keeps a weight's copy until the outermost autocast ends, and the backward pass reads copies in the place of what they were made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from blocks.trace.below import CalledOperation
from blocks.trace.functions import is_autocast_on
from blocks.trace.proxy import CPU, Proxy

_COPY = torch.ops.aten._to_copy.default


def copied_operands(steps: Sequence[CalledOperation], operands: Sequence[Proxy]) -> Iterator[tuple[CalledOperation | None, Proxy, Tensor]]:
    """Of the ``steps`` of one function the copies of its ``operands``: the step that made one (None where an earlier function did), operand and copy."""
    own = {id(o) for o in operands}
    for step in steps:
        for tensor in tree_leaves((step.args, step.kwargs)):
            if not isinstance(tensor, Tensor):
                continue
            source: Proxy | None = getattr(tensor, "_copy_of", None)
            if source is not None and id(source) in own:
                yield None, source, tensor
            elif step.func is _COPY and id(origin := getattr(tensor, "_origin", None)) in own and isinstance(origin, Proxy):
                step.result._copy_of = origin
                yield step, origin, step.result


@contextmanager
def autocast_on(device: torch.device) -> Iterator[None]:
    """While inside, autocast that is on for another device is on for the CPU, where a network without a device of its own runs; no copy outlives it."""
    if not is_autocast_on():
        yield
        return
    low = next((torch.get_autocast_dtype(kind) for kind in ("cuda", "mps", "xpu") if torch.is_autocast_enabled(kind)), None)
    torch.clear_autocast_cache()
    try:
        if device == CPU and low is not None and not torch.is_autocast_enabled("cpu"):
            with torch.autocast("cpu", low):
                yield
        else:
            yield
    finally:
        torch.clear_autocast_cache()


def with_copies(values: Any, copies: dict[int, Proxy]) -> Any:
    """``values`` with the stand-ins of copies in the place of those of their sources, by id."""
    kind = type(values)
    if kind is tuple or kind is list:
        return kind([with_copies(v, copies) for v in values])
    if kind is dict:
        return {k: with_copies(v, copies) for k, v in values.items()}
    return copies.get(id(values), values)
