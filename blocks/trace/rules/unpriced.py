"""Functions that have no rule of their own, since what they run below is priced: which elements of their inputs an output element reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor

from blocks.trace.rules.registry import per_axis

Places = dict[str, Any]


def _einsum(equation: Any, *operands: Any, **_: Any) -> Places | None:
    return {"equation": equation.replace(" ", "")} if isinstance(equation, str) and "..." not in equation else None


def _fft(dims: Any) -> Callable[..., Places | None]:
    def transformed(x: Any, size: Any = None, dim: Any = dims, *_: Any, **__: Any) -> Places | None:
        rank = len(x.shape)
        chosen = range(rank) if dim is None else per_axis(dim, 1)
        return {"over": tuple(d % rank for d in chosen)}

    return transformed


def _attention(query: Tensor, key: Tensor, value: Tensor, *_: Any, **__: Any) -> Places | None:
    return {"rank": len(query.shape)}


_PLACES: dict[str, Callable[..., Places | None]] = {
    "einsum": _einsum,
    "multi_head_attention_forward": _attention,
    **{f"fft_{way}fft": _fft(-1) for way in ("", "i", "r", "ir", "h", "ih")},
    **{f"fft_{way}fft2": _fft((-2, -1)) for way in ("", "i", "r", "ir")},
    **{f"fft_{way}fftn": _fft(None) for way in ("", "i", "r", "ir")},
}


def unpriced_places(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Places | None:
    """``Node.places`` of a call of the function ``name``, or None where nobody has said it."""
    said = _PLACES.get(name)
    try:
        return None if said is None else said(*args, **kwargs)
    except (TypeError, AttributeError):  # another way of calling it
        return None
