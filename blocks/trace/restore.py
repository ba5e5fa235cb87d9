"""A network is left as it was: caches that forward fills, attributes that it sets, tensors that it overwrites."""

from __future__ import annotations

import types
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from operator import is_
from typing import Any

import torch
from torch import Tensor, nn

_CONTAINERS = frozenset({dict, OrderedDict, list, set, deque})
#: What cannot change, or what the trace restores in another way.
_SIMPLE = (int, float, str, bytes, bool, type(None), tuple, frozenset, type, Tensor, nn.Module, torch.dtype, torch.device, types.FunctionType, types.MethodType,
           types.ModuleType, types.BuiltinFunctionType)  # fmt: skip


@contextmanager
def restoring(modules: Iterable[tuple[str, nn.Module]]) -> Iterator[None]:
    """Give every module back what it held: its attributes, what lies in its containers, and in its plain objects."""
    held: list[Any] = []
    empty: list[Any] = []
    seen: set[int] = set()
    for _, module in modules:
        _hold(module.__dict__, held, empty, seen)
    contents = [container.copy() for container in held]
    try:
        yield
    finally:
        for container, content in zip(held, contents, strict=True):
            _restore(container, content)
        for container in empty:
            if container:
                container.clear()


def _hold(container: Any, held: list[Any], empty: list[Any], seen: set[int]) -> None:
    """Add a container and all that lie in it, also as an object's attributes. Most containers of a module are empty: these need no copy."""
    if id(container) in seen:
        return
    seen.add(id(container))
    held.append(container)
    for inner in container.values() if isinstance(container, dict) else container:
        if type(inner) in _CONTAINERS:
            if inner:
                _hold(inner, held, empty, seen)
            else:
                empty.append(inner)
        elif not isinstance(inner, _SIMPLE) and isinstance(getattr(inner, "__dict__", None), dict):
            _hold(inner.__dict__, held, empty, seen)


def _restore(container: Any, content: Any) -> None:
    if isinstance(container, dict):
        container.update(content)  # nothing is missing even for a moment, as it would be after a clear()
        if len(container) != len(content):
            container.clear()
            container.update(content)
    elif isinstance(container, set):
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
