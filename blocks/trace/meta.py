"""The way out for what has no rule: run it on meta tensors, and count what torch's own operations below it cost.

Operations that are known by name there (products, convolutions, element-wise ones) are counted; any other is reported as not
counted. Nothing is ever taken as free because it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_leaves, tree_map, tree_unflatten

from blocks.trace.aten import LoweredStep, as_one, step_of
from blocks.trace.errors import TraceError
from blocks.trace.proxy import CURRENT, META, Proxy
from blocks.trace.rules import Out
from blocks.trace.rules.registry import operation_name
from blocks.trace.symbolic import plain


@dataclass(slots=True)
class MetaRun(Out):
    """The outcome of a run on meta tensors, and what it costs as one operation: of the kind of its costliest step."""

    kind: str = "other"
    result: Any = None
    tensors: list[Tensor] = field(default_factory=list)  # those in the result
    inputs: list[Tensor] = field(default_factory=list)
    sources: list[Proxy] = field(default_factory=list)  # what the inputs stand for
    lowered: dict[int, tuple[Tensor, Tensor]] = field(default_factory=dict)  # real tensors met on the way, by id, with their stand-ins

    def rebuild(self, made: Sequence[Proxy]) -> Any:
        """The result with its tensors replaced, in order."""
        leaves, structure = tree_flatten(self.result)
        remaining = iter(made)
        return tree_unflatten([next(remaining) if isinstance(leaf, Tensor) else leaf for leaf in leaves], structure)


class _Recorder(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.steps: list[LoweredStep] = []
        self.lowered: dict[int, tuple[Tensor, Tensor]] = {}

    def _low(self, value: Any) -> Any:
        if not isinstance(value, Tensor) or value.is_meta:
            return value
        if id(value) not in self.lowered:
            self.lowered[id(value)] = (value, value.to(META))
        return self.lowered[id(value)][1]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        leaves = [a for a in tree_leaves((args, kwargs)) if isinstance(a, Tensor)]
        if any(not a.is_meta for a in leaves):
            args, kwargs = tree_map(self._low, (args, kwargs))
        if leaves and kwargs.get("device") is not None:
            kwargs = {**kwargs, "device": META}
        # What TorchScript calls; torch 2.11 has no kernel of it for meta tensors.
        result = torch.ops.aten.convolution(*args[:9]) if func is torch.ops.aten._convolution.default else func(*args, **kwargs)
        name = func.overloadpacket.__name__
        inputs = [a for a in tree_leaves((args, kwargs)) if isinstance(a, Tensor)]
        outputs = [r for r in tree_leaves(result) if isinstance(r, Tensor)]
        self.steps.append(step_of(operation_name(name), inputs, outputs, args, kwargs))
        return result


def run_on_meta(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], path: str) -> MetaRun:
    """``func`` on meta tensors in the place of proxies. Raises :class:`TraceError` with torch's own sentence if it cannot run."""
    stand_in: dict[int, Tensor] = {}
    sources: list[Proxy] = []

    def lowered(value: Any) -> Any:
        if type(value) is Proxy:
            if id(value) not in stand_in:
                stand_in[id(value)] = torch.empty(plain(tuple(value.shape)), dtype=value.dtype, device=META)
                sources.append(value)
            return stand_in[id(value)]
        if isinstance(value, Tensor):
            return value if value.is_meta else value.to(META)
        return plain(tuple(value)) if isinstance(value, torch.Size) else plain(value)

    recorder = _Recorder()
    token = CURRENT.set(None)
    try:
        with torch._C.DisableTorchFunction(), torch.no_grad():
            low_args, low_kwargs = tree_map(lowered, (args, kwargs))
            with recorder:
                result = func(*low_args, **low_kwargs)
    except Exception as error:
        raise TraceError(str(error).strip().split("\n")[0], path) from error
    finally:
        CURRENT.reset(token)
    cost = as_one(recorder.steps)
    return MetaRun(
        macs=cost.macs,
        flops=cost.flops,
        kind=cost.kind or "other",
        counted=cost.counted,
        result=result,
        tensors=[leaf for leaf in tree_leaves(result) if isinstance(leaf, Tensor)],
        inputs=list(stand_in.values()),
        sources=sources,
        lowered=recorder.lowered,
    )
