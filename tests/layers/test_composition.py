"""Two convolutions as one compute the same, away from the border."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks.knobs import KnobError
from blocks.layers.composition import composed


def test_two_windows_are_one_larger_window() -> None:
    torch.manual_seed(0)
    first, second = nn.Conv2d(4, 6, (1, 3), groups=2), nn.Conv2d(6, 5, (5, 1))
    x = torch.randn(2, 4, 11, 9)
    one = composed(first, second)
    assert one.kernel_size == (5, 3)
    torch.testing.assert_close(one(x), second(first(x)), atol=1e-5, rtol=1e-4)


def test_what_cannot_be_one_convolution_is_refused() -> None:
    with pytest.raises(KnobError, match="stride 1 and dilation 1"):
        composed(nn.Conv2d(4, 4, 3, 2), nn.Conv2d(4, 4, 3))
    with pytest.raises(KnobError, match="one group"):
        composed(nn.Conv2d(4, 4, 3), nn.Conv2d(4, 4, 3, groups=2))
