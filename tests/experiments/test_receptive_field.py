"""The receptive field by gradients against the analysis of the same stack, and the effective field inside it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks.analysis import analyse
from blocks.experiments.base import RunProgress
from blocks.experiments.gradients import core, extent
from blocks.experiments.receptive_field import SIDE, convolution_stack, run


@pytest.mark.parametrize(("layers", "kernel", "dilation"), [(1, 3, 1), (4, 3, 1), (2, 5, 1), (3, 3, 2), (2, 1, 1)])
def test_gradients_reach_what_the_analysis_of_the_stack_says(layers: int, kernel: int, dilation: int) -> None:
    found = run(RunProgress(), layers=layers, kernel_size=kernel, dilation=dilation)
    analysis = analyse(nn.Sequential(*convolution_stack(layers, kernel, dilation)), (1, 3, 48, 48))
    last = max(analysis.receptive_fields)
    assert found.verdict.holds
    assert found.measured[-1] == analysis.receptive_fields[last][0].size


def test_the_effective_field_is_smaller_once_there_are_enough_layers() -> None:
    found = run(RunProgress(), layers=7, picture="city")
    assert found.effective[-1] < found.measured[-1] == 15
    assert found.effective == sorted(found.effective)


def test_a_field_beyond_the_picture_is_cut_to_it() -> None:
    found = run(RunProgress(), layers=2, kernel_size=9, dilation=4)
    assert found.theory == [33, 65]
    assert found.measured == [33, SIDE]
    assert found.energy.shape == (SIDE, SIDE)


def test_extent_and_core_on_a_cross() -> None:
    energy = torch.zeros(9, 9)
    energy[4, 2:7] = 1
    energy[1, 4] = 1e-9
    assert extent(energy) == (1, 2, 4, 5)
    assert core(energy, 4, 4, 0.9) == 5
    assert core(energy, 4, 4, 0.2) == 1
    assert extent(torch.zeros(5, 5)) == (0, 0, 0, 0)
