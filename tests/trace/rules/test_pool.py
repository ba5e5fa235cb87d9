"""Pooling, resampling and windows: shapes against torch, FLOPs by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn import functional as F

from blocks.trace.errors import TraceError
from tests.tracing import cost, node_of, traced

X = (2, 3, 8, 11)

# (function, FLOPs of all output elements)
CASES: dict[str, tuple[Callable[..., Any], int]] = {
    "max": (lambda x: F.max_pool2d(x, (3, 2), (2, 3)), 6 * 3 * 4 * (6 - 1)),
    "max, its window as its stride": (lambda x: F.max_pool2d(x, 2), 6 * 4 * 5 * 3),
    "max, padded": (lambda x: F.max_pool2d(x, 3, 2, 1), 6 * 4 * 6 * 8),
    "max, dilated": (lambda x: F.max_pool2d(x, 3, 1, dilation=2), 6 * 4 * 7 * 8),
    "average": (lambda x: F.avg_pool2d(x, (2, 5), (1, 2)), 6 * 7 * 4 * 10),
    "average, rounded up": (lambda x: F.avg_pool2d(x, 3, 2, ceil_mode=True), 6 * 4 * 5 * 9),
    "adaptive average": (lambda x: F.adaptive_avg_pool2d(x, (3, 4)), 528 + 6 * 12),
    "adaptive average, one side kept": (lambda x: F.adaptive_avg_pool2d(x, (None, 4)), 528 + 6 * 32),
    "adaptive maximum": (lambda x: F.adaptive_max_pool2d(x, 2), 528),
    "nearest": (lambda x: F.interpolate(x, scale_factor=2), 0),
    "bilinear": (lambda x: F.interpolate(x, scale_factor=2.0, mode="bilinear"), 7 * 6 * 16 * 22),
    "bicubic to a size": (lambda x: F.interpolate(x, (5, 7), mode="bicubic"), 31 * 6 * 35),
    "windows as columns": (lambda x: F.unfold(x, (3, 2), stride=(1, 2), padding=1), 0),
    "windows of one dimension": (lambda x: x.unfold(3, 4, 3), 0),
    "unshuffle": (lambda x: F.pixel_unshuffle(x[..., :10], 2), 0),
}  # fmt: skip


@pytest.mark.parametrize(("function", "flops"), CASES.values(), ids=CASES)
def test_flops(function: Callable[..., Any], flops: int) -> None:
    analysis = traced(function, X)
    assert (analysis.macs, analysis.flops, analysis.not_counted) == (0, flops, [])
    assert analysis.output_shape == tuple(function(torch.empty(X, device="meta")).shape)


def test_other_ranks() -> None:
    assert cost(lambda x: F.max_pool1d(x, 3, 2), (2, 3, 9)) == (0, 6 * 4 * 2)
    assert cost(lambda x: F.avg_pool3d(x, (1, 2, 3)), (1, 2, 3, 4, 7)) == (0, 2 * 3 * 2 * 2 * 6)
    assert cost(lambda x: F.interpolate(x, scale_factor=3, mode="linear"), (2, 3, 5)) == (0, 3 * 6 * 15)


def test_the_shuffle_moves_channels_to_positions() -> None:
    assert node_of(lambda x: F.pixel_shuffle(x, 3), (2, 18, 4, 5)).shape == (2, 2, 12, 15)


@given(st.integers(4, 13), st.integers(1, 4), st.integers(1, 4), st.integers(0, 2), st.booleans())
def test_any_window_has_torchs_size(size: int, kernel: int, stride: int, padding: int, ceil: bool) -> None:
    assume(2 * padding <= kernel)
    average = node_of(lambda x: F.avg_pool2d(x, kernel, stride, padding, ceil), (1, 2, size, 7))
    assert average.flops == kernel**2 * torch.Size(average.shape).numel()
    node_of(lambda x: F.max_pool2d(x, kernel, stride, padding, 1, ceil), (1, 2, size, 7))


def test_global_pooling_is_marked() -> None:
    assert node_of(lambda x: F.adaptive_avg_pool2d(x, 1), X).attrs == {"global": True}
    assert node_of(lambda x: F.adaptive_avg_pool2d(x, (1, 2)), X).attrs == {"global": False}


def test_pooling_with_indices_is_counted_below_torch() -> None:
    analysis = traced(lambda x: F.max_pool2d(x, 2, return_indices=True), X)
    assert [n.shape for n in analysis.graph.nodes if n.kind == "output"] == [(2, 3, 4, 5)] * 2
    assert analysis.not_counted == []


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (lambda x: F.max_pool2d(x, 3, padding=2), "padding 2 is more than half of its window of 3"),
        (lambda x: F.avg_pool2d(x, 9), "window of 9 is larger than the input of 8"),
        (lambda x: F.interpolate(x, scale_factor=0.1), "resampling 2×3×8×11 leaves nothing"),
        (lambda x: x.unfold(2, 9, 1), "window of 9 is larger than dimension 2 of 2×3×8×11"),
    ],
)
def test_what_does_not_fit(function: Callable[..., Any], sentence: str) -> None:
    with pytest.raises(TraceError, match=sentence):
        traced(function, X)
