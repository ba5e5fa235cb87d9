"""The roofline chart holds the table's numbers, the roofs' corners and the colours that were asked for."""

from __future__ import annotations

import numpy as np
import pytest
from torch import nn

from blocks import analyse
from blocks.latency.roofline.chart_data import network_point, roofline_table
from blocks.latency.roofline.known_machines import machine
from viz.kit.palette import variant_colour
from viz.kit.roofline_chart import roofline_figure, without_arithmetic

A100, T4 = machine("a100"), machine("t4")


def traces(figure: object) -> dict[str, object]:
    return {t.name: t for t in figure.data if t.name}  # type: ignore[attr-defined]


def test_one_network_is_coloured_by_kind_and_all_its_operations_are_there() -> None:
    analysis = analyse("resnet18")
    table = roofline_table(analysis, A100)
    found = traces(roofline_figure([(analysis, "resnet18")], [A100, T4]))
    kinds = table.loc[table["flops"] > 0, "kind"]
    assert {k: len(found[k].x) for k in kinds.unique()} == kinds.value_counts().to_dict()  # type: ignore[attr-defined]
    dot = found["resnet18, whole"]
    assert list(dot.y) == pytest.approx([network_point(table)["speed"]])  # type: ignore[attr-defined]


def test_every_machine_has_its_roof_with_the_ridge() -> None:
    found = traces(roofline_figure([(analyse("resnet18"), "resnet18")], [A100, T4]))
    for m in (A100, T4):
        line = found[f"{m.title} (float32)"]
        assert m.ridge() in [pytest.approx(x) for x in line.x]  # type: ignore[attr-defined]
        assert max(line.y) == pytest.approx(m.peak())  # type: ignore[attr-defined]


def test_several_networks_are_coloured_by_variant() -> None:
    figure = roofline_figure([(analyse("resnet18"), "one"), (analyse("mobilenet_v2"), "two")], [A100], colours=[3, 5], dark=True)
    found = traces(figure)
    assert found["one"].marker.line.color == variant_colour(3, True)  # type: ignore[attr-defined]
    assert found["two"].marker.line.color == variant_colour(5, True)  # type: ignore[attr-defined]


def test_measured_times_move_the_dots() -> None:
    analysis = analyse(nn.Linear(30, 20, bias=False), (7, 30))
    (node,) = roofline_table(analysis, A100)["node"]
    found = traces(roofline_figure([(analysis, "x")], [A100], times=[{node: 0.5}]))
    assert list(found["linear"].y) == pytest.approx([2 * 7 * 30 * 20 / 0.5])  # type: ignore[attr-defined]


def test_a_roof_to_compare_with_takes_another_type_where_it_lacks_one() -> None:
    found = traces(roofline_figure([(analyse("resnet18", dtype="bfloat16"), "x")], [A100, T4]))
    assert f"{A100.title} (bfloat16)" in found
    assert f"{T4.title} (float16)" in found


def test_what_has_no_arithmetic_is_said() -> None:
    assert without_arithmetic(roofline_table(analyse("vgg16"), A100)) == ""
    table = roofline_table(analyse("densenet121"), A100)
    share = table.loc[table["flops"] == 0, "seconds"].sum() / table["seconds"].sum()
    sentence = without_arithmetic(table)
    assert sentence.startswith(f"{(table['flops'] == 0).sum()} operations without arithmetic")
    assert f"{100 * share:.2g} %" in sentence


def test_a_network_without_arithmetic_still_has_its_roof() -> None:
    figure = roofline_figure([(analyse(nn.Flatten(), (2, 3, 5)), "flat")], [A100])
    assert len(traces(figure)) == 1
    assert np.isfinite(figure.layout.xaxis.range).all()
