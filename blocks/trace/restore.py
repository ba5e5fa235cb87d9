"""A network is left as it was: modes, caches that forward fills, attributes that it sets, tensors that it overwrites."""

from __future__ import annotations

import types
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from operator import is_
from typing import Any

import torch
from torch import Tensor, nn

_CONTAINERS = {dict, OrderedDict, list, set, deque}
_SIMPLE = (int, float, str, bytes, bool, type(None), tuple, frozenset, type, Tensor, nn.Module, torch.dtype, torch.device, types.FunctionType, types.MethodType,
           types.ModuleType, types.BuiltinFunctionType)  # fmt: skip
_SIMPLE_TYPES: set[type] = {int, float, str, bool, type(None), tuple}
#: What every module has, in the order in which torch makes it: a flag, tensors, names of buffers, hooks (mostly none), children.
_OWN = tuple(nn.Module().__dict__)
_LAST = len(_OWN) - 1
_OWN_NAMES = frozenset(_OWN)


@contextmanager
def restoring(modules: Sequence[tuple[str, nn.Module]]) -> Iterator[None]:
    """Give every module back what it held: its attributes, what lies in its containers, and in its plain objects."""
    held = _Snapshot()
    for _, module in modules:
        attributes = module.__dict__
        held.full.append(attributes)
        if next(islice(attributes, _LAST, None), None) == _OWN[_LAST]:
            values = tuple(attributes.values())
            hooks = values[4:_LAST]
            if not any(hooks):
                held.empty.append(hooks)
                for container in (values[1], values[2], values[3], values[_LAST]):
                    if container:
                        held.full.append(container)
                    else:
                        held.emptied.append(container)
                for value in values[_LAST + 1 :]:
                    if type(value) not in _SIMPLE_TYPES:
                        held.hold_deeply(value)
                continue
        for name, value in attributes.items():
            if name not in _OWN_NAMES:
                held.hold_deeply(value)
            elif type(value) in _CONTAINERS:
                held.full.append(value)
    contents = [container.copy() for container in held.full]
    try:
        yield
    finally:
        held.restore(contents)


class _Snapshot:
    """Containers to be given back. Lists side by side: a module has a dozen empty ones, and an object for each would be slow."""

    def __init__(self) -> None:
        self.empty: list[tuple[Any, ...]] = []
        self.emptied: list[Any] = []
        self.full: list[Any] = []
        self._seen: set[int] = set()

    def hold_deeply(self, value: Any) -> None:
        """Hold a container, what lies in it, and an object's attributes."""
        if id(value) in self._seen or isinstance(value, _SIMPLE):
            return
        self._seen.add(id(value))
        if type(value) in _CONTAINERS:
            container = value
        elif isinstance(getattr(value, "__dict__", None), dict):
            container = value.__dict__
        else:
            return
        self.full.append(container)
        for inner in container.values() if isinstance(container, dict) else container:
            if type(inner) not in _SIMPLE_TYPES:
                self.hold_deeply(inner)

    def restore(self, contents: Sequence[Any]) -> None:
        """Put everything back; ``contents`` are copies of what the full containers held."""
        for containers in (*filter(any, self.empty), self.emptied):
            for container in filter(None, containers):
                container.clear()
        for container, content in zip(self.full, contents, strict=True):
            if isinstance(container, dict):
                container.update(content)  # nothing is missing even for a moment, as it would be after a clear()
                if len(container) != len(content):
                    container.clear()
                    container.update(content)
            else:
                _restore(container, content)


def _restore(container: Any, content: Any) -> None:
    if isinstance(container, set):
        if container != content:
            container.clear()
            container.update(content)
    elif len(container) != len(content) or not all(map(is_, container, content)):
        container.clear()
        container.extend(content)


def restore_values(overwritten: dict[int, tuple[Tensor, Tensor]]) -> None:
    """Write back what tensors of the network held before forward overwrote them."""
    with torch.no_grad():
        for tensor, content in overwritten.values():
            tensor.detach().resize_(content.shape).copy_(content)
