"""Operations that move or rename elements. Views move nothing; copies (concatenation, padding) are bytes and no FLOPs."""

from __future__ import annotations

import functools
import math
from typing import Any

import torch

from blocks.trace.errors import DependsOnData, NoRule
from blocks.trace.rules.registry import Out, arranged, axis, per_axis, product, promoted, replaced, rule, show_shape
from blocks.trace.symbolic import plain, quotient, same_size


def _sizes(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(args[0]) if len(args) == 1 and isinstance(args[0], (tuple, list)) else args


def _filled(x: Any, sizes: tuple[Any, ...]) -> tuple[Any, ...]:
    """``sizes`` with its -1 worked out; ValueError where the elements do not fit."""
    have = product(x.shape)
    wanted = [plain(s) for s in sizes]
    if -1 not in wanted:
        if math.prod(wanted) != plain(have):
            raise ValueError(f"{show_shape(x.shape)} cannot be viewed as {show_shape(sizes)}")
        return sizes
    place = wanted.index(-1)
    known = product([s for s, w in zip(sizes, wanted, strict=True) if w != -1])
    if plain(known) == 0 or plain(have) % plain(known):
        raise ValueError(f"{show_shape(x.shape)} cannot be viewed as {show_shape(sizes)}")
    return (*sizes[:place], quotient(have, known), *sizes[place + 1 :])


@rule("view", "reshape", "_unsafe_view", kind="reshape")
def reshape(x: Any, *shape: Any, **settings: Any) -> Out:
    """A view while the memory is in order, else a copy."""
    if (shape and isinstance(shape[0], torch.dtype)) or "dtype" in settings:
        raise NoRule("a view as another type")
    return Out(_filled(x, _sizes(shape or (settings["shape"],))), view=getattr(x, "dense", True))


rule("view_as", "reshape_as", kind="reshape")(lambda x, other: reshape(x, *other.shape))
arranged("flatten", "ravel", kind="reshape", view=True)
arranged("permute", "T", kind="reshape", view=True, dense=False)
arranged("transpose", "swapaxes", "swapdims", "mT", kind="reshape", view=True, dense=False)
arranged("t", "adjoint", "mH", "H", kind="reshape", view=True, dense=False)
arranged("movedim", "moveaxis", kind="reshape", view=True, dense=False)
arranged("roll", "flip", "fliplr", "flipud", kind="reshape")
arranged("tril", kind="reshape")
arranged("triu", kind="reshape")
arranged("rot90", kind="reshape")


@rule("unflatten", kind="reshape")
def unflatten(x: Any, dim: int, sizes: Any) -> Out:
    """One dimension becomes several."""
    whole = x.shape[axis(dim, len(x.shape))]
    known = product([s for s in sizes if plain(s) != -1])
    return Out(replaced(x.shape, dim, *(quotient(whole, known) if plain(s) == -1 else s for s in sizes)), view=True)


@rule("squeeze", kind="reshape")
def squeeze(x: Any, dim: Any = None) -> Out:
    """Dimensions of size 1 taken out."""
    rank = len(x.shape)
    dims = range(rank) if dim is None else [axis(d, rank) for d in per_axis(dim, 1)]
    return Out(tuple(s for i, s in enumerate(x.shape) if i not in dims or plain(s) != 1), view=True)


@rule("unsqueeze", kind="reshape")
def unsqueeze(x: Any, dim: int) -> Out:
    """A dimension of size 1 put in."""
    dim = axis(dim, len(x.shape) + 1)
    return Out((*x.shape[:dim], 1, *x.shape[dim:]), view=True)


@rule("expand", "broadcast_to", kind="reshape")
def expand(x: Any, *sizes: Any, **settings: Any) -> Out:
    """Dimensions of size 1 repeated without a copy."""
    wanted = _sizes(sizes or (settings["size"],))
    lead = len(wanted) - len(x.shape)
    shape = tuple(x.shape[i - lead] if plain(s) == -1 else s for i, s in enumerate(wanted))
    for have, want in zip(x.shape, shape[lead:], strict=True):
        if plain(have) not in (1, plain(want)):
            raise ValueError(f"{show_shape(x.shape)} cannot be expanded to {show_shape(wanted)}")
    return Out(shape, view=True, dense=False)


rule("expand_as", kind="reshape")(lambda x, other: expand(x, *other.shape))


@rule("repeat", "tile", kind="reshape")
def repeat(x: Any, *sizes: Any, **settings: Any) -> Out:
    """Copies side by side."""
    times = _sizes(sizes)
    shape = (1,) * (len(times) - len(x.shape)) + tuple(x.shape)
    times = (1,) * (len(shape) - len(times)) + tuple(times)
    return Out(tuple(s * n for s, n in zip(shape, times, strict=True)))


# A copy where the memory is out of order, else the tensor itself; always the tensor itself.
rule("contiguous", kind="reshape")(lambda x, **settings: Out(x.shape, view=getattr(x, "dense", True)))
rule("detach", "alias", "positive", "requires_grad_", "rename", "refine_names", kind="reshape")(
    lambda x, *args, **settings: Out(x.shape, view=True, dense=getattr(x, "dense", True))
)


@rule("to", "type", "type_as", "cpu", "cuda", kind="reshape")
def convert(x: Any, *args: Any, **settings: Any) -> Out:
    """Another type: a copy where it changes."""
    if not args and not settings:
        raise NoRule("asking for the type")
    dtype = next((a if isinstance(a, torch.dtype) else a.dtype for a in (*args, *settings.values()) if isinstance(a, (torch.dtype, torch.Tensor))), x.dtype)
    return Out(x.shape, view=dtype == x.dtype, dtype=dtype)


for _name in ("float", "double", "half", "bfloat16", "int", "long", "bool"):
    rule(_name, kind="reshape")(functools.partial(lambda dtype, x, **settings: convert(x, dtype), getattr(torch, _name)))


@rule("cat", "concat", "concatenate", kind="concat")
def cat(tensors: Any, dim: int = 0, *, axis: int | None = None, out: Any = None) -> Out:
    """Tensors behind one another along a dimension; the other sizes must agree."""
    if any(tuple(map(plain, t.shape)) == (0,) for t in tensors):
        raise NoRule("an empty tensor, which torch leaves out")
    first = tensors[0].shape
    where = (dim if axis is None else axis) % len(first)
    total = tensors[0].shape[where]
    sizes = list(first)
    dtype = tensors[0].dtype
    for other in tensors[1:]:
        if any(plain(a) != plain(b) for i, (a, b) in enumerate(zip(first, other.shape, strict=True)) if i != where):
            raise ValueError(f"tensors of shapes {show_shape(first)} and {show_shape(other.shape)} cannot be concatenated along dimension {where}")
        total = total + other.shape[where]
        if other.dtype is not dtype:
            dtype = promoted(torch.empty(1, dtype=dtype, device="meta"), other)
        if any(type(s) is not int for s in sizes):
            sizes = [a if i == where else same_size(a, b) for i, (a, b) in enumerate(zip(sizes, other.shape, strict=True))]
    return Out((*sizes[:where], total, *sizes[where + 1 :]), attrs={"dim": where}, dtype=dtype, places={})


@rule("stack", kind="concat")
def stack_tensors(tensors: Any, dim: int = 0) -> Out:
    """Tensors along a new dimension."""
    dim = axis(dim, len(tensors[0].shape) + 1)
    shape = tensors[0].shape
    for other in tensors[1:]:
        if plain(tuple(other.shape)) != plain(tuple(shape)):
            raise ValueError(f"tensors of shapes {show_shape(shape)} and {show_shape(other.shape)} cannot be stacked")
    return Out((*shape[:dim], len(tensors), *shape[dim:]), attrs={"dim": dim}, places={})


def _along(x: Any, dim: int, index: Any) -> tuple[Any, ...]:
    """An index that takes ``index`` of one dimension, and all of those before it."""
    return (*[slice(None)] * axis(dim, len(x.shape)), index)


def _parts(x: Any, sizes: list[Any], dim: int) -> Out:
    return Out([replaced(x.shape, dim, s) for s in sizes], view=True, dense=False, places={"dim": axis(dim, len(x.shape))})


@rule("chunk", kind="reshape")
def chunk(x: Any, chunks: int, dim: int = 0) -> Out:
    """Equal parts, the last possibly smaller."""
    size, n = x.shape[axis(dim, len(x.shape))], int(chunks)
    if plain(size) % n == 0:
        return _parts(x, [quotient(size, n)] * n, dim)
    return split_parts(x, -(-plain(size) // n), dim)


@rule("split", "split_with_sizes", kind="reshape")
def split_parts(x: Any, split_size_or_sections: Any = None, dim: int = 0, **settings: Any) -> Out:
    """Parts of the given sizes."""
    wanted = settings.get("split_size", settings.get("split_sizes", split_size_or_sections))
    size = x.shape[axis(dim, len(x.shape))]
    if isinstance(wanted, (tuple, list)):
        if plain(sum(wanted)) != plain(size):
            raise ValueError(f"parts of {show_shape(wanted)} do not add up to {plain(size)}")
        return _parts(x, list(wanted), dim)
    full, rest = divmod(plain(size), plain(wanted))
    return _parts(x, [wanted] * full + ([size - wanted * full] if rest else []), dim)


# Of one dimension: every position by itself, a stretch, one position.
rule("unbind", kind="reshape")(
    lambda x, dim=0: Out([replaced(x.shape, dim)] * int(x.shape[dim]), view=True, dense=False, places={"dim": axis(dim, len(x.shape))})
)
rule("narrow", kind="reshape")(
    lambda x, dim, start, length: Out(replaced(x.shape, dim, length), view=True, dense=False, places={"index": _along(x, dim, slice(start, start + length))})
)
rule("select", kind="reshape")(lambda x, dim, index: getitem(x, _along(x, dim, index)))


@rule("__getitem__", kind="reshape")
def getitem(x: Any, index: Any) -> Out:
    """Slices, positions, None and ... are views; an index that is a tensor or a list copies what it points at."""
    items = index if isinstance(index, tuple) else (index,)
    if any(not (i is None or i is Ellipsis or isinstance(i, slice) or (isinstance(i, int) and not isinstance(i, bool))) for i in items):
        return _picked(x, items)
    taken = sum(i is not None and i is not Ellipsis for i in items)
    if taken > len(x.shape):
        raise ValueError(f"{taken} indices for a tensor of {len(x.shape)} dimensions")
    at = items.index(Ellipsis) if Ellipsis in items else len(items)
    items = (*items[:at], *[slice(None)] * (len(x.shape) - taken), *items[at + 1 :])
    shape: list[Any] = []
    sizes = iter(enumerate(x.shape))
    for item in items:
        if item is None:
            shape.append(1)
            continue
        dim, size = next(sizes)
        if isinstance(item, slice):
            shape.append(_sliced(size, item))
        elif not -plain(size) <= item < plain(size):
            raise ValueError(f"index {item} is out of range for dimension {dim} of {show_shape(x.shape)}")
    return Out(tuple(shape), view=True, dense=False, places={"index": items})


def _picked(x: Any, items: tuple[Any, ...]) -> Out:
    """Positions by tensors or lists: torch itself says the shape; a mask must be known, since its count is the size."""
    known: list[Any] = []
    for item in items:
        if isinstance(item, (list, tuple)):
            if not all(isinstance(i, int) for i in item):
                raise NoRule("indexing by nested lists")
            item = torch.tensor(item)
        if isinstance(item, torch.Tensor) and item.dtype in (torch.bool, torch.uint8):
            if item.is_meta:  # a proxy is, too
                raise DependsOnData("indexing by a mask")
            known += item.nonzero(as_tuple=True)
        else:
            known.append(item)
    on_meta = [torch.empty(plain(tuple(i.shape)), dtype=torch.int64, device="meta") if isinstance(i, torch.Tensor) else plain(i) for i in known]
    index = [as_numbers(i) if isinstance(i, torch.Tensor) else i for i in known]
    return Out(
        torch.empty(plain(tuple(x.shape)), device="meta")[tuple(on_meta)].shape,
        saves=tuple([i for i in items if isinstance(i, torch.Tensor)]),
        places={"index": tuple(index)} if all(a is not None or b is None for a, b in zip(index, known, strict=True)) else None,
    )


#: An index of more positions is not written down.
_MOST_KEPT = 65536


def as_numbers(index: torch.Tensor) -> Any:
    """Positions as nested tuples or one number; None where their values are not known or too many."""
    if index.is_meta or index.numel() > _MOST_KEPT:
        return None
    return _nested(index.tolist())


def _nested(values: Any) -> Any:
    return tuple(map(_nested, values)) if isinstance(values, list) else values


def _sliced(size: int, item: slice) -> int:
    """How many positions a slice takes; readable when symbolic: a given end, the size less a given beginning, or a quotient."""
    start, stop, step = item.indices(plain(size))
    count = len(range(start, stop, step))
    if count == plain(size):
        return size
    if step == 1:  # a given end less a given beginning, as far as they are counted from the front
        begin = 0 if start == 0 else _from_front(item.start)
        end = size if stop == plain(size) else _from_front(item.stop)
        return count if begin is None or end is None else end - begin
    return quotient(size, step) if start == 0 and stop == plain(size) and plain(size) % step == 0 else count


def _from_front(bound: Any) -> Any:
    return bound if bound is not None and plain(bound) > 0 else None


rule("__setitem__")(lambda x, index, value: Out(x.shape, places={"index": index if isinstance(index, tuple) else (index,)}))  # the tracer treats it as in place
rule("clone", kind="reshape")(lambda x, **settings: Out(x.shape))
rule("gather", kind="reshape")(lambda x, dim, index, **settings: Out(index.shape, saves=(x, index)))


def _positions(x: Any, dim: int, index: torch.Tensor) -> dict[str, Any] | None:
    values = as_numbers(index)
    return None if values is None else {"index": _along(x, dim, values if isinstance(values, tuple) else (values,))}


# Positions of one dimension in a given order; rows of a table: bytes, no arithmetic.
rule("index_select", kind="reshape")(
    lambda x, dim, index: Out(replaced(x.shape, dim, index.shape[0] if index.shape else 1), saves=(index,), places=_positions(x, dim, index))
)


@rule("embedding", kind="linear")
def embedding(index: Any, weight: Any, *args: Any, **settings: Any) -> Out:
    """Rows of a table: F.embedding takes the index first, torch.embedding the table."""
    if index.dtype.is_floating_point:
        index, weight = weight, index
    return Out((*index.shape, weight.shape[1]), dtype=weight.dtype, saves=(index,))


@rule("pad", kind="reshape")
def pad(x: Any, pad: Any, mode: str = "constant", value: Any = None) -> Out:
    """Borders added (negative: cut); last dimension first in ``pad``."""
    shape = list(x.shape)
    for i in range(len(pad) // 2):
        shape[-1 - i] = shape[-1 - i] + pad[2 * i] + pad[2 * i + 1]
        if plain(shape[-1 - i]) < 0:  # torch lets an empty result pass
            raise ValueError(f"padding {tuple(map(plain, pad))} leaves nothing of {show_shape(x.shape)}")
    return Out(tuple(shape), saves=(x,) if mode in ("reflect", "replicate") else (), places={"pad": tuple(pad), "mode": mode})
