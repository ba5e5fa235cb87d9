"""The memo: what was built or traced before is not built or traced again, within one network and from one turned knob to the next.

It serves the blocks of the catalog (:func:`memoised`) while they are built bare (:mod:`blocks.trace.build`), and whenever they are traced.
The key is what decides a block: its class and constructor arguments, or all that it holds where it was really built and anyone may
have changed it since (:func:`state_key`); for a trace also the input's shape and type, the mode, and the type that is counted.
Symbols are part of the key, and the conditions that a block recorded are recorded again.

The contract that makes this right: *a block depends on nothing but its arguments and its input*. Its constructor and its ``forward``
read no global state and no other module's, ``forward`` leaves nothing behind, and the code that builds a block does not change it
afterwards. ``tests/trace/test_memo.py`` traces every name of the catalog with and without the memo and says who breaks it.
Networks from outside never use the memo.
"""

from __future__ import annotations

import functools
import types
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakSet

import torch
from torch import Tensor, nn

from blocks.trace.functions import is_autocast_on
from blocks.trace.graph import WEIGHT, Call, Node, Ref, Shape
from blocks.trace.proxy import CURRENT, Proxy, Storage, untraced
from blocks.trace.recorder import Progress, Recorder
from blocks.trace.symbolic import Condition, SymFloat, SymInt, are_roundings_kept, note_again, recording

_C = TypeVar("_C", bound=type[nn.Module])
_V = TypeVar("_V")

#: The most blocks and the most traces that are kept. A block takes some 20 kB, its trace as much.
MOST_BUILT, MOST_TRACED = 512, 1024
#: Under this name a block built bare keeps the key of its construction.
BUILT_AS = "built_as"

_ATOMS = frozenset({
    int, float, bool, str, bytes, type(None), type, SymInt, SymFloat, torch.dtype, torch.device, torch.Size, types.FunctionType, types.BuiltinFunctionType,
})  # fmt: skip
_CONTAINERS: tuple[type, ...] = (dict, OrderedDict, set, list)
_NUMBERS = frozenset({int, bool, float, str, type(None)})
_classes: WeakSet[type[nn.Module]] = WeakSet()
_enabled: ContextVar[bool] = ContextVar("memo", default=True)


class Bounded(OrderedDict[Hashable, _V]):
    """A mapping that keeps the entries used last, shared by all threads. ``most`` is the weight of all that it keeps; an entry weighs 1 unless it says more."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.weight = 0  # of all that is kept
        self._weights: dict[Hashable, int] = {}
        self._lock = Lock()

    def used(self, key: Hashable) -> _V | None:
        """The entry of ``key``, which counts as used now, or None."""
        with self._lock:
            if key in self:
                self.move_to_end(key)
            return self.get(key)

    def put(self, key: Hashable, value: _V, weight: int = 1) -> None:
        """Keep ``value``; beyond the limit the entries that were not used for longest go. The newest stays, whatever it weighs."""
        with self._lock:
            self.weight += weight - self._weights.get(key, 0)
            self[key], self._weights[key] = value, weight
            self.move_to_end(key)
            while len(self) > 1 and self.weight > self.most:
                self.weight -= self._weights.pop(self.popitem(last=False)[0])

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            super().clear()
            self._weights.clear()
            self.weight = 0


def forget() -> None:
    """Build and trace everything anew from now on; for measuring and tests."""
    _built.clear()
    _traced.clear()


@contextmanager
def without_memo() -> Iterator[None]:
    """While inside, this thread builds and traces every block by itself; for tests."""
    token = _enabled.set(False)
    try:
        yield
    finally:
        _enabled.reset(token)


# --- Keys ----------------------------------------------------------------------------------------


class _Unkeyable(Exception):
    """An argument such as a module or tensor, which is more than its value."""


def exact_key(value: Any) -> Hashable:
    """``value`` as something equal only to the same type, number and symbol (1, 1.0, True and a symbol of 1 differ); records no condition."""
    kind = type(value)
    if kind is SymInt or kind is SymFloat:
        return kind, value.plain, value.term
    if isinstance(value, (tuple, list)):
        return kind, tuple(map(exact_key, value))
    if kind is dict:
        return kind, tuple([(name, exact_key(v)) for name, v in value.items()])
    if isinstance(value, (nn.Module, Tensor)):
        raise _Unkeyable
    return kind, value


def _key(cls: type, dtype: torch.dtype, args: tuple[Any, ...], settings: Mapping[str, Any]) -> Hashable | None:
    """The key of a call of a constructor that makes tensors of ``dtype``; None where an argument has no value to compare."""
    try:
        key = cls, dtype, are_roundings_kept(), exact_key(args), exact_key(dict(settings))
        hash(key)
    except (_Unkeyable, TypeError):
        return None
    return key


def state_key(block: nn.Module) -> Hashable | None:
    """All that decides the forward pass of a block that was really built; None where it holds more than plain values and torch's own parts."""
    if type(block) not in _classes:
        return None
    state: list[Hashable] = []
    try:
        _write_state(block, ("torch", _package(type(block))), state)
    except _Unkeyable:
        return None
    return tuple(state)


