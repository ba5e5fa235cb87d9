"""Attention sees everything after one layer; a convolution's field is the closed form's."""

from __future__ import annotations

import pytest

from blocks.experiments.attention_field import SIDE, run
from blocks.experiments.base import RunProgress
from blocks.experiments.gradients import extent


@pytest.mark.parametrize("patch_size", [4, 8, 16])
def test_fields_by_layer(patch_size: int) -> None:
    found = run(RunProgress(), patch_size=patch_size, picture="city")
    assert found.verdict.holds
    assert [extent(energy)[2:] for energy in found.convolution] == [(3, 3), (5, 5), (7, 7)]
    middle = SIDE // patch_size // 2 * patch_size
    assert extent(found.attention[0]) == (middle, middle, patch_size, patch_size)
    assert found.shares["attention"][1:] == [1, 1]
