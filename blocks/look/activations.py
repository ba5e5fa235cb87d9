"""What each operation of a traced network gives for one picture: the network's own forward, watched.

A trace and a run call the same functions of torch in the same order, so that the n-th operation of the trace is found among the calls by its
name and by the shapes of what it gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_map

from blocks.analysis import Analysis
from blocks.trace.errors import TraceError
from blocks.trace.graph import Node

#: Names of torch's functions that the trace writes down under another one.
_CALLED = {"hardtanh": "relu6", "reshape": "view", "rsub": "sub"}
_NO_OPERATION = ("input", "output")


@dataclass(frozen=True)
class SeenCall:
    """One operation as it ran: torch's ``function``, the arguments with the values that they had, and what it gave."""

    node: Node
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    named: Mapping[str, Any]
    result: Any


class _Enough(Exception):
    """All that was wanted has been seen."""


#: What is kept of an operation that was found: (node, function, copied arguments, copied named arguments, what it gave).
_Note = Callable[[Node, Callable[..., Any], tuple[Any, ...], dict[str, Any], Any], Any]


class Replacement(NamedTuple):
    """A ``function`` of one tensor, known to torch by ``name``, that runs instead of an operation."""

    name: str
    function: Callable[[Tensor], Tensor]


class RunChange(Protocol):
    """What is changed while a network runs; what an operation gave is what the next ones read."""

    def instead(self, node: Node) -> Replacement | None:
        """What runs instead of an operation, on its first argument."""

    def given(self, node: Node, given: Tensor) -> Tensor:
        """What an operation shall give instead of what it gave, as its first output."""


class _Watch(TorchFunctionMode):
    """Finds the operations of a trace among the functions that run, keeps a note of those that are wanted, and may change what they give."""

    def __init__(
        self,
        nodes: Sequence[Node],
        wanted: Iterable[int],
        note: _Note,
        *,
        keeps_arguments: bool = False,
        change: RunChange | None = None,
        stops: bool = True,
    ) -> None:
        super().__init__()
        self._stops = stops
        self._rest = [node for node in nodes if node.kind not in _NO_OPERATION]
        self._next = 0
        self._wanted = set(wanted)
        self._note, self._keeps_arguments, self._change = note, keeps_arguments, change
        self.found: dict[int, Any] = {}

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        kwargs = kwargs or {}
        node = self._rest[self._next] if self._next < len(self._rest) else None
        if node is not None and self._change is not None and _has_name_of(node, func) and (swap := self._change.instead(node)) is not None:
            node, func, args, kwargs = replace(node, op=swap.name), swap.function, (args[0] if args else kwargs["input"],), {}
        is_wanted = node is not None and node.index in self._wanted and self._keeps_arguments
        before: tuple[Any, Any] = tree_map(_copied, (args, kwargs)) if is_wanted else ((), {})
        result = func(*args, **kwargs)
        if node is None or not _is_call_of(node, func, result):
            return result
        self._next += 1
        if self._change is not None:
            result = _with_first(result, self._change.given(node, first_output(result)))
        if node.index in self._wanted:
            self.found[node.index] = self._note(node, func, before[0], before[1], result)
            if self._stops and len(self.found) == len(self._wanted):
                raise _Enough
        return result


def _with_first(result: Any, first: Tensor) -> Any:
    """``result`` with another first output."""
    return type(result)([first, *result[1:]]) if isinstance(result, (tuple, list)) else first


def activations(analysis: Analysis, network: nn.Module, inputs: Tensor, nodes: Iterable[int]) -> dict[int, Tensor]:
    """The first output of each of ``nodes`` (indices into the trace of ``analysis``) when ``network`` runs on ``inputs``; copies, without gradients.

    The run ends with the last operation that is wanted. Raises :class:`TraceError` where the run does not do what the trace says.
    """
    graph, nodes = analysis.graph, list(nodes)
    source = {index: graph.nodes[index].inputs[0][0] if graph.nodes[index].kind == "output" else index for index in nodes}
    seen = seen_calls(analysis, network, inputs, {index for index in source.values() if graph.nodes[index].kind != "input"}, keeps_arguments=False)
    return {index: first_output(seen[at].result) if at in seen else inputs.detach().clone() for index, at in source.items()}


def seen_calls(
    analysis: Analysis, network: nn.Module, inputs: Tensor, nodes: Iterable[int], *, keeps_arguments: bool = True, change: RunChange | None = None
) -> dict[int, SeenCall]:
    """The operations ``nodes`` as they ran, with copies of their arguments' values before they ran (an operation in place overwrites them).

    With ``change``, other functions run, or what an operation gave is changed before the next ones read it.
    """
    wanted = set(nodes)
    if not wanted:
        return {}
    watch = _Watch(analysis.graph.nodes, wanted, _seen_call, keeps_arguments=keeps_arguments, change=change)
    try:
        with torch.no_grad(), watch:
            network(inputs)
    except _Enough:
        return watch.found
    missed = min(wanted - watch.found.keys())
    raise TraceError(f"the run has no operation {analysis.graph.nodes[missed].op} where the trace has number {missed}")


def _seen_call(node: Node, function: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any], result: Any) -> SeenCall:
    return SeenCall(node, function, arguments, named, tree_map(_copied, result))


class WatchedRun(NamedTuple):
    """A whole run: what the network gave (None where it failed), a note of each operation by its index, and why it failed, if it did."""

    output: Any
    notes: dict[int, Any]
    error: Exception | None = None


def watched_run(
    analysis: Analysis, network: nn.Module, inputs: Tensor, note: Callable[[Node, Tensor], Any] = lambda *_: None, change: RunChange | None = None
) -> WatchedRun:
    """Run ``network`` to its end, with a ``note`` of what each operation gives, taken at once: an operation in place overwrites it.

    ``change`` may run another function or give another first output, which all that follows reads. A run that fails half-way gives the notes of what came before.
    Gradients flow where the caller wants them.
    """
    nodes = analysis.graph.nodes
    watch = _Watch(nodes, [n.index for n in nodes], lambda node, _func, _args, _named, result: note(node, first_output(result)), change=change, stops=False)
    try:
        with watch:
            output = network(inputs)
    except Exception as error:  # a network may raise anything
        return WatchedRun(None, watch.found, error)
    return WatchedRun(output, watch.found)


def _is_call_of(node: Node, func: Callable[..., Any], result: Any) -> bool:
    shapes = tuple(tuple(t.shape) for t in (result if isinstance(result, (tuple, list)) else [result]) if isinstance(t, Tensor))
    return shapes == tuple(node.outputs) and _has_name_of(node, func)


def _has_name_of(node: Node, func: Callable[..., Any]) -> bool:
    return _plain(getattr(func, "__name__", "")) == _plain(node.op)


def _plain(name: str) -> str:
    """A function's name without the marks of methods and of operations in place."""
    name = name.strip("_")
    return _CALLED.get(name, name)


def _copied(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else value


def first_output(result: Any) -> Tensor:
    """The tensor that an operation gives, or the first of several."""
    found = result[0] if isinstance(result, (tuple, list)) else result
    assert isinstance(found, Tensor)
    return found
