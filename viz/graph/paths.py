"""Which tensors are on a shortcut or enter a concatenation, found from the graph alone."""

from __future__ import annotations

from blocks.trace.graph import Graph, Ref


def path_kinds(graph: Graph) -> dict[tuple[Ref, int], str]:
    """ "residual" or "concat" for each (tensor, consumer) on such a path.

    Of the two tensors that an addition joins, the shortcut is the one that passed through fewer operations. It is marked
    all the way back to the branching, a projection on it included.
    """
    depth = [0] * len(graph.nodes)
    readers: dict[Ref, int] = {}
    found: dict[tuple[Ref, int], str] = {}
    for node in graph.nodes:
        depth[node.index] = 1 + max((depth[i] for i, _ in node.inputs), default=-1)
        for ref in node.inputs:
            readers[ref] = readers.get(ref, 0) + 1
    for node in graph.nodes:
        if node.kind == "concat":
            found.update(((ref, node.index), "concat") for ref in node.inputs)
        elif node.kind == "add" and len(set(node.inputs)) == 2:
            short, long = sorted(node.inputs, key=lambda ref: depth[ref[0]])
            if depth[short[0]] < depth[long[0]]:
                _mark_back(graph, short, node.index, readers, found)
    return found


def _mark_back(graph: Graph, ref: Ref, consumer: int, readers: dict[Ref, int], found: dict[tuple[Ref, int], str]) -> None:
    while True:
        found[ref, consumer] = "residual"
        producer = graph.nodes[ref[0]]
        if readers[ref] > 1 or len(producer.inputs) != 1:
            return
        ref, consumer = producer.inputs[0], producer.index
