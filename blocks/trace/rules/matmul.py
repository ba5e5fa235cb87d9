"""Matrix products and attention. MACs are rows · columns · inner size (four times that of complex numbers); attention counts both its products."""

from __future__ import annotations

from typing import Any

from blocks.trace.rules.complex import real_macs, sums
from blocks.trace.rules.registry import Out, When, broadcast, product, rule, show_shape
from blocks.trace.symbolic import plain


def inner_size(a: int, b: int, sa: Any, sb: Any) -> int:
    """The size that two factors share. Raises ValueError with both shapes where they differ."""
    if plain(a) != plain(b):
        raise ValueError(f"a product of {show_shape(sa)} with {show_shape(sb)} does not fit: {plain(a)} is not {plain(b)}")
    return a


@rule("linear", kind="linear")
def linear(x: Any, weight: Any, bias: Any = None) -> Out:
    """y = x Wᵀ + b over the last dimension."""
    if plain(x.shape[-1]) != plain(weight.shape[-1]):
        raise ValueError(f"the linear layer expects {plain(weight.shape[-1])} features and the input has {plain(x.shape[-1])}")
    shape = (*x.shape[:-1], *weight.shape[:-1])
    macs = product(x.shape[:-1]) * product(weight.shape) * real_macs(x, weight)
    return Out(shape, macs=macs, unit=0 if bias is None else sums(x), saves=(When(x, weight), When(weight, x)), products=((x, macs), (weight, macs)))


@rule("matmul", "mm", "bmm", "__matmul__", kind="linear")
def matmul(a: Any, b: Any, *, out: Any = None) -> Out:
    """Product over the last dimension of a and the last but one of b, broadcast over the rest."""
    sa, sb = a.shape, b.shape
    shape: tuple[int, ...]
    if len(sa) == 1 and len(sb) == 1:
        shape, macs = (), inner_size(sa[0], sb[0], sa, sb)
    elif len(sb) == 1:
        shape, macs = sa[:-1], product(sa[:-1]) * inner_size(sa[-1], sb[0], sa, sb)
    elif len(sa) == 1:
        shape, macs = (*sb[:-2], sb[-1]), product(sb[:-2]) * sb[-1] * inner_size(sa[0], sb[-2], sa, sb)
    else:
        inner = inner_size(sa[-1], sb[-2], sa, sb)
        shape = (*broadcast(sa[:-2], sb[:-2]), sa[-2], sb[-1])
        macs = product(shape) * inner
    macs = macs * real_macs(a, b)
    return Out(shape, macs=macs, saves=(When(a, b), When(b, a)), places={"ranks": (len(sa), len(sb))}, products=((a, macs), (b, macs)))


@rule("addmm", "baddbmm", kind="linear")
def addmm(bias: Any, a: Any, b: Any, *, beta: float = 1, alpha: float = 1) -> Out:
    """bias + a b; the addition is one FLOP an output element."""
    inner = inner_size(a.shape[-1], b.shape[-2], a.shape, b.shape)
    shape = (*a.shape[:-1], b.shape[-1])
    macs = product(shape) * inner * real_macs(a, b)
    return Out(
        shape, macs=macs, unit=(1 + (beta != 1) + (alpha != 1)) * sums(a), saves=(When(a, b), When(b, a)), places={"ranks": (len(a.shape), len(b.shape))},
        products=((a, macs), (b, macs)),
    )  # fmt: skip
