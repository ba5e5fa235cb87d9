"""A difference as rows: what came, went and changed, at each level, the costliest first."""

from __future__ import annotations

import pytest
from torch import nn

from blocks import analyse
from blocks.cost.diff_table import DIFF_COSTS, DIFF_LEVELS, DiffEntry, diff_table
from blocks.trace.graph import Graph


def costs(macs: int) -> dict[str, int]:
    return {"params": macs // 10, "macs": macs, "flops": 2 * macs, "bytes": 4}


NOTHING = dict.fromkeys(DIFF_COSTS, 0)


@pytest.fixture(scope="module")
def graphs() -> tuple[Graph, Graph]:
    """A convolution; and it again with a block of a convolution and a norm behind it."""
    a = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    b = nn.Sequential(nn.Conv2d(3, 4, 5), nn.ReLU(), nn.Sequential(nn.Conv2d(4, 5, 1), nn.BatchNorm2d(5)))
    return analyse(a, (1, 3, 8, 9)).graph, analyse(b, (1, 3, 8, 9)).graph


ENTRIES = [
    DiffEntry("changed", 1, 1, "0", "conv2d", "convolution", ("kernel 3×3 → 5×5",), costs(100), costs(180)),
    DiffEntry("equal", 2, 2, "1", "relu", "activation", (), costs(10), costs(10)),
    DiffEntry("added", None, 3, "2.0", "conv2d", "convolution", (), NOTHING, costs(500)),
    DiffEntry("added", None, 4, "2.1", "batch_norm", "norm", (), NOTHING, costs(20)),
]


def test_an_entry_says_what_the_second_side_has_more_of() -> None:
    assert [e.delta("macs") for e in ENTRIES] == [80, 0, 500, 20]


def test_by_operation(graphs: tuple[Graph, Graph]) -> None:
    table = diff_table(ENTRIES, *graphs, "macs", "operation")
    assert table[["status", "what", "macs"]].values.tolist() == [["added", "conv2d", 500], ["changed", "conv2d", 80], ["added", "batch_norm", 20]]
    assert table["change"].tolist() == ["", "kernel 3×3 → 5×5", ""]
    assert table["b"].tolist() == [3, 1, 4]
    assert table["a"].isna().tolist() == [True, False, True]


@pytest.mark.parametrize("level", ["class", "module"])
def test_a_module_that_came_as_a_whole_is_one_row(graphs: tuple[Graph, Graph], level: str) -> None:
    table = diff_table(ENTRIES, *graphs, "macs", level)
    assert table[["status", "what", "where", "operations", "macs"]].values.tolist() == [
        ["added", "Sequential", "2", 2, 520],
        ["changed", "Conv2d", "0", 1, 80],
    ]


@pytest.mark.parametrize("level", DIFF_LEVELS)
@pytest.mark.parametrize("by", DIFF_COSTS)
def test_every_level_and_order_adds_up_to_the_same(graphs: tuple[Graph, Graph], by: str, level: str) -> None:
    table = diff_table(ENTRIES, *graphs, by, level)
    assert {cost: table[cost].sum() for cost in DIFF_COSTS} == {cost: sum(e.delta(cost) for e in ENTRIES) for cost in DIFF_COSTS}
    assert table[by].abs().is_monotonic_decreasing


def test_many_changes_are_counted(graphs: tuple[Graph, Graph]) -> None:
    entry = DiffEntry("changed", 1, 1, "0", "conv2d", "convolution", ("kernel", "stride", "groups"), costs(1), costs(2))
    assert diff_table([entry], *graphs, "macs", "class")["change"].tolist() == ["kernel and 2 more"]


def test_no_difference_is_an_empty_table(graphs: tuple[Graph, Graph]) -> None:
    assert diff_table([ENTRIES[1]], *graphs, "macs", "class").empty


@pytest.mark.parametrize(
    ("by", "level", "sentence"), [("time", "class", "by = 'time': must be one of params"), ("macs", "layer", "level = 'layer': must be one of class")]
)
def test_an_unknown_order_or_level(graphs: tuple[Graph, Graph], by: str, level: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        diff_table(ENTRIES, *graphs, by, level)
