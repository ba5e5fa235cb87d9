"""Which positions a position reads along one dimension, by hand."""

from __future__ import annotations

import pytest

from blocks.cost.fields import taps


def read(found: taps.Taps) -> list[list[int]]:
    """The positions that each position reads."""
    blank = found.blank if found.blank is not None else [False] * found.reads.shape[1]
    return [[] if none else sorted({int(i) for i in column}) for column, none in zip(found.reads.T, blank, strict=True)]


def test_windows_read_no_padding() -> None:
    assert read(taps.window_taps(7, 3, 3, 3, 2, 2)) == [[0, 2], [1, 3, 5], [4, 6]]
    assert read(taps.window_taps(3, 5, 1, 1, 1, 1)) == [[], [0], [1], [2], []]
    assert taps.window_taps(9, 9, 1, 1, 0, 1).identity


def test_a_transposed_window_reads_what_makes_it() -> None:
    assert read(taps.transposed_taps(3, 6, 4, 2, 1, 1)) == [[0], [0, 1], [0, 1], [1, 2], [1, 2], [2]]
    assert read(taps.transposed_taps(2, 4, 1, 3, 0, 1)) == [[0], [], [], [1]]


def test_borders() -> None:
    assert read(taps.border_taps(4, 2, -1, "constant")) == [[], [], [0], [1], [2]]
    assert read(taps.border_taps(4, 2, 1, "reflect")) == [[2], [1], [0], [1], [2], [3], [2]]


def test_adaptive_windows_overlap_where_they_must() -> None:
    assert read(taps.adaptive_taps(5, 3)) == [[0, 1], [1, 2, 3], [3, 4]]


def test_resampling_reads_what_has_a_weight() -> None:
    assert read(taps.resampling_taps(2, 4, "linear", None, False, False)) == [[0], [0, 1], [0, 1], [1]]
    assert read(taps.resampling_taps(3, 5, "linear", None, True, False)) == [[0], [0, 1], [1], [1, 2], [2]]
    with pytest.raises(ValueError, match=str(taps.LONGEST_RESAMPLED + 1)):
        taps.resampling_taps(taps.LONGEST_RESAMPLED + 1, 7, "linear", None, False, False)
