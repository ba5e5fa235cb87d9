"""Convolutions: MACs against torch's own counter and the closed form, shapes against torch, and the sentences for what does not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from blocks.trace.errors import TraceError
from tests.tracing import cost, macs_by_torch, node_of, traced

# (function, input, weight, MACs = places · C_out · C_in/g · taps, by hand)
CASES: dict[str, tuple[Callable[..., Tensor], tuple[int, ...], tuple[int, ...], int]] = {
    "1-d": (lambda x, w: F.conv1d(x, w, stride=2), (2, 3, 11), (5, 3, 4), 2 * 4 * 5 * 3 * 4),
    "2-d": (lambda x, w: F.conv2d(x, w, padding=(1, 2)), (2, 3, 7, 9), (5, 3, 3, 4), 2 * 7 * 10 * 5 * 3 * 12),
    "grouped": (lambda x, w: F.conv2d(x, w, groups=3, dilation=(2, 1)), (2, 6, 7, 9), (15, 2, 3, 2), 2 * 3 * 8 * 15 * 2 * 6),
    "depthwise": (lambda x, w: F.conv2d(x, w, groups=5, stride=(2, 3)), (1, 5, 8, 13), (5, 1, 3, 4), 3 * 4 * 5 * 12),
    "same padding": (lambda x, w: F.conv2d(x, w, padding="same"), (1, 3, 7, 5), (4, 3, 2, 3), 7 * 5 * 4 * 3 * 6),
    "valid padding": (lambda x, w: F.conv2d(x, w, padding="valid"), (1, 3, 7, 5), (4, 3, 2, 3), 6 * 3 * 4 * 3 * 6),
    "without a batch": (lambda x, w: F.conv2d(x, w), (3, 7, 5), (4, 3, 2, 3), 6 * 3 * 4 * 3 * 6),
    "3-d": (lambda x, w: F.conv3d(x, w, stride=(1, 2, 1)), (1, 2, 5, 6, 7), (3, 2, 2, 3, 4), 4 * 2 * 4 * 3 * 2 * 24),
    "transposed 1-d": (lambda x, w: F.conv_transpose1d(x, w, stride=3), (2, 3, 5), (3, 4, 2), 2 * 5 * 3 * 4 * 2),
    "transposed 2-d": (lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1, output_padding=1), (2, 3, 5, 7), (3, 4, 3, 2), 2 * 35 * 3 * 4 * 6),
    "transposed grouped": (lambda x, w: F.conv_transpose2d(x, w, groups=2, dilation=2), (1, 6, 5, 7), (6, 4, 3, 2), 35 * 6 * 4 * 6),
    "transposed 3-d": (lambda x, w: F.conv_transpose3d(x, w), (1, 2, 3, 4, 5), (2, 7, 2, 1, 3), 60 * 2 * 7 * 6),
}  # fmt: skip


@pytest.mark.parametrize(("function", "x", "w", "macs"), CASES.values(), ids=CASES)
def test_macs_are_the_closed_form_and_torchs_own(function: Callable[..., Tensor], x: tuple[int, ...], w: tuple[int, ...], macs: int) -> None:
    assert cost(function, x, w) == (macs, 0)
    if len(x) == len(w):  # torch's counter takes the channels for the batch where there is none
        assert macs_by_torch(function, x, w) == macs


@pytest.mark.parametrize("transposed", [False, True])
def test_a_bias_is_one_further_flop_per_output_element(transposed: bool) -> None:
    function: Any = F.conv_transpose2d if transposed else F.conv2d
    weight = (3, 4, 3, 2) if transposed else (4, 3, 3, 2)
    without, with_bias = node_of(function, (2, 3, 5, 7), weight), node_of(function, (2, 3, 5, 7), weight, (4,))
    assert with_bias.macs == without.macs
    assert with_bias.flops - without.flops == (2 * 4 * 7 * 8 if transposed else 2 * 4 * 3 * 6)


@given(st.integers(5, 12), st.integers(1, 4), st.integers(1, 3), st.integers(0, 3), st.integers(1, 2))
def test_any_window_has_torchs_size(size: int, kernel: int, stride: int, padding: int, dilation: int) -> None:
    assume(size + 2 * padding >= dilation * (kernel - 1) + 1)
    node = node_of(lambda x, w: F.conv2d(x, w, None, stride, padding, dilation), (1, 2, size, 13), (3, 2, kernel, 1))
    assert node.macs == node.shape[2] * node.shape[3] * 3 * 2 * kernel


def test_what_the_window_is_stays_with_the_operation() -> None:
    attrs = node_of(lambda x, w: F.conv2d(x, w, stride=(2, 1), padding=(3, 0), dilation=(1, 2), groups=3), (1, 6, 9, 8), (3, 2, 5, 4)).attrs
    assert attrs == {"kernel": (5, 4), "stride": (2, 1), "padding": (3, 0), "groups": 3, "dilation": (1, 2)}


@pytest.mark.parametrize(
    ("x", "w", "groups", "sentence"),
    [
        ((1, 4, 5, 6), (7, 3, 2, 2), 1, "expects 3 channels and the input has 4"),
        ((1, 4, 5, 6), (7, 3, 2, 2), 2, "expects 6 channels and the input has 4"),
        ((4, 5), (7, 3, 2, 2), 1, "2-d convolution needs an input of 4 dimensions, not 4×5"),
        ((1, 3, 2, 6), (7, 3, 4, 2), 1, "window of 4 is larger than the input of 2"),
    ],
)
def test_what_does_not_fit_is_said_with_its_numbers(x: tuple[int, ...], w: tuple[int, ...], groups: int, sentence: str) -> None:
    with pytest.raises(TraceError, match=sentence):
        traced(lambda a, b: torch.conv2d(a, b, groups=groups), x, w)
