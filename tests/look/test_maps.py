"""Thumbnails, channel walls, statistics and histograms of what an operation gives."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import torch

from blocks.look import maps


def bytes_of(made: maps.GreyMap) -> np.ndarray:
    return np.frombuffer(base64.b64decode(made.pixels), np.uint8).reshape(made.height, made.width)


def test_a_map_goes_from_its_least_to_its_largest_value() -> None:
    made = maps.grey_map(torch.tensor([[-3.0, 0.0], [1.0, 5.0], [5.0, 1.0]]), 8)
    assert (made.height, made.width, made.low, made.high) == (3, 2, -3.0, 5.0)
    assert bytes_of(made).tolist() == [[0, 96], [128, 255], [255, 128]]


def test_a_large_map_is_averaged_and_a_flat_one_is_dark() -> None:
    halves = torch.cat([torch.zeros(60, 40), torch.ones(60, 40)], 1)
    made = maps.grey_map(halves, 8)
    assert (made.height, made.width) == (6, 8)
    assert bytes_of(made)[0].tolist() == [0, 0, 0, 0, 255, 255, 255, 255]
    assert bytes_of(maps.grey_map(torch.full((3, 5), 7.0), 8)).max() == 0


def test_tokens_are_maps_without_the_class_token() -> None:
    tokens = torch.arange(1 * 10 * 5, dtype=torch.float32).reshape(1, 10, 5)
    assert torch.equal(maps.as_channels(tokens), tokens[0, 1:].T.reshape(5, 3, 3))
    assert torch.equal(maps.as_channels(tokens[:, 1:]), tokens[0, 1:].T.reshape(5, 3, 3))
    assert maps.as_channels(tokens[:, :7]).shape == (5, 1, 7)
    assert maps.as_channels(torch.zeros(1, 11)).shape == (11, 1, 1)
    assert maps.as_channels(torch.zeros(1, 3, 2, 5, 7)).shape == (6, 5, 7)


def test_statistics_count_zeros_and_dead_channels() -> None:
    given = torch.zeros(1, 4, 2, 3)
    given[0, 1] = 2.0
    given[0, 2, 0, 0] = -4.0
    found = maps.statistics(given)
    assert found.mean == pytest.approx((6 * 2 - 4) / 24)
    assert found.norm == pytest.approx((6 * 4 + 16) ** 0.5)
    assert (found.low, found.high) == (-4.0, 2.0)
    assert found.zeros == pytest.approx(17 / 24)
    assert found.dead == 0.5


@pytest.mark.parametrize(("order", "numbers"), [("channel", [0, 1, 2]), ("strength", [1, 2, 0]), ("variance", [2, 0, 1]), ("zeros", [0, 2, 1])])
def test_the_wall_is_in_the_asked_order(order: maps.Order, numbers: list[int]) -> None:
    given = torch.stack([torch.tensor([[0.0, 0.0, 0.0, 1.0]]), torch.full((1, 4), 5.0), torch.tensor([[0.0, 0.0, -4.0, 4.0]])])[None]
    assert [c.number for c in maps.wall(given, order)] == numbers
    assert [c.number for c in maps.wall(given, order, 1, 1)] == numbers[1:2]


def test_a_vectors_thumbnail_is_bars_between_minus_one_and_one() -> None:
    assert maps.thumbnail(torch.tensor([[2.0, -4.0, 1.0]])) == [0.5, -1.0, 0.25]
    many = maps.thumbnail(torch.arange(1000.0)[None])
    assert isinstance(many, list)
    assert len(many) == maps.MOST_BARS
    assert isinstance(maps.thumbnail(torch.zeros(1, 2, 3, 4)), maps.GreyMap)


def test_the_histogram_has_every_value() -> None:
    given = torch.tensor([[0.0, 0.1, 0.1, 2.05, 4.0]])
    edges, counts = maps.histogram(given)
    assert len(edges) == len(counts) + 1 == maps.BINS + 1
    assert {i: n for i, n in enumerate(counts) if n} == {0: 1, 1: 2, 20: 1, 39: 1}  # bins of a tenth
    assert sum(maps.histogram(torch.full((1, 4), 3.0))[1]) == 4
