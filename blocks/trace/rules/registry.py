"""How a rule is written and found: one function a torch function, with the torch function's own parameters.

A rule returns an :class:`Out`: the output's shape, and what computing it costs.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import GetSetDescriptorType
from typing import Any, NamedTuple

import torch
from torch.nn import functional as F

from blocks.language import translatable
from blocks.trace.errors import NoRule
from blocks.trace.graph import Extra
from blocks.trace.rules.complex import REDUCTION_OF_COMPLEX, of_complex
from blocks.trace.symbolic import SymInt, ceil_div, note, plain, quotient, term_of
from blocks.trace.terms import always

ShapeLike = Sequence[int]
#: The number of elements of a shape.
product = math.prod


@dataclass(slots=True)
class Out:
    """What a rule says of one operation.

    ``shape`` is that of the one output; a list of shapes where the function returns a tuple. ``macs`` are multiply-accumulates; the
    operation's FLOPs are 2·macs + ``flops`` + ``unit`` per element of the first output. ``rereads`` and ``rewrites`` are elements moved beside inputs and outputs read and
    written once: a recurrent layer reads its matrices at every step. ``view`` marks an output that shares its
    input's memory: nothing is moved. ``saves`` are the tensors that the backward pass keeps: arguments (a :class:`When` where only one of the gradients
    needs it) or :data:`OUTPUT`; ``extras`` what torch makes beside the output; ``strides`` how each output lies in memory, None where in order.
    ``kind`` and ``op`` replace the rule's own; ``counted`` is False where no rule knows the cost.
    ``places`` are the arguments that say which input elements an output element reads, for :mod:`blocks.cost.fields`.
    ``products`` are the products that the backward pass computes, as (argument, MACs): for that argument's gradient, or, with None, for any.
    """

    shape: ShapeLike | list[tuple[int, ...]] = ()
    macs: int = 0
    flops: int = 0
    unit: int = 0
    rereads: int = 0
    rewrites: int = 0
    view: bool = False
    dense: bool = True
    dtype: torch.dtype | None = None
    attrs: dict[str, Any] | None = None
    kind: str | None = None
    op: str | None = None
    counted: bool = True
    places: dict[str, Any] | None = None
    saves: tuple[Any, ...] = ()
    extras: tuple[Extra, ...] = ()
    products: tuple[tuple[Any, int], ...] = ()
    strides: list[tuple[int, ...] | None] | None = None


#: In :attr:`Out.saves`: the operation's own result.
OUTPUT = object()


class When(NamedTuple):
    """In :attr:`Out.saves`: ``kept`` is needed for the gradient of ``by`` alone."""

    kept: Any
    by: Any


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with the operation's name and kind; ``inplace`` when the function writes into its first argument."""

    func: Callable[..., Out]
    op: str
    kind: str
    inplace: bool = False


RULES: dict[Any, Rule] = {}
#: Rules of operators that are not torch's, by their full name.
USERS: dict[str, Rule] = {}


def priced_by_user(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Out | None:
    """What a rule of the user's own says of the operator ``name``, such as "my::op"; None where there is none."""
    known = USERS.get(name)
    if known is None:
        return None
    out = known.func(*args, **kwargs)
    out.kind = out.kind or known.kind
    return out


def writes_into_first(name: str) -> bool:
    """Whether a torch function of this name overwrites its first argument: add_, __iadd__, __setitem__."""
    if name.endswith("__"):
        return name == "__setitem__" or (name.startswith("__i") and name not in ("__int__", "__index__", "__invert__"))
    return name.endswith("_")


def operation_name(name: str) -> str:
    """What an operation is called, whether it works in place or not: "add" of add_ and of torch.ops' "add.Tensor"."""
    name = name.partition(".")[0]
    return name if name.startswith("__") else name.rstrip("_")


def spellings(name: str) -> list[tuple[Any, bool]]:
    """Every torch function called ``name``, with whether it works in place: torch.x, F.x, Tensor.x (a property too) and their x_ forms."""
    found: dict[Any, bool] = {}
    for holder in (torch, F, torch.Tensor, torch._C._nn, torch.special):
        for spelling in (name, name + "_"):
            func = getattr(holder, spelling, None)
            if isinstance(func, GetSetDescriptorType):
                func = func.__get__
            if callable(func):
                found[func] = writes_into_first(spelling)
    return list(found.items())


def rule(*names: str, kind: str = "other") -> Callable[[Callable[..., Out]], Callable[..., Out]]:
    """Register a rule for every torch function with one of these names; the first name is the operation's.

    A name such as "my::op" is an operator of somebody's own (``torch.library``): the rule gets the operator's arguments, and says what they cost.
    """

    def register(func: Callable[..., Out]) -> Callable[..., Out]:
        for name in names:
            if "::" in name:
                USERS[name] = Rule(func, name.partition("::")[2], kind)
                continue
            for target, inplace in spellings(name):
                RULES[target] = Rule(func, names[0], kind, inplace)
        return func

    return register


# --- Shapes that torch knows ---------------------------------------------------------------------

#: Sizes that tell dimensions apart, also in a product of several.
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)


