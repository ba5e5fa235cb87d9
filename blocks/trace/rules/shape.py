"""Operations that move or rename elements. Views move nothing; copies (concatenation, padding) are bytes and no FLOPs."""

from __future__ import annotations

import builtins
import math
from typing import Any

import torch

from blocks.trace.errors import DependsOnData, NoRule
from blocks.trace.rules.registry import RULES, Out, axis, broadcast, per_axis, product, promoted, rule, show_shape
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


@rule("view_as", "reshape_as", kind="reshape")
def view_as(x: Any, other: Any) -> Out:
    """As another tensor's shape."""
    return Out(tuple(other.shape), view=getattr(x, "dense", True))


@rule("flatten", kind="reshape")
def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Out:
    """Dimensions from start to end become one."""
    rank = len(x.shape)
    if not rank:
        return Out((1,), view=True)
    start, end = axis(start_dim, rank), axis(end_dim, rank)
    merged = (product(x.shape[start : end + 1]),) if end > start else (x.shape[start],)
    return Out((*x.shape[:start], *merged, *x.shape[end + 1 :]), view=getattr(x, "dense", True))


@rule("unflatten", kind="reshape")
def unflatten(x: Any, dim: int, sizes: Any) -> Out:
    """One dimension becomes several."""
    dim = axis(dim, len(x.shape))
    known = product([s for s in sizes if plain(s) != -1])
    parts = tuple(quotient(x.shape[dim], known) if plain(s) == -1 else s for s in sizes)
    return Out((*x.shape[:dim], *parts, *x.shape[dim + 1 :]), view=True)


@rule("permute", kind="reshape")
def permute(x: Any, *dims: Any, **settings: Any) -> Out:
    """Dimensions in another order."""
    order = _sizes(dims or (settings["dims"],))
    return Out(tuple(x.shape[d] for d in order), view=True, dense=False)


@rule("transpose", "swapaxes", "swapdims", kind="reshape")
def transpose(x: Any, dim0: int, dim1: int) -> Out:
    """Two dimensions exchanged."""
    shape = list(x.shape)
    a, b = axis(dim0, len(shape)), axis(dim1, len(shape))
    shape[a], shape[b] = shape[b], shape[a]
    return Out(tuple(shape), view=True, dense=False)


@rule("t", "adjoint", kind="reshape")
def t(x: Any) -> Out:
    """A matrix transposed."""
    return Out((*x.shape[:-2], *reversed(x.shape[-2:])), view=True, dense=False)


@rule("movedim", "moveaxis", kind="reshape")
def movedim(x: Any, source: Any, destination: Any) -> Out:
    """Dimensions moved to other places."""
    rank = len(x.shape)
    sources, targets = ([axis(d, rank) for d in per_axis(v, 1)] for v in (source, destination))
    order = [d for d in range(rank) if d not in sources]
    for target, origin in sorted(zip(targets, sources, strict=True)):
        order.insert(target, origin)
    return Out(tuple(x.shape[d] for d in order), view=True, dense=False)


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


@rule("expand_as", kind="reshape")
def expand_as(x: Any, other: Any) -> Out:
    """As another tensor's shape."""
    return Out(broadcast(x.shape, other.shape), view=True, dense=False)


@rule("repeat", "tile", kind="reshape")
def repeat(x: Any, *sizes: Any, **settings: Any) -> Out:
    """Copies side by side."""
    times = _sizes(sizes)
    shape = (1,) * (len(times) - len(x.shape)) + tuple(x.shape)
    times = (1,) * (len(shape) - len(times)) + tuple(times)
    return Out(tuple(s * n for s, n in zip(shape, times, strict=True)))


@rule("contiguous", kind="reshape")
def contiguous(x: Any, **settings: Any) -> Out:
    """A copy where the memory is out of order, else the tensor itself."""
    return Out(x.shape, view=getattr(x, "dense", True))


@rule("clone", kind="reshape")
def clone(x: Any, **settings: Any) -> Out:
    """A copy."""
    return Out(x.shape)


@rule("detach", "alias", "positive", "requires_grad_", "rename", "refine_names", kind="reshape")
def same(x: Any, *args: Any, **settings: Any) -> Out:
    """The tensor itself."""
    return Out(x.shape, view=True, dense=getattr(x, "dense", True))


@rule("to", "type", "type_as", "float", "double", "half", "bfloat16", "int", "long", "bool", "cpu", "cuda", kind="reshape")
def convert(x: Any, *args: Any, **settings: Any) -> Out:
    """Another type: a copy where it changes."""
    if not args and not settings:
        raise NoRule("asking for the type")
    kinds = [a if isinstance(a, torch.dtype) else a.dtype for a in (*args, *settings.values()) if isinstance(a, (torch.dtype, torch.Tensor))]
    dtype = kinds[0] if kinds else x.dtype
    return Out(x.shape, view=dtype == x.dtype, dtype=dtype)


