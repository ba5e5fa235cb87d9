"""Maps of operations that mix elements along whole dimensions, and of those that take each element by itself."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from blocks.cost.fields import taps
from blocks.cost.fields.moves import reshaped
from blocks.cost.fields.sets import Seen, Sets, joined, lineless
from blocks.cost.fields.step import Result, Sources, Step, maps, maps_first
from blocks.trace.graph import Shape
from blocks.trace.rules.elementwise import ACTIVATIONS, BINARY, COMPARISONS, UNARY

_AS_ITS_INPUT = (
    "contiguous", "detach", "to", "float", "double", "half", "bfloat16", "int", "long", "bool", "clone", "dropout", "clamp", "prelu", "lerp", "where",
    "addcmul", "real", "imag", "fill", "rrelu", "copy_", "type", "nan_to_num",
)  # fmt: skip


@maps(*ACTIVATIONS, *UNARY, *BINARY, *COMPARISONS, *_AS_ITS_INPUT)
def _each_by_itself(step: Step, sources: Sources) -> Result:
    """Element by element, broadcast."""
    if not step.outputs:
        return None
    found = joined(sources, len(step.shape))
    if found is not None and found.rank != len(step.shape):
        raise step.no_map()
    return found


@maps("masked_fill")
def _filled(step: Step, sources: Sources) -> Result:
    """Element by element; what a known mask fills sees nothing but the number that is put there."""
    mask = step.place("mask")
    seen = _each_by_itself(step, sources)
    if mask is None or not isinstance(seen, Seen) or sources[0] is None or any(s is not None for s in sources[1:]):
        return seen
    return seen.blanked(np.array(mask, bool))


@maps_first("tril", "triu")
def _triangle(step: Step, seen: Seen) -> Result:
    """What is above or below a diagonal of the last two dimensions becomes zero."""
    diagonal = int(next(iter(step.place("args") or ()), dict(step.places["settings"]).get("diagonal", 0)))
    rows, columns = step.shape[-2:]
    below = np.tri(rows, columns, diagonal - (step.node.op == "triu"), bool)
    return seen.blanked(~below if step.node.op == "tril" else below)


@maps(
    "rand_like",
    "randn_like",
    "zeros_like",
    "ones_like",
    "empty_like",
    "full_like",
    "zero",
    "zero_",
    "new_zeros",
    "new_ones",
    "new_empty",
    "new_full",
    "bernoulli",
)
def _nothing(_step: Step, _sources: Sources) -> Result:
    """Of the input's shape only."""
    return None


@maps_first("linear")
def _linear(step: Step, seen: Seen) -> Result:
    """Over the last dimension."""
    return seen.over([seen.rank - 1], step.inputs[0])


@maps("matmul", "addmm")
def _product(step: Step, sources: Sources) -> Result:
    """Each output reads a row of one operand and a column of the other."""
    operands, shapes = step.operands(sources), step.operands(sources, shapes=True)
    rank = len(step.shape)
    left, right = step.place("ranks")
    parts: list[Seen | None] = list(operands[:-2])  # what is added
    if (a := operands[-2]) is not None:
        a = a.over([a.rank - 1], shapes[-2])
        parts.append(a.without([a.rank - 1]) if right == 1 else a)
    if (b := operands[-1]) is not None:
        b = b.over([max(b.rank - 2, 0)], shapes[-1])
        parts.append(b.without([max(b.rank - 2, 0)]) if left == 1 or right == 1 else b)
    return joined(parts, rank)


