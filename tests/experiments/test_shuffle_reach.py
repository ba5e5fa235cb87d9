"""Shuffle's reach: by hand from the groups, and where there are too few channels a group."""

from __future__ import annotations

import pytest
import torch

from blocks.experiments.base import RunProgress
from blocks.experiments.shuffle_reach import CHANNELS, run


@pytest.mark.parametrize("groups", [2, 3, 4, 6, 8, 12])
def test_every_group_is_reached_while_a_group_has_as_many_channels_as_there_are_groups(groups: int) -> None:
    found = run(RunProgress(), groups=groups, seed=groups)
    assert found.seen == {"none": 1, "full": groups, "shuffled": min(groups, CHANNELS // groups)}
    assert found.verdict.holds == (groups * groups <= CHANNELS)
    assert found.weights["full"] == groups * found.weights["shuffled"] == 2 * CHANNELS**2


def test_without_a_shuffle_the_matrix_is_block_diagonal() -> None:
    found = run(RunProgress(), groups=4).gradients["none"] > 0
    assert torch.equal(found, torch.block_diag(*[torch.ones(6, 6)] * 4).bool())
