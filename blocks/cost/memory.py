"""Activation memory from the lifetimes of tensors in a trace. Bytes; parameters are not included."""

from __future__ import annotations

import math

from blocks.trace.graph import Graph, Ref
from blocks.trace.symbolic import plain


def storages(graph: Graph) -> dict[Ref, Ref]:
    """For every tensor the one whose memory it lives in: itself, or what it is a view or an in-place result of."""
    roots: dict[Ref, Ref] = {}
    for node in graph.nodes:
        for slot in range(len(node.outputs)):
            own = (node.index, slot)
            roots[own] = roots.get(node.alias, node.alias) if node.alias is not None else own
    return roots


def storage_bytes(graph: Graph) -> dict[Ref, int]:
    """Size of each tensor that owns its memory."""
    return {own: _bytes(graph, own) for own, root in storages(graph).items() if own == root}


def _bytes(graph: Graph, ref: Ref) -> int:
    node = graph.nodes[ref[0]]
    elements: int = math.prod(map(plain, node.outputs[ref[1]]))
    return elements * node.itemsize


def _last_uses(graph: Graph, roots: dict[Ref, Ref], training: bool) -> dict[Ref, int]:
    """The operation after which each tensor that owns its memory is freed; the number of operations where it stays."""
    last: dict[Ref, int] = {}
    staying: set[Ref] = set()
    for node in graph.nodes:
        for slot in range(len(node.outputs)):
            root = roots[(node.index, slot)]
            last[root] = node.index
            if training or node.kind == "input":
                staying.add(root)
        for ref in node.inputs:
            root = roots[ref]
            last[root] = node.index
            if node.kind == "output":
                staying.add(root)
    return last | dict.fromkeys(staying, len(graph.nodes))


def lifetimes(graph: Graph, training: bool = False) -> tuple[list[list[Ref]], list[list[Ref]]]:
    """For each operation the tensors that it allocates, and those that are freed after it.

    For inference a tensor lives from the operation that makes it to the last that reads it; what the network is given and
    what it returns stay. For training every tensor is kept for the backward pass (in-place results overwrite theirs).
    """
    roots = storages(graph)
    end = len(graph.nodes)
    dying: list[list[Ref]] = [[] for _ in range(end)]
    for root, when in _last_uses(graph, roots, training).items():
        if when < end:
            dying[when].append(root)
    born = [[own for slot in range(len(node.outputs)) if roots[own := (node.index, slot)] == own] for node in graph.nodes]
    return born, dying


def timeline(graph: Graph, training: bool = False) -> list[int]:
    """Bytes of activations alive while each operation runs, by :func:`lifetimes`."""
    roots = storages(graph)
    allocated, freed = [0] * len(graph.nodes), [0] * (len(graph.nodes) + 1)
    for root, when in _last_uses(graph, roots, training).items():
        if roots[root] == root:
            size = _bytes(graph, root)
            allocated[root[0]] += size
            freed[when] += size
    alive, line = 0, []
    for more, less in zip(allocated, freed, strict=False):
        alive += more
        line.append(alive)
        alive -= less
    return line


def peak_memory(graph: Graph, training: bool = False) -> int:
    """The most bytes of activations alive at once."""
    return max(timeline(graph, training), default=0)
