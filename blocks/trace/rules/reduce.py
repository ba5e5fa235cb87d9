"""Reductions: one FLOP for each element that is added or compared, and what the name adds (mean divides, variance squares)."""

from __future__ import annotations

import functools
from typing import Any

import torch

from blocks.trace.graph import Extra
from blocks.trace.rules.complex import sums
from blocks.trace.rules.registry import OUTPUT, RULES, Out, Rule, arranged, arranged_cost, broadcast, product, replaced, rule
from blocks.trace.symbolic import plain

#: (FLOPs an input element, FLOPs an output element)
_COST = {
    "sum": (1, 0), "mean": (1, 1), "prod": (1, 0), "amax": (1, 0), "amin": (1, 0), "var": (3, 1), "std": (3, 2), "norm": (2, 1), "logsumexp": (3, 1),
    "any": (1, 0), "all": (1, 0), "argmax": (1, 0), "argmin": (1, 0), "cumsum": (1, 0), "cumprod": (1, 0), "nansum": (2, 0), "count_nonzero": (1, 0),
    "logcumsumexp": (4, 0),
}  # fmt: skip
#: What the backward keeps: the input, or input and result; sums and means keep nothing.
_KEEPS_INPUT = {"var", "nansum"}
_KEEPS_BOTH = {"prod", "amax", "amin", "std", "norm", "logsumexp", "cumprod", "logcumsumexp"}
for _name, (_inner, _outer) in _COST.items():
    arranged(_name, inner=_inner, outer=_outer, keeps_input=_name in _KEEPS_INPUT | _KEEPS_BOTH, keeps_output=_name in _KEEPS_BOTH)
# torch.linalg's own spelling of the norm.
RULES[torch.linalg.vector_norm] = Rule(
    functools.partial(arranged_cost, "norm", torch.linalg.vector_norm, *_COST["norm"], False, True, True, True), "linalg_vector_norm", "other"
)


@rule("trace")
def diagonal_sum(x: Any) -> Out:
    """The elements of the diagonal, added."""
    rows, columns = x.shape
    return Out(
        (),
        flops=sums(x) * (rows if plain(rows) <= plain(columns) else columns),
        dtype=x.dtype if x.dtype.is_floating_point or x.dtype.is_complex else torch.int64,
    )


@rule("pairwise_distance")
def pairwise_distance(a: Any, b: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Out:
    """Difference, offset, square, add; then a root."""
    return Out(
        (*a.shape[:-1], 1) if keepdim else a.shape[:-1],
        flops=(7 if a.dtype.is_complex else 4) * product(a.shape),
        unit=1,
        saves=(OUTPUT,),
        extras=(Extra(tuple(a.shape)),),
        places={"dim": -1, "keeps": keepdim},
    )


@rule("cosine_similarity")
def cosine_similarity(a: Any, b: Any, dim: int = 1, eps: float = 1e-8) -> Out:
    """Three sums of products; then a product, a root and a division."""
    shape = broadcast(a.shape, b.shape)
    rest = replaced(shape, dim)
    # Both divided by their norms; of each norm itself and what of it is at least eps.
    extras = (Extra(shape),) * 2 + (Extra(rest),) * 4
    return Out(rest, flops=6 * product(shape), unit=3, saves=(a, b), extras=extras, places={"dim": dim, "keeps": False})
