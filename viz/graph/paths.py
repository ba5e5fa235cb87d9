"""Which tensors are on a shortcut or enter a concatenation, found from the graph alone."""

from __future__ import annotations

from heapq import heappop, heappush

from blocks.trace.graph import Graph, Ref

_WEIGHTED = ("convolution", "linear", "attention")


def path_kinds(graph: Graph) -> dict[tuple[Ref, int], str]:
    """ "residual" or "concat" for each (tensor, consumer) on such a path.

    Of the two tensors that an addition joins, the shortcut is the one that comes from the branching past fewer weighted layers: none,
    or one projection. It is marked all the way back to the branching. Branches of equal depth, and tensors that do not come
    from one branching, are no shortcuts.
    """
    readers: dict[Ref, int] = {}
    found: dict[tuple[Ref, int], str] = {}
    for node in graph.nodes:
        for ref in node.inputs:
            readers[ref] = readers.get(ref, 0) + 1
    for node in graph.nodes:
        if node.kind == "concat":
            found.update(((ref, node.index), "concat") for ref in node.inputs)
        elif node.kind == "add" and len(set(node.inputs)) == 2:
            left, right = node.inputs
            layers = _layers_since_branching(graph, left, right)
            if layers and layers[0] != layers[1] and min(layers) <= 1:
                _mark_back(graph, left if layers[0] < layers[1] else right, node.index, readers, found)
    return found


def _layers_since_branching(graph: Graph, left: Ref, right: Ref) -> tuple[int, int] | None:
    """The most weighted layers on a path from where ``left`` and ``right`` branched to each of them; None where they never did.

    Walks back from both, later operations first, and no further than tensors that both come from.
    """
    passed: dict[Ref, list[int | None]] = {left: [0, None], right: [None, 0]}
    queue = sorted([(-left[0], left), (-right[0], right)])
    most, met = [0, 0], False
    while queue:
        _, ref = heappop(queue)
        here = passed[ref]
        if here[0] is not None and here[1] is not None:
            most, met = [max(most[0], here[0]), max(most[1], here[1])], True
            continue
        producer = graph.nodes[ref[0]]
        side = 0 if here[1] is None else 1
        layers = (here[side] or 0) + (producer.kind in _WEIGHTED)
        for source in producer.inputs:
            if source not in passed:
                passed[source] = [None, None]
                heappush(queue, (-source[0], source))
            passed[source][side] = max(passed[source][side] or 0, layers)
    return (most[0], most[1]) if met else None


def _mark_back(graph: Graph, ref: Ref, consumer: int, readers: dict[Ref, int], found: dict[tuple[Ref, int], str]) -> None:
    while True:
        found[ref, consumer] = "residual"
        producer = graph.nodes[ref[0]]
        if readers[ref] > 1 or len(producer.inputs) != 1:
            return
        ref, consumer = producer.inputs[0], producer.index
