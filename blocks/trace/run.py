"""Tracing one network once: its inputs as proxies, its own forward, what it returns, and everything put back afterwards."""

from __future__ import annotations

import dataclasses
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

from blocks.trace.casts import autocast_on
from blocks.trace.errors import NoRule, TraceError
from blocks.trace.fake import FakeTracer
from blocks.trace.follow import followed
from blocks.trace.graph import Graph
from blocks.trace.inputs import call_arguments, holds_ids, is_known
from blocks.trace.memo import TracedBlocks
from blocks.trace.modules import modules_of
from blocks.trace.proxy import CPU, META, Proxy
from blocks.trace.recorder import Recorder
from blocks.trace.restore import restore_values, restoring
from blocks.trace.symbolic import plain
from blocks.trace.time_limit import ended_in_time
from blocks.trace.tracer import Tracer

_PLAIN_TENSORS = {nn.Parameter, Tensor}  # asking torch whether a tensor is a lazy one takes longer than all the rest
#: Modules of torch that compile when the network calls them.
_COMPILE = {"torch._dynamo", "torch.nn.attention.flex_attention"}
_locks: WeakKeyDictionary[nn.Module, RLock] = WeakKeyDictionary()
_locks_guard = RLock()


def trace(
    network: nn.Module, given: Any, dtype: str, itemsize: int, training: bool, bare: bool = False, ours: bool = False, tracer: FakeTracer | None = None
) -> tuple[Graph, tuple[int, ...]]:
    """The graph of one forward pass, and the shape of the first input.

    ``given`` is what :func:`~blocks.trace.inputs.call_arguments` takes. ``dtype`` names what float32 counts as, at ``itemsize`` bytes. ``bare`` says that nobody
    else will use the network; ``ours`` that it is made of the catalog's and torch's own modules: it runs on shape proxies, any other on
    torch's fake tensors, with ``tracer`` where one is given. Raises :class:`TraceError`, whose ``graph`` is the part that could be traced, and :class:`NoRule` where a network
    of ours does what a shape proxy cannot.
    """
    network = getattr(network, "_orig_mod", network)  # what torch.compile wraps
    with _locks_guard:
        lock = _locks.setdefault(network, RLock())
    with lock:
        modules = modules_of(network)
        with nullcontext() if bare else restoring(modules), _uncompiled():
            for _, module in modules:
                module.__dict__["training"] = training
            if ours:
                return _on_proxies(network, modules, given, Tracer(itemsize, dtype), bare)
            return _on_fakes(network, modules, given, tracer or FakeTracer(itemsize, dtype, training))


def _on_proxies(network: nn.Module, modules: list[tuple[str, nn.Module]], given: Any, tracer: Tracer, bare: bool) -> tuple[Graph, tuple[int, ...]]:
    params: Any = 0
    try:
        params, shared = _track(modules, tracer)

        def make(value: Any, name: str) -> Proxy:
            made = Proxy(value.shape, value.dtype) if isinstance(value, Tensor) else Proxy(value, torch.int64 if holds_ids(name) else tracer.floats)
            tracer.source("input", made)
            return made

        positional, by_name = call_arguments(network, given, make)
        memo = None if shared else TracedBlocks(tracer, modules, bare)
        with followed(modules, tracer, memo), tracer:
            result = network(*positional, **by_name)
        tracer.scope = -1
        _finish(tracer, result, set())
    except TraceError as error:
        error.graph = tracer.graph(params, str(error))
        raise
    except Exception as error:
        if isinstance(error, NoRule) or hasattr(error, "nearest"):  # also what the network itself says of its knobs
            raise
        raise NoRule(str(error)) from error
    finally:
        restore_values(tracer.overwritten)
    return tracer.graph(params), _first_input(tracer)


def _on_fakes(network: nn.Module, modules: list[tuple[str, nn.Module]], given: Any, tracer: FakeTracer) -> tuple[Graph, tuple[int, ...]]:
    params: Any = 0
    try:
        params, _ = _track(modules, tracer)
        device = _device_of(tracer)

        def make(value: Any, name: str) -> Tensor:
            known = isinstance(value, Tensor) and not value.is_meta and is_known(value, name)
            return tracer.source_tensor(value, torch.int64 if holds_ids(name) else tracer.floats, device, known)

        positional, by_name = call_arguments(network, given, make)
        with followed(modules, tracer, None), autocast_on(device), tracer:
            result = ended_in_time(lambda: network(*positional, **by_name))
        tracer.scope = -1
        _finish(tracer, result, set())
    except Exception as error:
        if hasattr(error, "nearest"):  # a wrong size, or what the network itself says of its knobs
            raise
        ended = tracer.ended_by(error)
        ended.graph = tracer.graph(params, str(ended))
        if ended is error:
            raise
        raise ended from error
    return tracer.graph(params), _first_input(tracer)


def _first_input(tracer: Recorder) -> tuple[int, ...]:
    """The shape of the first input in plain numbers; () where the network takes none."""
    return next((tuple(map(plain, node.shape)) for node in tracer.nodes if node.op == "input"), ())


def _uncompiled() -> Any:
    """Compiled parts inside the network run as the Python that they were made of."""
    return torch.compiler.set_stance("force_eager") if any(name in sys.modules for name in _COMPILE) else nullcontext()


def _track(modules: Sequence[tuple[str, nn.Module]], tracer: Recorder) -> tuple[Any, bool]:
    """Make every parameter and buffer known by its name; returns the number of parameters, and whether a tensor stands at two places."""
    params: Any = 0
    shared, floats = False, None
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
                if is_param and tensor.dtype.is_floating_point:
                    floats = floats or tensor.dtype
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
    tracer.floats = floats or torch.float32
    return params, shared


def _device_of(tracer: Recorder) -> torch.device:
    """Where the network's weights are; those on the meta device stand for weights on the CPU."""
    device = next((t.device for t, _, _ in tracer.own.values()), CPU)
    return CPU if device == META else device


def _finish(tracer: Recorder, result: Any, seen: set[int]) -> None:
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
