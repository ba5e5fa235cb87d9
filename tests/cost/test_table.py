"""The trace as tables: rows by hand, and sums that are the totals whatever the key."""

from __future__ import annotations

import pytest
from torch import Tensor, nn

from blocks import Analysis, analyse
from blocks.cost.table import COSTS, operation_table, operations, setting, stage_of, totals, totals_by_kind, totals_by_stage


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, (3, 5), stride=(2, 1), padding=2)
        self.stages = nn.Sequential(
            nn.Sequential(nn.Conv2d(8, 8, 3, groups=4, dilation=2), nn.ReLU()),
            nn.Sequential(nn.Conv2d(8, 6, 1, bias=False), nn.BatchNorm2d(6)),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.stages(self.stem(x)).mean((2, 3))


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyse(Net().eval(), (2, 3, 11, 9))


def test_one_row_per_operation(analysis: Analysis) -> None:
    table = operation_table(analysis.graph)
    assert table["op"].tolist() == ["conv2d", "conv2d", "relu", "conv2d", "batch_norm", "mean"]
    assert table["module"].tolist() == ["stem", "stages.0.0", "stages.0.1", "stages.1.0", "stages.1.1", ""]
    assert table["class"].tolist() == ["Conv2d", "Conv2d", "ReLU", "Conv2d", "BatchNorm2d", "Net"]
    first = table.iloc[0]
    assert (first["input"], first["output"]) == ("2×3×11×9", "2×8×7×9")
    assert first["params"] == 8 * 3 * 15 + 8
    assert first["macs"] == 2 * 7 * 9 * 8 * 3 * 15
    assert first["bytes"] == 4 * (2 * 3 * 99 + 8 * 45 + 8 + 2 * 8 * 63)
    assert first["intensity"] == first["flops"] / first["bytes"]
    assert table["field"].tolist() == ["3×5", "11×9", "11×9", "11×9", "11×9", "all"]


def test_settings_are_short(analysis: Analysis) -> None:
    assert [setting(n) for n in operations(analysis.graph)] == ["3×5 /1×2", "3×3 g4 d2", "", "1×1", "", ""]


@pytest.mark.parametrize("sums", [totals_by_kind, totals_by_stage, lambda graph: totals(graph, lambda n: str(n.index % 2))])
def test_sums_by_any_key_add_up_to_the_totals(analysis: Analysis, sums) -> None:
    table, whole = sums(analysis.graph), operation_table(analysis.graph)
    assert table["operations"].sum() == len(whole)
    for cost in (*COSTS, "bytes"):
        assert table[cost].sum() == whole[cost].sum()
    assert table["flops"].sum() == analysis.flops


def test_stages_are_the_parts_of_what_lists_them(analysis: Analysis) -> None:
    assert list(totals_by_stage(analysis.graph).index) == ["stem", "stages.0", "stages.1", "(network)"]
    assert list(totals_by_kind(analysis.graph).index) == ["convolution", "activation", "norm", "other"]


def test_a_part_of_single_layers_is_one_stage() -> None:
    net = nn.Sequential()
    net.add_module("body", nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU()))
    graph = analyse(net, (1, 3, 5, 7)).graph
    assert {stage_of(graph, n) for n in operations(graph)} == {"body"}
