"""One traced operation as the maps of fields see it: plain numbers, and the table of maps."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blocks.cost.fields.sets import NoMap, Seen
from blocks.language import translatable
from blocks.trace.graph import Graph, Node
from blocks.trace.symbolic import plain

Sources = Sequence[Seen | None]
#: What the outputs of an operation see along one axis, from what its inputs see along it.
Result = Seen | None | list[Seen | None]


@dataclass(frozen=True, slots=True)
class Step:
    """An operation with plain sizes: of its ``inputs`` (no parameters) and ``outputs``."""

    node: Node
    inputs: tuple[tuple[int, ...], ...]
    outputs: tuple[tuple[int, ...], ...]
    _attrs: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, node: Node, graph: Graph) -> Step:
        """The step of a node."""
        return cls(node, tuple([_plain_shape(graph.nodes[i].outputs[slot]) for i, slot in node.inputs]), tuple(map(_plain_shape, node.outputs)))

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the first output."""
        return self.outputs[0]

    def attr(self, name: str) -> Any:
        """A setting in plain numbers. Raises :class:`NoMap` where the trace does not have it."""
        if name not in self._attrs:
            if name not in self.node.attrs:
                raise self.no_map()
            self._attrs[name] = _plain(self.node.attrs[name])
        return self._attrs[name]

    def place(self, name: str) -> Any:
        """An argument that says what is read, in plain numbers. Raises :class:`NoMap` where the trace does not have it."""
        return _plain(self.places[name]) if name in self.places else None

    @property
    def places(self) -> Mapping[str, Any]:
        """The arguments that say what is read. Raises :class:`NoMap` where the trace does not have them."""
        if self.node.places is None:
            raise self.no_map()
        return self.node.places

    def no_map(self) -> NoMap:
        """The error of an operation whose reading is not known."""
        op = self.node.op
        return NoMap(translatable(f"unknown: no rule says which positions of its input {op} reads"))

    def operands(self, sources: Sources, shapes: bool = False) -> list[Any]:
        """The inputs in the order of the call, None in the place of a parameter; their shapes where asked for."""
        given: Sequence[Any] = self.inputs if shapes else sources
        order = self.places.get("operands")
        if order is None:
            return list(given)
        remaining = iter(given)
        return [next(remaining) if is_input else None for is_input in order]


def _plain_shape(shape: Sequence[int]) -> tuple[int, ...]:
    return tuple([s if type(s) is int else plain(s) for s in shape])


def _plain(value: Any) -> Any:
    return tuple(map(_plain, value)) if isinstance(value, (tuple, list)) else plain(value)


FieldMap = Callable[[Step, Sources], Result]
MAPS: dict[str, FieldMap] = {}


def maps(*names: str) -> Callable[[FieldMap], FieldMap]:
    """Register the map of operations by their names in the trace."""

    def register(function: FieldMap) -> FieldMap:
        MAPS.update(dict.fromkeys(names, function))
        return function

    return register


def maps_first(*names: str) -> Callable[[Callable[[Step, Seen], Result]], FieldMap]:
    """As :func:`maps`, for operations that read their first input alone: nothing is seen where it sees nothing."""

    def register(function: Callable[[Step, Seen], Result]) -> FieldMap:
        @functools.wraps(function)
        def of_first(step: Step, sources: Sources) -> Result:
            return None if sources[0] is None else function(step, sources[0])

        return maps(*names)(of_first)

    return register