@maps("scaled_dot_product_attention")
def _attention(step: Step, sources: Sources) -> Result:
    """A query sees all keys and values, or those up to its own position."""
    q, k, v, *mask = step.operands(sources)[:4] if step.place("masked") else [*step.operands(sources)[:3]]
    shapes = step.operands(sources, shapes=True)
    rank = len(step.shape)
    parts: list[Seen | None] = [q and q.over([rank - 1], shapes[0]), *[m and m.over([m.rank - 1], shapes[3]) for m in mask]]
    for source, shape, dims in ((k, shapes[1], [rank - 1]), (v, shapes[2], [])):
        if source is None:
            continue
        if rank > 3 and shape[-3] not in (1, step.shape[-3]):
            dims = [*dims, rank - 3]  # heads in groups
        parts.append(_up_to(source.over(dims, shape), rank - 2, step.shape[-2]) if step.place("causal") else source.over([*dims, rank - 2], shape))
    return joined(parts, rank)


def _up_to(seen: Seen, dim: int, length: int) -> Seen:
    """Each of ``length`` positions sees those before it and itself."""
    union = seen.axis.algebra.union

    def accumulated(term: Sets) -> Sets:
        if term.shape[dim + 1] == 1:
            return term
        made: Sets = union.accumulate(term, axis=dim + 1)
        taken: Sets = made.take(np.minimum(np.arange(length), term.shape[dim + 1] - 1), axis=dim + 1)
        return taken

    return lineless(seen.mapped(accumulated, seen.dim, seen.line))


@maps("multi_head_attention_forward")
def _multi_head(step: Step, sources: Sources) -> Result:
    """Positions come first: (N, B, C); the second output are the scores (B, N, M)."""
    operands, shapes = step.operands(sources), step.operands(sources, shapes=True)
    rank = step.place("rank")
    made: list[Seen | None] = []
    for i, (source, shape) in enumerate(zip(operands, shapes, strict=True)):
        if source is not None and len(shape) == rank:
            made.append(source.over([rank - 1] if i == 0 else [0, rank - 1], shape))
    found = joined(made, rank)
    if len(step.outputs) == 1 or found is None:
        return found
    return [found, None if found is None else _scores(found, rank)]


def _scores(seen: Seen, rank: int) -> Seen:
    """(N, B, 1) as (B, N, 1)."""
    return seen if rank == 2 else lineless(seen.mapped(lambda t: t.transpose(0, 2, 1, 3), None, seen.line))


def _with_all(seen: Seen, dims: Iterable[int], shape: Shape) -> Seen:
    """Every element also sees what the others along ``dims`` see."""
    found = joined([seen.over(dims, shape), seen], seen.rank)
    assert found is not None
    return found


