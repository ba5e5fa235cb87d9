"""Parts that a network repeats: while it is built bare, a part asked for again is a copy of what the same call gave before.

A network has many equal layers, and constructing one takes torch ten times longer than copying what it holds. :func:`part` (a
layer) and :func:`once` (every block of the catalog) are for calls that depend on nothing but their arguments; what cannot be
copied faithfully is simply built again.
"""

from __future__ import annotations

import functools
import types
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor, nn

from blocks.trace.proxy import CURRENT, Proxy, untraced
from blocks.trace.symbolic import SymFloat, SymInt

if TYPE_CHECKING:
    from blocks.trace.tracer import Tracer

M = TypeVar("M", bound=nn.Module)
C = TypeVar("C", bound=type[nn.Module])
_MOST_LAYERS, _MOST_BLOCKS = 2048, 512
_NUMBERS = frozenset({int, float, bool, str, type(None)})
#: What a copy may share with its original.
_ATOMS = _NUMBERS | {SymInt, SymFloat, torch.dtype, torch.device, torch.Size, type, bytes, types.BuiltinFunctionType, types.FunctionType}
_EMPTY: dict[type, Callable[[], Any]] = {dict: dict, OrderedDict: OrderedDict, set: set, list: list}

#: Recipes of parts whose arguments are plain numbers, for all threads; those of symbolic ones belong to the one building.
_layers: dict[Any, Any] = {}
_blocks: dict[Any, Any] = {}


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
    kept = _Kept(_layers, tracer, make, args, settings)
    if kept.recipe is not None:
        copy: M = kept.recipe.copy()
        return copy
    made = make(*args, **settings)
    kept.keep(made)
    return made


def once(cls: C) -> C:
    """While a network is built bare, ``cls(...)`` copies what the same call gave before where there is one: a decorator for blocks
    whose construction depends on nothing but its arguments."""
    init = cls.__init__  # type: ignore[misc]

    @functools.wraps(init)
    def init_once(self: Any, *args: Any, **settings: Any) -> None:
        tracer = CURRENT.get()
        if tracer is None or not tracer.building or type(self) is not cls:
            init(self, *args, **settings)
            return
        kept = _Kept(_blocks, tracer, cls, args, settings)
        if kept.recipe is not None:
            kept.recipe.fill(self)
            return
        init(self, *args, **settings)
        kept.keep(self)

    cls.__init__ = init_once  # type: ignore[method-assign]
    return cls


def forget() -> None:
    """Build everything anew from now on; for measuring."""
    _layers.clear()
    _blocks.clear()


class _Kept:
    """The place of one call's recipe. A block's is written at the second call: writing it takes longer than building most blocks."""

    __slots__ = ("key", "met", "recipe", "recipes")

    def __init__(self, kept: dict[Any, Any], tracer: Tracer, make: Any, args: tuple[Any, ...], settings: Mapping[str, Any]) -> None:
        plain, self.key = _key(make, args, settings)
        self.recipes = kept if plain else tracer.recipes
        self.recipe: Recipe | None = None
        try:
            found = self.recipes.get(self.key, _NEW)
        except TypeError:  # an argument that is not hashable
            found = None
        if isinstance(found, Recipe):
            self.recipe = found
        self.met = found if found is not _NEW or kept is _blocks else _ONCE

    def keep(self, made: nn.Module) -> None:
        """Write down how the call's result is made again."""
        if self.met is None:
            return
        if len(self.recipes) >= (_MOST_BLOCKS if self.recipes is _blocks else _MOST_LAYERS):
            self.recipes.clear()
        self.recipes[self.key] = _recipe(made) if self.met is _ONCE else _ONCE


#: Of a call that was never made, or made once and not written down. None stands for what cannot be copied.
_NEW, _ONCE = object(), object()


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
    """How to make one module again: its class and its attributes, with new tensors, new containers and new parts."""

    __slots__ = ("again", "buffers", "cls", "own", "parameters", "parts")

    def __init__(self, module: nn.Module, seen: set[int]) -> None:
        """Write down a module as it is now; :class:`_Uncopyable` where a copy might differ from it or share something with it.

        ``seen`` are the modules and tensors that are written down already."""
        self.cls = type(module)
        if self.cls.__new__ is not object.__new__:
            raise _Uncopyable
        self.own = dict(module.__dict__)
        self.again: list[tuple[str, Callable[[], Any]]] = []
        self.parameters, self.buffers = _written(module._parameters), _written(module._buffers)
        for held in (module, *module._parameters.values(), *module._buffers.values()):
            if held is not None and id(held) in seen:
                raise _Uncopyable
            seen.add(id(held))
        self.parts = [(name, None if part is None else Recipe(part, seen)) for name, part in module._modules.items()]
        for name, value in self.own.items():
            if name in ("_parameters", "_buffers", "_modules"):
                continue
            if type(value) in _EMPTY and not value:
                self.again.append((name, _EMPTY[type(value)]))
            elif type(value) is dict and all(map(_is_atom, value.values())):
                self.again.append((name, value.copy().copy))
            elif not _is_atom(value):
                raise _Uncopyable

    def copy(self) -> Any:
        """A new module that holds what the first one held when it was built."""
        made = self.cls.__new__(self.cls)
        self.fill(made)
        return made

    def fill(self, made: Any) -> None:
        """Give a module without attributes what the first one held."""
        own = made.__dict__
        own.update(self.own)
        for name, again in self.again:
            own[name] = again()
        own["_parameters"] = {name: again() for name, again in self.parameters}
        own["_buffers"] = {name: again() for name, again in self.buffers}
        own["_modules"] = {name: part and part.copy() for name, part in self.parts}


class _Uncopyable(Exception):
    pass


def _recipe(module: nn.Module) -> Recipe | None:
    try:
        return Recipe(module, set())
    except _Uncopyable:
        return None


def _is_atom(value: Any) -> bool:
    kind = type(value)
    if kind is tuple:
        return all(map(_is_atom, value))
    return kind in _ATOMS or (is_dataclass(kind) and kind.__dataclass_params__.frozen and all(_is_atom(getattr(value, f.name)) for f in fields(kind)))  # type: ignore[attr-defined]


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
