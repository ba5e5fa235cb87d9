"""Memory of one training step: weights, their gradients, what the optimizer keeps, and the activations of forward and backward pass. Bytes.

The backward pass is run on the trace in reverse: an operation gets the gradient of its result, makes those of its inputs, and lets go of what it had
saved. Left out: the loss (its gradient counts as one more of the network's outputs), workspace inside kernels, what a data loader holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from blocks.cost.memory import NOT_AGAIN, Again, allocations, differentiated, extra_bytes, kept, storages, tensor_bytes, timeline
from blocks.knobs import KnobError
from blocks.knobs.nearest import nearest_names
from blocks.trace.graph import Graph, Node, Ref

#: Numbers kept for each parameter, and how many of the largest parameter's size the update makes on the way.
OPTIMIZERS: dict[str, tuple[int, int]] = {"sgd": (0, 0), "momentum": (1, 0), "adam": (2, 2), "adamw": (2, 2)}
#: Adam counts the steps of each parameter in a float32.
_COUNTER = 4
#: The gradient goes on as it came, or as a view of what came.
_PASS = {"add", "cat", "stack", "sum"}


class Moment(NamedTuple):
    """One operation of a training step: ``phase`` is "forward", "backward" or "optimizer step", ``label`` the module and operation, ``size`` the bytes
    alive while it runs, with weights and optimizer state."""

    phase: str
    label: str
    size: int

    def __str__(self) -> str:
        return f"{self.phase}: {self.label}" if self.label else self.phase


@dataclass(frozen=True, slots=True)
class TrainingMemory:
    """What one step of training holds. ``peak`` is the most at once, ``where`` the part of the step and the operation at which it is met;
    ``moments`` is the step in time."""

    optimizer: str
    weights: int
    buffers: int
    gradients: int
    optimizer_state: int
    saved: int
    peak: int
    where: str
    moments: tuple[Moment, ...] = field(default=(), repr=False, compare=False)


def check_optimizer(optimizer: str) -> None:
    """Raise :class:`KnobError` for an optimizer that is not in :data:`OPTIMIZERS`."""
    if optimizer not in OPTIMIZERS:
        near = nearest_names(str(optimizer), OPTIMIZERS) or ["adam"]
        raise KnobError("optimizer", optimizer, f"must be one of {', '.join(OPTIMIZERS)}", near)


def training_memory(graph: Graph, sizes: Mapping[str, int], buffers: int, optimizer: str, again: Again = NOT_AGAIN) -> TrainingMemory:
    """The memory of one step. ``sizes`` are the bytes of each parameter by name, ``buffers`` those of all buffers. Operations in ``again`` are run once
    more when the backward pass reaches their group."""
    check_optimizer(optimizer)
    each, on_the_way = OPTIMIZERS[optimizer]
    trained = {name: size for name, size in sizes.items() if name in graph.trainable}
    weights, gradients = sum(sizes.values()), sum(trained.values())
    state = each * gradients + (_COUNTER * len(trained) if each == 2 else 0)
    step = _Step(graph, trained, again)
    always = weights + buffers + state
    forward, backward = step.forward(), step.backward()
    update = gradients + step.held + on_the_way * max(trained.values(), default=0)
    moments = [Moment("forward", f"{graph.label(node)} {node.op}".strip(), always + size) for size, node in zip(forward, graph.nodes, strict=True)]
    moments += [Moment("backward", f"{graph.label(node)} {node.op}".strip(), always + size) for size, node in backward]
    moments.append(Moment("optimizer step", "", always + update))
    most = max(moments, key=lambda moment: moment.size)
    return TrainingMemory(optimizer, weights, buffers, gradients, state, step.saved, most.size, str(most), tuple(moments))


class _Buffer:
    """The memory of a gradient, and how many hold it."""

    __slots__ = ("holders", "size")

    def __init__(self, size: int) -> None:
        self.size, self.holders = size, 1


class _Local:
    """A checkpointed block that runs again: the bytes that it saves then, the most alive while it runs, and what each operation's backward lets go of."""

    def __init__(self, graph: Graph, own: set[int]) -> None:
        self.is_open = False
        tensors, extras = kept(graph)
        roots, needs = storages(graph), differentiated(graph)
        inside = [a for a in allocations(graph, training=True) if a.born in own]
        self.peak = max(sum(a.size for a in inside if a.born <= i <= a.dies) for i in own)
        self.freed: dict[int, int] = {}
        done: set[Ref] = set()
        for index in sorted(own):
            node = graph.nodes[index]
            for place, _ in node.saves if needs[index] else ():
                root = roots[node.inputs[place] if place >= 0 else (index, 0)]
                if root in tensors and root[0] in own and root not in done:
                    done.add(root)
                    self.freed[index] = self.freed.get(index, 0) + tensor_bytes(graph, root)
        for index, extra in extras:
            if index in own:
                self.freed[index] = self.freed.get(index, 0) + extra_bytes(graph, index, extra)
        self.saved = sum(self.freed.values())


