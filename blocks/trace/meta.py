"""The way out for what has no rule: run it on meta tensors, and count what torch's own operations below it cost.

Operations that are known by name there (products, convolutions, element-wise ones) are counted; any other is reported as not
counted. Nothing is ever taken as free because it is unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

from blocks.trace.errors import TraceError
from blocks.trace.proxy import CURRENT, META, Proxy
from blocks.trace.rules import elementwise
from blocks.trace.rules.registry import broadcast
from blocks.trace.symbolic import plain

_VIEWS = {
    "view", "_unsafe_view", "reshape", "permute", "transpose", "t", "expand", "squeeze", "unsqueeze", "slice", "select", "split", "split_with_sizes", "unbind", "alias",
    "detach", "as_strided", "lift_fresh", "diagonal", "_reshape_alias", "unfold",
}  # fmt: skip
_MOVES = {
    "clone", "cat", "stack", "constant_pad_nd", "_to_copy", "copy", "empty", "empty_like", "zeros", "ones", "full", "fill", "zero", "arange", "index", "index_select", "gather",
    "repeat", "roll", "flip", "upsample_nearest2d", "upsample_nearest1d", "upsample_nearest3d", "scalar_tensor", "zeros_like", "ones_like", "full_like", "new_empty", "new_zeros",
    "new_ones", "new_full", "tril", "triu", "embedding", "reflection_pad2d", "replication_pad2d", "pixel_shuffle", "im2col", "bernoulli", "rand", "randn", "scatter", "slice_scatter",
    "select_scatter", "masked_fill", "slice_backward", "expand_copy", "permute_copy",
}  # fmt: skip
#: FLOPs an input element.
_REDUCTIONS = {"sum": 1, "mean": 1, "amax": 1, "amin": 1, "max": 1, "min": 1, "argmax": 1, "argmin": 1, "var": 3, "std": 3, "var_mean": 4, "linalg_vector_norm": 2, "cumsum": 1, "prod": 1,
               "any": 1, "all": 1, "logsumexp": 3, "_adaptive_avg_pool2d": 1, "adaptive_max_pool2d": 1}  # fmt: skip
_NORMS = {"native_batch_norm": 7, "_native_batch_norm_legit": 7, "_native_batch_norm_legit_no_training": 2, "cudnn_batch_norm": 7, "native_layer_norm": 7, "native_group_norm": 7,
          "_softmax": 5, "_log_softmax": 5, "_safe_softmax": 5, "native_dropout": 2, "rsub": 1, "addcmul": 2, "where": 1, "upsample_bilinear2d": 7, "_prelu_kernel": 2,
          "_fused_rms_norm": 4}  # fmt: skip


@dataclass(slots=True)
class Step:
    """One operation below torch's Python functions."""

    op: str
    kind: str
    inputs: list[Tensor]
    outputs: list[Tensor]
    macs: int
    flops: int
    counted: bool
    view: bool