def _package(cls: type) -> str:
    return cls.__module__.partition(".")[0]


def _write_state(module: nn.Module, trusted: tuple[str, str], state: list[Hashable]) -> None:
    """Append what ``module`` holds to ``state``; its class must be of one of the ``trusted`` packages: a part of another has promised nothing."""
    package = _package(type(module))
    if package not in trusted or (module._buffers and package != "torch"):  # torch's own buffers are averages; forward may look at others
        raise _Unkeyable
    own = module.__dict__
    state.append((type(module), *own, *map(type, own.values())))
    for name, value in own.items():
        kind = type(value)
        if kind in _NUMBERS or (kind is tuple and set(map(type, value)) == {int}):
            state.append(value)
        elif not value and kind in _CONTAINERS:
            continue  # hooks, mostly
        elif name == "_modules":
            for part_name, part in value.items():
                state.append(part_name)
                if part is not None:
                    _write_state(part, trusted, state)
        elif name == "_parameters" or name == "_buffers":
            for tensor_name, tensor in value.items():
                state += (tensor_name, tensor is not None and _tensor_key(tensor))
        elif kind not in (OrderedDict, set) and _is_plain(value) and not getattr(value, "__closure__", None):
            state.append(exact_key(value))
        else:
            raise _Unkeyable


def _tensor_key(tensor: Tensor) -> Hashable:
    if type(tensor) not in (nn.Parameter, Tensor):
        raise _Unkeyable
    return tensor.shape, tensor.dtype, tensor.requires_grad


# --- Building ------------------------------------------------------------------------------------


#: Blocks that were built: of each a copy that nobody else holds, and the conditions recorded on the way.
_built: Bounded[tuple[nn.Module, tuple[Condition, ...]]] = Bounded(MOST_BUILT)


def memoised(cls: _C) -> _C:
    """Let the constructor of ``cls`` copy what the same call built before, while a network is built bare (a decorator)."""
    init = cls.__init__
    _classes.add(cls)

    @functools.wraps(init)
    def init_once(self: nn.Module, *args: Any, **settings: Any) -> None:
        mode = CURRENT.get()
        key = _key(cls, mode.building, args, settings) if mode is not None and mode.building and type(self) is cls and _enabled.get() else None
        if key is None:
            init(self, *args, **settings)
            return
        kept = _built.used(key)
        if kept is not None:
            prototype, met = kept
            note_again(met)
            _fill(self, prototype)
            return
        with recording(outwards=True) as conditions:
            init(self, *args, **settings)
        self.__dict__[BUILT_AS] = key
        if _is_copyable(self, set()):
            _built.put(key, (_copy(self), tuple(conditions)))

    cls.__init__ = init_once  # type: ignore[method-assign]
    return cls


