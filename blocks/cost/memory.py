"""Activation memory, as torch really holds it. Bytes; parameters, buffers and the workspace of libraries inside a kernel are not included.

A tensor lives as long as somebody holds it: a variable, a list, the frame of a caller (a module's input lives until its call returns); the trace saw
when Python let go of each (:class:`blocks.trace.proxy.Storage`). While training it lives on where the backward pass keeps it, as each rule says.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from blocks.trace.graph import Extra, Graph, Node, Ref, Shape
from blocks.trace.symbolic import plain

#: Their results carry no gradient ("bernoulli" stands for everything that is filled or drawn).
_NO_GRADIENT = {"detach", "bernoulli"}
_FLOATS = ("float", "bfloat", "complex", "int8")  # int8 is what a network's floats are counted as


#: Operations whose forward pass runs again in the backward pass: the group (a checkpointed block) of each by its index.
Again = Mapping[int, str]
NOT_AGAIN: Again = {}


class Allocation(NamedTuple):
    """Memory that one operation takes: ``itemsize`` bytes for each element of ``shape``, from operation ``born`` until after operation ``dies``;
    ``slot`` is the number of its output, -1 for what it makes beside."""

    shape: Shape
    itemsize: int
    born: int
    dies: int
    slot: int = -1

    @property
    def size(self) -> int:
        """Bytes."""
        elements: int = math.prod(map(plain, self.shape))
        return elements * self.itemsize


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
    return {own: tensor_bytes(graph, own) for own, root in storages(graph).items() if own == root}


def tensor_bytes(graph: Graph, ref: Ref) -> int:
    """Size of a tensor, whoever owns its memory."""
    node = graph.nodes[ref[0]]
    return Allocation(node.outputs[ref[1]], node.itemsize_of(ref[1]), 0, 0).size


def extra_bytes(graph: Graph, index: int, extra: Extra) -> int:
    """Size of what operation ``index`` makes beside its outputs."""
    return Allocation(extra.shape, extra.itemsize or graph.nodes[index].itemsize, index, index).size


# --- What the backward pass keeps ----------------------------------------------------------------


def differentiated(graph: Graph) -> list[bool]:
    """For each operation whether its result depends on a parameter that gets a gradient."""
    found: list[bool] = []
    for node in graph.nodes:
        reached = any(found[i] for i, _ in node.inputs) or not graph.trainable.isdisjoint(node.weights)
        found.append(reached and node.dtype.startswith(_FLOATS) and node.op not in _NO_GRADIENT)
    return found


def kept(graph: Graph, again: Again = NOT_AGAIN) -> tuple[set[Ref], list[tuple[int, Extra]]]:
    """What the backward pass keeps: tensors that own their memory, and what operations (by index) made beside their outputs.

    Operations that run ``again`` keep nothing but what their group reads of others.
    """
    roots, needs = storages(graph), differentiated(graph)
    tensors: set[Ref] = set()
    extras: list[tuple[int, Extra]] = []
    for node in graph.nodes:
        if node.index in again:
            group = again[node.index]
            tensors |= {roots[ref] for ref in node.inputs if again.get(ref[0]) != group and roots[ref][0] >= 0}
            continue
        if not needs[node.index]:
            continue
        for place, when in node.saves:
            if when is None or gets_gradient(graph, node, when, needs):
                root = roots[node.inputs[place] if place >= 0 else (node.index, 0)]
                if root[0] >= 0:
                    tensors.add(root)
        extras += [(node.index, extra) for extra in node.extras if extra.kept and (extra.when is None or gets_gradient(graph, node, extra.when, needs))]
    return tensors, extras


def gets_gradient(graph: Graph, node: Node, operand: int, needs: list[bool]) -> bool:
    """Whether an operand (numbered as ``when`` in :attr:`Node.saves`) of ``node`` gets a gradient; ``needs`` is :func:`differentiated`'s."""
    return needs[node.inputs[operand][0]] if operand >= 0 else node.weights[~operand] in graph.trainable


def saved_memory(graph: Graph, again: Again = NOT_AGAIN) -> int:
    """Bytes that the backward pass keeps of a forward pass: each memory once, parameters and buffers left out."""
    tensors, extras = kept(graph, again)
    return sum(tensor_bytes(graph, ref) for ref in tensors) + sum(extra_bytes(graph, i, extra) for i, extra in extras)


# --- Lifetimes -----------------------------------------------------------------------------------


def allocations(graph: Graph, training: bool = False, again: Again = NOT_AGAIN) -> Iterator[Allocation]:
    """All memory that a forward pass takes, in the order in which it is taken."""
    end = len(graph.nodes)
    tensors, extras = kept(graph, again) if training else (set(), [])
    stays = {(i, id(extra)) for i, extra in extras}
    needs = differentiated(graph) if training else [False] * end
    for node in graph.nodes:
        if node.alias is None:
            for slot, shape in enumerate(node.outputs):
                held = not node.until or not node.until[slot] or (node.index, slot) in tensors
                yield Allocation(shape, node.itemsize_of(slot), node.index, end if held else node.until[slot] - 1, slot)
        for extra in node.extras:
            is_kept = (node.index, id(extra)) in stays
            if is_kept or (extra.running and extra.followed in (None, needs[node.index])):
                yield Allocation(extra.shape, extra.itemsize or node.itemsize, node.index, end if is_kept else node.index)


def timeline(graph: Graph, training: bool = False, again: Again = NOT_AGAIN) -> list[int]:
    """Bytes of activations alive while each operation runs; for training with what is kept for the backward pass."""
    change = [0] * (len(graph.nodes) + 2)
    for allocation in allocations(graph, training, again):
        size = allocation.size
        change[allocation.born] += size
        change[allocation.dies + 1] -= size
    alive, line = 0, []
    for more in change[: len(graph.nodes)]:
        alive += more
        line.append(alive)
    return line


def peak_memory(graph: Graph, training: bool = False) -> int:
    """The most bytes of activations alive at once during a forward pass."""
    return max(timeline(graph, training), default=0)
