"""Siamese training: pairs and triplets are what they say, distances part, and stop is heard in the middle of it."""

from __future__ import annotations

import pytest
import torch

from blocks.experiments.base import RunProgress, Stopped
from blocks.experiments.siamese_shapes import EACH, SEEN, UNSEEN, Parting, embedding_network, pairs, run, step_loss


def test_distances_part_and_unseen_shapes_are_told_apart() -> None:
    seen: list[Parting] = []
    found = run(RunProgress(on_tick=lambda _share, partial: seen.append(partial) if partial is not None else None), epochs=6)
    assert found.verdict.holds
    assert len(seen) == 6
    assert len(found.same) == len(found.different) == 7
    assert found.different[-1] / found.same[-1] > found.different[0] / found.same[0]
    assert set(SEEN).isdisjoint(UNSEEN)


def test_pairs_are_all_pairs_once() -> None:
    same, different = pairs(torch.tensor([0, 0, 1, 1, 1]))
    assert same.tolist() == [[0, 1], [2, 3], [2, 4], [3, 4]]
    assert len(different) == 6


@pytest.mark.parametrize("loss", ["contrastive", "triplet"])
def test_a_perfect_embedding_has_no_loss_and_a_collapsed_one_has(loss: str) -> None:
    labels = torch.arange(4).repeat_interleave(EACH)
    perfect, generator = 10 * torch.eye(4)[labels], torch.Generator().manual_seed(1)
    assert step_loss(perfect, labels, loss, generator) == 0
    assert step_loss(torch.zeros(len(labels), 4), labels, loss, generator) > 0.2


def test_the_network_is_kochs_at_the_shapes_size() -> None:
    assert embedding_network().embed(torch.zeros(2, 1, 32, 32)).shape == (2, 16)


def test_stop_is_heard_in_training() -> None:
    ticks = iter(range(100))
    with pytest.raises(Stopped):
        run(RunProgress(stopped=lambda: next(ticks) > 4), epochs=30)
