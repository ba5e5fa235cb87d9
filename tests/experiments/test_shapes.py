"""Drawn shapes: every class apart from every other, seeded, in their range."""

from __future__ import annotations

import torch

from blocks.experiments.shapes import SHAPE_NAMES, SHAPE_SIDE, batch, pictures_of


def test_shapes_are_seeded_in_range_and_apart() -> None:
    def draw(seed: int, colour: bool) -> torch.Tensor:
        return batch(3, (0, 4), torch.Generator().manual_seed(seed), colour=colour)[0]

    assert draw(1, True).shape == (6, 3, SHAPE_SIDE, SHAPE_SIDE)
    assert draw(1, False).shape == (6, 1, SHAPE_SIDE, SHAPE_SIDE)
    assert torch.equal(draw(1, True), draw(1, True))
    assert not torch.equal(draw(1, False), draw(2, False))
    assert 0 <= float(draw(1, True).min()) < float(draw(1, True).max()) <= 1
    means = torch.stack([pictures_of(name, 60, torch.Generator().manual_seed(5)).mean(0).flatten() for name in SHAPE_NAMES])
    assert torch.pdist(means).min() > 0.4


def test_labels_follow_the_pictures() -> None:
    assert batch(2, (5, 1, 7), torch.Generator())[1].tolist() == [5, 5, 1, 1, 7, 7]
