"""Reductions: one FLOP for each element that is added or compared, and what the name adds (mean divides, variance squares)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from blocks.trace.errors import NoRule
from blocks.trace.rules.registry import Out, axis, product, rule

#: (FLOPs an input element, FLOPs an output element)
_COST = {
    "sum": (1, 0), "mean": (1, 1), "prod": (1, 0), "amax": (1, 0), "amin": (1, 0), "var": (3, 1), "std": (3, 2), "norm": (2, 1), "logsumexp": (3, 1),
    "any": (1, 0), "all": (1, 0),
}  # fmt: skip


def _reduced(x: Any, dim: Any, keepdim: bool) -> tuple[int, ...]:
    rank = len(x.shape)
    dims = range(rank) if dim is None or dim == () else [axis(d, rank) for d in (dim if isinstance(dim, (tuple, list)) else (dim,))]
    return tuple(1 if i in dims else s for i, s in enumerate(x.shape) if keepdim or i not in dims)


def _reduction(inner: int, outer: int, boolean: bool, adds: bool) -> Callable[..., Out]:
    def reduction(x: Any, dim: Any = None, keepdim: bool = False, *, dtype: torch.dtype | None = None, **settings: Any) -> Out:
        if isinstance(dim, (bool, torch.Tensor)) or isinstance(keepdim, torch.Tensor):
            raise NoRule("another form of this function")
        dim = settings.get("axis", dim)
        if boolean:
            dtype = torch.bool
        elif dtype is None and adds and not (x.dtype.is_floating_point or x.dtype.is_complex):
            dtype = torch.int64
        return Out(_reduced(x, dim, keepdim), flops=inner * product(x.shape), unit=outer, dtype=dtype)

    return reduction


for _name, (_inner, _outer) in _COST.items():
    if _name != "norm":  # norm takes the power before the dimension
        rule(_name)(_reduction(_inner, _outer, _name in ("any", "all"), _name in ("sum", "prod")))


@rule("norm")
def norm(x: Any, p: Any = 2, dim: Any = None, keepdim: bool = False, **settings: Any) -> Out:
    """Square, add; then a root."""
    return Out(_reduced(x, dim, keepdim), flops=2 * product(x.shape), unit=1)


@rule("argmax", "argmin")
def argmax(x: Any, dim: Any = None, keepdim: bool = False) -> Out:
    """Where the largest element is."""
    return Out(_reduced(x, dim, keepdim), flops=product(x.shape), dtype=torch.int64)


@rule("cumsum", "cumprod")
def cumsum(x: Any, dim: int, *, dtype: torch.dtype | None = None, **settings: Any) -> Out:
    """Running sums."""
    whole = not (x.dtype.is_floating_point or x.dtype.is_complex)
    return Out(x.shape, unit=1, dtype=dtype or (torch.int64 if whole else None))


@rule("pairwise_distance")
def pairwise_distance(a: Any, b: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Out:
    """Difference, offset, square, add; then a root."""
    shape = (*a.shape[:-1], 1) if keepdim else a.shape[:-1]
    return Out(tuple(shape), flops=4 * product(a.shape), unit=1)


@rule("cosine_similarity")
def cosine_similarity(a: Any, b: Any, dim: int = 1, eps: float = 1e-8) -> Out:
    """Three sums of products; then a product, a root and a division."""
    return Out(_reduced(a, dim, False), flops=6 * product(a.shape), unit=3)