@maps_first("layer_norm", "group_norm", "instance_norm", "rms_norm", "normalize", "softmax")
def _normalised(step: Step, seen: Seen) -> Result:
    """Statistics of the input itself, over some dimensions and a group of channels."""
    over, groups, shape = step.place("over"), step.place("groups"), step.inputs[0]
    seen_by_all = seen.over(over, shape)
    if groups is not None and seen.varies(1):
        split = (shape[0], groups, shape[1] // groups, *[1] * (len(shape) - 2))
        flat = (shape[0], shape[1], *split[3:])
        parts = reshaped(seen_by_all, flat, split)
        wide = parts.over([2], split).mapped(lambda t: np.repeat(t, split[2], axis=3), None, None)
        seen_by_all = Seen(seen.axis, reshaped(wide, split, flat).terms, seen_by_all.dim, seen_by_all.line)
    return joined([seen_by_all, seen], seen.rank)


@maps_first("batch_norm")
def _batch_norm(step: Step, seen: Seen) -> Result:
    """With stored statistics each element by itself."""
    return seen if step.node.places is None else _with_all(seen, step.place("over"), step.inputs[0])


@maps_first("local_response_norm")
def _over_neighbours(step: Step, seen: Seen) -> Result:
    """A window over the channels."""
    size = step.place("size")
    return seen.gathered(1, taps.window_taps(step.shape[1], step.shape[1], size, 1, size // 2, 1), None)


@maps_first("glu")
def _gated(step: Step, seen: Seen) -> Result:
    """One half of a dimension by the other."""
    dim = step.place("dim")
    half = step.shape[dim]
    if not seen.varies(dim):
        return seen
    return joined([seen.gathered(dim, taps.window_taps(2 * half, half, 1, 1, -start, 1), None) for start in (0, half)], seen.rank)


@maps_first("sum", "mean", "prod", "amax", "amin", "var", "std", "norm", "logsumexp", "any", "all", "argmax", "argmin", "nansum", "count_nonzero")
def _reduced(step: Step, seen: Seen) -> Result:
    """Some dimensions to one element."""
    before, after = step.inputs[0], step.shape
    origin = step.places["from"]
    kept = len(after) == len(before)
    gone = [d for d, dims in enumerate(origin) if not dims] if kept else [d for d in range(len(before)) if [d] not in origin]
    found = seen.over(gone, before)
    return found if kept else found.without(gone)


@maps_first("cumsum", "cumprod", "logcumsumexp")
def _running(step: Step, seen: Seen) -> Result:
    """Each position with all before it."""
    places = step.places
    dim = (places["args"] or tuple(places["settings"].values()))[0] % seen.rank
    return _up_to(seen, dim, step.shape[dim])


@maps("cosine_similarity", "pairwise_distance")
def _compared(step: Step, sources: Sources) -> Result:
    """Two tensors along a dimension."""
    seen = joined(sources, max(len(s) for s in step.inputs))
    if seen is None:
        return None
    dim = step.place("dim") % seen.rank
    found = seen.over([dim], step.inputs[0])
    return found if step.place("keeps") else found.without([dim])


@maps_first("lstm", "gru", "rnn_tanh", "rnn_relu")
def _recurrent(step: Step, seen: Seen) -> Result:
    """A step sees those before it, or all of them where the layer runs both ways; the last states see all."""
    dim, shape = step.place("steps"), step.inputs[0]
    if len(shape) != 3:
        raise step.no_map()
    mixed = seen.over([2], shape)
    end = mixed.over([dim], shape)
    state = lineless(end if dim == 0 else end.mapped(lambda t: t.transpose(0, 2, 1, 3), None, end.line))
    return [end if step.place("both") else _up_to(mixed, dim, shape[dim]), *[state] * (len(step.outputs) - 1)]


@maps_first(*(f"fft_{way}fft{kind}" for way in ("", "i", "r", "ir") for kind in ("", "2", "n")), "fft_hfft", "fft_ihfft")
def _transformed(step: Step, seen: Seen) -> Result:
    """Every frequency is made of all positions."""
    return seen.over(step.place("over"), step.inputs[0])


@maps("einsum")
def _einsum(step: Step, sources: Sources) -> Result:
    """A letter that the output lacks is summed."""
    equation = step.place("equation")
    if not equation:
        raise step.no_map()
    inputs, _, output = equation.partition("->")
    operands, shapes = step.operands(sources), step.operands(sources, shapes=True)
    parts: list[Seen | None] = []
    for letters, source, shape in zip(inputs.split(","), operands, shapes, strict=True):
        if source is None:
            continue
        if "->" not in equation or len(set(letters)) < len(letters):
            raise step.no_map()
        found = source.over([i for i, c in enumerate(letters) if c not in output], shape)
        order = [letters.index(c) if c in letters else None for c in output]
        dim = next((i for i, o in enumerate(order) if o is not None and o == found.dim), None)
        parts.append(found.mapped(lambda t, order=order: _arranged(t, order), dim, found.line))
    return joined(parts, len(output))


def _arranged(term: Sets, order: list[int | None]) -> Sets:
    """Dimensions in ``order``, of size 1 where it says None; all others are of size 1."""
    kept = [d for d in order if d is not None]
    rest = [d for d in range(term.ndim - 1) if d not in kept]
    moved = term.transpose(0, *[d + 1 for d in kept], *[d + 1 for d in rest])
    return moved.reshape(term.shape[0], *[1 if d is None else term.shape[d + 1] for d in order])
