"""Convolutions. MACs are one per weight tap and output element (four of complex numbers); a bias is one further FLOP an output element."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from blocks.trace.errors import KernelRefuses
from blocks.trace.rules.complex import real_macs, sums
from blocks.trace.rules.registry import Out, per_axis, product, rule, show_shape, window_out
from blocks.trace.symbolic import plain


def _check(shape: Any, weight: Any, groups: int, rank: int) -> None:
    if len(shape) not in (rank + 1, rank + 2):
        raise ValueError(f"a {rank}-d convolution needs an input of {rank + 2} dimensions, not {show_shape(shape)}")
    has, wants = plain(shape[-rank - 1]), plain(weight[1]) * plain(groups)
    if has != wants:
        raise ValueError(f"the convolution expects {wants} channels and the input has {has}")


def _convolution(rank: int) -> Callable[..., Out]:
    def conv(x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Out:
        shape, taps = x.shape, tuple(weight.shape)
        _check(shape, taps, groups, rank)
        kernel = taps[2:]
        strides, dilations = per_axis(stride, rank), per_axis(dilation, rank)
        if type(padding) is str:
            spans = [d * (k - 1) if padding == "same" else 0 for k, d in zip(kernel, dilations, strict=True)]
            before = tuple([span // 2 for span in spans])
            after = tuple([span - b for span, b in zip(spans, before, strict=True)])
        else:
            before = after = per_axis(padding, rank)
        first = len(shape) - rank
        batch = shape[: first - 1]
        places = [window_out(shape[first + i], kernel[i], strides[i], before[i], dilations[i], pad_after=after[i]) for i in range(rank)]
        # C_in/g is the weight's second size, so the weight's own size counts the taps of one position.
        macs = math.prod(batch) * math.prod(places) * math.prod(taps) * real_macs(x, weight)
        attrs = {"kernel": kernel, "stride": strides, "padding": before, "groups": groups, "dilation": dilations}
        return Out(
            (*batch, taps[0], *places), macs=macs, unit=0 if bias is None else sums(x), attrs=attrs, saves=(x, weight), products=((x, macs), (weight, macs))
        )

    return conv


def _transposed(rank: int) -> Callable[..., Out]:
    def conv_transpose(
        x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1, dilation: Any = 1
    ) -> Out:
        kernel = weight.shape[2:]
        strides, pads, extra, dilations = (per_axis(v, rank) for v in (stride, padding, output_padding, dilation))
        if any(plain(e) >= max(plain(s), plain(d)) for e, s, d in zip(extra, strides, dilations, strict=True) if plain(e)):
            raise KernelRefuses(f"an output padding of {tuple(map(plain, extra))} must be smaller than the stride or the dilation")
        sizes = x.shape[-rank:]
        places = [(sizes[i] - 1) * strides[i] - 2 * pads[i] + dilations[i] * (kernel[i] - 1) + extra[i] + 1 for i in range(rank)]
        batch = x.shape[: -rank - 1]
        macs = product(batch) * product(sizes) * product(weight.shape) * real_macs(x, weight)
        attrs = {"kernel": tuple(kernel), "stride": strides, "padding": pads, "groups": groups, "dilation": dilations}
        return Out(
            (*batch, weight.shape[1] * groups, *places),
            macs=macs,
            unit=0 if bias is None else sums(x),
            attrs=attrs,
            saves=(x, weight),
            products=((x, macs), (weight, macs)),
        )

    return conv_transpose


for _rank in (1, 2, 3):
    rule(f"conv{_rank}d", kind="convolution")(_convolution(_rank))
    rule(f"conv_transpose{_rank}d", kind="convolution")(_transposed(_rank))
