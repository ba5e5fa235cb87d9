"""Formulas by type of block: the blocks of a model, and formulas that give their counts at each place."""

from __future__ import annotations

import pytest

from blocks import Analysis, analyse, catalog
from blocks.formulas.block_types import blocks_in


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyse("resnet18", (2, 3, 64, 96))


def test_the_blocks_of_a_network(analysis: Analysis) -> None:
    blocks = blocks_in(analysis, catalog.blocks_by_class())
    assert [b.name for b in blocks] == ["basic_block"] * 8
    assert [b.knobs["c_out"] for b in blocks] == [64, 64, 128, 128, 256, 256, 512, 512]
    assert blocks[0].input_shape == (2, 64, 16, 24)
    assert blocks[1].counts["macs"] == 2 * (2 * 16 * 24 * 64 * 64 * 9)
    assert blocks[1].counts["params"] == 2 * (64 * 64 * 9 + 2 * 64)
    assert all(b.numeric_knobs.keys() < b.knobs.keys() for b in blocks)


def test_a_formula_gives_the_counts_wherever_its_block_stands(analysis: Analysis) -> None:
    (kind,) = analysis.block_types()
    assert kind.name == "basic_block"
    blocks = blocks_in(analysis, catalog.blocks_by_class())
    for block in blocks:
        assert sum(v.counts_as(block) for v in kind.variants) >= 1
    assert kind.table["count"].sum() == len(blocks)
    for cost in ("params", "macs", "flops"):
        assert kind.table[cost].sum() == sum(b.counts[cost] for b in blocks)


def test_runs_of_equal_blocks_are_one_row(analysis: Analysis) -> None:
    (kind,) = analysis.block_types()
    table = kind.table
    assert table["count"].tolist() == [2, 1, 1, 1, 1, 1, 1]
    assert table["where"][0] == "stages.0.0 … stages.0.1"
    assert table["input"].nunique() > 1
    assert set(table["formula"]) == set(range(1, len(kind.variants) + 1))
    assert "norm" not in table.columns, "knobs that never differ are not shown"


def test_a_formula_does_not_count_another_block(analysis: Analysis) -> None:
    (kind,) = analysis.block_types()
    (other,) = blocks_in(analyse("resnet18", (2, 3, 64, 96), norm="ibn_b", depths=(1, 1, 1, 1)), catalog.blocks_by_class())[:1]
    assert not any(v.counts_as(other) for v in kind.variants)


def test_a_network_without_blocks_has_none() -> None:
    assert analyse("alexnet").block_types() == []
