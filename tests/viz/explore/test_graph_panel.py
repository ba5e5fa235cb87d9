"""The graph on the Explore page: two views, torchview's refusal in a sentence, and how far a network came that cannot run."""

from __future__ import annotations

import pytest

from tests.drawing import said, shown
from viz.explore import graph_panel
from viz.graph.layout import LayoutFailed
from viz.kit.choice import Choice


def test_the_tensor_view_is_an_image_that_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_panel, "torchview_svg", lambda choice, depth, _: f"<svg>{choice.name} {depth}<script>alert(1)</script></svg>")
    app = shown(graph_panel._tensors, Choice("bottleneck"), 3)
    assert "data:image/svg+xml;base64," in said(app)
    assert "<script>" not in said(app)


@pytest.mark.parametrize("error", [LayoutFailed("too large\nat node 7"), RuntimeError("no such tensor")])
def test_what_torchview_cannot_draw_is_a_line(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fails(*_: object) -> str:
        raise error

    monkeypatch.setattr(graph_panel, "torchview_svg", fails)
    app = shown(graph_panel._tensors, Choice("bottleneck"), 1)
    assert app.warning[0].value == f"torchview cannot draw this: {str(error).splitlines()[0]}. The folded graph can."


@pytest.mark.parametrize(
    ("choice", "shows"),
    [(Choice("resnet18"), False), (Choice("vgg11", side=2), True), (Choice("resnet18", {"width_mult": -1}), False)],
)
def test_how_far_a_network_came_is_shown_where_it_stopped_half_way(monkeypatch: pytest.MonkeyPatch, choice: Choice, shows: bool) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(graph_panel, "graph_view", lambda _, **options: drawn.append(options["of"]))
    app = shown(graph_panel.how_far, choice)
    assert [e.label for e in app.expander] == (["How far the trace got"] if shows else [])
    assert drawn == ([f"{choice.name} (part)"] if shows else [])
