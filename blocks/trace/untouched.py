"""A network is left as it was: modes, caches that forward fills, attributes that it sets, tensors that it overwrites."""

from __future__ import annotations

import types
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import is_
from typing import Any

import torch
from torch import Tensor, nn

_CONTAINERS = {dict, OrderedDict, list, set, deque}
_SIMPLE = (int, float, str, bytes, bool, type(None), tuple, frozenset, type, Tensor, nn.Module, torch.dtype, torch.device, types.FunctionType, types.MethodType,
           types.ModuleType, types.BuiltinFunctionType)  # fmt: skip
_SIMPLE_TYPES: set[type] = {int, float, str, bool, type(None), tuple}
#: What every module has: flat, and often empty.
_OWN = frozenset(nn.Module().__dict__)


@contextmanager
def left_as_it_was(modules: Sequence[tuple[str, nn.Module]]) -> Iterator[None]:
    """Give every module back what it held: its attributes, what lies in its containers, and in its plain objects."""
    held = Held()
    empty = held.empty.append
    for _, module in modules:
        held.hold(module.__dict__)
        for name, value in module.__dict__.items():
            kind = type(value)
            if kind in _SIMPLE_TYPES:
                continue
            if kind in _CONTAINERS and not value:
                empty(value)
            elif name not in _OWN:
                held.hold_deeply(value)
            elif kind in _CONTAINERS:
                held.hold(value)
    try:
        yield
    finally:
        held.give_back()


class Held:
    """What containers held. Lists side by side: a module has a dozen empty ones, and an object for each would be slow."""

    def __init__(self) -> None:
        self.empty: list[Any] = []
        self.full: list[Any] = []
        self.contents: list[Any] = []
        self._seen: set[int] = set()

    def hold(self, container: Any) -> None:
        """Remember what ``container`` holds now."""
        self.full.append(container)
        self.contents.append(container.copy())

    def hold_deeply(self, value: Any) -> None:
        """Hold the content of a container, of what lies in it, and of an object's attributes."""
        if isinstance(value, _SIMPLE) or id(value) in self._seen:
            return
        self._seen.add(id(value))
        if type(value) in _CONTAINERS:
            self.hold(value)
            for inner in value.values() if isinstance(value, dict) else value:
                self.hold_deeply(inner)
        elif isinstance(getattr(value, "__dict__", None), dict):
            self.hold(value.__dict__)
            for inner in value.__dict__.values():
                self.hold_deeply(inner)

    def give_back(self) -> None:
        """Put everything back."""
        for container in self.empty:
            if container:
                container.clear()
        for container, content in zip(self.full, self.contents, strict=True):
            _give_back(container, content)


def _give_back(container: Any, content: Any) -> None:
    if isinstance(container, dict):
        container.update(content)  # nothing is missing even for a moment, as it would be after a clear()
        if len(container) == len(content):
            return
    elif not isinstance(container, set) and len(container) == len(content) and all(map(is_, container, content)):
        return
    container.clear()
    container.extend(content) if isinstance(container, (list, deque)) else container.update(content)


def give_back_values(overwritten: dict[int, tuple[Tensor, Tensor]]) -> None:
    """Write back what tensors of the network held before forward overwrote them."""
    with torch.no_grad():
        for tensor, content in overwritten.values():
            tensor.detach().resize_(content.shape).copy_(content)
