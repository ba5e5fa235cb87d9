"""Positions from Graphviz, and what is done to them afterwards."""

from __future__ import annotations

import pytest

from viz.graph.layout import GraphLayout, LayoutFailed, lay_out, render_svg, spread_at_bars, trim_frame, with_margin

CHAIN = "digraph { node [fixedsize=true width=1 height=0.5]; a -> b; subgraph cluster_0 { b } }"


def test_positions_are_pixels_from_the_top_left() -> None:
    layout = lay_out(CHAIN)
    assert layout.nodes["a"][2:] == (72.0, 36.0)
    assert layout.nodes["a"][1] < layout.nodes["b"][1]
    x, y, w, h = layout.frames["cluster_0"]
    assert x <= layout.nodes["b"][0]
    assert y + h >= layout.nodes["b"][1] + 36
    tip = layout.edges["a", "b"][-1]
    assert tip[1] == pytest.approx(layout.nodes["b"][1], abs=1)
    assert lay_out(CHAIN) is layout
    assert w <= layout.width


def test_what_is_no_graph_is_refused_with_a_reason_and_the_next_one_is_laid_out() -> None:
    with pytest.raises(LayoutFailed, match="the picture could not be laid out"):
        lay_out("digraph {")
    assert lay_out("digraph { only }").nodes.keys() == {"only"}
    assert render_svg("digraph { only }").lstrip().startswith("<?xml")


def test_a_margin_moves_everything_alike() -> None:
    before, after = lay_out(CHAIN), with_margin(lay_out(CHAIN), 10)
    assert (after.width, after.height) == (before.width + 20, before.height + 20)
    assert after.nodes["a"][:2] == (before.nodes["a"][0] + 10, before.nodes["a"][1] + 10)
    assert after.edges["a", "b"][0] == tuple(v + 10 for v in before.edges["a", "b"][0])


def test_lines_arrive_at_a_bar_side_by_side_at_right_angles() -> None:
    def line(x: float) -> tuple[tuple[float, float], ...]:
        return ((x, 40), (x, 60), (100, 70), (100, 91), (100, 100))

    nodes = {"a": (0.0, 0.0, 40.0, 40.0), "b": (180.0, 0.0, 40.0, 40.0), "bar": (0.0, 100.0, 200.0, 30.0)}
    layout = spread_at_bars(GraphLayout(220, 130, nodes, {}, {("a", "bar"): line(20), ("b", "bar"): line(200)}), ["bar"], "TB")
    tips = {start: layout.edges[start, "bar"][-2:] for start in ("a", "b")}
    assert tips["a"][1][0] < tips["b"][1][0]
    for base, tip in tips.values():
        assert base[0] == tip[0]
        assert tip[1] == 100.0
        assert 0.0 <= tip[0] <= 200.0


def test_a_frame_loses_its_empty_room_but_not_that_of_its_plate() -> None:
    content = [(100.0, 80.0, 50.0, 20.0)]
    x, y, w, h = trim_frame((0.0, 0.0, 400.0, 120.0), content, (0.0, 9.0), 16.0)
    assert (x, w) == (84.0, 82.0)
    assert (y, y + h) == (71.0, 120.0)
    assert trim_frame((0.0, 0.0, 400.0, 120.0), content, (200.0, 44.0), 16.0)[2] >= 200.0
