"""Following a network's modules while it runs, and a second try for those that a proxy cannot pass through."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from blocks.trace.errors import NoRule, TraceError
from blocks.trace.meta import run_on_meta
from blocks.trace.proxy import CURRENT, META, Own, Proxy, StandIn
from blocks.trace.repeats import Repeats
from blocks.trace.rules import Out
from blocks.trace.shortcuts import SHORTCUTS, Call
from blocks.trace.tracer import Tracer

_MISSING = object()
_Undisturbed = torch._C.DisableTorchFunction  # as torch does before it asks a mode: what a rule computes is not traced


@contextmanager
def followed(modules: Sequence[tuple[str, nn.Module]], tracer: Tracer, known: bool) -> Iterator[None]:
    """While inside, each of ``modules`` (with its path) tells ``tracer`` when it is called; afterwards it is as it was.

    ``known`` says that the network consists of classes of torch and of this package alone, without hooks
    (:func:`blocks.trace.repeats.walked`): how their modules are called is known too, and a shorter way leads to the same.
    """
    if known:
        try:
            _follow_known(modules, tracer)
            yield
        finally:
            for _, module in modules:
                module.__dict__.pop("forward", None)
        return
    before: list[tuple[dict[str, Any], Any]] = []
    try:
        for path, module in modules:
            own = module.__dict__
            before.append((own, own.get("forward", _MISSING)))
            own["forward"] = _follower(tracer, path, module, module.forward)
        yield
    finally:
        for own, forward in before:
            if forward is _MISSING:
                own.pop("forward", None)
            else:
                own["forward"] = forward


def _follow_known(modules: Sequence[tuple[str, nn.Module]], tracer: Tracer) -> None:
    repeats = tracer.repeats
    in_rows: set[nn.Module] = set()  # what stands in a row of layers is called by the row
    for place, (path, module) in enumerate(modules):
        if module in in_rows:
            continue
        own = module.__dict__
        parts: dict[str, nn.Module] = own["_modules"]
        if not parts or type(module).forward is not nn.Sequential.forward:
            follower = _follower(tracer, path, module, module.forward)
            own["forward"] = follower if not parts or repeats is None else _repeating(follower, repeats, place)
        elif SHORTCUTS.keys() >= set(map(type, parts.values())):
            in_rows.update(parts.values())
            own["forward"] = _row(tracer, path, module, parts)
        else:
            own["forward"] = _follower(tracer, path, module, _in_turn(parts))


def _in_turn(parts: Mapping[str, nn.Module]) -> Callable[[Any], Any]:
    """The forward of a sequence of modules whose call is nothing but their forward."""

    def forward(x: Any) -> Any:
        for part in parts.values():
            x = part.forward(x)
        return x

    return forward


def _row(tracer: Tracer, path: str, module: nn.Module, parts: Mapping[str, nn.Module]) -> Callable[..., Any]:
    """The follower of a sequence of torch's plain layers: one function after the other, without the ways between them."""
    within = path + "." if path else ""
    *_, last = parts

    def follow(*args: Any, **kwargs: Any) -> Any:
        if len(args) != 1 or kwargs or type(args[0]) is not Proxy or CURRENT.get() is not tracer:
            return otherwise(*args, **kwargs)
        before = (len(tracer.nodes), len(tracer.calls), len(tracer.moved))
        parent = tracer.enter_module(path, module, args)
        x = args[0]
        try:
            with _Undisturbed():
                for name, layer in parts.items():
                    outer = tracer.enter_module(within + name, layer, (x,))
                    call = SHORTCUTS[type(layer)](layer, x)
                    if call is None:
                        raise NoRule(type(layer).__name__)  # of this layer the longer way knows more
                    # Nobody else sees what passes from layer to layer: it need not be a tensor.
                    x = _applied(tracer, call, Proxy if name is last else Own)
                    tracer.scope = outer
                return x.as_proxy() if type(x) is Own else x
        except Exception:  # whatever it is, the longer way says it better
            Mark(tracer, *before).forget()
        finally:
            tracer.scope = parent
        return otherwise(*args)

    def otherwise(*args: Any, **kwargs: Any) -> Any:
        for name, layer in parts.items():
            layer.forward = _follower(tracer, within + name, layer, type(layer).forward.__get__(layer))  # type: ignore[method-assign]
        return _follower(tracer, path, module, _in_turn(parts))(*args, **kwargs)

    return follow


def _applied(tracer: Tracer, call: Call, make: Callable[[Any, torch.dtype], StandIn]) -> Any:
    """What a layer's one function gives, written down."""
    function, given, tensors = call
    found: list[StandIn] = []
    tracer.proxies(tensors, found)
    return tracer.apply(function, given, {}, found, make)


