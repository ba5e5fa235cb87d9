"""The roofline's dots against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from torch import nn

from blocks import analyse
from blocks.knobs import KnobError
from blocks.latency.roofline.chart_data import network_point, roof_line, roofline_table
from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.known_machines import machine
from blocks.latency.roofline.machines import GROUPS, Efficiency, Machine

MADE = Machine("made", "Made up", "test", 1e9, {"float32": 1e10}, Efficiency(dict.fromkeys(GROUPS, 0.5), 0.0, None, "test"))


def test_a_linear_layers_dot() -> None:
    table = roofline_table(analyse(nn.Linear(30, 20, bias=False), (7, 30)), MADE)
    (row,) = table.to_dict("records")
    flops, moved = 2 * 7 * 30 * 20, 4 * (7 * 30 + 30 * 20 + 7 * 20)
    assert row["intensity"] == pytest.approx(flops / moved)
    assert row["roof"] == pytest.approx(min(1e10, flops / moved * 1e9))
    assert row["reached"] == pytest.approx(0.5)
    assert row["speed"] == pytest.approx(row["roof"] / 2)
    assert row["bound"] == "memory"


def test_measured_times_take_the_place_of_estimates() -> None:
    analysis = analyse(nn.Sequential(nn.Linear(30, 20), nn.ReLU()), (7, 30))
    (first, second) = roofline_table(analysis, MADE)["node"]
    table = roofline_table(analysis, MADE, {first: 0.25})
    assert table["node"].tolist() == [first]  # an operation that was not measured has no dot
    assert table["speed"].iloc[0] == pytest.approx(table["flops"].iloc[0] / 0.25)
    assert second != first


def test_no_dot_lies_above_a_roof_that_is_fully_reached() -> None:
    full = Machine("made", "Made up", "test", 1e9, {"float32": 1e10}, Efficiency(dict.fromkeys(GROUPS, 1.0), 1e-6, None, "test"))
    table = roofline_table(analyse("mobilenet_v2"), full)
    assert (table["reached"] < 1).all()
    assert (table["speed"] <= table["roof"]).all()


def test_an_operation_without_arithmetic_is_listed_with_intensity_0() -> None:
    table = roofline_table(analyse("densenet121"), machine("t4")).query("op == 'cat'")
    assert len(table) > 10
    assert (table["intensity"] == 0).all()
    assert (table["reached"] > 0).all()


def test_the_whole_sums_up() -> None:
    analysis = analyse("resnet18")
    table = roofline_table(analysis, machine("a100"))
    dot = network_point(table)
    assert dot["flops"] == analysis.flops
    assert dot["bytes"] == analysis.bytes_moved
    assert dot["seconds"] == pytest.approx(estimate(analysis, machine("a100")).seconds)
    assert 0 < dot["reached"] < 1
    assert network_point(table.iloc[:0]) == {}


def test_a_roof_has_its_ridge_where_both_take_equally_long() -> None:
    line = roof_line(MADE, "float32", 0.1, 1000)
    assert line["intensity"].tolist() == pytest.approx([0.1, 10, 1000])
    assert line["speed"].tolist() == pytest.approx([1e8, 1e10, 1e10])
    assert len(roof_line(MADE, "float32", 20, 50)) == 2


def test_a_dtype_the_machine_lacks_is_refused() -> None:
    with pytest.raises(KnobError, match="no figure for Made up"):
        roofline_table(analyse(nn.ReLU(), (1, 3), dtype="float16"), MADE)
    assert np.isfinite(MADE.ridge())
