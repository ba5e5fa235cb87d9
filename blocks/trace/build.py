"""Bare building: construct a module whose parameters are shape proxies. Nothing is allocated, nothing initialised."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from blocks.trace.tracer import Tracer


def build_bare(make: Callable[[], nn.Module]) -> nn.Module:
    """``make()`` with proxies for parameters and buffers; sizes may be symbolic."""
    with Tracer(building=True):
        return make()


class _Uninitialised(TorchFunctionMode):
    def __torch_function__(self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__module__", "") == "torch.nn.init":
            return args[0] if args else (kwargs or {}).get("tensor")
        return func(*args, **(kwargs or {}))


@contextmanager
def on_meta() -> Iterator[None]:
    """While inside, this thread builds modules on the meta device and leaves out their initialisation."""
    with torch.device("meta"), _Uninitialised():
        yield
