"""Inception's branches: sizes by the formula of a convolution, centres that agree, and the refusal without padding."""

from __future__ import annotations

import pytest

from blocks.experiments.base import RunProgress
from blocks.experiments.branch_fields import COLUMN, ROW, SIDE, centre, run


@pytest.mark.parametrize("picture", ["cat", "city"])
def test_padding_aligns_and_its_lack_is_refused(picture: str) -> None:
    found = run(RunProgress(), picture=picture)
    assert found.verdict.holds
    for branch, kernel in zip(found.padded, (1, 3, 5, 3), strict=True):
        assert branch.padding == (kernel - 1) // 2
        assert branch.output == SIDE
        assert branch.box == (ROW - kernel // 2, COLUMN - kernel // 2, kernel, kernel)
    for branch, kernel in zip(found.bare, (1, 3, 5, 3), strict=True):
        assert branch.output == SIDE - kernel + 1
        assert branch.box == (ROW, COLUMN, kernel, kernel)
        assert centre(branch) == (ROW + (kernel - 1) / 2, COLUMN + (kernel - 1) / 2)
    assert "Sizes of tensors must match" in found.refusal
