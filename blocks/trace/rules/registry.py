"""How a rule is written and found: one function a torch function, with the torch function's own parameters.

A rule returns an :class:`Out`: the output's shape, and what computing it costs.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn import functional as F

from blocks.trace.symbolic import SymInt, ceil_div, note, plain, quotient, term_of
from blocks.trace.terms import always

ShapeLike = Sequence[int]


class Out:
    """What a rule says of one operation.

    ``macs`` are multiply-accumulates; the operation's FLOPs are 2·macs + ``flops`` + ``unit`` per element of the first output.
    ``view`` marks an output that shares its input's memory: nothing is moved. ``shapes`` has one shape an output;
    ``single`` is False where the function returns a tuple even of one. ``kind`` and ``op`` replace the rule's own.
    """

    __slots__ = ("attrs", "dense", "dtype", "flops", "kind", "macs", "op", "shapes", "single", "unit", "view")

    def __init__(
        self,
        *shapes: ShapeLike,
        macs: int = 0,
        flops: int = 0,
        unit: int = 0,
        view: bool = False,
        dense: bool = True,
        single: bool = True,
        dtype: torch.dtype | None = None,
        attrs: dict[str, Any] | None = None,
        kind: str | None = None,
        op: str | None = None,
    ) -> None:
        self.shapes = shapes
        self.macs = macs
        self.flops = flops
        self.unit = unit
        self.view = view
        self.dense = dense
        self.single = single
        self.dtype = dtype
        self.attrs = attrs
        self.kind = kind
        self.op = op


class Rule:
    """A rule with the operation's name and kind; ``inplace`` when the function writes into its first argument."""

    __slots__ = ("func", "inplace", "kind", "op")

    def __init__(self, func: Callable[..., Out], op: str, kind: str, inplace: bool) -> None:
        self.func = func
        self.op = op
        self.kind = kind
        self.inplace = inplace


RULES: dict[Any, Rule] = {}


_WRITING = {"__setitem__", "__iadd__", "__isub__", "__imul__", "__itruediv__", "__ifloordiv__", "__imod__", "__ipow__"}


def spellings(name: str) -> list[tuple[Any, bool]]:
    """Every torch function called ``name``, with whether it works in place: torch.x, F.x, Tensor.x and their x_ forms."""
    found: dict[Any, bool] = {}
    for holder in (torch, F, torch.Tensor, torch._C._nn, torch.special):
        for spelling in (name, name + "_"):
            func = getattr(holder, spelling, None)
            if callable(func):
                found[func] = spelling in _WRITING or (spelling.endswith("_") and not spelling.endswith("__"))
    return list(found.items())


def rule(*names: str, kind: str = "other") -> Callable[[Callable[..., Out]], Callable[..., Out]]:
    """Register a rule for every torch function with one of these names; the first name is the operation's."""

    def register(func: Callable[..., Out]) -> Callable[..., Out]:
        for name in names:
            for target, inplace in spellings(name):
                RULES[target] = Rule(func, names[0], kind, inplace)
        return func

    return register


# --- Arithmetic on shapes ------------------------------------------------------------------------


def per_axis(value: Any, n: int = 2) -> tuple[Any, ...]:
    """``value`` for each of n dimensions."""
    if isinstance(value, (tuple, list)):
        return tuple(value) if len(value) == n else tuple(value) * n
    return (value,) * n


def promoted(a: Any, b: Any, *, real: bool = False) -> torch.dtype | None:
    """Type of a result of two tensors or numbers, by torch's promotion; None where it is the tensors' own.

    ``real`` is for a true division, which makes whole numbers floating."""
    da, db = getattr(a, "dtype", type(a)), getattr(b, "dtype", type(b))
    if da is db and da is not int:
        return torch.get_default_dtype() if real and isinstance(da, torch.dtype) and not (da.is_floating_point or da.is_complex) else None
    if isinstance(b, (int, float)) and isinstance(da, torch.dtype) and (da.is_floating_point or da.is_complex):
        return None  # the common case: a number beside a floating tensor
    return _promotion(_kept(a), _kept(b), real)