def _follower(tracer: Tracer, path: str, module: nn.Module, forward: Callable[..., Any]) -> Callable[..., Any]:
    shortcut = SHORTCUTS.get(type(module))
    if shortcut is not None and getattr(forward, "__func__", None) is not type(module).forward:
        shortcut = None  # somebody has given this one module a forward of its own

    def follow(*args: Any, **kwargs: Any) -> Any:
        if CURRENT.get() is not tracer:
            return forward(*args, **kwargs)
        before = (len(tracer.nodes), len(tracer.calls), len(tracer.moved))
        parent = tracer.enter_module(path, module, args)
        try:
            if shortcut is not None and len(args) == 1 and not kwargs and type(args[0]) is Proxy:
                call = shortcut(module, args[0])
                if call is not None:
                    with _Undisturbed():
                        return _applied(tracer, call, Proxy)
            return forward(*args, **kwargs)
        except TraceError as error:
            tracer.calls[before[1]].failed = error.reason
            raise
        except NoRule:
            raise
        except Exception as error:
            if hasattr(error, "nearest"):  # the network itself says what is wrong with its knobs
                raise
            if torch._C._functorch.peek_interpreter_stack() is not None:  # inside vmap and the like: whoever called it starts again
                raise
            return _second_try(tracer, module, args, kwargs, Mark(tracer, *before))
        finally:
            tracer.scope = parent

    return follow if getattr(forward, "__wrapped__", None) is None else functools.wraps(forward)(follow)


def _repeating(follow: Callable[..., Any], repeats: Repeats, place: int) -> Callable[..., Any]:
    """A follower that goes through its module only where an equal one was not gone through before."""

    def follow_once(*args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and type(args[0]) is Proxy and CURRENT.get() is repeats.tracer:
            return repeats.call(follow, place, args[0])
        return follow(*args, **kwargs)

    return follow_once


@dataclass(slots=True)
class Mark:
    """How far a tracer had come, to go back to."""

    tracer: Tracer
    nodes: int
    calls: int
    moved: int

    def forget(self) -> None:
        """Go back to before the call."""
        tracer = self.tracer
        self.undo()
        tracer.times_called[tracer.calls.pop().path] -= 1

    def undo(self) -> tuple[list[Any], list[Any]]:
        """Go back, except for the call itself; returns the operations and inner calls that are taken away."""
        tracer = self.tracer
        if tracer.repeats is not None:
            tracer.repeats.known.clear()  # what they know may be taken away now
        nodes, calls = tracer.nodes[self.nodes :], tracer.calls[self.calls + 1 :]
        del tracer.nodes[self.nodes :], tracer.calls[self.calls + 1 :]
        for proxy, node, slot, known in reversed(tracer.moved[self.moved :]):
            proxy.node, proxy.slot, proxy.known = node, slot, known
        del tracer.moved[self.moved :]
        tracer.counted_params = {weight for node in tracer.nodes for weight in node.weights}
        for proxy in (*tracer.tracked.values(), *(p for _, p in tracer.constants.values())):
            if proxy.node >= self.nodes:
                proxy.node = -1
        for call in calls:
            tracer.times_called[call.path] -= 1
        tracer.scope = self.calls
        return nodes, calls


def _second_try(tracer: Tracer, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], before: Mark) -> Any:
    """Run ``module`` on meta tensors; where that fails too, keep what the first try wrote down."""
    nodes, calls = before.undo()
    try:
        return _on_meta(tracer, module, args, kwargs)
    except NoRule:
        raise
    except Exception as error:
        before.undo()
        tracer.nodes += nodes
        tracer.calls += calls
        reason = error.reason if isinstance(error, TraceError) else str(error).strip().split("\n")[0] or type(error).__name__
        tracer.calls[before.calls].failed = reason
        raise TraceError(reason, tracer.path) from error


def _on_meta(tracer: Tracer, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run one module on meta tensors, operation by operation below torch."""
    named = _tensors(module)
    if any(type(p) is Proxy for p in module.parameters()):  # built bare: whoever built it builds it again on meta
        raise NoRule(type(module).__name__)
    with torch._C.DisableTorchFunction():  # type: ignore[attr-defined]
        on_meta = {k: torch.empty(v.shape, dtype=v.dtype, device=META) for k, v in named.items()}

    def call(*inner: Any, **settings: Any) -> Any:
        return torch.func.functional_call(module, on_meta, inner, settings)

    # A scripted module keeps its own tensors; the run takes each of them to meta as it comes.
    run = run_on_meta(module if isinstance(module, torch.jit.ScriptModule) else call, args, kwargs, tracer.path)
    known: dict[int, Proxy] = {id(on_meta[k]): tracer.as_proxy(v) for k, v in named.items() if id(v) in tracer.tracked}
    known.update((id(low), tracer.as_proxy(own)) for i, (own, low) in run.lowered.items() if i in tracer.tracked)
    known.update((id(on_meta[k]), v) for k, v in named.items() if type(v) is Proxy)
    known.update((id(t), p) for t, p in zip(run.inputs, run.sources, strict=True))
    for step in run.steps:
        made = [Proxy(t.shape, t.dtype) for t in step.outputs]
        out = Out(macs=step.macs, flops=step.flops - 2 * step.macs)
        node = tracer.append(step.op, step.kind, [known[id(t)] for t in step.inputs if id(t) in known], made, out, step.view)
        node.counted = step.counted
        known.update((id(t), p) for t, p in zip(step.outputs, made, strict=True))
    return run.rebuild([known[id(t)] if id(t) in known else Proxy(t.shape, t.dtype) for t in run.tensors])


def _tensors(module: nn.Module) -> dict[str, torch.Tensor]:
    return {**dict(module.named_parameters()), **dict(module.named_buffers())}
