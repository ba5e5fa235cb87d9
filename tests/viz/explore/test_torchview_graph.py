"""torchview's picture in our own words: boxes, shapes and edges of its graph, drawn once per choice and depth."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from viz.explore import torchview_graph
from viz.kit.choice import Choice


class TensorNode(SimpleNamespace):
    pass


class FunctionNode(SimpleNamespace):
    pass


def test_each_box_stands_once_with_its_shapes() -> None:
    given, shared = (
        TensorNode(name="input-tensor", tensor_shape=(1, 8, 4, 4)),
        FunctionNode(name="relu", input_shape=[(1, 8, 4, 4)], output_shape=[(1, 8, 4, 4)]),
    )
    hidden = TensorNode(name="auxiliary-tensor", tensor_shape=(1, 8))
    drawn: Any = SimpleNamespace(edge_list=[(given, shared), (shared, hidden), (given, hidden)])
    source = torchview_graph.dot_of(drawn).source
    assert source.count("label=") == 3
    assert source.count("->") == 3
    assert "input tensor" in source
    assert "auxiliary" not in source
    assert "8×4×4 → 8×4×4" in source


def test_a_name_is_text_and_not_dot() -> None:
    odd = TensorNode(name='a"]; b', tensor_shape=(1,))
    source = torchview_graph.dot_of(SimpleNamespace(edge_list=[(odd, odd)])).source
    assert source.count("->") == 1
    assert '\\"' in source


def test_a_picture_is_drawn_once_per_choice_depth_and_ground(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    monkeypatch.setattr(torchview_graph, "drawn_by_torchview", lambda _, depth: calls.append(depth) or SimpleNamespace(edge_list=[]))
    monkeypatch.setattr(torchview_graph, "render_svg", lambda source: f"<svg>{len(source)}</svg>")
    torchview_graph._svg.cache_clear()
    one, same = Choice("bottleneck", {"groups": 2}), Choice("bottleneck", {"groups": 2})
    for choice, depth, dark in ((one, 1, False), (same, 1, False), (one, 2, False), (one, 2, True)):
        torchview_graph.torchview_svg(choice, depth, dark)
    assert calls == [1, 2, 2]
    torchview_graph._svg.cache_clear()


def test_a_real_network_has_the_input_that_was_chosen() -> None:
    choice = Choice("squeeze_excitation", {"c_in": 24}, batch=3)
    source = torchview_graph.dot_of(torchview_graph.drawn_by_torchview(choice, 2)).source
    assert all(str(size) in source for size in choice.shape)
