"""A block equal to one that the trace has been through is not run again: what was written down of the first is written down of the next.

Networks are rows of equal blocks. Equal are two blocks of one class whose settings, tensors' shapes and parts are equal, on inputs
of one shape. This holds only where nothing else decides what a block does, so the whole network must be made of classes of torch
and of this package: of their forwards the tests say that a trace with and without repetition is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from types import BuiltinFunctionType, FunctionType
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn.modules import module as torch_module

from blocks.trace.copies import exact
from blocks.trace.graph import Call, Node, Ref
from blocks.trace.proxy import Proxy

if TYPE_CHECKING:
    from blocks.trace.tracer import Tracer

_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
_EVERYWHERE = tuple(getattr(torch_module, f"_global{name}") for name in _HOOKS)
#: What every module has before its own attributes.
_COMMON = len(nn.Module().__dict__)
_COMPARABLE = frozenset({int, float, str, bool, type(None), tuple, dict, torch.Size, torch.dtype, FunctionType, BuiltinFunctionType, type})
_OURS = __name__.partition(".")[0] + "."
_hooks_of = itemgetter(*_HOOKS)


@cache
def is_known(cls: type) -> bool:
    """Whether ``cls`` is a layer of torch or of this package: its forward changes nothing and depends on nothing but its module and input."""
    return cls.__module__.startswith(("torch.nn.modules.", _OURS))


def walked(network: nn.Module) -> tuple[list[tuple[str, nn.Module]], bool, bool]:
    """The modules of a network as ``named_modules()`` gives them; whether all are known, with no hook and no forward given to a single
    one; and whether each stands at one place alone, so that its path says where it is called."""
    found: list[tuple[str, nn.Module]] = []
    known, single = not any(_EVERYWHERE), True
    seen: set[int] = set()
    waiting: list[tuple[str, nn.Module]] = [("", network)]
    while waiting:
        path, module = waiting.pop()
        if id(module) in seen:
            single = False
            continue
        seen.add(id(module))
        found.append((path, module))
        own = module.__dict__
        known = known and is_known(type(module)) and "forward" not in own and not any(_hooks_of(own))  # type: ignore[arg-type]  # a class is hashable
        parts = module._modules
        if parts:
            within = path + "." if path else ""
            waiting += [(within + name, part) for name, part in reversed(parts.items()) if part is not None]
    return found, known, single


@dataclass(slots=True)
class Passage:
    """What a trace wrote down of one call: nodes and calls from ``start`` and ``first`` on, its input and its result.

    ``place`` is where its module stands among those of the network, which its parts follow."""

    place: int
    start: int
    end: int
    first: int
    last: int
    source: Ref
    result: tuple[Any, torch.dtype, int, int, bool, Any]  # shape, type, node, output, dense, number of elements
    # Until somebody asks, None: whether it can be written down again, and what decides what its module does, with the number of its parts.
    closed: bool | None = None
    facts: list[Any] | None = None
    parts: int = 0


class Repeats:
    """The passages of one trace."""

    def __init__(self, tracer: Tracer, modules: Sequence[tuple[str, nn.Module]], symbolic: bool) -> None:
        self.tracer = tracer
        self.modules = modules
        self.symbolic = symbolic
        self.known: dict[Any, list[Passage]] = {}
        self.not_worth: set[type] = set()

    def call(self, run: Callable[..., Any], place: int, x: Proxy) -> Any:
        """``run(x)`` of the module at ``place``, or what it gave when an equal one was called on such an input."""
        path, module = self.modules[place]
        if type(module) in self.not_worth or x.base is not None or x.known:
            return run(x)
        key = (type(module), exact(tuple(x.shape)) if self.symbolic else x.shape, x.dtype, x.dense)
        passages = self.known.setdefault(key, [])
        for passage in passages:
            if self._equal(passage, place) and self._closed(passage) and not self._called(passage, path):
                return self._again(passage, place, x)
        begun = self._state()
        source = x.ref
        result = run(x)
        kept = self._passage(place, begun, source, result)
        if kept is not None:
            passages.append(kept)
        return result

    def _state(self) -> tuple[int, int, int, int]:
        """How much is written down: nodes, calls, tensors written into, tensors that are no proxies."""
        t = self.tracer
        return len(t.nodes), len(t.calls), len(t.moved), len(t.constants) + len(t.overwritten)

    def _passage(self, place: int, begun: tuple[int, int, int, int], source: Ref, result: Any) -> Passage | None:
        """What was written down since ``begun``; None where that cannot be repeated, or is not worth it."""
        start, first, moved, held = begun
        path, module = self.modules[place]
        end, last, _, now = self._state()
        if end - start < last - first:
            self.not_worth.add(type(module))  # few operations in many modules: comparing those takes as long as running
            return None
        if type(result) is not Proxy or result.node < start or result.base is not None or not path or now != held:
            return None
        if any(node < start for _, node, _, _ in self.tracer.moved[moved:]):  # something that was there before was written into
            return None
        kept = (result.shape, result.dtype, result.node, result.slot, result.dense, result.n)
        return Passage(place, start, end, first, last, source, kept)

    def _path(self, passage: Passage) -> str:
        return self.modules[passage.place][0]

    def _equal(self, passage: Passage, place: int) -> bool:
        """Whether the module at ``place`` does the same as the one that was passed."""
        if passage.facts is None:
            end, within = passage.place + 1, self._path(passage) + "."
            while end < len(self.modules) and self.modules[end][0].startswith(within):
                end += 1
            passage.parts = end - passage.place
            passage.facts = self._facts(passage.place, passage.parts)
        return bool(passage.facts) and passage.facts == self._facts(place, passage.parts)

    def _facts(self, place: int, parts: int) -> list[Any]:
        """What decides what modules do, one after the other: class, settings, tensors' shapes, names of parts. Nothing where that cannot be compared."""
        facts: list[Any] = []
        tracked = self.tracer.tracked
        for _, module in self.modules[place : place + parts]:
            own = module.__dict__
            settings: Any = tuple(own.values())[_COMMON:]
            if "forward" in own:
                settings = settings[:-1]  # it is the last, and tells the tracer
            if self.symbolic:
                settings = exact(settings)
            elif not _COMPARABLE.issuperset(map(type, settings)):
                return []
            facts += (type(module), settings, tuple(own["_modules"]))
            for tensors in (own["_parameters"], own["_buffers"]):
                for name, tensor in tensors.items():
                    known = tensor if type(tensor) is Proxy or tensor is None else tracked[id(tensor)]
                    if known is None:
                        facts.append(name)
                    elif known.node >= 0:  # forward has written into it
                        return []
                    else:
                        facts += (name, exact(tuple(known.shape)) if self.symbolic else known.shape, known.dtype)
        return facts

    def _closed(self, passage: Passage) -> bool:
        """Whether a passage reads nothing but its input and its own weights, which nobody had read before."""
        if passage.closed is None:
            t, start, source, within = self.tracer, passage.start, passage.source, self._path(passage) + "."
            nodes, calls = t.nodes[start : passage.end], t.calls[passage.first : passage.last]
            passage.closed = _first_calls(calls) and all(
                node.counted and all(ref[0] >= start or ref == source for ref in node.inputs) and all(w.startswith(within) for w in node.weights)
                for node in nodes
            )
        return passage.closed

    def _called(self, passage: Passage, path: str) -> bool:
        cut, called = len(self._path(passage)), self.tracer.times_called
        return any(path + c.path[cut:] in called for c in self.tracer.calls[passage.first : passage.last])

    def _again(self, passage: Passage, place: int, x: Proxy) -> Proxy:
        t, start, cut, source, path = self.tracer, passage.start, len(self._path(passage)), x.ref, self.modules[place][0]
        before, now = (self.modules[at : at + passage.parts] for at in (passage.place, place))
        pairs = {old: new for (_, old), (_, new) in zip(before, now, strict=True)}
        shift, later = len(t.nodes) - start, len(t.calls) - passage.first
        nodes, counted = t.nodes, t.counted_params
        for n in nodes[start : passage.end]:
            weights = tuple([path + w[cut:] for w in n.weights])
            counted.update(weights)
            alias = n.alias
            if alias is not None:
                alias = (alias[0] + shift, alias[1]) if alias[0] >= start else source
            inputs = tuple([(i + shift, slot) if i >= start else source for i, slot in n.inputs])
            nodes.append(
                Node(n.index + shift, n.op, n.kind, n.scope + later, inputs, n.outputs, n.dtype, n.itemsize, n.macs, n.flops, n.params,
                     n.reads, n.writes, n.attrs, weights, alias)
            )  # fmt: skip
        calls, called, parent = t.calls, t.times_called, t.scope
        for c in calls[passage.first : passage.last]:
            where = path + c.path[cut:]
            called[where] = called.get(where, 0) + 1
            caller = c.parent + later if c.parent >= passage.first else parent
            calls.append(Call(c.index + later, where, where + c.label[len(c.path) :], caller, c.cls, pairs[c.module], c.input_shape))
        shape, dtype, node, slot, dense, number = passage.result
        made = Proxy(shape, dtype)
        made.node, made.n = node + shift, number
        if slot:
            made.slot = slot
        if not dense:
            made.dense = False
        return made


def _first_calls(calls: Sequence[Call]) -> bool:
    """Whether each module of these calls was called here for the first time."""
    met: set[str] = set()
    for call in calls:
        if call.path not in met and call.label != call.path:
            return False
        met.add(call.path)
    return True
