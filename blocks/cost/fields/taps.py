"""Which positions along one dimension an output position reads: of windows, borders, resampling and adaptive pooling.

Windows and transposed windows: Dumoulin and Visin 2016, arXiv 1603.07285.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

#: The longest dimension whose resampling is worked out by resampling every position of it.
LONGEST_RESAMPLED = 4096
_MODES = {"linear": "bilinear", "bilinear": "bilinear", "trilinear": "bilinear", "bicubic": "bicubic"}


class Taps(NamedTuple):
    """``reads`` (n, positions): what each position reads, some of it twice; ``blank`` marks those that read nothing.

    ``identity`` says that each position reads itself.
    """

    reads: NDArray[np.intp]
    blank: NDArray[np.bool_] | None = None
    identity: bool = False


def _taps(index: NDArray[Any], n_in: int) -> Taps:
    """Taps of an index (positions, reads) in which what lies outside is read by nobody."""
    inside = (index >= 0) & (index < n_in)
    some: NDArray[np.bool_] = inside.max(axis=1)
    if not inside.all():
        instead = np.take_along_axis(index, inside.argmax(axis=1)[:, None], axis=1)
        index = np.where(inside, index, np.where(some[:, None], instead, 0))
    everywhere = bool(some.all())
    same = everywhere and index.shape == (n_in, 1) and bool((index[:, 0] == np.arange(n_in)).all())
    return Taps(np.ascontiguousarray(index.T, np.intp), None if everywhere else ~some, same)


@lru_cache(maxsize=2048)
def window_taps(n_in: int, n_out: int, kernel: int, stride: int, padding: int, dilation: int) -> Taps:
    """Of a convolution or pooling."""
    return _taps(np.arange(n_out)[:, None] * stride - padding + np.arange(kernel) * dilation, n_in)


@lru_cache(maxsize=512)
def transposed_taps(n_in: int, n_out: int, kernel: int, stride: int, padding: int, dilation: int) -> Taps:
    """Of a transposed convolution: input i and tap t make the output i·stride - padding + t·dilation."""
    from_ = np.arange(n_out)[:, None] + padding - np.arange(kernel) * dilation
    return _taps(np.where(from_ % stride == 0, from_ // stride, -1), n_in)


@lru_cache(maxsize=512)
def border_taps(n_in: int, before: int, after: int, mode: str) -> Taps:
    """Of padding (cutting where negative); what a constant fills sees nothing. Raises KeyError for a mode that is not known."""
    at = np.arange(-before, n_in + after)
    outside = {
        "constant": at,
        "replicate": at.clip(0, n_in - 1),
        "circular": at % n_in,
        "reflect": np.where(at < 0, -at, np.where(at >= n_in, 2 * (n_in - 1) - at, at)),
    }[mode]
    return _taps(outside[:, None], n_in)


@lru_cache(maxsize=512)
def adaptive_taps(n_in: int, n_out: int) -> Taps:
    """Of adaptive pooling: from ⌊i·n_in/n_out⌋ to ⌈(i + 1)·n_in/n_out⌉ - 1."""
    i = np.arange(n_out)
    first, end = i * n_in // n_out, -(-(i + 1) * n_in // n_out)
    offsets = np.arange(int((end - first).max()))
    index = first[:, None] + offsets
    return _taps(np.where(index < end[:, None], index, -1), n_in)


@lru_cache(maxsize=512)
def resampling_taps(n_in: int, n_out: int, mode: str, scale: float | None, align_corners: bool, antialias: bool) -> Taps:
    """Of interpolation: torch resamples each position by itself, and what is not zero is read. Raises KeyError for an unknown mode.

    Raises ValueError beyond :data:`LONGEST_RESAMPLED` positions.
    """
    if mode == "area":
        return adaptive_taps(n_in, n_out)
    if n_in == n_out and (scale is None or scale == 1):
        return Taps(np.arange(n_in)[None], None, True)
    if mode.startswith("nearest") and n_out % n_in == 0 and (scale is None or scale * n_in == n_out):
        return Taps(np.arange(n_out)[None] // (n_out // n_in))
    if n_in > LONGEST_RESAMPLED:
        raise ValueError(n_in)
    # Which neighbour is nearest is decided in the network's own arithmetic.
    each = torch.eye(n_in, dtype=torch.float32 if mode.startswith("nearest") else torch.float64)[None, :, :, None].repeat(1, 1, 1, 2)
    settings: dict[str, Any] = {"size": (n_out, 2)} if scale is None else {"scale_factor": (scale, 1.0)}
    if not mode.startswith("nearest"):
        mode = _MODES[mode]
        settings |= {"align_corners": align_corners, "antialias": antialias}
    with torch._C.DisableTorchFunction():
        weights = F.interpolate(each, mode=mode, **settings)[0, :, :, 0].T.numpy()
    read = np.abs(weights) > 1e-12
    order = np.argsort(~read, axis=1, kind="stable")[:, : max(1, int(read.sum(axis=1).max()))]
    return _taps(np.where(np.take_along_axis(read, order, axis=1), order, -1), n_in)
