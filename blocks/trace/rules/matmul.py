"""Matrix products and attention. MACs are rows · columns · inner size (four times that of complex numbers); attention counts both its products."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch

from blocks.trace.errors import KernelRefuses
from blocks.trace.graph import Extra
from blocks.trace.rules.complex import real_macs, sums
from blocks.trace.rules.registry import OUTPUT, Out, When, broadcast, product, rule, show_shape
from blocks.trace.symbolic import plain


def _inner(a: int, b: int, sa: Any, sb: Any) -> int:
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
        shape, macs = (), _inner(sa[0], sb[0], sa, sb)
    elif len(sb) == 1:
        shape, macs = sa[:-1], product(sa[:-1]) * _inner(sa[-1], sb[0], sa, sb)
    elif len(sa) == 1:
        shape, macs = (*sb[:-2], sb[-1]), product(sb[:-2]) * sb[-1] * _inner(sa[0], sb[-2], sa, sb)
    else:
        inner = _inner(sa[-1], sb[-2], sa, sb)
        shape = (*broadcast(sa[:-2], sb[:-2]), sa[-2], sb[-1])
        macs = product(shape) * inner
    macs = macs * real_macs(a, b)
    return Out(shape, macs=macs, saves=(When(a, b), When(b, a)), places={"ranks": (len(sa), len(sb))}, products=((a, macs), (b, macs)))


@rule("addmm", "baddbmm", kind="linear")
def addmm(bias: Any, a: Any, b: Any, *, beta: float = 1, alpha: float = 1) -> Out:
    """bias + a b; the addition is one FLOP an output element."""
    inner = _inner(a.shape[-1], b.shape[-2], a.shape, b.shape)
    shape = (*a.shape[:-1], b.shape[-1])
    macs = product(shape) * inner * real_macs(a, b)
    return Out(
        shape, macs=macs, unit=(1 + (beta != 1) + (alpha != 1)) * sums(a), saves=(When(a, b), When(b, a)), places={"ranks": (len(a.shape), len(b.shape))},
        products=((a, macs), (b, macs)),
    )  # fmt: skip


@rule("scaled_dot_product_attention", kind="attention")
def attention(
    q: Any, k: Any, v: Any, attn_mask: Any = None, dropout_p: float = 0.0, is_causal: bool = False, scale: Any = None, enable_gqa: bool = False
) -> Out:
    """softmax(q kᵀ / √d) v: two products, and 6 FLOPs for each of the (N, M) scores (scale and softmax); a mask adds one.

    With grouped queries several heads of q share one of k and v.
    """
    if plain(k.shape[-2]) != plain(v.shape[-2]):
        raise KernelRefuses(f"there are {plain(k.shape[-2])} keys and {plain(v.shape[-2])} values")
    heads = q.shape[:-2] if enable_gqa else broadcast(q.shape[:-2], k.shape[:-2])
    scores = (*heads, q.shape[-2], k.shape[-2])
    n = product(scores)
    _inner(q.shape[-1], k.shape[-1], q.shape, k.shape)
    width = v.shape[-1]
    if plain(dropout_p) > 0 or len(q.shape) != 4:
        saves, extras = _step_by_step(q, k, v, scores, plain(dropout_p) > 0)
        strides = None
    else:
        is_marks = attn_mask is not None and attn_mask.dtype == torch.bool  # torch makes numbers of them
        saves = (q, k, v, OUTPUT, None if is_marks else attn_mask)
        # The kernel keeps the logarithm of each row's sum, in float32 whatever the type.
        extras = (Extra(scores[:-1], 4), *((Extra(tuple(attn_mask.shape)),) if is_marks else ()))
        strides = [_heads_inside(plain(scores[1]), plain(scores[2]), plain(width))]
    ours, theirs = n * q.shape[-1], n * width  # of q kᵀ, and of the scores with v
    return Out(
        (*scores[:-1], width), macs=ours + theirs, flops=n * (6 + (attn_mask is not None)), saves=saves, extras=extras,
        places={"causal": is_causal, "masked": attn_mask is not None},
        # The backward kernel computes all gradients at once: the scores again, then those of v and of the scores, then those of q and k.
        products=((None, 3 * ours + 2 * theirs),), strides=strides,
    )  # fmt: skip


def _step_by_step(q: Any, k: Any, v: Any, scores: tuple[int, ...], dropped: bool) -> tuple[tuple[Any, ...], tuple[Extra, ...]]:
    """(what is saved, what is made beside) where no kernel of the CPU does it all: scaled queries and keys, softmax; noise and what it leaves, if any.

    Narrow types are computed in float32.
    """
    wide = 4 if q.dtype in (torch.bfloat16, torch.float16) else 0
    keys, values = ((*scores[:-2], *t.shape[-2:]) for t in (k, v))
    is_copied = wide > 0 or plain(tuple(v.shape)) != plain(values) or not _is_one_batch(v)
    # Most is alive either at the first product (queries in the place of the result) or at the second one, when queries and keys are gone.
    late = dropped and plain(2 * product(scores) + product(scores[:-1]) * v.shape[-1]) >= plain(product(q.shape) + product(keys))
    scaled = Extra(tuple(q.shape), wide, running=False), Extra(keys, wide, running=not late)
    made = (*scaled, Extra(scores, wide), *[Extra(scores, wide, running=late)] * (2 if dropped else 0))
    return (() if is_copied else (v,)), made + (Extra(values, wide),) * is_copied


def _is_one_batch(x: Any) -> bool:
    """Whether the matrices of ``x`` (..., N, C) follow each other at equal distances, so that a batched product takes them as they lie."""
    if x.strides is None:
        return True
    sizes, strides = plain(tuple(x.shape[:-2])), plain(tuple(x.strides[: len(x.shape) - 2]))
    outer = [(size, stride) for size, stride in zip(sizes, strides, strict=True) if size > 1]
    return all(stride == size * inner for (_, stride), (size, inner) in pairwise(outer))


def _heads_inside(heads: int, rows: int, width: int) -> tuple[int, ...] | None:
    """Strides of a result (B, heads, rows, width) that lies as (B, rows, heads, width); None where that is the same."""
    return (rows * heads * width, width, heads * width, 1) if heads > 1 and rows > 1 else None
