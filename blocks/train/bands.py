"""Several runs of one recipe with other seeds, as a band: what differs between them is chance."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from blocks.train.run import EpochResult


class Band(NamedTuple):
    """Least, middle and largest test accuracy of several runs after a pass."""

    epoch: int
    low: float
    middle: float
    high: float


def accuracy_bands(runs: Sequence[Sequence[EpochResult]]) -> list[Band]:
    """The band of test accuracies over the passes that every run has made."""
    passes = zip(*runs, strict=False)
    values = [[result.test_accuracy for result in same] for same in passes]
    return [Band(epoch, min(these), median(these), max(these)) for epoch, these in enumerate(values)]
