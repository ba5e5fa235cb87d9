"""Tracing one network once: its inputs as proxies, its own forward, what it returns, and everything put back afterwards."""

from __future__ import annotations

import dataclasses
import inspect
import math
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from threading import RLock
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from blocks.trace.errors import TraceError
from blocks.trace.follow import followed
from blocks.trace.graph import Graph
from blocks.trace.memo import TracedBlocks
from blocks.trace.proxy import Proxy
from blocks.trace.restore import restore_values, restoring
from blocks.trace.symbolic import plain
from blocks.trace.tracer import Tracer

_PLAIN_TENSORS = {nn.Parameter, Tensor}  # asking torch whether a tensor is a lazy one takes longer than all the rest
_locks: WeakKeyDictionary[nn.Module, RLock] = WeakKeyDictionary()
_locks_guard = RLock()


def trace(network: nn.Module, given: Any, dtype: str, itemsize: int, training: bool, bare: bool = False) -> tuple[Graph, tuple[int, ...]]:
    """The graph of one forward pass, and the shape of the first input.

    ``given`` is a shape, a list of shapes, or a mapping by argument name; a tensor may stand in the place of a shape, and in
    a mapping anything else is handed over as it is. ``dtype`` names what float32 counts as. ``bare`` says that nobody else
    will use the network. Raises :class:`TraceError`, whose ``graph`` is the part that could be traced.
    """
    network = getattr(network, "_orig_mod", network)  # what torch.compile wraps
    with _locks_guard:
        lock = _locks.setdefault(network, RLock())
    with lock:
        modules = list(network.named_modules())
        with nullcontext() if bare else restoring(modules), _uncompiled():
            for _, module in modules:
                module.__dict__["training"] = training
            return _traced(network, modules, given, Tracer(itemsize, dtype), bare)


def _traced(network: nn.Module, modules: list[tuple[str, nn.Module]], given: Any, tracer: Tracer, bare: bool) -> tuple[Graph, tuple[int, ...]]:
    params: Any = 0
    try:
        params, shared = _track(modules, tracer)
        positional, by_name = _inputs(network, given, _float_of(tracer))
        proxies = [v for v in (*positional, *by_name.values()) if type(v) is Proxy]
        for proxy in proxies:
            tracer.source("input", proxy)
        memo = None if shared else TracedBlocks(tracer, modules, bare)
        with followed(modules, tracer, memo), tracer:
            result = network(*positional, **by_name)
        tracer.scope = -1
        _finish(tracer, result, set())
    except TraceError as error:
        error.graph = tracer.graph(params, str(error))
        raise
    finally:
        restore_values(tracer.overwritten)
    return tracer.graph(params), tuple(map(plain, proxies[0].shape)) if proxies else ()


def _uncompiled() -> Any:
    """Compiled parts inside the network run as the Python that they were made of."""
    return torch.compiler.set_stance("force_eager") if "torch._dynamo" in sys.modules else nullcontext()


def _track(modules: Sequence[tuple[str, nn.Module]], tracer: Tracer) -> tuple[Any, bool]:
    """Make every parameter and buffer known by its name; returns the number of parameters, and whether a tensor stands at two places."""
    params: Any = 0
    shared = False
    seen: set[int] = set()
    for path, module in modules:
        prefix = path + "." if path else ""
        for tensors, is_param in ((module._parameters, True), (module._buffers, False)):
            for name, tensor in tensors.items():
                if tensor is None:
                    continue
                if id(tensor) in seen:
                    shared = True
                    continue
                seen.add(id(tensor))
                if type(tensor) is Proxy:
                    tensor.node, tensor.name = -1, prefix + name
                    if is_param:
                        if tensor.requires_grad:
                            tracer.trainable.add(prefix + name)
                        tensor.n = math.prod(tensor.shape)
                        params = params + tensor.n
                else:
                    if type(tensor) not in _PLAIN_TENSORS and isinstance(tensor, (UninitializedParameter, UninitializedBuffer)):
                        raise TraceError("it has parameters that are not initialised yet (a lazy module): run it once on real data first", path)
                    tracer.own[id(tensor)] = tensor, prefix + name, is_param
                    if is_param:
                        if tensor.requires_grad:
                            tracer.trainable.add(prefix + name)
                        params = params + tensor.numel()
    return params, shared


def _float_of(tracer: Tracer) -> torch.dtype:
    """The type of the network's own weights: what its inputs must have."""
    return next((t.dtype for t, _, is_param in tracer.own.values() if is_param and t.is_floating_point()), torch.float32)


def _inputs(network: nn.Module, given: Any, floats: torch.dtype) -> tuple[list[Any], dict[str, Any]]:
    if isinstance(given, Mapping):
        return [], {k: _input(v, k, floats) for k, v in given.items()}
    several = isinstance(given, (tuple, list)) and len(given) > 0 and isinstance(given[0], (tuple, list, Tensor))
    values = list(given) if several else [given]
    try:
        names = list(inspect.signature(network.forward).parameters)
    except (TypeError, ValueError):  # a method that is no Python function has no signature
        names = []
    return [_input(v, names[i] if i < len(names) else "", floats) for i, v in enumerate(values)], {}


def _input(given: Any, argument: str, floats: torch.dtype) -> Any:
    if isinstance(given, Tensor):
        return Proxy(given.shape, given.dtype)
    if isinstance(given, (tuple, list, torch.Size)) and all(isinstance(s, int) for s in given):
        ids = argument in ("input_ids", "token_ids", "token_type_ids", "position_ids", "decoder_input_ids", "ids", "tokens")
        return Proxy(given, torch.int64 if ids else floats)
    return given


def _finish(tracer: Tracer, result: Any, seen: set[int]) -> None:
    """Write down what the network returned: tensors in tuples, lists, dicts or objects with fields."""
    if isinstance(result, Tensor):
        proxy = tracer.stand_in(result)
        node = tracer.append("output", "output", [proxy], [])
        node.outputs, node.dtype, node.itemsize = (tuple(proxy.shape),), tracer.names.get(proxy.dtype) or str(proxy.dtype)[6:], tracer.sizes[proxy.dtype]
        node.reads, node.alias = 0, node.inputs[0] if node.inputs else None
        return
    if id(result) in seen:
        return
    seen.add(id(result))
    if isinstance(result, Mapping):
        parts: Any = result.values()
    elif isinstance(result, (tuple, list, set)):
        parts = result
    elif dataclasses.is_dataclass(result):
        parts = [getattr(result, f.name) for f in dataclasses.fields(result)]
    elif isinstance(getattr(result, "__dict__", None), dict) and not isinstance(result, (nn.Module, type)):
        parts = list(result.__dict__.values())
    else:
        return
    for part in parts:
        _finish(tracer, part, seen)
