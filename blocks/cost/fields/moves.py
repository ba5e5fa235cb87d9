"""Maps of operations that move or rename elements: each output element is one element of the input, or several merged by a sum."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from blocks.cost.fields.sets import Seen, Sets, carried_by, joined, lineless
from blocks.cost.fields.step import Result, Sources, Step, maps, maps_first
from blocks.cost.fields.windows import line_of_slice
from blocks.trace.graph import Shape


def blocks_of(before: Shape, after: Shape) -> list[tuple[list[int], list[int]]]:
    """Runs of dimensions of two shapes that hold the same elements, in order, each as short as can be."""
    found: list[tuple[list[int], list[int]]] = []
    i = j = 0
    while i < len(before) or j < len(after):
        left, right = ([i] if i < len(before) else []), ([j] if j < len(after) else [])
        a, b = math.prod(before[d] for d in left), math.prod(after[d] for d in right)
        while a != b:
            if a < b:
                left.append(left[-1] + 1 if left else i)
                a *= before[left[-1]]
            else:
                right.append(right[-1] + 1 if right else j)
                b *= after[right[-1]]
        i, j = i + len(left), j + len(right)
        found.append((left, right))
    return found


def reshaped(seen: Seen, before: Shape, after: Shape) -> Seen:
    """The same elements under another shape."""
    if tuple(before) == tuple(after):
        return seen
    if 0 in before:
        return Seen(seen.axis, (seen.single()[..., :1],), None, None)
    runs = blocks_of(before, after)
    moved = [r for r in runs if len([d for d in r[0] if before[d] > 1]) > 1 or len([d for d in r[1] if after[d] > 1]) > 1]
    terms = tuple([_reshaped(term, runs, moved, before, after) for term in seen.terms])
    dim, line = None, seen.line
    for left, right in runs:
        if seen.dim in left:
            large = [d for d in right if after[d] > 1] or right[:1]
            dim = large[0] if len(large) == 1 and (left, right) not in moved else None
            line = lineless(seen).line if dim is None and before[seen.dim] > 1 else line
    made = Seen(seen.axis, terms, dim, line)
    return made if all(not made.varies(d) for _, right in moved for d in right) or dim is not None else lineless(made)


def _reshaped(term: Sets, runs: Sequence[Any], moved: Sequence[Any], before: Shape, after: Shape) -> Sets:
    wide, shape = list(term.shape), [term.shape[0]]
    again: list[int] = []
    for left, right in runs:
        if all(term.shape[d + 1] == 1 for d in left):
            shape += [1] * len(right)
            continue
        if (left, right) in moved:
            again += right
        for d in left:
            wide[d + 1] = before[d]
        shape += [after[d] for d in right]
    made = np.broadcast_to(term, wide).reshape(shape)
    for d in again:  # what does not differ is kept once
        if made.shape[d + 1] > 1:
            one = made[(slice(None),) * (d + 1) + (slice(0, 1),)]
            if (made == one).all():
                made = one
    return made


@maps_first("view", "reshape", "_unsafe_view", "view_as", "unflatten", "squeeze", "unsqueeze", "flatten", "_reshape_alias", "ravel", "narrow_copy")
def _reshape(step: Step, seen: Seen) -> Result:
    """Dimensions merged, split, put in or taken out; the order of elements stays."""
    return reshaped(seen, step.inputs[0], step.shape)


@maps_first("permute", "transpose", "t", "movedim")
def _permuted(step: Step, seen: Seen) -> Result:
    """Dimensions in another order."""
    order = [dims[0] for dims in step.places["from"]]
    dim = order.index(seen.dim) if seen.dim is not None else None
    return seen.mapped(lambda t: t.transpose(0, *[d + 1 for d in order]), dim, seen.line)


@maps_first("roll", "flip", "rot90")
def _shifted(step: Step, seen: Seen) -> Result:
    """The very function moves the sets."""
    places, shape = step.places, step.inputs[0]
    needs_all = step.node.op == "rot90" or (step.node.op == "roll" and len(places["args"]) + len(places["settings"]) == 1)  # roll without dims flattens

    def moved(term: Sets) -> Sets:
        wide = np.broadcast_to(term, (term.shape[0], *shape)) if needs_all and term.size > term.shape[0] else term
        with torch._C.DisableTorchFunction():
            parts = [places["func"](torch.from_numpy(np.ascontiguousarray(one).view(_signed(one))), *places["args"], **places["settings"]) for one in wide]
        return np.stack([p.numpy().view(term.dtype) for p in parts])

    return lineless(seen.mapped(moved, None if needs_all else seen.dim, seen.line))


def _signed(array: Sets) -> Any:
    return np.int64 if array.dtype == np.uint64 else array.dtype


@maps("expand", "expand_as", "broadcast_to")
def _expanded(step: Step, sources: Sources) -> Result:
    """Repeated without a copy."""
    return joined(sources[:1], len(step.shape))


@maps("repeat")
def _repeated(step: Step, sources: Sources) -> Result:
    """Copies side by side."""
    seen = joined(sources[:1], len(step.shape))
    if seen is None:
        return None
    have = (1,) * (len(step.shape) - len(step.inputs[0])) + step.inputs[0]
    times = [a // b if b else 1 for a, b in zip(step.shape, have, strict=True)]
    tiled = seen.mapped(lambda t: np.tile(t, (1, *[n if t.shape[d + 1] > 1 else 1 for d, n in enumerate(times)])), seen.dim, seen.line)
    return lineless(tiled) if seen.dim is None or times[seen.dim] > 1 else tiled


@maps("cat")
def _concatenated(step: Step, sources: Sources) -> Result:
    """Tensors behind one another; a parameter among them sees nothing."""
    parts, shapes = step.operands(sources), step.operands(sources, shapes=True)
    dim = step.attr("dim")
    missing = [i for i, s in enumerate(shapes) if s is None]
    if len(missing) > 1:
        raise step.no_map()
    sizes = [0 if s is None else s[dim] for s in shapes]
    for i in missing:
        sizes[i] = step.shape[dim] - sum(sizes)
    return _behind(parts, sizes, dim)


@maps("stack")
def _stacked(step: Step, sources: Sources) -> Result:
    """Tensors along a new dimension."""
    dim = step.attr("dim")
    parts = [p and reshaped(p, shape, (*shape[:dim], 1, *shape[dim:])) for p, shape in zip(sources, step.inputs, strict=True)]
    if len(parts) < step.shape[dim]:
        raise step.no_map()
    return _behind(parts, [1] * len(parts), dim)


def _behind(parts: Sequence[Seen | None], sizes: Sequence[int], dim: int) -> Seen | None:
    found = [p for p in parts if p is not None]
    if not found:
        return None
    first = found[0]
    if len(found) == len(parts) and all(p is first for p in found) and not first.varies(dim):
        return first
    singles = [None if p is None else p.single() for p in parts]
    shape = np.broadcast_shapes(*[(*s.shape[: dim + 1], 1, *s.shape[dim + 2 :]) for s in singles if s is not None])
    behind = np.empty((*shape[: dim + 1], sum(sizes), *shape[dim + 2 :]), first.terms[0].dtype)
    at, before = 0, (slice(None),) * (dim + 1)
    for s, n in zip(singles, sizes, strict=True):
        behind[(*before, slice(at, at + n))] = first.axis.algebra.empty if s is None else s
        at += n
    carried, line = carried_by(found)
    made = Seen(first.axis, (behind,), carried, line)
    return lineless(made) if carried in (None, dim) else made


@maps_first("split", "chunk", "unbind")
def _split(step: Step, seen: Seen) -> Result:
    """Stretches of one dimension, or its positions one by one."""
    dim, parts, at = step.place("dim"), [], 0
    gone = step.node.op == "unbind"
    for shape in step.outputs:
        size = 1 if gone else shape[dim]
        part = _sliced(seen, dim, slice(at, at + size), step.inputs[0][dim])
        parts.append(part.without([dim]) if gone else part)
        at += size
    return list(parts)


def _sliced(seen: Seen, dim: int, item: slice, size: int) -> Seen:
    start, stop, stride = item.indices(size)
    if (start, stop, stride) == (0, size, 1):
        return seen
    line = line_of_slice(seen.line, start, stride) if seen.dim == dim else seen.line
    cut = (slice(None),) * (dim + 1) + (slice(start, stop, stride),)
    return seen.mapped(lambda t: t[cut] if t.shape[dim + 1] > 1 else t, seen.dim, line)


@maps_first("__getitem__", "select", "narrow", "index_select")
def _indexed(step: Step, seen: Seen) -> Result:
    """Slices, single positions, new dimensions, and known positions."""
    items, shape = step.places["index"], step.inputs[0]
    if any(isinstance(i, tuple) for i in items):
        return _picked(seen, items, shape)
    at, gone, new = 0, [], []
    for item in step.place("index"):
        if item is None:
            new.append(at)
            continue
        if item is Ellipsis:
            at = len(shape) - sum(1 for i in items[items.index(Ellipsis) + 1 :] if i is not None)
            continue
        if isinstance(item, slice):
            seen = _sliced(seen, at, item, shape[at])
        else:
            seen = _sliced(seen, at, slice(item % shape[at], item % shape[at] + 1), shape[at])
            gone.append(at)
        at += 1
    if gone or new:
        dim = seen.dim
        kept = [d for d in range(len(shape)) if d not in gone]
        order = sorted([(d, 1) for d in kept] + [(d, 0) for d in new])
        made = seen.mapped(lambda t: t.reshape(t.shape[0], *[t.shape[d + 1] if old else 1 for d, old in order]), None, seen.line)
        return Seen(made.axis, made.terms, order.index((dim, 1)) if dim in kept else None, made.line)
    return seen


def _picked(seen: Seen, items: Sequence[Any], shape: Shape) -> Seen:
    """Known positions, as torch itself takes them, one set at a time."""
    index: Any = tuple([np.array(i) if isinstance(i, tuple) else i for i in items])
    return seen.mapped(lambda t: np.stack([one[index] for one in np.broadcast_to(t, (t.shape[0], *shape))]), None, None)


@maps_first("pixel_shuffle")
def _pixel_shuffled(step: Step, seen: Seen) -> Result:
    """Channels become positions: (C·r·r, H, W) -> (C, H, r, W, r)."""
    *lead, c, h, w = step.inputs[0]
    r, n = step.shape[-1] // w, len(lead)
    parts = reshaped(seen, step.inputs[0], (*lead, c // r**2, r, r, h, w))
    moved = parts.mapped(lambda t: t.transpose(*range(n + 2), n + 4, n + 2, n + 5, n + 3), None, None)
    made = reshaped(moved, (*lead, c // r**2, h, r, w, r), step.shape)
    return Seen(seen.axis, made.terms, seen.dim, seen.line and seen.line.finer(r) if seen.dim is not None else seen.line)


@maps_first("pixel_unshuffle")
def _pixel_unshuffled(step: Step, seen: Seen) -> Result:
    """Positions become channels: (C, H·r, W·r) -> (C·r·r, H, W)."""
    *lead, c, h, w = step.inputs[0]
    r, n = w // step.shape[-1], len(lead)
    parts = reshaped(seen, step.inputs[0], (*lead, c, h // r, r, w // r, r))
    moved = parts.mapped(lambda t: t.transpose(*range(n + 2), n + 3, n + 5, n + 2, n + 4), None, None)
    made = reshaped(moved, (*lead, c, r, r, h // r, w // r), step.shape)
    return Seen(seen.axis, made.terms, seen.dim, seen.line and seen.line.windowed(r, r, 0, 1) if seen.dim is not None else seen.line)


@maps("__setitem__")
def _overwritten(step: Step, sources: Sources) -> Result:
    """A tensor of which some positions were given other values."""
    items = step.place("index")
    shape = step.inputs[0] if len(step.inputs[0]) == len(step.shape) else step.shape
    if not all(i is Ellipsis or i is None or isinstance(i, (slice, int)) for i in items):
        raise step.no_map()
    present = [s for s in sources if s is not None]
    if not present:
        return None
    axis = present[0].axis
    nothing = np.full((len(axis.whole),) + (1,) * len(shape), axis.algebra.empty, present[0].terms[0].dtype)
    base = sources[0].single() if sources[0] is not None else nothing
    value = sources[1].single() if len(sources) > 1 and sources[1] is not None else nothing[..., :1].reshape(len(axis.whole))
    made = np.broadcast_to(base, (base.shape[0], *shape)).copy()
    for one, put in zip(made, value, strict=True):
        one[items] = put
    for d in range(len(shape)):
        same = made[(slice(None),) * (d + 1) + (slice(0, 1),)]
        if made.shape[d + 1] > 1 and (made == same).all():
            made = same
    return Seen(axis, (made,), present[-1].dim if present[-1].rank == len(shape) else None, None)
