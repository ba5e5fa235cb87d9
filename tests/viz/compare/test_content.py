"""What the tables of a comparison say, against figures computed another way."""

from __future__ import annotations

from typing import Any

import pytest

from blocks import analyse, reference
from viz.compare.content import accuracy_frame, cost_frame, figure_rows, knob_rows, ratio_text, throughput_frame, usual_grouping
from viz.compare.differences import against_first
from viz.compare.graphs import counterparts, marked, selected_rows
from viz.compare.tables import html_table
from viz.compare.views import difference_sentence
from viz.kit.board import Board, Side, sides
from viz.kit.choice import Choice


def compared(*variants: tuple[str, dict[str, Any]]) -> list[Side]:
    board = Board()
    for name, knobs in variants:
        board.add(Choice(name, knobs))
    return sides(board)


def test_figures_carry_difference_and_ratio_to_the_first() -> None:
    rows = {row.name: row.cells for row in figure_rows(compared(("mobilenet_v1_standard", {}), ("mobilenet_v1", {})))}
    assert [c.text for c in rows["MACs"]] == ["4.867 G", "568.7 M"]
    assert [c.text for c in rows["Parameters"]] == ["29.28 M", "4.232 M"]
    assert rows["MACs"][0].below == ""
    assert rows["MACs"][1].below == "−4.299 G · ×0.1168"
    same = {row.name: row.cells for row in figure_rows(compared(("resnet18", {}), ("resnet18", {})))}
    assert {cells[1].below for cells in same.values()} == {"the same"}


@pytest.mark.parametrize(("value", "base", "text"), [(3, 2, "×1.5"), (1, 3, "×0.3333"), (1, 777, "×0.0013"), (5, 0, "")])
def test_ratios_are_short(value: float, base: float, text: str) -> None:
    assert ratio_text(value, base) == text


def test_only_knobs_that_differ_are_listed() -> None:
    rows = {row.name: [c.text for c in row.cells] for row in knob_rows(compared(("resnet50", {"se_ratio": 4}), ("resnet50", {"se_ratio": 8})))}
    assert rows == {"Network": ["resnet50", "resnet50"], "SE ratio r": ["4", "8"]}
    families = {row.name: [c.text for c in row.cells] for row in knob_rows(compared(("resnet50", {}), ("resnext50_32x4d", {}), ("vovnet39", {})))}
    assert families["Width per group d"] == ["64", "4", "–"]
    assert families["Blocks per stage n"] == ["3,4,6,3", "3,4,6,3", "1,1,2,2"]
    alone = compared(("resnet50", {}))
    assert len(knob_rows(alone, everything=True)) > 10


@pytest.mark.parametrize("by", ["stage", "resolution", "kind"])
@pytest.mark.parametrize("cost", ["params", "macs", "flops", "bytes"])
def test_costs_by_any_way_sum_to_the_totals(by: str, cost: str) -> None:
    both = compared(("resnet50", {}), ("vit_ti_16", {}))
    frame = cost_frame(both, by, cost)
    for side in both:
        want = {"params": side.analysis.params - side.analysis.graph.unused_params, "bytes": side.analysis.bytes_moved}
        assert frame[side.title].sum() == want.get(cost, getattr(side.analysis, cost, None))


def test_stages_keep_the_order_of_both_networks() -> None:
    frame = cost_frame(compared(("resnet18", {}), ("resnet50", {})), "resolution", "macs")
    assert list(frame.index) == ["112×112", "56×56", "28×28", "14×14", "7×7", "vector"]
    assert usual_grouping(compared(("resnet18", {}), ("resnet50", {}))) == "stage"


def test_published_figures_are_the_records() -> None:
    both = compared(("resnet50", {}), ("resnet50", {"se_ratio": 4}), ("vgg16", {}))
    frame = accuracy_frame(both)
    records = reference.accuracy("vgg16")
    mine = frame[["metric", "weights", "source", "C · vgg16"]].dropna()
    assert sorted(mine["C · vgg16"]) == sorted(records["value"])
    assert "A · resnet50" in frame.columns  # B has a turned knob, of which nothing is published
    throughput = throughput_frame(both)
    assert throughput.iloc[0].notna().all()
    assert accuracy_frame(compared(("bottleneck", {}), ("basic_block", {}))).empty


def test_marks_agree_with_the_difference() -> None:
    both = compared(("resnet50", {}), ("seresnet50", {}), ("resnet50", {"width_mult": 0.5}))
    diffs = against_first(both)
    first, second, third = marked(both, diffs)
    assert sorted(second.values()).count("added") == 96
    assert set(third.values()) == {"changed", "equal"}
    assert {first[n] for n in first} == {"changed", "equal"}  # nothing of the first is missing elsewhere
    assert marked(both[:1], []) == [{}]


def test_a_selection_is_found_in_every_network() -> None:
    both = compared(("resnet50", {}), ("seresnet50", {}), ("resnet34", {}))
    diffs = against_first(both)
    se = next(n for n in both[1].analysis.graph.nodes if n.kind == "multiply")
    assert counterparts(both, diffs, both[1].number, (se.index, se.index + 1)) == [[], [se.index], []]
    added = next(n for n in both[2].analysis.graph.nodes if n.kind == "add")
    places = counterparts(both, diffs, both[2].number, (added.index, added.index + 1))
    graphs = [side.analysis.graph for side in both]
    assert {graph.nodes[found[0]].kind for graph, found in zip(graphs, places, strict=True)} == {"add"}
    assert counterparts(both, diffs, 99, (0, 1)) == [[], [], []]
    rows = {row.name: [c.text for c in row.cells] for row in selected_rows(both, [[], [se.index], []])}
    assert rows["Selected"][0] == "nothing stands for it"
    assert rows["MACs"] == ["–", "0", "–"]


def test_the_sentence_accounts_for_every_operation_and_parameter() -> None:
    both = compared(("resnet50", {}), ("seresnet50", {}), ("resnet50", {}))
    with_se, itself = against_first(both)
    sentence = difference_sentence(with_se, both[0], both[1]).replace(".", ",")
    assert [int("".join(filter(str.isdigit, part))) for part in sentence.split(",") if any(map(str.isdigit, part))] == [96, 177, 2_530_992, 25_557_032]
    assert "are the same network" in difference_sentence(itself, both[0], both[2])


def test_names_from_a_link_are_text_and_not_markup() -> None:
    (side,) = compared(("resnet18", {}))
    evil = Side(1, "A", "<script>alert(1)</script>", 0, side.choice, analyse("resnet18"))
    table = html_table([evil], figure_rows([evil]))
    assert "<script>" not in table
    assert "&lt;script&gt;" in table
