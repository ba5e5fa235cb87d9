"""Bare building: construct a module whose parameters are shape proxies. Nothing is allocated, nothing initialised."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from blocks.trace.errors import NoRule
from blocks.trace.functions import FACTORIES, fills, sizes_given
from blocks.trace.proxy import CURRENT, Proxy
from blocks.trace.rules import RULES


def build_bare(make: Callable[[], nn.Module], dtype: torch.dtype | None = None) -> nn.Module:
    """``make()`` with proxies for parameters and buffers, of torch's default type or ``dtype``; sizes may be symbolic."""
    mode = _Building(dtype or torch.get_default_dtype())
    token = CURRENT.set(mode)
    try:
        with mode:
            return make()
    finally:
        CURRENT.reset(token)


class _Building(TorchFunctionMode):
    """Answers the calls that a constructor makes: factories give proxies, initialisation is left out."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.building = dtype

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        return self.dispatch(func, args, kwargs or {})

    def dispatch(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The result of ``func``: a proxy where it makes a tensor or a proxy takes part."""
        if func in FACTORIES:
            return Proxy(sizes_given(args, kwargs), kwargs.get("dtype") or self.building)
        target = args[0] if args else kwargs.get("tensor")
        if type(target) is Proxy and fills(func):
            return target
        if not _has_proxy(args) and not _has_proxy(kwargs.values()):
            return func(*args, **kwargs)
        if fills(func):
            return target
        rule = RULES.get(func)
        if rule is None:
            raise NoRule(func.__name__)
        out = rule.func(*args, **kwargs)
        dtype = out.dtype or args[0].dtype
        return tuple(Proxy(shape, dtype) for shape in out.shape) if type(out.shape) is list else Proxy(out.shape, dtype)


def _has_proxy(values: Iterable[Any]) -> bool:
    return any(type(v) is Proxy or (isinstance(v, (tuple, list)) and _has_proxy(v)) for v in values)


class _Uninitialised(TorchFunctionMode):
    def __torch_function__(self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        if getattr(func, "__module__", "") == "torch.nn.init":
            return args[0] if args else (kwargs or {}).get("tensor")
        return func(*args, **(kwargs or {}))


@contextmanager
def on_meta() -> Iterator[None]:
    """While inside, this thread builds modules on the meta device and leaves out their initialisation."""
    with torch.device("meta"), _Uninitialised():
        yield
