"""Presets' graphs (each third by ``make test``, each by ``make thorough``) against torchview's: the same tensors flow between the same modules."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
import torch
import torchview
from torch import nn

from blocks import analyse, catalog
from blocks.analysis import Analysis
from blocks.layers.common import DropPath
from blocks.trace.build import on_meta
from blocks.trace.graph import Node
from blocks.trace.symbolic import plain
from tests.thorough import spread
from viz.graph.fold import Fold, VisibleEdge

INPUT, OUTPUT = "(input)", "(output)"
# (where a tensor comes from, where it goes, its shape as it arrives), how often. Functions between modules are seen through,
# so a tensor may come from several modules.
Flows = Counter[tuple[frozenset[str], str, tuple[int, ...]]]


def leaves(net: nn.Module) -> dict[int, str]:
    """Paths of the modules that hold no others, by their identity; empty sequences and DropPath in inference do
    nothing and are seen through."""
    return {id(m): path for path, m in net.named_modules() if path and not list(m.children()) and not isinstance(m, (DropPath, nn.Sequential))}


def ours(analysis: Analysis) -> Flows:
    """The lines of the picture with everything open, between modules that hold no others."""
    graph = analysis.graph
    fold = Fold(graph)
    paths = {c.index: c.path for c in graph.calls if c.path and not list(c.module.children())}

    def module(node: Node) -> str:
        return OUTPUT if node.kind == "output" else paths.get(node.scope, "") if node.kind != "input" else ""

    taken: dict[int, list[VisibleEdge]] = defaultdict(list)
    for edge in fold.folded(fold.preset("operation")).edges:
        taken[fold.items[edge.target].start].append(edge)
    origins: dict[int, frozenset[str]] = {}
    flows: Flows = Counter()
    for node in graph.nodes:
        here = module(node)
        for edge in taken[node.index]:
            if here and (here == OUTPUT or graph.nodes[edge.ref[0]].scope != node.scope):
                flows[origins[edge.ref[0]], here, tuple(map(plain, edge.shape))] += 1
        through = frozenset().union(*(origins[edge.ref[0]] for edge in taken[node.index]))
        origins[node.index] = frozenset([INPUT]) if node.kind == "input" else frozenset([here]) if here else through
    return flows


def without_identities(net: nn.Module) -> nn.Module:
    """``net`` without its identity modules: of a pair of tensors that passes through one, torchview makes a single tensor."""
    for parent in net.modules():
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.Identity):
                del parent._modules[name]
                if not isinstance(parent, nn.Sequential):
                    parent.__dict__[name] = lambda x: x
    return net


def theirs(net: nn.Module, shape: tuple[int, ...]) -> Flows:
    drawn = torchview.draw_graph(without_identities(net), input_data=torch.empty(shape, device="meta"), device="meta", depth=50, mode="eval", strict=False)
    paths = leaves(net)
    taken: dict[object, list[object]] = defaultdict(list)
    for tail, head in drawn.edge_list:
        taken[head].append(tail)

    known: dict[object, frozenset[str]] = {}

    def origin(node: object) -> frozenset[str]:
        if node not in known:
            path = paths.get(getattr(node, "compute_unit_id", 0), "")
            known[node] = frozenset([path]) if path else frozenset().union(*(map(origin, taken.get(node, [])))) if taken.get(node) else frozenset([INPUT])
        return known[node]

    flows: Flows = Counter()
    for head, tails in list(taken.items()):
        name = getattr(head, "name", "")
        path = OUTPUT if name == "output-tensor" else paths.get(getattr(head, "compute_unit_id", 0), "")
        if path:
            for tail in tails:
                arriving = head.tensor_shape if path == OUTPUT else head.input_shape[0]
                flows[origin(tail), path, tuple(arriving)] += 1
    return flows


@pytest.mark.parametrize("name", spread(catalog.names(kind="model"), 3))
def test_the_same_tensors_flow_between_the_same_modules(name: str) -> None:
    shape = catalog.input_shape(name)
    with on_meta():
        net = catalog.build(name).eval()
    assert ours(analyse(net, shape)) == theirs(net, shape)


def test_a_line_that_leads_elsewhere_is_seen() -> None:
    """The comparison can fail: a network whose branches are swapped differs from the other."""

    class Crossed(nn.Module):
        def __init__(self, crossed: bool) -> None:
            super().__init__()
            self.a, self.b, self.c = nn.Conv2d(3, 5, 1), nn.Conv2d(3, 5, 1), nn.Conv2d(5, 7, 1)
            self.crossed = crossed

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            one, two = self.a(x), self.b(x)
            return self.c(two if self.crossed else one) + one.mean() + two.mean()

    shape = (1, 3, 11, 13)
    with on_meta():
        straight, crossed = Crossed(False).eval(), Crossed(True).eval()
    assert ours(analyse(straight, shape)) == theirs(straight, shape)
    assert ours(analyse(crossed, shape)) != theirs(straight, shape)