def _kept(value: Any) -> tuple[Any, bool]:
    """(type, whether it is weak): what promotion looks at."""
    if isinstance(value, torch.Tensor):
        return value.dtype, not len(value.shape)
    return (bool if isinstance(value, bool) else int if isinstance(value, int) else float if isinstance(value, float) else complex), True


@functools.cache
def _promotion(a: tuple[Any, bool], b: tuple[Any, bool], real: bool) -> torch.dtype:
    with torch._C.DisableTorchFunction():
        values = [torch.empty(() if weak else (1,), dtype=kind, device="meta") if isinstance(kind, torch.dtype) else kind(1) for kind, weak in (a, b)]
        dtype = torch.result_type(*values)
    return dtype if not real or dtype.is_floating_point or dtype.is_complex else torch.get_default_dtype()


def broadcast(a: ShapeLike, b: ShapeLike) -> tuple[int, ...]:
    """The shape that two shapes broadcast to; :class:`ValueError` names the sizes that do not fit."""
    if a is b:
        return tuple(a)
    if len(a) < len(b):
        a, b = b, a
    lead = len(a) - len(b)
    return (*a[:lead], *(_common(x, y, a, b) for x, y in zip(a[lead:], b, strict=True)))


def _common(x: int, y: int, a: ShapeLike, b: ShapeLike) -> int:
    px, py = plain(x), plain(y)
    if px == py:
        if isinstance(x, SymInt) or isinstance(y, SymInt):
            if px == 1 and type(y) is int:
                return x
            if py == 1 and type(x) is int:
                return y
            note("eq", x, y, True)
        return x if isinstance(x, SymInt) else y
    if py == 1:
        return x
    if px == 1:
        return y
    raise ValueError(f"tensors of shapes {show_shape(a)} and {show_shape(b)} do not fit: {px} is not {py}")


def show_shape(shape: ShapeLike) -> str:
    """A shape as people write it: 1×64×56×56."""
    return "×".join(str(plain(s)) for s in shape)


def window_out(size: int, k: int, stride: int, pad: int, dilation: int = 1, ceil: bool = False, pad_after: int | None = None) -> int:
    """How many places a window of k taps has along ``size``, as a convolution or pooling counts them.

    Kept readable when symbolic: H/s for "same" padding while s divides H. Raises ValueError when there is no place.
    """
    after = pad if pad_after is None else pad_after
    span = dilation * (k - 1) + 1
    room = size + pad + after - span
    if type(room) is int and type(stride) is int and room >= 0:
        return _places(room, size, stride, pad, ceil)
    if plain(room) < 0:
        needed = plain(span) - plain(pad) - plain(after)
        raise ValueError(f"the window of {plain(span)} is larger than the input of {plain(size)} with padding {plain(pad)}: it needs at least {needed}")
    if type(stride) is int and stride == 1:
        return size if always(term_of(pad + after - span), -1) else room + 1
    if not ceil and always(term_of(pad + after - span), -1):
        places = ceil_div(size, stride)
    elif not ceil or plain(room) % plain(stride) == 0:
        places = quotient(room, stride) + 1
    else:
        places = ceil_div(room, stride) + 1
    if ceil and plain((places - 1) * stride) >= plain(size + pad):  # the last window would begin behind the input
        note("ge", (places - 1) * stride, size + pad, True)
        places = places - 1
    if plain(places) != _places(plain(room), plain(size), plain(stride), plain(pad), ceil):
        raise ValueError("internal: a symbolic size disagrees with its number")
    return places


def _places(room: int, size: int, stride: int, pad: int, ceil: bool) -> int:
    if not ceil:
        return room // stride + 1
    places = -(-room // stride) + 1
    return places - 1 if (places - 1) * stride >= size + pad else places


def product(sizes: ShapeLike) -> int:
    """The number of elements of a shape."""
    return math.prod(sizes)


def axis(dim: int, rank: int) -> int:
    """``dim`` counted from the front."""
    dim = plain(dim)
    if not -rank <= dim < max(rank, 1):
        raise ValueError(f"there is no dimension {dim} in a tensor of {rank} dimensions")
    return dim % rank if rank else 0
