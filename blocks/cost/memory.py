"""Activation memory from the lifetimes of tensors in a trace. Bytes; parameters are not included."""

from __future__ import annotations

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
    sizes: dict[Ref, int] = {}
    for own, root in storages(graph).items():
        if own == root:
            node = graph.nodes[own[0]]
            n = 1
            for s in node.outputs[own[1]]:
                n *= plain(s)
            sizes[own] = n * node.itemsize
    return sizes


def lifetimes(graph: Graph, training: bool = False) -> tuple[list[list[Ref]], list[list[Ref]]]:
    """For each operation the tensors that it allocates, and those that are freed after it.

    For inference a tensor lives from the operation that makes it to the last that reads it; what the network is given and
    what it returns stay. For training every tensor is kept for the backward pass (in-place results overwrite theirs).
    """
    roots = storages(graph)
    end = len(graph.nodes)
    last: dict[Ref, int] = {}
    for node in graph.nodes:
        for slot in range(len(node.outputs)):
            root = roots[(node.index, slot)]
            last[root] = end if training or node.kind == "input" else max(last.get(root, 0), node.index)
        for ref in node.inputs:
            root = roots[ref]
            last[root] = end if node.kind == "output" else max(last.get(root, 0), node.index)
    dying: list[list[Ref]] = [[] for _ in range(end)]
    for root, when in last.items():
        if when < end:
            dying[when].append(root)
    born = [[own for slot in range(len(node.outputs)) if roots[own := (node.index, slot)] == own] for node in graph.nodes]
    return born, dying


def timeline(graph: Graph, training: bool = False) -> list[int]:
    """Bytes of activations alive while each operation runs, by :func:`lifetimes`."""
    sizes = storage_bytes(graph)
    alive, line = 0, []
    for born, dying in zip(*lifetimes(graph, training), strict=True):
        alive += sum(sizes[ref] for ref in born)
        line.append(alive)
        alive -= sum(sizes[ref] for ref in dying)
    return line


def peak_memory(graph: Graph, training: bool = False) -> int:
    """The most bytes of activations alive at once."""
    return max(timeline(graph, training), default=0)
