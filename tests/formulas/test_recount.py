"""Counting again at other values: which knobs a formula follows."""

from __future__ import annotations

from typing import Any

import pytest

from blocks import Analysis, analyse, catalog
from blocks.formulas.recount import Recount


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyse("basic_block", symbolic=True, c_in=6, c_out=10)


@pytest.fixture
def counted() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def recount(analysis: Analysis, counted: list[dict[str, Any]]) -> Recount:
    def watched(name: str, shape: tuple[int, ...], **settings: Any) -> Analysis:
        counted.append({"shape": shape, **settings})
        return analyse(name, shape, **settings)

    return Recount(analysis, catalog.entry("basic_block"), watched)


def test_values_at_which_it_was_derived(recount: Recount) -> None:
    assert recount.value("c_out") == 10
    assert recount.value("height") == recount.shape[2]


@pytest.mark.parametrize("argument", ["c_out", "kernel_size", "batch", "width"])
def test_a_formula_follows_its_symbols(recount: Recount, analysis: Analysis, argument: str) -> None:
    assert not recount.is_fixed(analysis.formula("macs"), argument)


def test_the_input_goes_along_with_the_knob_that_gives_its_channels(recount: Recount, analysis: Analysis, counted: list[dict[str, Any]]) -> None:
    recount.is_fixed(analysis.formula("params"), "c_in")
    assert all(settings["shape"][1] == settings["c_in"] for settings in counted)


def test_each_count_is_made_once(recount: Recount, analysis: Analysis, counted: list[dict[str, Any]]) -> None:
    for of in ("params", "macs", "flops"):
        recount.is_fixed(analysis.formula(of), "c_out")
    assert len(counted) == 1


def test_a_number_of_blocks_is_fixed() -> None:
    network = analyse("resnet18", symbolic=True)
    recount = Recount.of(network, catalog.entry("resnet18"), analyse)
    assert recount is Recount.of(network, catalog.entry("resnet18"), analyse)
    assert recount.is_fixed(network.formula("params"), "depths")
    assert not recount.is_fixed(network.formula("params"), "num_classes")


def test_a_value_that_cannot_be_built_is_no_count(recount: Recount) -> None:
    assert recount._count("groups", 7) is None
