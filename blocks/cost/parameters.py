"""Which of a network's parameters learn, which the trace never met, and which layers torch does not know of."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from blocks.language import tr, translatable, trn
from blocks.trace.graph import Graph
from blocks.trace.modules import modules_of
from blocks.trace.symbolic import plain

_PLAIN = frozenset((int, float, bool, str, type(None)))  # what most attributes are; asking whether one is a Mapping takes longer
_NAMED = 4  # parameters that a sentence names


@dataclass(frozen=True, slots=True)
class HiddenLayer:
    """A module that lies in a plain list, tuple or dict of another one: torch does not find it, and its parameters are not the network's.

    ``path`` is where it lies, such as "stages[0]"; ``params`` is the number of its parameters.
    """

    path: str
    params: int


def trainable(network: nn.Module) -> int:
    """Number of parameters that get a gradient, each counted once."""
    return sum(plain(math.prod(p.shape)) for p in network.parameters() if p.requires_grad)


def unused(network: nn.Module, graph: Graph) -> tuple[str, ...]:
    """Names of the parameters that no operation of the trace read. A parameter with two names is read by either."""
    met = {name for node in graph.nodes for name in node.weights}
    first: dict[int, str] = {}
    read: set[int] = set()
    for name, p in network.named_parameters(remove_duplicate=False):
        first.setdefault(id(p), name)
        if name in met:
            read.add(id(p))
    return tuple(name for key, name in first.items() if key not in read)


def hidden_layers(network: nn.Module) -> tuple[HiddenLayer, ...]:
    """Layers with parameters that a plain list, tuple or dict hides from torch."""
    modules = modules_of(network)
    known = {id(m) for _, m in modules}
    found: list[HiddenLayer] = []
    for path, module in modules:
        for name, value in module.__dict__.items():
            if type(value) not in _PLAIN and not name.startswith("_") and _may_hide(value):
                for where, layer in _modules(value, f"{path}.{name}" if path else name):
                    params = sum(math.prod(p.shape) for p in layer.parameters())
                    if id(layer) not in known and params:
                        known.add(id(layer))
                        found.append(HiddenLayer(where, params))
    return tuple(found)


def _may_hide(value: Any) -> bool:
    """Whether an attribute is a list, tuple or mapping of more than numbers and words."""
    kind = type(value)
    if kind is tuple or kind is list:
        return not _PLAIN.issuperset(map(type, value))
    return not _PLAIN.issuperset(map(type, value.values())) if isinstance(value, Mapping) else isinstance(value, (list, tuple))


def _modules(value: Any, path: str) -> Iterator[tuple[str, nn.Module]]:
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, inner in items:
        if type(inner) in _PLAIN:
            continue
        if isinstance(inner, nn.Module):
            yield f"{path}[{key!r}]", inner
        elif isinstance(inner, (list, tuple, Mapping)):
            yield from _modules(inner, f"{path}[{key!r}]")


def notes(params: int, learning: int, never_read: tuple[str, ...], hidden: tuple[HiddenLayer, ...]) -> list[str]:
    """What there is to say, a sentence each."""
    said = []
    if learning < params:
        said.append(
            tr("{frozen} of {params} parameters are frozen, {learning} learn.", frozen=f"{params - learning:,}", params=f"{params:,}", learning=f"{learning:,}")
        )
    if never_read:
        names = ", ".join(never_read[:_NAMED]) + (", ..." if len(never_read) > _NAMED else "")
        said.append(trn("forward never reads {n} parameter: {names}.", "forward never reads {n} parameters: {names}.", len(never_read), names=names))
    hides = translatable(
        "The layer {path} lies in a plain list or dict, so that torch does not know its {params} parameters: nn.ModuleList or nn.ModuleDict registers it."
    )
    return said + [tr(hides, path=layer.path, params=f"{layer.params:,}") for layer in hidden]
