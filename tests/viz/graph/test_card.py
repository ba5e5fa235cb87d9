"""The card of a selected box: its counts, explained; and the receptive field."""

from __future__ import annotations

import re

import pytest
from torch import Tensor, nn

from blocks import analyse
from blocks.analysis import Analysis
from blocks.trace.errors import TraceError
from viz.graph.card import item_card, macs_line
from viz.graph.fold import Fold
from viz.graph.payload import payload
from viz.graph.readings import Readings
from viz.graph.view_state import ViewState


def test_a_convolution_explains_its_count() -> None:
    analysis = analyse("bottleneck")
    node = next(n for n in analysis.graph.nodes if n.kind == "convolution" and n.attrs["kernel"] == (3, 3))
    line = macs_line(node, analysis)[0]
    assert line.startswith("MACs = k² · C_in · C_out · H · W = 9 · 64 · 64 · 56 · 56 = ")
    assert line.endswith(f"{9 * 64 * 64 * 56 * 56:,}")


@pytest.mark.parametrize("name", ["se_bottleneck", "shuffle_unit", "inverted_residual", "encoder_block"])
def test_a_module_has_formulas_in_letters_and_its_knobs(name: str) -> None:
    analysis, symbolic = analyse(name), analyse(name, symbolic=True)
    fold = Fold(analysis.graph)
    found = [item_card(item, fold, analysis, symbolic=symbolic) for item in fold.root.walk() if item.role == "fused"]
    assert any(line.startswith("Parameters = ") for c in found for line in c["formulas"])
    assert all(c["knobs"].startswith("Depends on ") for c in found)
    assert any("channels" in c["knobs"] or "width" in c["knobs"] for c in found)


def test_the_formula_is_of_that_box_alone() -> None:
    analysis, symbolic = analyse("bottleneck"), analyse("bottleneck", symbolic=True)
    fold = Fold(analysis.graph)
    said = item_card(fold.items["body.0"], fold, analysis, symbolic=symbolic)["formulas"]
    assert said[0] == "Parameters = C_mid·(C_in + 2)"


def test_the_card_says_where_the_code_stands() -> None:
    analysis = analyse("resnet18")
    fold = Fold(analysis.graph)
    assert re.fullmatch(r"Written in BasicBlock: resnet\.py, line \d+", item_card(fold.items["stages.1.0"], fold, analysis)["source"])
    assert item_card(fold.items["stages.1.0.body.0.conv"], fold, analysis)["source"].startswith("Used in ")


def test_the_field_of_two_3x3_convolutions_is_5x5() -> None:
    net = nn.Sequential(nn.Conv2d(3, 5, 3, padding=1), nn.Conv2d(5, 7, 3, stride=2, padding=1))
    analysis = analyse(net, (1, 3, 16, 22))
    fold = Fold(analysis.graph)
    found = item_card(fold.items["1"], fold, analysis)["field"]
    assert found["map"] == [8, 11]
    assert found["input"] == [16, 22]
    assert [axis[:3] for axis in found["axes"]] == [[5.0, 2.0, -2.0], [5.0, 2.0, -2.0]]


def test_a_tensor_says_its_shape() -> None:
    analysis = analyse("resnet18")
    fold = Fold(analysis.graph)
    assert item_card(fold.items["stem"], fold, analysis, "1.0")["tensor"] == "64×112×112 · float32"


class Halfway(nn.Module):
    """Fails in its third layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.third = nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Conv2d(4, 7, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.third(self.second(self.first(x)))


def test_a_network_that_fails_half_way_shows_how_far_it_came() -> None:
    with pytest.raises(TraceError) as failed:
        analyse(Halfway(), (1, 3, 11, 13))
    graph = failed.value.graph
    analysis = Analysis(graph, (1, 3, 11, 13), "float32", False, nn.Identity(), "halfway")
    data = payload(analysis, Fold(graph), Readings(analysis), ViewState("halfway", "operation"))
    assert len(data["failed"]) == 1
    assert data["failed"][0].startswith("third")
    assert data["error"].startswith("third: ")
    assert {"first", "second"} <= set(data["items"])
