"""Attention: both products are counted, and what torch makes on the way where no kernel of the CPU does it all."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import torch

from blocks.trace.errors import KernelRefuses
from blocks.trace.graph import Extra
from blocks.trace.rules.matmul import inner_size
from blocks.trace.rules.registry import OUTPUT, Out, broadcast, product, rule
from blocks.trace.symbolic import plain


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
    inner_size(q.shape[-1], k.shape[-1], q.shape, k.shape)
    width = v.shape[-1]
    is_marks = attn_mask is not None and attn_mask.dtype == torch.bool  # torch makes numbers of them
    if plain(dropout_p) > 0 or len(q.shape) != 4 or plain(q.shape[-1]) != plain(width):
        mask = attn_mask.shape if is_marks else scores[-2:] if is_causal else None
        saves, extras = _step_by_step(_Steps(q, k, v, scores, plain(dropout_p) > 0, mask, is_causal, enable_gqa))
        strides = None
    else:
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


class _Steps(NamedTuple):
    """Attention as torch computes it where no kernel of the CPU does it all. ``mask`` is the shape of the one that torch makes of marks, or of none if causal."""

    q: Any
    k: Any
    v: Any
    scores: tuple[int, ...]
    dropped: bool
    mask: Any
    is_causal: bool
    is_grouped: bool

    @property
    def is_narrow(self) -> bool:
        """Whether all is computed in float32, of copies: so are types of 16 bits."""
        return self.q.dtype in (torch.bfloat16, torch.float16)

    def spread(self, x: Any) -> tuple[int, ...]:
        """The shape of queries, keys or values with all the batches of the scores."""
        return (*self.scores[:-2], *x.shape[-2:])

    def is_copied(self, x: Any) -> bool:
        """Whether the product of batches takes a copy of ``x``: it has fewer batches, or they do not follow each other at equal distances."""
        return bool(plain(tuple(x.shape)) != plain(self.spread(x))) or not _is_one_batch(x)

    def passing(self) -> tuple[int, int]:
        """Elements of the result's type beside the result, at the moment when most is alive: where no backward pass follows, and, beside what is kept for
        it, where one does."""
        q, k, v = self.q, self.k, self.v
        given = product((*self.scores[:-1], v.shape[-1]))
        scores, result = self._size(self.scores), 2 * given if self.is_narrow else given
        narrow_scores, narrow_result = (product(self.scores), given) if self.is_narrow else (0, 0)
        held = self._held()
        copied_queries, copied_keys, copied_values = (self._copy(x) for x in (q, k, v))
        scaled_keys = self._size(self.spread(k) if self.is_grouped else k.shape)
        dropped = 2 * scores if self.dropped else 0  # noise, and what it leaves
        first = scaled_keys + copied_queries + copied_keys + scores  # of the two products
        # The softmax is made narrow before the second product, whose result is made narrow last.
        last = scores + narrow_scores + result
        alone = max(first, 2 * scores, scores + dropped, last + max(copied_values, narrow_result, key=plain), key=plain)
        # A backward pass keeps what the products read, the softmax, noise and what it leaves; of what was copied it keeps the copy alone.
        kept_keys = copied_keys if self._is_copied_alone(k) else scaled_keys
        reads = copied_queries + kept_keys
        followed = max(first, reads + 2 * scores, reads + dropped + last + copied_values + narrow_result, key=plain)
        kept_queries = copied_queries if self._is_copied_alone(q) else self._size(q.shape)
        kept_values = self._size(self.spread(v)) if self.is_narrow or (self.is_grouped and self.is_copied(v)) else copied_values
        kept = kept_queries + kept_keys + scores + dropped + kept_values
        return held + alone - given, max(held + followed - kept - given, 0, key=plain)

    def _size(self, shape: Any) -> int:
        """Elements of the result's type that a tensor takes on the way: a float32 is two of 16 bits."""
        return 2 * product(shape) if self.is_narrow else product(shape)

    def _held(self) -> int:
        """What lives until the result is there: scaled queries, copies in float32, the mask, keys and values repeated for their groups."""
        held = self._size(self.q.shape)
        if self.is_narrow:
            held += sum(self._size(x.shape) for x in (self.q, self.k, self.v))
        if self.mask is not None:
            held += self._size(self.mask) if self.is_causal else product(self.mask)
        if self.is_grouped:
            held += sum(self._size(self.spread(x)) for x in (self.k, self.v) if plain(tuple(x.shape)) != plain(self.spread(x)))
        return held

    def _is_copied_alone(self, x: Any) -> bool:
        """Whether a product copies ``x``, and not as keys and values of groups are."""
        return self.is_copied(x) and not (self.is_grouped and x is not self.q)

    def _copy(self, x: Any) -> int:
        return self._size(self.spread(x)) if self._is_copied_alone(x) else 0


def _step_by_step(steps: _Steps) -> tuple[tuple[Any, ...], tuple[Extra, ...]]:
    """(what is saved, what is made beside): scaled queries and keys, softmax; noise and what it leaves, if any."""
    q, k, v, scores = steps[:4]
    wide = 4 if steps.is_narrow else 0
    is_copied = steps.is_narrow or steps.is_copied(v)
    made = (Extra(tuple(q.shape), wide), Extra(steps.spread(k), wide), *[Extra(scores, wide)] * (3 if steps.dropped else 1))
    if is_copied:
        made += (Extra(steps.spread(v), wide),)
    alone, with_backward = steps.passing()
    passing = Extra((alone,), kept=False, followed=False), Extra((with_backward,), kept=False, followed=True)
    return (() if is_copied else (v,)), tuple(extra._replace(running=False) for extra in made) + passing


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