@dataclass(slots=True)
class MetaRun:
    """The outcome of a run on meta tensors; ``rebuild`` puts proxies in the place of the returned tensors."""

    result: Any
    tensors: list[Tensor]
    steps: list[Step]
    inputs: list[Tensor] = field(default_factory=list)
    sources: list[Proxy] = field(default_factory=list)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all steps."""
        return sum(s.macs for s in self.steps)

    @property
    def flops(self) -> int:
        """FLOPs of all steps."""
        return sum(s.flops for s in self.steps)

    @property
    def counted(self) -> bool:
        """Whether every step is known."""
        return all(s.counted for s in self.steps)

    @property
    def kind(self) -> str:
        """The kind of the costliest step."""
        return max(self.steps, key=lambda s: (s.macs, s.flops)).kind if self.steps else "other"

    def rebuild(self, made: Sequence[Proxy]) -> Any:
        """The result with its tensors replaced, in order."""
        leaves, structure = tree_flatten(self.result)
        remaining = iter(made)
        return tree_unflatten([next(remaining) if isinstance(leaf, Tensor) else leaf for leaf in leaves], structure)


class _Recorder(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Step] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if any(isinstance(a, Tensor) and not a.is_meta for a in args):
            args = tree_map(lambda a: a.to(META) if isinstance(a, Tensor) else a, args)
        result = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        inputs = [a for a in tree_flatten((args, kwargs or {}))[0] if isinstance(a, Tensor)]
        outputs = [r for r in tree_flatten(result)[0] if isinstance(r, Tensor)]
        self.steps.append(_step(name.rstrip("_") if not name.startswith("__") else name, inputs, outputs, args))
        return result


def _step(name: str, inputs: list[Tensor], outputs: list[Tensor], args: Any) -> Step:
    n = outputs[0].numel() if outputs else 0
    if name in _VIEWS or name in _MOVES:
        return Step(name, "concat" if name == "cat" else "reshape", inputs, outputs, 0, 0, True, name in _VIEWS)
    macs = _macs(name, inputs, outputs, args)
    if macs is not None:
        kind = "convolution" if "convolution" in name else "attention" if "attention" in name else "linear"
        extra = n if name in ("addmm", "baddbmm") or (name == "convolution" and args[2] is not None) else 0
        return Step(name, kind, inputs, outputs, macs, 2 * macs + extra, True, False)
    unit = elementwise.ACTIVATIONS.get(name, elementwise.UNARY.get(name, _NORMS.get(name)))
    if name in elementwise.BINARY:
        kind, unit = elementwise.BINARY[name]
        return Step(name, kind, inputs, outputs, 0, unit * n, True, False)
    if unit is not None:
        kind = "activation" if name in elementwise.ACTIVATIONS or "softmax" in name else "norm" if "norm" in name else "other"
        return Step(name, kind, inputs, outputs, 0, unit * n, True, False)
    if name in elementwise.COMPARISONS or name in ("clamp", "minimum", "maximum"):
        return Step(name, "other", inputs, outputs, 0, n, True, False)
    if name in _REDUCTIONS:
        return Step(name, "pool" if "pool" in name else "other", inputs, outputs, 0, _REDUCTIONS[name] * inputs[0].numel(), True, False)
    if name in ("avg_pool2d", "max_pool2d_with_indices"):
        return Step(name, "pool", inputs, outputs, 0, math.prod(args[1]) * n - (n if name.startswith("max") else 0), True, False)
    return Step(name, "other", inputs, outputs, 0, 0, False, False)


def _macs(name: str, inputs: list[Tensor], outputs: list[Tensor], args: Any) -> int | None:
    if name in ("mm", "bmm"):
        return outputs[0].numel() * inputs[0].shape[-1]
    if name in ("addmm", "baddbmm"):
        return outputs[0].numel() * inputs[1].shape[-1]
    if name == "convolution":
        transposed, weight = args[6], inputs[1]
        places = (inputs[0] if transposed else outputs[0]).shape[2:].numel()
        return outputs[0].shape[0] * places * weight.numel()
    if "scaled_dot_product" in name and "backward" not in name:
        q, k, v = inputs[:3]
        scores = math.prod(broadcast(q.shape[:-2], k.shape[:-2])) * q.shape[-2] * k.shape[-2]
        return scores * (q.shape[-1] + v.shape[-1])
    return None


def run_on_meta(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], path: str) -> MetaRun:
    """``func`` on meta tensors in the place of proxies. Raises :class:`TraceError` with torch's own sentence if it cannot run."""
    stand_in: dict[int, Tensor] = {}
    sources: list[Proxy] = []

    def lowered(value: Any) -> Any:
        if type(value) is Proxy:
            if id(value) not in stand_in:
                stand_in[id(value)] = torch.empty(tuple(map(plain, value.shape)), dtype=value.dtype, device=META)
                sources.append(value)
            return stand_in[id(value)]
        if isinstance(value, Tensor):
            return value if value.is_meta else value.to(META)
        if isinstance(value, (tuple, list)):
            items = [lowered(v) for v in value]
            return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
        if isinstance(value, dict):
            return {k: lowered(v) for k, v in value.items()}
        return plain(value)

    recorder = _Recorder()
    low_args, low_kwargs = lowered(args), lowered(kwargs)
    token = CURRENT.set(None)
    try:
        with torch._C.DisableTorchFunction(), torch.no_grad(), recorder:  # type: ignore[attr-defined]
            result = func(*low_args, **low_kwargs)
    except Exception as error:
        raise TraceError(str(error).strip().split("\n")[0], path) from error
    finally:
        CURRENT.reset(token)
    tensors = [leaf for leaf in tree_flatten(result)[0] if isinstance(leaf, Tensor)]
    return MetaRun(result, tensors, recorder.steps, [stand_in[id(s)] for s in sources], sources)
