"""A grid of experiments: its cells, what cannot be, and the way to plain values and back."""

from __future__ import annotations

import pytest

from blocks.knobs import KnobError
from blocks.latency.sweeps.grid import MOST_CELLS, Grid

GRID = Grid(("resnet18", "mobilenet_v2"), {"width_mult": (0.5, 1.0)}, (1, 3), ("float32", "bfloat16"), side=97)


def test_every_combination_is_a_cell() -> None:
    cells = GRID.cells()
    assert len(cells) == GRID.size == 16
    assert [c.index for c in cells] == list(range(16))
    assert len({c.experiment.key() for c in cells if c.experiment}) == 16
    assert {c.experiment.input_shape for c in cells if c.experiment} == {(1, 3, 97, 97), (3, 3, 97, 97)}


def test_what_cannot_be_is_a_cell_with_a_sentence() -> None:
    cells = Grid(("resnet18", "vgg16"), {"se_ratio": (4,)}, dtypes=("float32", "tf32")).cells()
    assert [c.experiment is None for c in cells] == [False, True, True, True]
    assert all(c.problem for c in cells if c.experiment is None)


def test_plain_values_and_back() -> None:
    assert Grid.from_dict(GRID.to_dict()) == GRID
    assert GRID.title == "resnet18, mobilenet_v2: width_mult × batch × dtype, 16 cells"


def test_a_grid_is_bounded() -> None:
    with pytest.raises(KnobError, match=f"at most {MOST_CELLS} cells"):
        Grid(("resnet18",), batches=tuple(range(1, MOST_CELLS + 2)))
    with pytest.raises(KnobError, match="at least one value"):
        Grid(("resnet18",), {"width_mult": ()})
