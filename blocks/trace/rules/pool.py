"""Pooling and resampling. A window of k·k elements costs k·k - 1 comparisons or k·k additions and divisions an output element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from blocks.trace.errors import NoRule
from blocks.trace.graph import Extra
from blocks.trace.rules.complex import sums
from blocks.trace.rules.registry import RULES, Out, Rule, axis, per_axis, product, rule, show_shape, window_out
from blocks.trace.symbolic import plain, quotient, whole


def _windowed(rank: int, average: bool) -> Callable[..., Out]:
    def spatial(x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool) -> tuple[tuple[Any, ...], dict[str, Any]]:
        kernels = per_axis(kernel, rank)
        strides = kernels if stride is None or stride == [] else per_axis(stride, rank)
        pads, dilations = per_axis(padding, rank), per_axis(dilation, rank)
        for k, p in zip(kernels, pads, strict=True):
            if 2 * plain(p) > plain(k):
                raise ValueError(f"pooling with padding {plain(p)} is more than half of its window of {plain(k)}")
        places = [window_out(x.shape[i - rank], kernels[i], strides[i], pads[i], dilations[i], ceil) for i in range(rank)]
        attrs = {"kernel": kernels, "stride": strides, "padding": pads, "dilation": dilations}
        return (*x.shape[:-rank], *places), attrs

    def max_pool(
        x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False, return_indices: bool = False
    ) -> Out:
        if return_indices:
            raise NoRule("pooling with indices")
        shape, attrs = spatial(x, kernel_size, stride, padding, dilation, ceil_mode)
        # Where each maximum was, 8 bytes each.
        return Out(shape, unit=product(attrs["kernel"]) - 1, attrs=attrs, saves=(x,), extras=(Extra(shape, 8, running=rank > 1),))

    def avg_pool(
        x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: Any = None
    ) -> Out:
        shape, attrs = spatial(x, kernel_size, stride, padding, 1, ceil_mode)
        return Out(shape, unit=product(attrs["kernel"]), attrs=attrs, saves=(x,))

    return avg_pool if average else max_pool


def _adaptive(rank: int, average: bool) -> Callable[..., Out]:
    def adaptive(x: Any, output_size: Any, return_indices: bool = False) -> Out:
        if return_indices:
            raise NoRule("pooling with indices")
        wanted = per_axis(output_size, rank)
        places = [size if w is None else w for w, size in zip(wanted, x.shape[-rank:], strict=True)]
        shape = (*x.shape[:-rank], *places)
        # Each input element is added once; an average then divides each output once.
        whole_picture = all(plain(p) == 1 for p in places)
        # A global average is a mean, which keeps nothing; a maximum keeps where it was, 8 bytes each.
        saves = () if average and whole_picture else (x,)
        extras = () if average else (Extra(shape, 8),)
        return Out(
            shape,
            flops=product(x.shape) * (sums(x) if average else 1),
            unit=sums(x) if average else 0,
            attrs={"global": whole_picture},
            saves=saves,
            extras=extras,
        )

    return adaptive


for _rank in (1, 2, 3):
    rule(f"max_pool{_rank}d", kind="pool")(_windowed(_rank, average=False))
    rule(f"avg_pool{_rank}d", kind="pool")(_windowed(_rank, average=True))
    rule(f"adaptive_avg_pool{_rank}d", kind="pool")(_adaptive(_rank, average=True))
    rule(f"adaptive_max_pool{_rank}d", kind="pool")(_adaptive(_rank, average=False))

#: FLOPs an output element: neighbours weighted and added.
_RESAMPLE = {"nearest": 0, "nearest-exact": 0, "linear": 3, "bilinear": 7, "bicubic": 31, "trilinear": 15, "area": 1}


def _resampling(
    size: Any, scale_factor: Any, align_corners: Any = None, recompute_scale_factor: Any = None, antialias: bool = False, **_: Any
) -> dict[str, Any]:
    """What places the new positions: a scale that was given counts as it is, unless it is computed again from the sizes."""
    given = None if size is not None or recompute_scale_factor else scale_factor
    return {"scale": tuple(given) if isinstance(given, (tuple, list)) else given, "align_corners": bool(align_corners), "antialias": bool(antialias)}


@rule("interpolate", "upsample", kind="upsample")
def interpolate(x: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", *args: Any, **settings: Any) -> Out:
    """Resample the positions; nearest moves only, bilinear takes 4 weighted neighbours (7 FLOPs)."""
    rank = len(x.shape) - 2
    if size is not None:
        places = per_axis(size, rank)
    else:
        factors = per_axis(scale_factor, rank)
        places = tuple(s * int(f) if float(f).is_integer() else whole(s * f) for s, f in zip(x.shape[2:], factors, strict=True))
    if any(plain(p) < 1 for p in places):
        raise ValueError(f"resampling {show_shape(x.shape)} leaves nothing")
    saves = (x,) if mode == "area" else ()  # an adaptive average
    placed = _resampling(size, scale_factor, *args, **settings)
    return Out((*x.shape[:2], *places), unit=_RESAMPLE.get(mode, 0), attrs={"mode": mode}, saves=saves, places=placed)


@rule("pixel_shuffle", kind="reshape")
def pixel_shuffle(x: Any, upscale_factor: int) -> Out:
    """Channels become positions."""
    r = upscale_factor
    *lead, c, h, w = x.shape
    return Out((*lead, quotient(c, r * r), h * r, w * r))


@rule("pixel_unshuffle", kind="reshape")
def pixel_unshuffle(x: Any, downscale_factor: int) -> Out:
    """Positions become channels."""
    r = downscale_factor
    *lead, c, h, w = x.shape
    return Out((*lead, c * r * r, quotient(h, r), quotient(w, r)))


@rule("unfold", kind="reshape")
def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Out:
    """Every window as a column (im2col): (B, C, H, W) -> (B, C·k·k, places)."""
    if len(x.shape) != 4:
        raise NoRule("unfold of a tensor that is no picture")
    k, d, p, s = (per_axis(v) for v in (kernel_size, dilation, padding, stride))
    places = [window_out(x.shape[2 + i], k[i], s[i], p[i], d[i]) for i in range(2)]
    return Out((x.shape[0], x.shape[1] * product(k), product(places)), places={"kernel": k, "dilation": d, "padding": p, "stride": s, "rows": places[0]})


def _windows(x: Any, dimension: int, size: int, step: int) -> Out:
    """Tensor.unfold: a view of every window along one dimension, the window last."""
    dim = axis(dimension, len(x.shape))
    if plain(size) > plain(x.shape[dim]):
        raise ValueError(f"the window of {plain(size)} is larger than dimension {dim} of {show_shape(x.shape)}")
    return Out((*x.shape[:dim], quotient(x.shape[dim] - size, step) + 1, *x.shape[dim + 1 :], size), view=True, dense=False, places={"dim": dim, "step": step})


RULES[torch.Tensor.unfold] = Rule(_windows, "unfold", "reshape", False)
