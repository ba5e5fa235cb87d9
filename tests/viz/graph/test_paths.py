"""Shortcuts and concatenations, found from the graph alone."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks import analyse
from viz.graph.fold import Fold
from viz.graph.paths import path_kinds


def test_shortcut_and_concatenation_are_recognised() -> None:
    for name, kind in (("basic_block", "residual"), ("dense_layer", "concat")):
        fold = Fold(analyse(name).graph)
        assert kind in {e.path for e in fold.folded(fold.preset("block")).edges}, name


def test_a_residual_path_is_the_short_way_round() -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.long, self.short = nn.Sequential(nn.Conv2d(5, 5, 3, padding=1), nn.ReLU(), nn.Conv2d(5, 5, 1)), nn.Conv2d(5, 5, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.long(x) + self.short(x)

    fold = Fold(analyse(Block(), (1, 5, 7, 9)).graph)
    marked = {(e.source, e.target) for e in fold.folded(fold.preset("operation")).edges if e.path == "residual"}
    assert {target for _, target in marked} >= {"short"}
    assert not any(target.startswith("long") for _, target in marked)


@pytest.mark.parametrize(
    ("name", "bypassed"), [("resnext_paths", {"Input"}), ("octave_conv", set()), ("shake_block", {"Input"}), ("encoder_block", {"Input", "add"})]
)
def test_branches_and_paths_between_frequencies_are_no_shortcuts(name: str, bypassed: set[str]) -> None:
    graph = analyse(name).graph
    found = {ref[0] for (ref, consumer), kind in path_kinds(graph).items() if kind == "residual" and graph.nodes[consumer].kind == "add"}
    assert {graph.nodes[i].op.replace("input", "Input") for i in found} == bypassed


@pytest.mark.parametrize(("name", "kinds"), [("alexnet", set()), ("basic_block", {"residual"}), ("dense_layer", {"concat"})])
def test_the_kinds_of_paths_of_a_network(name: str, kinds: set[str]) -> None:
    assert set(path_kinds(analyse(name).graph).values()) == kinds