for _name, _dtype in {
    "float": torch.float32,
    "double": torch.float64,
    "half": torch.float16,
    "bfloat16": torch.bfloat16,
    "int": torch.int32,
    "long": torch.int64,
    "bool": torch.bool,
}.items():
    _func = lambda x, _d=_dtype, **settings: convert(x, _d)  # noqa: E731
    rule(_name, kind="reshape")(_func)


@rule("cat", "concat", "concatenate", kind="concat")
def cat(tensors: Any, dim: int = 0, *, axis: int | None = None, out: Any = None) -> Out:
    """Tensors behind one another along a dimension; the other sizes must agree."""
    if builtins.any(tuple(map(plain, t.shape)) == (0,) for t in tensors):
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
            dtype = promoted(torch.empty(1, dtype=dtype, device="meta"), other) or dtype
        if builtins.any(type(s) is not int for s in sizes):
            sizes = [a if i == where else same_size(a, b) for i, (a, b) in enumerate(zip(sizes, other.shape, strict=True))]
    return Out((*sizes[:where], total, *sizes[where + 1 :]), attrs={"dim": where}, dtype=dtype)


@rule("stack", "hstack", "vstack", kind="concat")
def stack_tensors(tensors: Any, dim: int = 0) -> Out:
    """Tensors along a new dimension."""
    dim = axis(dim, len(tensors[0].shape) + 1)
    shape = tensors[0].shape
    for other in tensors[1:]:
        if len(other.shape) != len(shape) or builtins.any(plain(a) != plain(b) for a, b in zip(shape, other.shape, strict=True)):
            raise ValueError(f"tensors of shapes {show_shape(shape)} and {show_shape(other.shape)} cannot be stacked")
    return Out((*shape[:dim], len(tensors), *shape[dim:]), attrs={"dim": dim})


for _name in ("hstack", "vstack"):
    for _func in [f for f in (getattr(torch, _name), getattr(torch.Tensor, _name, None)) if f]:
        RULES.pop(_func, None)  # their rule depends on the rank: run on meta tensors


def _parts(x: Any, sizes: list[Any], dim: int) -> Out:
    return Out(*((*x.shape[:dim], s, *x.shape[dim + 1 :]) for s in sizes), view=True, dense=False, single=False)


