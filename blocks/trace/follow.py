"""Following a network's modules while it runs, and a second try for those that a proxy cannot pass through."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from blocks.trace.errors import NoRule, TraceError
from blocks.trace.memo import TracedBlocks
from blocks.trace.meta import run_on_meta
from blocks.trace.proxy import CURRENT, META, Proxy
from blocks.trace.recorder import Progress
from blocks.trace.tracer import Tracer

Forward = Callable[..., Any]

_MISSING = object()


@contextmanager
def followed(modules: Sequence[tuple[str, nn.Module]], tracer: Tracer, memo: TracedBlocks | None) -> Iterator[None]:
    """While inside, each of ``modules`` (with its path) tells ``tracer`` when it is called; afterwards it is as it was.

    With ``memo``, blocks that it knows are not run again.
    """
    before: list[tuple[dict[str, Any], Any]] = []
    try:
        for path, module in modules:
            own = module.__dict__
            before.append((own, own.get("forward", _MISSING)))
            follower = _follower(tracer, path, module, module.forward)
            own["forward"] = follower if memo is None or path not in memo.keys else _remembering(follower, memo, path, tracer)
        yield
    finally:
        for own, forward in before:
            if forward is _MISSING:
                own.pop("forward", None)
            else:
                own["forward"] = forward


def _follower(tracer: Tracer, path: str, module: nn.Module, forward: Forward) -> Forward:
    def follow(*args: Any, **kwargs: Any) -> Any:
        if CURRENT.get() is not tracer:
            return forward(*args, **kwargs)
        parent = tracer.enter_module(path, module, args)
        begun = tracer.progress()
        try:
            return forward(*args, **kwargs)
        except TraceError as error:
            tracer.calls[begun.scope].failed = error.reason
            raise
        except Exception as error:
            said = isinstance(error, NoRule) or hasattr(error, "nearest")  # also what the network itself says of its knobs
            if said or torch._C._functorch.peek_interpreter_stack() is not None:  # inside vmap and the like the caller starts again
                raise
            return _second_try(tracer, module, args, kwargs, begun)
        finally:
            tracer.scope = parent

    return follow if getattr(forward, "__wrapped__", None) is None else functools.wraps(forward)(follow)


def _remembering(follow: Forward, memo: TracedBlocks, path: str, tracer: Tracer) -> Forward:
    """A follower that runs its block only where the memo does not know it."""

    def follow_once(*args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and type(args[0]) is Proxy and CURRENT.get() is tracer:
            return memo.call(follow, path, args[0])
        return follow(*args, **kwargs)

    return follow_once


def _second_try(tracer: Tracer, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], begun: Progress) -> Any:
    """Run ``module`` on meta tensors; where that fails too, keep what the first try wrote down."""
    nodes, calls = tracer.rewind(begun)
    try:
        return _on_meta(tracer, module, args, kwargs)
    except NoRule:
        raise
    except Exception as error:
        tracer.rewind(begun)
        tracer.nodes += nodes
        tracer.calls += calls
        reason = error.reason if isinstance(error, TraceError) else str(error).strip().split("\n")[0] or type(error).__name__
        tracer.calls[begun.scope].failed = reason
        raise TraceError(reason, tracer.path) from error


def _on_meta(tracer: Tracer, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run one module on meta tensors, operation by operation below torch."""
    named = _tensors(module)
    if any(isinstance(p, Proxy) for p in module.parameters()):  # built bare: the caller builds it again on meta
        raise NoRule(type(module).__name__)
    with torch._C.DisableTorchFunction():
        on_meta = {k: torch.empty(v.shape, dtype=v.dtype, device=META) for k, v in named.items()}

    def call(*inner: Any, **settings: Any) -> Any:
        return torch.func.functional_call(module, on_meta, inner, settings)

    # A scripted module keeps its own tensors; the run takes each of them to meta as it comes.
    run = run_on_meta(module if isinstance(module, torch.jit.ScriptModule) else call, args, kwargs, tracer.path)
    known: dict[int, Proxy] = {id(on_meta[k]): tracer.stand_in(v) for k, v in named.items() if id(v) in tracer.own}
    known.update((id(low), tracer.stand_in(own)) for i, (own, low) in run.lowered.items() if i in tracer.own)
    known.update((id(on_meta[k]), v) for k, v in named.items() if type(v) is Proxy)
    known.update((id(t), p) for t, p in zip(run.inputs, run.sources, strict=True))
    for step in run.steps:
        made = [Proxy(t.shape, t.dtype) for t in step.outputs]
        tracer.append(step.op, step.kind, [known[id(t)] for t in step.inputs if id(t) in known], made, step, step.view)
        known.update((id(t), p) for t, p in zip(step.outputs, made, strict=True))
    return run.rebuild([known[id(t)] if id(t) in known else Proxy(t.shape, t.dtype) for t in run.tensors])


def _tensors(module: nn.Module) -> dict[str, torch.Tensor]:
    return {**dict(module.named_parameters()), **dict(module.named_buffers())}
