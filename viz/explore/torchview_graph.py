"""torchview's tensor-level picture of a network: every tensor and function, as deep as asked."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import graphviz
import torch

from blocks import catalog
from blocks.trace.build import on_meta
from viz.graph.dot import DETAIL, escape
from viz.graph.labels import shape_text
from viz.graph.layout import render_svg
from viz.kit import palette
from viz.kit.choice import Choice

_KINDS = {"TensorNode": "input", "ModuleNode": "convolution", "FunctionNode": "activation"}  # whose colours the three sorts of box have


def drawn_by_torchview(choice: Choice, depth: int) -> object:
    """torchview's graph of the network on the meta device."""
    import torchview

    with on_meta():
        net = catalog.build(choice.name, **choice.knobs).train(choice.training)
    mode = "train" if choice.training else "eval"
    return torchview.draw_graph(net, input_data=torch.empty(choice.shape, device="meta"), device="meta", depth=depth, mode=mode)


def torchview_svg(choice: Choice, depth: int, dark: bool = False) -> str:
    """The picture as an SVG file. Raises :class:`~viz.graph.layout.LayoutFailed` where it cannot be laid out, and what torchview raises."""
    return _svg(_Hashed(choice), depth, dark)


@lru_cache(maxsize=32)
def _svg(choice: _Hashed, depth: int, dark: bool) -> str:
    return render_svg(dot_of(drawn_by_torchview(choice.choice, depth), dark).source)


def dot_of(drawn: Any, dark: bool = False) -> graphviz.Digraph:
    """The DOT of torchview's graph. Its own has tables of HTML for labels, which the layout in this process cannot read."""
    digraph = graphviz.Digraph("torchview")
    digraph.attr("graph", bgcolor=palette.GROUND.on(dark), nodesep="0.3", ranksep="0.35", pad="0.3", fontname="Helvetica")
    digraph.attr("node", shape="box", style="rounded,filled", fontname="Helvetica", fontsize=str(DETAIL), fontcolor=palette.INK.on(dark), margin="0.3,0.1")
    digraph.attr("edge", color=palette.LINE.on(dark), arrowsize="0.7")
    names: dict[int, str] = {}
    for tail, head in drawn.edge_list:
        for node in (tail, head):
            if id(node) not in names:
                names[id(node)] = f"n{len(names)}"
                kind = _KINDS.get(type(node).__name__, "other")
                digraph.node(names[id(node)], label=escape("\n".join(_said(node))), color=palette.kind_colour(kind, dark), fillcolor=palette.tint(kind, dark))
        digraph.edge(names[id(tail)], names[id(head)])
    return digraph


def _said(node: Any) -> list[str]:
    if hasattr(node, "tensor_shape"):
        return ["tensor" if node.name == "auxiliary-tensor" else str(node.name).replace("-", " "), _shapes([node.tensor_shape])]
    return [str(node.name), f"{_shapes(node.input_shape)} → {_shapes(node.output_shape)}"]


def _shapes(shapes: Any) -> str:
    return ", ".join(shape_text(tuple(shape)) for shape in shapes)


class _Hashed:
    """A choice that a cache can hold: its knobs are a mapping, its key is not."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice

    def __hash__(self) -> int:
        return hash(self.choice.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashed) and self.choice.key == other.choice.key