def _copy(module: nn.Module) -> nn.Module:
    """A module that holds the same, with tensors, containers and parts of its own."""
    made: nn.Module = type(module).__new__(type(module))
    _fill(made, module)
    return made


def _fill(made: nn.Module, module: nn.Module) -> None:
    """Give ``made``, which has no attributes yet, what ``module`` holds."""
    own = made.__dict__
    for name, value in module.__dict__.items():
        own[name] = value.copy() if type(value) in _CONTAINERS else value
    own["_parameters"] = {name: None if t is None else _again(t) for name, t in module._parameters.items()}
    own["_buffers"] = {name: None if t is None else _again(t) for name, t in module._buffers.items()}
    own["_modules"] = {name: None if part is None else _copy(part) for name, part in module._modules.items()}


def _again(tensor: Tensor) -> Tensor:
    if type(tensor) is Proxy:
        return untraced(tensor.shape, tensor.dtype, tensor.requires_grad, tensor._is_param)
    with torch._C.DisableTorchFunction():
        return tensor.clone()


def _is_copyable(module: nn.Module, seen: set[int]) -> bool:
    """Whether a copy would be equal and independent: every part and tensor stands at one place, and attributes hold plain values."""
    if type(module).__new__ is not object.__new__:
        return False
    tensors = [t for t in (*module._parameters.values(), *module._buffers.values()) if t is not None]
    for held in (module, *tensors):
        if id(held) in seen or (isinstance(held, Tensor) and type(held) not in (Proxy, Tensor)):
            return False
        seen.add(id(held))
    for name, value in module.__dict__.items():
        if name not in ("_parameters", "_buffers", "_modules", BUILT_AS) and not _is_plain(value):
            return False
    return all(part is None or _is_copyable(part, seen) for part in module._modules.values())


def _is_plain(value: Any) -> bool:
    """Whether a shallow copy of ``value`` shares nothing that can change."""
    if type(value) in _CONTAINERS:
        return not value or all(map(_is_atom, value.values() if isinstance(value, dict) else value))
    return _is_atom(value)


def _is_atom(value: Any) -> bool:
    kind = type(value)
    if kind in _ATOMS or isinstance(value, type):
        return True
    if isinstance(value, tuple):
        return all(map(_is_atom, value))
    return is_dataclass(value) and bool(kind.__dataclass_params__.frozen) and all(_is_atom(getattr(value, f.name)) for f in fields(value))


# --- Tracing -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Segment:
    """What a trace wrote down of one block: its nodes and calls (numbered as they were, from ``start`` and ``first``), input and result."""

    path: str
    start: int
    first: int
    nodes: tuple[Node, ...]
    calls: tuple[tuple[str, str, int, str, Shape | None], ...]  # path, label, parent, class, input shape
    source: Ref
    owner: Ref  # the output whose memory the result lives in
    result: tuple[torch.Size, torch.dtype, int, int, bool, tuple[int, ...] | None, int]  # shape, type, node, output, dense, strides, number of elements
    conditions: tuple[Condition, ...]


_traced: Bounded[Segment] = Bounded(MOST_TRACED)