class _Step:
    """The activations of one step, and the gradients that take their place."""

    def __init__(self, graph: Graph, trained: Mapping[str, int], again: Again = NOT_AGAIN) -> None:
        self.graph, self.trained, self.again = graph, trained, again
        self.roots, self.needs = storages(graph), differentiated(graph)
        tensors, extras = kept(graph, again)
        self.sizes = {(t.born, t.slot): t.size for t in allocations(graph, training=True) if t.slot >= 0}
        ends = {self.roots[ref] for node in graph.nodes if node.kind == "output" for ref in node.inputs}
        staying = ends | {(node.index, 0) for node in graph.nodes if node.kind == "input"}
        self.held = sum(self.sizes.get(ref, 0) for ref in staying)  # what the caller holds: inputs and results
        self.freed: dict[int, int] = {}  # bytes that each operation's backward lets go of
        self.saved = 0
        first: dict[Ref, int] = {}
        for node in graph.nodes:
            if node.index in again:
                for ref in node.inputs:
                    if self.roots[ref] in tensors:
                        first.setdefault(self.roots[ref], node.index)
            elif self.needs[node.index]:
                for place, _ in node.saves:
                    root = self.roots[node.inputs[place] if place >= 0 else (node.index, 0)]
                    if root in tensors:
                        first.setdefault(root, node.index)
        for root, index in first.items():
            self.saved += self.sizes[root]
            if root not in staying:
                self.freed[index] = self.freed.get(index, 0) + self.sizes[root]
        for index, extra in extras:
            size = extra_bytes(graph, index, extra)
            self.saved += size
            self.freed[index] = self.freed.get(index, 0) + size

        self.local = {group: _Local(graph, {i for i, g in again.items() if g == group}) for group in dict.fromkeys(again.values())}

    def forward(self) -> list[int]:
        """Bytes alive at each operation of the forward pass."""
        return timeline(self.graph, training=True, again=self.again)

    def backward(self) -> list[tuple[int, Node]]:
        """Bytes alive at each operation of the backward pass, the weights' gradients so far included."""
        alive = self.held + sum(self.freed.values())
        pending: dict[Ref, _Buffer] = {}
        given: set[str] = set()
        line: list[tuple[int, Node]] = []
        for node in reversed(self.graph.nodes):
            if node.kind == "output":
                for ref in node.inputs:
                    if self.needs[ref[0]] and ref not in pending:
                        pending[ref] = _Buffer(self._size(ref))
                        alive += pending[ref].size
                continue
            if not self.needs[node.index]:
                continue
            local = self.local.get(self.again.get(node.index, ""))
            if local is not None and not local.is_open:
                line.append((alive + local.peak, node))
                local.is_open = True
                alive += local.saved
            arrived = [pending.pop((node.index, slot), None) for slot in range(len(node.outputs))]
            new = [name for name in node.weights if name in self.trained and name not in given]
            given.update(new)
            alive += sum(self.trained[name] for name in new)
            alive, most = self._spread(node, [b for b in arrived if b is not None], pending, alive)
            line.append((most, node))
            alive -= self.freed.get(node.index, 0)
            if local is not None:
                alive -= local.freed.get(node.index, 0)
        return line

    def _spread(self, node: Node, arrived: list[_Buffer], pending: dict[Ref, _Buffer], alive: int) -> tuple[int, int]:
        """Gradients of the inputs out of those of the outputs; returns the bytes alive afterwards and the most on the way."""
        most = alive
        for ref in dict.fromkeys(node.inputs):
            if not self.needs[ref[0]] or not arrived:
                continue
            buffer = arrived[0]
            if self._passes(node, ref):
                buffer.holders += 1
            else:
                buffer = _Buffer(self._size(ref))
                alive += buffer.size
            most = max(most, alive)
            before = pending.get(ref)
            if before is None:
                pending[ref] = buffer
                continue
            total = before if before.holders == 1 else _Buffer(self._size(ref))  # added to where nobody else holds it
            if total is not before:
                alive += total.size
                most = max(most, alive)
                alive -= self._let_go(before)
            alive -= self._let_go(buffer)
            pending[ref] = total
        for buffer in arrived:
            alive -= self._let_go(buffer)
        return alive, most

    def _let_go(self, buffer: _Buffer) -> int:
        buffer.holders -= 1
        return 0 if buffer.holders else buffer.size

    def _passes(self, node: Node, ref: Ref) -> bool:
        if node.op in _PASS or node.op == "expand":
            return node.op in ("cat", "stack", "sum") or self._size(ref) == self._size((node.index, 0))
        return node.alias is not None and node.kind in ("reshape", "dropout") and len(node.outputs) == 1 and self._size(ref) == self._size((node.index, 0))

    def _size(self, ref: Ref) -> int:
        return tensor_bytes(self.graph, ref)
