"""The largest batch that fits: against all batches tried one by one, and at both sides of the answer."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from blocks import analyse
from blocks.cost.largest_batch import MOST_BATCH, find_largest_batch, memory_bytes, with_batch
from blocks.knobs import KnobError


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**4)), min_size=1, max_size=3),
    st.integers(1, 10**7),
    st.integers(1, 300),
)
def test_it_fits_and_one_more_does_not(lines: list[tuple[int, int]], memory: int, step: int) -> None:
    def needed(batch: int) -> int:  # a maximum of lines, as a peak is; in steps, as rounded sizes are
        return max(base + slope * (batch // step * step) for base, slope in lines)

    found = find_largest_batch(needed, memory)
    if not found.batch:
        assert found.next_needed == needed(1) > memory
    elif found.next_needed is None:
        assert needed(MOST_BATCH) <= memory
    else:
        assert found.needed == needed(found.batch) <= memory < needed(found.batch + 1) == found.next_needed


@pytest.mark.parametrize(("training", "optimizer"), [(False, "adam"), (True, "sgd"), (True, "adam")])
def test_of_a_network_of_the_catalog(training: bool, optimizer: str) -> None:
    found = analyse("resnet18").largest_batch(2**30, training=training, optimizer=optimizer)
    at = [analyse("resnet18", (batch, 3, 224, 224), training=training).needed_memory(optimizer) for batch in (found.batch, found.batch + 1)]
    assert at == [found.needed, found.next_needed]
    assert at[0] <= 2**30 < at[1]


def test_of_anybodys_network_with_two_inputs() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.part = nn.Linear(3, 5)

        def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
            return self.part(a) + b

    found = analyse(Two(), [(2, 3), (2, 5)]).largest_batch(80 + 10 * 4 * (3 + 5 + 5 + 5))
    assert (found.batch, found.needed) == (10, 80 + 10 * 72)


def test_a_norm_that_cannot_train_on_one_number_starts_at_two() -> None:
    net = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5))
    found = analyse(net, (2, 3), training=True).largest_batch(1 << 20, optimizer="sgd")
    assert found.batch > 2


def test_what_cannot_be_tried_is_refused() -> None:
    analysis = analyse(nn.Linear(3, 5), torch.rand(2, 3))
    with pytest.raises(KnobError, match="has its own batch"):
        analysis.largest_batch(1 << 20)
    with pytest.raises(KnobError, match="memory = 0: must be at least 1 byte"):
        analysis.largest_batch(0)
    with pytest.raises(KnobError, match="optimizer = 'lion'"):
        analysis.largest_batch(1 << 20, optimizer="lion")


def test_other_inputs_keep_their_sizes() -> None:
    assert with_batch({"x": (2, 3), "y": [(2, 5), (7, 2)], "n": 3}, 2, 9) == {"x": (9, 3), "y": [(9, 5), (7, 2)], "n": 3}


@pytest.mark.parametrize(("text", "size"), [("16GiB", 2**34), ("80 GB", 80 * 10**9), ("512mib", 2**29), ("1.5K", 1500), ("4096", 4096)])
def test_an_amount_of_memory(text: str, size: int) -> None:
    assert memory_bytes(text) == size


@pytest.mark.parametrize("text", ["", "16 G iB", "-3GB", "0", "much"])
def test_what_is_no_amount_of_memory(text: str) -> None:
    with pytest.raises(KnobError, match="must be an amount of memory"):
        memory_bytes(text)