@functools.lru_cache(maxsize=4096, typed=True)
def origins(func: Callable[..., Any], rank: int, dtype: torch.dtype, names: tuple[str, ...], *values: Any) -> tuple[list[list[int]], torch.dtype]:
    """Which input dimensions make up each dimension of ``func``'s output (none: a size of 1), and the output's type.

    torch is asked, on a meta tensor of ``rank`` dimensions; the last of ``values`` are given by these ``names``.
    """
    positional = len(values) - len(names)
    try:
        with torch._C.DisableTorchFunction():
            x = torch.empty(_PRIMES[:rank], dtype=dtype, device="meta")
            made = func(x, *values[:positional], **dict(zip(names, values[positional:], strict=True)))
    except IndexError as error:
        raise ValueError(f"there is no dimension {str(error).split()[-1].strip(')')} in a tensor of {rank} dimensions") from None
    except RuntimeError as error:
        raise ValueError(str(error).split("\n")[0]) from None
    return [[d for d in range(rank) if size % _PRIMES[d] == 0] for size in made.shape], made.dtype


def arranged(
    *names: str,
    kind: str = "other",
    inner: int = 0,
    outer: int = 0,
    view: bool = False,
    dense: bool = True,
    keeps_input: bool = False,
    keeps_output: bool = False,
) -> None:
    """Register functions of one tensor whose output is made of the input's dimensions, in any order, merged, dropped or reduced to 1.

    ``inner`` and ``outer`` are FLOPs per input and per output element. A view whose output stays ``dense`` copies an input that is not.
    """
    for name in names:
        for target, inplace in spellings(name):
            RULES[target] = Rule(
                functools.partial(arranged_cost, names[0], target, inner, outer, view, dense, keeps_input, keeps_output), names[0], kind, inplace
            )


def arranged_cost(
    name: str,
    func: Callable[..., Any],
    inner: int,
    outer: int,
    view: bool,
    dense: bool,
    keeps_input: bool,
    keeps_output: bool,
    x: Any,
    /,
    *args: Any,
    **settings: Any,
) -> Out:
    """What :func:`arranged` says of one call."""
    shape = x.shape
    if len(shape) > len(_PRIMES):
        raise NoRule("more dimensions than primes")
    fixed, named = tuple(map(_fixed, args)), tuple(map(_fixed, settings.values()))
    made, dtype = origins(func, len(shape), x.dtype, tuple(settings), *fixed, *named)
    out = tuple([shape[dims[0]] if len(dims) == 1 else product([shape[d] for d in dims]) for dims in made])
    is_view = view and (not dense or getattr(x, "dense", True))
    if inner and x.dtype.is_complex:
        inner, outer = of_complex(REDUCTION_OF_COMPLEX, name)
    return Out(
        out,
        flops=inner * product(shape) if inner else 0,
        unit=outer,
        view=is_view,
        dense=dense,
        dtype=dtype,
        places={"func": func, "args": fixed, "settings": dict(zip(settings, named, strict=True)), "from": made},
        saves=(x,) * keeps_input + (OUTPUT,) * keeps_output,
    )


def _fixed(value: Any) -> Any:
    """An argument as part of a key."""
    if isinstance(value, torch.Tensor):
        raise NoRule("another form of this function")
    return tuple(map(_fixed, value)) if isinstance(value, (tuple, list)) else plain(value)


# --- Arithmetic on shapes ------------------------------------------------------------------------


def per_axis(value: Any, n: int = 2) -> tuple[Any, ...]:
    """``value`` for each of n dimensions."""
    if isinstance(value, (tuple, list)):
        return tuple(value) if len(value) == n else tuple(value) * n
    return (value,) * n


def promoted(a: Any, b: Any, *, real: bool = False) -> torch.dtype:
    """Type of a result of two tensors or numbers, by torch's promotion; ``real`` is for a true division, which makes whole numbers floating."""
    kinds = [(v.dtype, not len(v.shape)) if isinstance(v, torch.Tensor) else (type(plain(v)), True) for v in (a, b)]
    return _promotion(*kinds, real)


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
    """A shape as it is usually written: 1×64×56×56."""
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
        raise ValueError(
            translatable(f"the window of {plain(span)} is larger than the input of {plain(size)} with padding {plain(pad)}: it needs at least {needed}")
        )
    if type(stride) is int and stride == 1:
        return size if always(term_of(pad + after - span), -1) else room + 1
    if not ceil:
        places = ceil_div(size, stride) if always(term_of(pad + after - span), -1) else quotient(room, stride) + 1
    else:
        places = ceil_div(room, stride) + 1
        # The last window may begin up to stride - 1 behind the last that fits; one that begins behind the input is dropped.
        begins_inside = plain(stride) <= plain(span - after)
        note("le", stride, span - after, begins_inside)
        if not begins_inside:
            dropped = plain((places - 1) * stride) >= plain(size + pad)
            note("ge", (places - 1) * stride, size + pad, dropped)
            places = places - 1 if dropped else places
    if plain(places) != _places(plain(room), plain(size), plain(stride), plain(pad), ceil):
        raise ValueError("internal: a symbolic size disagrees with its number")
    return places


def _places(room: int, size: int, stride: int, pad: int, ceil: bool) -> int:
    if not ceil:
        return room // stride + 1
    places = -(-room // stride) + 1
    return places - 1 if (places - 1) * stride >= size + pad else places


def axis(dim: int, rank: int) -> int:
    """``dim`` counted from the front."""
    dim = plain(dim)
    if not -rank <= dim < max(rank, 1):
        raise ValueError(f"there is no dimension {dim} in a tensor of {rank} dimensions")
    return dim % rank if rank else 0


def replaced(shape: ShapeLike, dim: int, *sizes: int) -> tuple[int, ...]:
    """``shape`` with ``sizes`` in the place of dimension ``dim``; without sizes the dimension is dropped."""
    dim = axis(dim, len(shape))
    return (*shape[:dim], *sizes, *shape[dim + 1 :])
