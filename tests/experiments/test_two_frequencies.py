"""Two frequencies: the parts add up, the low one is an average, and the savings are the paper's."""

from __future__ import annotations

import pytest
import torch

from blocks.experiments.base import RunProgress
from blocks.experiments.pictures import Picture
from blocks.experiments.two_frequencies import octave_share, run, split_frequencies


def test_the_parts_add_up_and_the_low_one_is_the_mean_of_four() -> None:
    torch.manual_seed(0)
    x = torch.rand(3, 6, 8)
    low, high = split_frequencies(x)
    assert torch.allclose(low[:, 1, 2], x[:, 2:4, 4:6].mean((1, 2)))
    assert torch.allclose(low.repeat_interleave(2, 1).repeat_interleave(2, 2) + high, x)
    assert high.reshape(3, 3, 2, 4, 2).mean((2, 4)).abs().max() < 1e-6


@pytest.mark.parametrize("alpha", [0.0, 0.25, 0.5, 0.875])
def test_savings_are_those_of_the_paper(alpha: float) -> None:
    values, macs = octave_share(alpha)
    assert values == pytest.approx(1 - 0.75 * alpha)
    assert macs == pytest.approx(1 - 0.75 * alpha * (2 - alpha))  # arXiv 1904.05049, section 3.4


def test_pictures_pass_and_noise_does_not() -> None:
    assert run(RunProgress(), picture="boat").verdict.holds
    assert not run(RunProgress(), picture=Picture("noise", torch.rand(3, 128, 128))).verdict.holds
