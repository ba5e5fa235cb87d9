"""The traced graph: operations, what flows between them, and the modules they belong to. Plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Shape = tuple[int, ...]
Ref = tuple[int, int]  # (index of the producing node, number of its output); inputs of the network are nodes too
#: In the place of a tensor's origin: the memory of a parameter or buffer.
WEIGHT: Ref = (-1, 0)

#: Kinds of operation, in the order that legends show them. Every view colours by these names.
OPERATION_KINDS = (
    "input", "convolution", "linear", "attention", "norm", "activation", "pool", "add", "multiply", "concat", "reshape", "upsample", "dropout", "other", "output",
)  # fmt: skip


class Extra(NamedTuple):
    """A tensor that an operation makes beside its output: max pooling's indices, a norm's statistics, the mask of a dropout.

    ``itemsize`` is in bytes, 0 for the output's. ``kept``: the backward pass needs it (``when`` as in :attr:`Node.saves`); otherwise it is gone when
    the operation ends. ``running``: it counts while the operation runs without a backward pass to come. ``followed``: where it is not kept, whether it
    counts only where a backward pass follows (True) or only where none does (False).
    """

    shape: Shape
    itemsize: int = 0
    kept: bool = True
    running: bool = True
    when: int | None = None
    followed: bool | None = None


@dataclass(slots=True)
class Node:
    """One operation of the network.

    ``macs`` and ``flops`` follow DESIGN's conventions and may be symbolic; ``params`` counts each parameter at the first
    operation that uses it; ``reads`` and ``writes`` are bytes (inputs and weights read, outputs written).
    ``scope`` is the call that the operation belongs to (an index into :attr:`Graph.calls`).
    ``alias`` is the input that the output shares memory with (views, in-place operations), :data:`WEIGHT` where that is a parameter or
    buffer, or None. ``until`` says of each output how many operations had run when nobody held its memory any more; 0: it was held to the end.
    ``saves`` are the tensors that the backward pass keeps, as (place, when): a place in ``inputs``, or -1 for the output; kept only for the gradient
    of what stands at place ``when`` of ``inputs`` (-1, -2 ...: of ``weights``), None where any gradient needs it. Parameters and buffers are left out.
    ``extras`` are what torch makes beside the outputs. ``products`` are the matrix products of the backward pass, as (operand, MACs): the operand is numbered as
    ``when`` is, and its gradient is what the product is for; None where any gradient needs it.
    ``itemsizes`` are those of all outputs where they are of several types; ``itemsize`` is the first one's.
    ``failed`` says why an operation could not run; it is the last of a partial graph, and has no output.
    ``places`` are the arguments that say which elements of its inputs an output element reads, where shapes and ``attrs`` leave it open.
    """

    index: int
    op: str
    kind: str
    scope: int
    inputs: tuple[Ref, ...]
    outputs: tuple[Shape, ...]
    dtype: str
    itemsize: int
    macs: int = 0
    flops: int = 0
    params: int = 0
    reads: int = 0
    writes: int = 0
    attrs: Mapping[str, Any] = field(default_factory=dict)
    weights: tuple[str, ...] = ()
    alias: Ref | None = None
    counted: bool = True
    failed: str = ""
    places: Mapping[str, Any] | None = None
    until: list[int] = field(default_factory=list)
    saves: tuple[tuple[int, int | None], ...] = ()
    extras: tuple[Extra, ...] = ()
    products: tuple[tuple[int | None, int], ...] = ()
    itemsizes: tuple[int, ...] = ()

    def itemsize_of(self, slot: int) -> int:
        """Bytes of an element of one of the outputs."""
        return self.itemsizes[slot] if self.itemsizes else self.itemsize

    @property
    def shape(self) -> Shape:
        """Shape of the first output."""
        return self.outputs[0] if self.outputs else ()


@dataclass(slots=True)
class Call:
    """One call of one module: a shared module called twice has two calls with one path.

    ``label`` is the path with "#2" for the second call; ``parent`` is the index of the caller's call, -1 for the root.
    ``input_shape`` is the shape of its first argument; ``failed`` the sentence where the call did not come to its end.
    """

    index: int
    path: str
    label: str
    parent: int
    cls: str
    module: Any
    input_shape: Shape | None = None
    failed: str = ""


@dataclass(slots=True)
class Graph:
    """A traced network: nodes in execution order. Inputs are nodes of kind "input", returned tensors of kind "output".

    ``trainable`` names the parameters that a backward pass gives a gradient.
    """

    nodes: list[Node]
    calls: list[Call]
    params: int
    unused_params: int = 0
    error: str = ""
    trainable: frozenset[str] = frozenset()

    def consumers(self) -> dict[Ref, list[int]]:
        """Which nodes read each tensor."""
        found: dict[Ref, list[int]] = {}
        for node in self.nodes:
            for ref in node.inputs:
                found.setdefault(ref, []).append(node.index)
        return found

    def edges(self) -> Iterator[tuple[int, int, Shape]]:
        """(producer, consumer, shape of what flows) for every tensor that one operation hands to another."""
        for node in self.nodes:
            for producer, slot in node.inputs:
                yield producer, node.index, self.nodes[producer].outputs[slot]

    def path(self, node: Node) -> str:
        """Dotted path of the module that the operation belongs to; "" for the network itself."""
        return self.calls[node.scope].path if node.scope >= 0 else ""

    def label(self, node: Node) -> str:
        """As :meth:`path`, with "#2" where the module is called again."""
        return self.calls[node.scope].label if node.scope >= 0 else ""
