"""Following a network's modules while it runs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import nn

from blocks.trace.memo import TracedBlocks
from blocks.trace.proxy import Proxy
from blocks.trace.recorder import Recorder, current_recorder

Forward = Callable[..., Any]

_MISSING = object()


@contextmanager
def followed(modules: Sequence[tuple[str, nn.Module]], tracer: Recorder, memo: TracedBlocks | None) -> Iterator[None]:
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


def _follower(tracer: Recorder, path: str, module: nn.Module, forward: Forward) -> Forward:
    def follow(*args: Any, **kwargs: Any) -> Any:
        if current_recorder() is not tracer:
            return forward(*args, **kwargs)
        parent = tracer.enter_module(path, module, args)
        here = tracer.scope
        try:
            return forward(*args, **kwargs)
        except Exception as error:
            tracer.fell(error, here)
            raise
        finally:
            tracer.scope = parent

    return follow if getattr(forward, "__wrapped__", None) is None else functools.wraps(forward)(follow)


def _remembering(follow: Forward, memo: TracedBlocks, path: str, tracer: Recorder) -> Forward:
    """A follower that runs its block only where the memo does not know it."""

    def follow_once(*args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and type(args[0]) is Proxy and current_recorder() is tracer:
            return memo.call(follow, path, args[0])
        return follow(*args, **kwargs)

    return follow_once