class TracedBlocks:
    """The memo as one trace uses it: replays the segments of blocks that were traced before, and keeps new ones."""

    def __init__(self, recorder: Recorder, modules: Sequence[tuple[str, nn.Module]], bare: bool) -> None:
        self.recorder = recorder
        self.modules = dict(modules)
        self.keys: dict[str, Hashable] = {}
        within: str | None = None  # a block that is really built is compared as a whole, with the blocks in it
        for path, module in modules:
            if within is None or not path.startswith(within):
                key = module.__dict__.get(BUILT_AS) if bare else state_key(module)
                if key is not None:
                    self.keys[path] = key
                    within = None if bare else f"{path}."

    def call(self, run: Callable[[Proxy], Any], path: str, x: Proxy) -> Any:
        """``run(x)`` of the block at ``path``, or what it gave when an equal one was called on an equal input."""
        recorder = self.recorder
        if recorder.times_called.get(path) or x.known or is_autocast_on() or not _enabled.get():
            return run(x)
        key = self.keys[path], self.modules[path].training, exact_key(x.shape), x.dtype, x.dense, x.strides, are_roundings_kept(), recorder.counted_as
        segment = _traced.used(key)
        if segment is not None:
            return self._replay(segment, path, x)
        begun = recorder.progress()
        source = x.ref
        with recording(outwards=True) as conditions:
            result = run(x)
        made = self._segment(path, begun, source, result, tuple(conditions))
        if made is not None:
            _traced.put(key, made)
        return result

    def _segment(self, path: str, begun: Progress, source: Ref, result: Any, conditions: tuple[Condition, ...]) -> Segment | None:
        """What was written down since ``begun``; None where it says more than the block: it read, kept or wrote something outside."""
        recorder = self.recorder
        start, first, moved, held, _ = begun
        nodes = recorder.nodes[start:]
        within = path + "." if path else ""
        if type(result) is not Proxy or result.node < start or result.base is not None or recorder.progress().held != held:
            return None
        if any(node < start for _, node, _, _ in recorder.moved[moved:]):  # something that was there before was written into
            return None
        for node in nodes:
            if not node.counted or any(ref[0] < start and ref != source for ref in node.inputs) or any(not w.startswith(within) for w in node.weights):
                return None
        owner = result.ref
        while (alias := recorder.nodes[owner[0]].alias) is not None:
            owner = alias
        if owner[0] < start:
            return None
        calls = tuple((c.path, c.label, c.parent, c.cls, c.input_shape) for c in recorder.calls[first:])
        made = result.shape, result.dtype, result.node, result.slot, result.dense, result.strides, result.n
        return Segment(path, start, first, tuple(nodes), calls, source, owner, made, conditions)

    def _replay(self, segment: Segment, path: str, x: Proxy) -> Proxy:
        """Write a segment down again, for the block at ``path`` on ``x``."""
        note_again(segment.conditions)
        recorder, start, first, cut, source = self.recorder, segment.start, segment.first, len(segment.path), x.ref
        shift, later = len(recorder.nodes) - start, len(recorder.calls) - first
        outer, counted, nodes = recorder.scope, recorder.counted_params, recorder.nodes
        for n in segment.nodes:
            weights = n.weights and tuple([_moved(w, cut, path) for w in n.weights])
            counted.update(weights)
            inputs = tuple([(i + shift, slot) if i >= start else source for i, slot in n.inputs])
            alias = n.alias
            if alias is not None:
                alias = (alias[0] + shift, alias[1]) if alias[0] >= start else WEIGHT if alias == WEIGHT else source
            nodes.append(
                Node(n.index + shift, n.op, n.kind, n.scope + later, inputs, n.outputs, n.dtype, n.itemsize, n.macs, n.flops, n.params,
                     n.reads, n.writes, n.attrs, weights, alias, True, "", n.places, [u and u + shift for u in n.until], n.saves, n.extras, n.products, n.itemsizes)
            )  # fmt: skip
        for old, label, parent, cls, shape in segment.calls:
            where = _moved(old, cut, path)
            recorder.times_called[where] = recorder.times_called.get(where, 0) + 1
            caller = parent + later if parent >= first else outer
            recorder.calls.append(Call(len(recorder.calls), where, where + label[len(old) :], caller, cls, self.modules[where], shape))
        shape, dtype, node, slot, dense, strides, n_elements = segment.result
        made = Proxy(shape, dtype)
        made.node, made.slot, made.n = node + shift, slot, n_elements
        if not dense:
            made.dense, made.strides = dense, strides
        owner, at = segment.owner
        until = nodes[owner + shift].until
        until[at] = 0
        made.memory = Storage(nodes, until, at)
        return made


def _moved(name: str, cut: int, path: str) -> str:
    """A dotted name below a block, for the block at ``path``: the first ``cut`` letters were the path of the block that was traced."""
    rest = name[cut:].removeprefix(".")
    return f"{path}.{rest}" if path and rest else path or rest