@rule("chunk", kind="reshape")
def chunk(x: Any, chunks: int, dim: int = 0) -> Out:
    """Equal parts, the last possibly smaller."""
    dim = axis(dim, len(x.shape))
    size, n = x.shape[dim], int(chunks)
    if plain(size) % n == 0:
        return _parts(x, [quotient(size, n)] * n, dim)
    each = -(-plain(size) // n)
    count = -(-plain(size) // each)
    return _parts(x, [each] * (count - 1) + [size - each * (count - 1)], dim)


@rule("split", "split_with_sizes", kind="reshape")
def split_parts(x: Any, split_size_or_sections: Any = None, dim: int = 0, **settings: Any) -> Out:
    """Parts of the given sizes."""
    wanted = settings.get("split_size", settings.get("split_sizes", split_size_or_sections))
    dim = axis(dim, len(x.shape))
    size = x.shape[dim]
    if isinstance(wanted, (tuple, list)):
        if plain(sum(wanted)) != plain(size):
            raise ValueError(f"parts of {show_shape(wanted)} do not add up to {plain(size)}")
        return _parts(x, list(wanted), dim)
    full, rest = divmod(plain(size), plain(wanted))
    return _parts(x, [wanted] * full + ([size - wanted * full] if rest else []), dim)


@rule("unbind", kind="reshape")
def unbind(x: Any, dim: int = 0) -> Out:
    """One part for each position of a dimension."""
    dim = axis(dim, len(x.shape))
    rest = (*x.shape[:dim], *x.shape[dim + 1 :])
    return Out(*[rest] * int(x.shape[dim]), view=True, dense=False, single=False)


@rule("narrow", kind="reshape")
def narrow(x: Any, dim: int, start: int, length: int) -> Out:
    """A stretch of one dimension."""
    dim = axis(dim, len(x.shape))
    return Out((*x.shape[:dim], length, *x.shape[dim + 1 :]), view=True, dense=False)


@rule("select", kind="reshape")
def select(x: Any, dim: int, index: int) -> Out:
    """One position of one dimension."""
    dim = axis(dim, len(x.shape))
    return Out((*x.shape[:dim], *x.shape[dim + 1 :]), view=True, dense=False)


@rule("__getitem__", kind="reshape")
def getitem(x: Any, index: Any) -> Out:
    """Slices, positions, None and ... are views; an index that is a tensor or a list copies what it points at."""
    items = index if isinstance(index, tuple) else (index,)
    if any(not (i is None or i is Ellipsis or isinstance(i, slice) or (isinstance(i, int) and not isinstance(i, bool))) for i in items):
        return _picked(x, items)
    taken = sum(i is not None and i is not Ellipsis for i in items)
    if taken > len(x.shape):
        raise ValueError(f"{taken} indices for a tensor of {len(x.shape)} dimensions")
    if not any(i is Ellipsis for i in items):
        items = (*items, Ellipsis)
    shape: list[Any] = []
    at = 0
    for item in items:
        if item is None:
            shape.append(1)
        elif item is Ellipsis:
            keep = len(x.shape) - taken
            shape.extend(x.shape[at : at + keep])
            at += keep
        elif isinstance(item, slice):
            shape.append(_sliced(x.shape[at], item))
            at += 1
        else:
            if not -plain(x.shape[at]) <= item < plain(x.shape[at]):
                raise ValueError(f"index {item} is out of range for dimension {at} of {show_shape(x.shape)}")
            at += 1
    return Out(tuple(shape), view=True, dense=False)


def _picked(x: Any, items: tuple[Any, ...]) -> Out:
    """Positions by tensors or lists: torch itself says the shape; a mask must be known, since its count is the size."""
    known: list[Any] = []
    for item in items:
        if isinstance(item, torch.Tensor) and item.dtype in (torch.bool, torch.uint8):
            if item.is_meta:  # a proxy is, too
                raise DependsOnData("indexing by a mask")
            known += item.nonzero(as_tuple=True)
        elif isinstance(item, torch.Tensor):
            known.append(torch.empty(tuple(map(plain, item.shape)), dtype=torch.int64, device="meta"))
        else:
            known.append(torch.tensor(item).to("meta") if isinstance(item, (list, tuple)) and builtins.all(isinstance(i, int) for i in item) else item)
    if builtins.any(isinstance(i, (list, tuple)) for i in known):
        raise NoRule("indexing by nested lists")
    known = [i.to("meta") if isinstance(i, torch.Tensor) else plain(i) if isinstance(i, int) else i for i in known]
    return Out(torch.empty(tuple(map(plain, x.shape)), device="meta")[tuple(known)].shape)


def _sliced(size: int, item: slice) -> int:
    """How many positions a slice takes; readable when symbolic: a given end, the size less a given beginning, or a quotient."""
    start, stop, step = item.indices(plain(size))
    count = len(range(start, stop, step))
    first: int | None = item.start
    last: int | None = item.stop
    from_first = first is not None and plain(first) >= 0
    to_last = last is not None and plain(last) > 0
    if count == plain(size):
        return size
    if step == 1 and last is not None and to_last and start == 0:
        return last
    if step == 1 and first is not None and from_first and stop == plain(size):
        return size - first
    if step == 1 and first is not None and last is not None and from_first and to_last:
        return last - first
    if step > 1 and start == 0 and stop == plain(size) and plain(size) % step == 0:
        return quotient(size, step)
    return count


@rule("__setitem__", kind="other")
def setitem(x: Any, index: Any, value: Any) -> Out:
    """Write into part of a tensor (the tracer treats it as in place)."""
    return Out(x.shape)


@rule("roll", "flip", "fliplr", "flipud", "tril", "triu", "rot90", kind="reshape")
def rearranged(x: Any, *args: Any, **settings: Any) -> Out:
    """The same elements elsewhere; a quarter turn exchanges two sizes and is run on meta tensors."""
    return Out(x.shape)


RULES.pop(torch.rot90, None)
RULES.pop(torch.Tensor.rot90, None)


@rule("pad", kind="reshape")
def pad(x: Any, pad: Any, mode: str = "constant", value: Any = None) -> Out:
    """Borders added (negative: cut); last dimension first in ``pad``."""
    shape = list(x.shape)
    for i in range(len(pad) // 2):
        shape[-1 - i] = shape[-1 - i] + pad[2 * i] + pad[2 * i + 1]
        if plain(shape[-1 - i]) < 1:
            raise ValueError(f"padding {tuple(map(plain, pad))} leaves nothing of {show_shape(x.shape)}")
    return Out(tuple(shape))


@rule("embedding", kind="linear")
def embedding(index: Any, weight: Any, *args: Any, **settings: Any) -> Out:
    """Rows of a table: bytes, no arithmetic."""
    return Out((*index.shape, weight.shape[1]), dtype=weight.dtype)


@rule("index_select", kind="reshape")
def index_select(x: Any, dim: int, index: Any) -> Out:
    """Positions of one dimension, in a given order."""
    dim = axis(dim, len(x.shape))
    return Out((*x.shape[:dim], index.shape[0] if index.shape else 1, *x.shape[dim + 1 :]))


@rule("gather", kind="reshape")
def gather(x: Any, dim: int, index: Any, **settings: Any) -> Out:
    """Elements by index."""
    return Out(tuple(index.shape))
