"""Bands of several runs."""

from __future__ import annotations

from blocks.train.bands import Band, accuracy_bands
from blocks.train.run import EpochResult


def result(epoch: int, accuracy: float) -> EpochResult:
    return EpochResult(epoch, 1.0, 0.5, 1.0, accuracy, ())


def test_a_band_is_least_middle_and_largest_of_the_passes_that_all_have() -> None:
    runs = [[result(0, 0.2), result(1, 0.7)], [result(0, 0.5)], [result(0, 0.3), result(1, 0.9)]]
    assert accuracy_bands(runs) == [Band(0, 0.2, 0.3, 0.5)]
    assert accuracy_bands([]) == []
