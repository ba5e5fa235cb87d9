"""Parts that a network repeats: while it is built bare, a part asked for again is a copy of what the same call gave before.

A network has many equal layers, and constructing one takes torch ten times longer than copying what it holds. :func:`part`
is for calls that depend on nothing but their arguments; what cannot be copied faithfully is simply built again.
"""

from __future__ import annotations

import functools
import types
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from blocks.trace.proxy import CURRENT, Proxy, untraced
from blocks.trace.symbolic import SymFloat, SymInt

M = TypeVar("M", bound=nn.Module)
_MOST = 2048
_NUMBERS = frozenset({int, float, bool, str, type(None)})
#: What a copy may share with its original.
_ATOMS = _NUMBERS | {SymInt, SymFloat, torch.dtype, torch.device, torch.Size, type, bytes, types.BuiltinFunctionType}
_EMPTY: dict[type, Callable[[], Any]] = {dict: dict, OrderedDict: OrderedDict, set: set, list: list}

#: Recipes of parts whose arguments are plain numbers, for all threads; those of symbolic ones belong to the one building.
_kept: dict[Any, Recipe | None] = {}


def part(make: Callable[..., M], *args: Any, **settings: Any) -> M:
    """``make(*args, **settings)``; while a network is built bare, a copy of what the same call gave before where there is one."""
    tracer = CURRENT.get()
    if tracer is None or not tracer.building:
        return make(*args, **settings)
    if isinstance(make, functools.partial):
        settings = {**make.keywords, **settings}
        args, make = (*make.args, *args), make.func
    if "<" in getattr(make, "__qualname__", "<"):  # made on the spot, and so never asked for again
        return make(*args, **settings)
    plain, key = _key(make, args, settings)
    recipes = _kept if plain else tracer.recipes
    try:
        recipe = recipes.get(key, _UNKNOWN)
    except TypeError:  # an argument that is not hashable
        return make(*args, **settings)
    if isinstance(recipe, Recipe):
        copy: M = recipe.copy()
        return copy
    made = make(*args, **settings)
    if recipe is _UNKNOWN:
        if len(recipes) >= _MOST:
            recipes.clear()
        recipes[key] = _recipe(made)
    return made


def forget() -> None:
    """Build everything anew from now on; for measuring."""
    _kept.clear()


_UNKNOWN: Any = object()


def _key(make: Any, args: tuple[Any, ...], settings: Mapping[str, Any]) -> tuple[bool, Any]:
    """Whether every argument is a plain number, and the call as a key in which 1, 1.0, True and a symbol of 1 all differ."""
    values = (*args, *settings.values()) if settings else args
    kinds = tuple(map(type, values))
    if _NUMBERS.issuperset(kinds):
        return True, (make, torch.get_default_dtype(), kinds, values, tuple(settings))
    symbolic: list[Any] = []
    known = tuple(_exact(v, symbolic) for v in values)
    return not symbolic, (make, torch.get_default_dtype(), known, tuple(settings))


def exact(values: tuple[Any, ...]) -> Any:
    """``values`` as something that is equal only where each is of the same type, number and symbol; asking it records no condition."""
    return _exact(values, [])


def _exact(value: Any, symbolic: list[Any]) -> Any:
    kind = type(value)
    if kind is SymInt or kind is SymFloat:
        symbolic.append(value)
        return kind, value.plain, value.term
    if kind is tuple or kind is list:
        return kind, tuple(_exact(v, symbolic) for v in value)
    if kind is dict:
        return kind, tuple((name, _exact(v, symbolic)) for name, v in value.items())
    if isinstance(value, (nn.Module, Tensor)):
        return _Never()
    return kind, value


class _Never:
    """Equal to nothing: a module or tensor that is handed in must not be copied."""

    __hash__ = None  # type: ignore[assignment]


class Recipe:
    """How to make one layer again: its class and its attributes, with new tensors and new containers."""

    __slots__ = ("buffers", "cls", "empty", "own", "parameters")

    def __init__(self, module: nn.Module) -> None:
        """Write down a module as it is now; :class:`_Uncopyable` where a copy might differ from it or share something with it."""
        self.cls = type(module)
        if self.cls.__new__ is not object.__new__ or module._modules:
            raise _Uncopyable
        self.own = dict(module.__dict__)
        self.empty: list[tuple[str, Callable[[], Any]]] = []
        self.parameters, self.buffers = _written(module._parameters), _written(module._buffers)
        tensors = [id(t) for t in (*module._parameters.values(), *module._buffers.values()) if t is not None]
        if len(set(tensors)) != len(tensors):
            raise _Uncopyable
        for name, value in self.own.items():
            if name in ("_parameters", "_buffers"):
                continue
            if type(value) in _EMPTY and not value:
                self.empty.append((name, _EMPTY[type(value)]))
            elif not _is_atom(value):
                raise _Uncopyable

    def copy(self) -> Any:
        """A new module that holds what the first one held when it was built."""
        made = self.cls.__new__(self.cls)
        own = made.__dict__
        own.update(self.own)
        for name, empty in self.empty:
            own[name] = empty()
        own["_parameters"] = {name: again() for name, again in self.parameters}
        own["_buffers"] = {name: again() for name, again in self.buffers}
        return made


class _Uncopyable(Exception):
    pass


def _recipe(module: nn.Module) -> Recipe | None:
    try:
        return Recipe(module)
    except _Uncopyable:
        return None


def _is_atom(value: Any) -> bool:
    return type(value) in _ATOMS or (type(value) is tuple and all(map(_is_atom, value)))


def _written(tensors: Mapping[str, Tensor | None]) -> list[tuple[str, Callable[[], Any]]]:
    """How to make each of a module's tensors again."""
    return [(name, _nothing if t is None else _anew(t)) for name, t in tensors.items()]


def _nothing() -> None:
    return None


def _anew(tensor: Tensor) -> Callable[[], Tensor]:
    if type(tensor) is Proxy:
        return functools.partial(untraced, tensor.shape, tensor.dtype, tensor.requires_grad, tensor._is_param)
    if type(tensor) is not Tensor:
        raise _Uncopyable
    with torch._C.DisableTorchFunction():  # type: ignore[attr-defined]
        held = tensor.clone()  # what is handed out may be written to

    def clone() -> Tensor:
        with torch._C.DisableTorchFunction():  # type: ignore[attr-defined]
            return held.clone()

    return clone
