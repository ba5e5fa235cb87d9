"""Maps of windows over positions: convolution, pooling, resampling, borders, and windows laid out as channels."""

from __future__ import annotations

import numpy as np

from blocks.cost.fields import taps
from blocks.cost.fields.sets import Line, Seen
from blocks.cost.fields.step import Result, Step, maps_first


def _mixed_channels(step: Step, seen: Seen, dim: int) -> Seen:
    """After each output channel has read the input channels of its group."""
    if not seen.varies(dim):
        return seen
    groups, c_in, c_out = step.attr("groups"), step.inputs[0][dim], step.shape[dim]
    if groups == 1:
        return seen.over([dim], step.inputs[0])
    if groups == c_in == c_out:
        return seen
    union = seen.axis.algebra.union

    def grouped(term: np.ndarray) -> np.ndarray:
        if term.shape[dim + 1] == 1:
            return term
        parts = term.reshape(*term.shape[: dim + 1], groups, c_in // groups, *term.shape[dim + 2 :])
        return np.repeat(union.reduce(parts, axis=dim + 2), c_out // groups, axis=dim + 1)

    return seen.mapped(grouped, seen.dim, seen.line)


@maps_first("conv1d", "conv2d", "conv3d", "max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d")
def _windowed(step: Step, seen: Seen) -> Result:
    """A window with stride, dilation and padding."""
    kernel, stride, padding, dilation = (step.attr(name) for name in ("kernel", "stride", "padding", "dilation"))
    first = seen.rank - len(kernel)
    if "groups" in step.node.attrs:
        seen = _mixed_channels(step, seen, first - 1)
    for i, k in enumerate(kernel):
        dim = first + i
        found = taps.window_taps(step.inputs[0][dim], step.shape[dim], k, stride[i], padding[i], dilation[i])
        line = seen.line.windowed(k, stride[i], padding[i], dilation[i]) if seen.line and seen.dim == dim else None
        seen = seen.gathered(dim, found, line)
    return seen


@maps_first("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def _transposed(step: Step, seen: Seen) -> Result:
    """Every input position makes a window of the output."""
    kernel, stride, padding, dilation = (step.attr(name) for name in ("kernel", "stride", "padding", "dilation"))
    first = seen.rank - len(kernel)
    seen = _mixed_channels(step, seen, first - 1)
    for i, k in enumerate(kernel):
        dim = first + i
        found = taps.transposed_taps(step.inputs[0][dim], step.shape[dim], k, stride[i], padding[i], dilation[i])
        line = seen.line if seen.dim == dim else None
        if line is not None and stride[i] == 1:
            line = line.windowed(k, 1, dilation[i] * (k - 1) - padding[i], dilation[i])
        elif line is not None:
            line = line.finer(stride[i]) if k == stride[i] and padding[i] == 0 else None
        seen = seen.gathered(dim, found, line)
    return seen


@maps_first(*(f"adaptive_{kind}_pool{rank}d" for kind in ("avg", "max") for rank in (1, 2, 3)))
def _adaptive(step: Step, seen: Seen) -> Result:
    """Windows that share the positions evenly; one window sees all of them."""
    first = seen.rank - int(step.node.op[-2])
    for dim in range(first, seen.rank):
        n_in, n_out = step.inputs[0][dim], step.shape[dim]
        if n_out == 1:
            seen = seen.over([dim], step.inputs[0])
            continue
        line = seen.line.windowed(n_in // n_out, n_in // n_out, 0, 1) if seen.line and n_in % n_out == 0 else None
        seen = seen.gathered(dim, taps.adaptive_taps(n_in, n_out), line)
    return seen


@maps_first("interpolate")
def _resampled(step: Step, seen: Seen) -> Result:
    """Each new position reads the neighbours that have a weight."""
    mode, scale = step.attr("mode"), step.place("scale")
    scales = scale if isinstance(scale, tuple) else (scale,) * (seen.rank - 2)
    for i, factor in enumerate(scales):
        dim = 2 + i
        n_in, n_out = step.inputs[0][dim], step.shape[dim]
        try:
            found = taps.resampling_taps(n_in, n_out, mode, None if factor is None else float(factor), step.place("align_corners"), step.place("antialias"))
        except (KeyError, ValueError):
            raise step.no_map() from None
        line = seen.line.finer(n_out / n_in) if seen.line and mode.startswith("nearest") else None
        seen = seen.gathered(dim, found, line)
    return seen


@maps_first("pad")
def _bordered(step: Step, seen: Seen) -> Result:
    """Borders, which see nothing where a constant fills them."""
    amounts, mode = step.place("pad"), step.place("mode")
    for i in range(len(amounts) // 2):
        dim, before, after = seen.rank - 1 - i, amounts[2 * i], amounts[2 * i + 1]
        if before == after == 0:
            continue
        try:
            found = taps.border_taps(step.inputs[0][dim], before, after, mode)
        except KeyError:
            raise step.no_map() from None
        seen = seen.gathered(dim, found, seen.line and seen.line.windowed(1, 1, before, 1))
    return seen


@maps_first("unfold")
def _unfolded(step: Step, seen: Seen) -> Result:
    """Windows as channels (im2col), or as a last dimension (Tensor.unfold): each element by itself."""
    if "kernel" not in step.places:
        return _window_last(step, seen)
    kernel, stride, padding, dilation = (step.place(name) for name in ("kernel", "stride", "padding", "dilation"))
    channels = step.inputs[0][1]
    places = (step.place("rows"), step.shape[2] // step.place("rows"))
    for i in (0, 1):  # (B, C, H, W) -> (B, C, k, places, W) -> (B, C, k, places, k, places)
        n_in = step.inputs[0][2 + i]
        seen = _taps_apart(seen, 2 + 2 * i, [taps.window_taps(n_in, places[i], 1, stride[i], padding[i] - t * dilation[i], 1) for t in range(kernel[i])])
    size = (kernel[0], places[0], kernel[1], places[1])

    def laid_out(term: np.ndarray) -> np.ndarray:
        k, batch = term.shape[:2]
        wide = np.broadcast_to(term, (k, batch, channels, *size)).transpose(0, 1, 2, 3, 5, 4, 6)
        return wide.reshape(k, batch, channels * kernel[0] * kernel[1], places[0] * places[1])

    return seen.mapped(laid_out, None, None)


def _taps_apart(seen: Seen, dim: int, each: list[taps.Taps]) -> Seen:
    """Dimension ``dim`` as (tap, place)."""
    empty = seen.axis.algebra.empty

    def split(term: np.ndarray) -> np.ndarray:
        parts = []
        for found in each:
            part = term.take(found.reads[0], axis=dim + 1) if term.shape[dim + 1] > 1 else np.repeat(term, found.reads.shape[1], axis=dim + 1)
            if found.blank is not None:
                part = np.where(found.blank.reshape(-1, *[1] * (part.ndim - dim - 2)), part.dtype.type(empty), part)
            parts.append(part)
        return np.stack(parts, axis=dim + 1)

    return seen.mapped(split, None, None)


def _window_last(step: Step, seen: Seen) -> Seen:
    dim, stride = step.place("dim"), step.place("step")
    count, size = step.shape[dim], step.shape[-1]
    index = np.arange(count)[:, None] * stride + np.arange(size)

    def split(term: np.ndarray) -> np.ndarray:
        if term.shape[dim + 1] == 1:
            return term[..., None]
        return np.moveaxis(term.take(index, axis=dim + 1), dim + 2, -1)

    return seen.mapped(split, seen.dim, None)


def line_of_slice(line: Line | None, start: int, stride: int) -> Line | None:
    """The map without borders of every ``stride``-th position from ``start`` on."""
    return line and line.windowed(1, stride, -start, 1)
