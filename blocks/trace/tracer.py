"""One run of a network's own ``forward`` on shape proxies, written down as a :class:`~blocks.trace.graph.Graph`.

State lives in a context variable and in a thread-local torch mode, so that browser sessions trace beside each other.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from blocks.trace.errors import NoRule, TraceError
from blocks.trace.graph import Call, Graph, Node, Ref
from blocks.trace.meta import MetaRun, run_on_meta
from blocks.trace.proxy import CURRENT, META, Proxy
from blocks.trace.rules import RULES, Out, Rule
from blocks.trace.rules.registry import product
from blocks.trace.symbolic import is_symbolic

#: Questions about a tensor that compute nothing; asked of a real tensor they are answered by it.
_GETTERS = frozenset(
    getattr(torch.Tensor, name).__get__
    for name in (
        "shape",
        "dtype",
        "device",
        "ndim",
        "requires_grad",
        "layout",
        "is_cuda",
        "is_meta",
        "is_leaf",
        "grad",
        "grad_fn",
        "data",
        "itemsize",
        "is_nested",
    )
) | {
    torch.Tensor.size,
    torch.Tensor.dim,
    torch.Tensor.numel,
    torch.Tensor.is_contiguous,
    torch.Tensor.is_floating_point,
    torch.Tensor.stride,
    torch.Tensor.item,
}
_FACTORIES = {torch.empty, torch.zeros, torch.ones, torch.rand, torch.randn, torch.full}
_NEW = {torch.Tensor.new_empty, torch.Tensor.new_zeros, torch.Tensor.new_ones, torch.Tensor.new_full}
_LOOKS = {
    torch.Tensor.item,
    torch.Tensor.tolist,
    torch.Tensor.numpy,
    torch.Tensor.__float__,
    torch.Tensor.__int__,
    torch.nonzero,
    torch.Tensor.nonzero,
    torch.unique,
}


class Tracer(TorchFunctionMode):
    """Answers every torch function called inside ``with tracer:`` and writes down those that touch a proxy.

    With ``building`` it answers the calls that a constructor makes: factories give parameter proxies, initialisation is
    left out and nothing is written down.
    """

    def __init__(self, building: bool = False, itemsize: int = 4) -> None:
        super().__init__()
        self.building = building
        self.itemsize = itemsize
        self.nodes: list[Node] = []
        self.calls: list[Call] = []
        self.scope = -1
        self.tracked: dict[int, Proxy] = {}
        self.counted_params: set[str] = set()
        self.constants: dict[int, tuple[Tensor, Proxy]] = {}
        self.times_called: dict[str, int] = {}

    def __enter__(self) -> Tracer:
        self._token = CURRENT.set(self)
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        CURRENT.reset(self._token)

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return self.dispatch(func, args, kwargs or {})

    # --- One function ----------------------------------------------------------------------------

    def dispatch(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The result of ``func``: proxies where a proxy or a parameter takes part, the real thing elsewhere."""
        if func in _FACTORIES:
            return self._factory(func, args, kwargs)
        found: list[Proxy] = []
        self._proxies(args, found)
        if kwargs:
            self._proxies(kwargs.values(), found)
        if not found:
            return func(*args, **kwargs)
        if self.building:
            return self._while_building(func, args, kwargs)
        rule = RULES.get(func)
        if rule is None:
            return self._without_rule(func, args, kwargs, found)
        try:
            out = rule.func(*args, **kwargs)
        except NoRule:
            return self._without_rule(func, args, kwargs, found)
        except TypeError as error:
            if "argument" not in str(error):
                raise
            return self._without_rule(func, args, kwargs, found)
        except ValueError as error:
            raise TraceError(str(error), self._path()) from None
        return self._write(rule, out, args, kwargs, found, func)

    def _proxies(self, values: Any, found: list[Proxy]) -> None:
        for value in values:
            kind = type(value)
            if kind is Proxy:
                found.append(value)
            elif kind is tuple or kind is list or kind is torch.Size:
                self._proxies(value, found)
            elif isinstance(value, Tensor):
                known = self.tracked.get(id(value))
                if known is not None:
                    found.append(known)
                elif not self.building:
                    self._constant(value)
                    if value.is_meta:
                        found.append(self.constants[id(value)][1])

    def _constant(self, value: Tensor) -> Proxy:
        """A tensor made inside forward: a source of its own (kept alive, so that its id stays its own)."""
        if id(value) not in self.constants:
            self.constants[id(value)] = (value, Proxy(value.shape, value.dtype))
        return self.constants[id(value)][1]

    def _factory(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        sizes = kwargs.get("size", args[0] if args and isinstance(args[0], (tuple, list)) else args)
        onto_meta = kwargs.get("device") is not None and torch.device(kwargs["device"]) == META
        if not self.building and not onto_meta and not any(map(is_symbolic, sizes)):
            return func(*args, **kwargs)
        made = Proxy(sizes, kwargs.get("dtype") or torch.get_default_dtype())
        if not self.building:
            self._append("constant", "input", (), (made,), made.dtype)
        return made

    def _while_building(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        name = func.__name__
        if getattr(func, "__module__", "") == "torch.nn.init" or (name.endswith("_") and not name.endswith("__")) or name == "__setitem__":
            return args[0] if args else kwargs.get("tensor")
        rule = RULES.get(func)
        if rule is None:
            raise NoRule(name)
        out = rule.func(*args, **kwargs)
        made = [Proxy(shape, out.dtype or args[0].dtype) for shape in out.shapes]
        return made[0] if out.single else tuple(made)

    def _write(self, rule: Rule, out: Out, args: tuple[Any, ...], kwargs: dict[str, Any], found: list[Proxy], func: Any) -> Any:
        first = found[0]
        dtype = out.dtype or first.dtype
        inplace = rule.inplace or func.__name__ in _INPLACE_DUNDER or _asked_inplace(func, args, kwargs)
        if inplace and type(args[0]) is Proxy:
            return self._write_inplace(rule, out, args[0], found)
        view = out.view
        made = [Proxy(shape, dtype) for shape in out.shapes]
        node = self._append(rule.op, out.kind or rule.kind, found, made, dtype, out, view)
        if view:
            for proxy in made:
                proxy.dense = out.dense
                proxy.base = first if first.base is None else first.base
            node.alias = first.ref if first.node >= 0 else None
        return made[0] if out.single else tuple(made)

    def _write_inplace(self, rule: Rule, out: Out, target: Proxy, found: list[Proxy]) -> Proxy:
        written = Proxy(target.shape, target.dtype)
        results = [written]
        base = target.base
        if base is not None:
            results.append(Proxy(base.shape, base.dtype))
        old = target.ref
        node = self._append(rule.op, out.kind or rule.kind, found, results[:1], target.dtype, out, False)
        node.alias = old if old[0] >= 0 else None
        target.node, target.slot = node.index, 0
        if base is not None:  # whoever reads the whole tensor from now on sees this write
            node.outputs = (*node.outputs, tuple(base.shape))
            base.node, base.slot = node.index, 1
        return target

    def _append(
        self, op: str, kind: str, found: Any, made: Any, dtype: torch.dtype, out: Out | None = None, view: bool = False, scope: int | None = None
    ) -> Node:
        index = len(self.nodes)
        inputs: list[Ref] = []
        weights: list[str] = []
        reads, params = 0, 0
        for proxy in found:
            n = proxy.n
            if n is None:
                n = proxy.n = product(proxy.shape)
            if proxy.node >= 0:
                inputs.append((proxy.node, proxy.slot))
            elif proxy.name is not None:
                weights.append(proxy.name)
                if proxy.name not in self.counted_params:
                    self.counted_params.add(proxy.name)
                    if isinstance(proxy, nn.Parameter):
                        params = params + n
            reads = reads + n * self._size_of(proxy.dtype)
        writes = 0
        for slot, proxy in enumerate(made):
            proxy.node, proxy.slot = index, slot
            n = proxy.n = product(proxy.shape)
            writes = writes + n * self._size_of(dtype)
        macs = flops = 0
        if out is not None:
            macs = out.macs
            flops = out.flops
            if type(macs) is not int or macs:  # asking a symbolic number would record a condition
                flops = 2 * macs + flops
            if out.unit:
                flops = flops + out.unit * made[0].n
        node = Node(
            index, op, kind, self.scope if scope is None else scope, tuple(inputs), tuple([tuple(p.shape) for p in made]), str(dtype)[6:], self._size_of(dtype),
            macs, flops, params, 0 if view else reads, 0 if view else writes, (out.attrs if out is not None else None) or {}, tuple(weights),
        )  # fmt: skip
        self.nodes.append(node)
        return node

    def _size_of(self, dtype: torch.dtype) -> int:
        return self.itemsize if dtype is torch.float32 else dtype.itemsize

    # --- What has no rule ------------------------------------------------------------------------

    def _without_rule(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], found: list[Proxy]) -> Any:
        if func in _LOOKS:
            raise TraceError(f"the network looks at the value of a tensor ({func.__name__}); a trace knows only shapes", self._path())
        name = func.__name__
        run = run_on_meta(func, args, kwargs, self._path())
        node_dtype = run.tensors[0].dtype if run.tensors else found[0].dtype
        made = [Proxy(t.shape, t.dtype) for t in run.tensors]
        out = Out(macs=run.macs, flops=run.flops - 2 * run.macs)
        node = self._append(name, run.kind, found, made, node_dtype, out)
        node.counted = run.counted
        inplace = name.endswith("_") and not name.endswith("__") and type(args[0]) is Proxy
        if inplace and made:
            args[0].node, args[0].slot = node.index, 0
            return args[0]
        return run.rebuild(made)

    # --- Modules ---------------------------------------------------------------------------------

    def _path(self) -> str:
        return self.calls[self.scope].path if self.scope >= 0 else ""

    def enter_module(self, path: str, module: nn.Module, args: tuple[Any, ...] = ()) -> int:
        """Begin a call of ``module`` on ``args``; returns the caller's scope, to go back to."""
        parent = self.scope
        time = self.times_called.get(path, 0) + 1
        self.times_called[path] = time
        self.scope = len(self.calls)
        label = path if time == 1 else f"{path}#{time}"
        shape = tuple(args[0].shape) if args and type(args[0]) is Proxy else None
        self.calls.append(Call(self.scope, path, label, parent, type(module).__name__, module, shape))
        return parent

    def run_module_on_meta(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run one module on meta tensors, operation by operation below torch: for code that a proxy cannot pass through."""
        if any(type(p) is Proxy for p in module.parameters()):
            raise NoRule(type(module).__name__)
        named = {**dict(module.named_parameters()), **dict(module.named_buffers())}
        on_meta = {k: torch.empty_like(v, device=META) for k, v in named.items()}

        def call(*inner: Any, **settings: Any) -> Any:
            return torch.func.functional_call(module, on_meta, inner, settings)

        run: MetaRun = run_on_meta(call, args, kwargs, self._path())
        refs: dict[int, Proxy] = {id(t): p for t, p in zip(run.inputs, run.sources, strict=True)}
        weights = {id(on_meta[k]): self.tracked[id(v)] for k, v in named.items() if id(v) in self.tracked}
        for step in run.steps:
            found = [p for t in step.inputs if (p := refs.get(id(t)) or weights.get(id(t))) is not None]
            made = [Proxy(t.shape, t.dtype) for t in step.outputs]
            out = Out(macs=step.macs, flops=step.flops - 2 * step.macs)
            node = self._append(step.op, step.kind, found, made, made[0].dtype if made else torch.float32, out, step.view)
            node.counted = step.counted
            refs.update((id(t), p) for t, p in zip(step.outputs, made, strict=True))
        return run.rebuild([refs[id(t)] for t in run.tensors])


def _asked_inplace(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    if kwargs:
        return kwargs.get("inplace") is True
    return len(args) > 1 and args[-1] is True and func in _INPLACE_LAST


_INPLACE_DUNDER = {"__setitem__", "__iadd__", "__isub__", "__imul__", "__itruediv__", "__ifloordiv__", "__imod__", "__ipow__"}
_INPLACE_LAST = {
    getattr(nn.functional, n) for n in ("relu", "relu6", "silu", "hardswish", "hardsigmoid", "mish", "elu", "leaky_relu", "hardtanh", "celu", "selu")
}


# --- Wrapping a network ------------------------------------------------------------------------------

_locks: WeakKeyDictionary[nn.Module, Lock] = WeakKeyDictionary()
_locks_guard = Lock()


@contextmanager
def followed(root: nn.Module, tracer: Tracer) -> Iterator[None]:
    """While inside, every module of ``root`` tells ``tracer`` when it is called; afterwards ``root`` is as it was."""
    with _locks_guard:
        lock = _locks.setdefault(root, Lock())
    with lock:
        before: list[tuple[nn.Module, Any]] = []
        try:
            for path, module in root.named_modules():
                own = module.__dict__
                before.append((module, own.get("forward", _MISSING)))
                own["forward"] = _follower(tracer, path, module, module.forward)
            yield
        finally:
            for module, forward in before:
                if forward is _MISSING:
                    module.__dict__.pop("forward", None)
                else:
                    module.__dict__["forward"] = forward


_MISSING = object()


def _follower(tracer: Tracer, path: str, module: nn.Module, forward: Callable[..., Any]) -> Callable[..., Any]:
    def follow(*args: Any, **kwargs: Any) -> Any:
        if CURRENT.get() is not tracer:
            return forward(*args, **kwargs)
        parent = tracer.enter_module(path, module, args)
        start = len(tracer.nodes)
        try:
            return forward(*args, **kwargs)
        except TraceError:
            tracer.calls[tracer.scope].failed = tracer.calls[tracer.scope].failed or "failed"
            raise
        except NoRule:
            raise
        except Exception as error:
            if hasattr(error, "nearest"):  # the network itself says what is wrong with its knobs
                raise
            del tracer.nodes[start:]
            scope = tracer.scope = next(i for i in range(len(tracer.calls) - 1, -1, -1) if tracer.calls[i].path == path)
            del tracer.calls[scope + 1 :]
            return _second_try(tracer, module, args, kwargs, error)
        finally:
            tracer.scope = parent

    return functools.wraps(forward)(follow) if hasattr(forward, "__wrapped__") else follow


def _second_try(tracer: Tracer, module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any], error: Exception) -> Any:
    try:
        return tracer.run_module_on_meta(module, args, dict(kwargs))
    except TraceError as second:
        tracer.calls[tracer.scope].failed = second.reason
        raise
    except NoRule:
        raise
    except Exception:
        tracer.calls[tracer.scope].failed = str(error)
        raise TraceError(str(error).strip().split("\n")[0], tracer._path()) from error


def graph_of(tracer: Tracer, params: int, error: str = "") -> Graph:
    """What a tracer wrote down."""
    counted = sum(n.params for n in tracer.nodes)
    return Graph(tracer.nodes, tracer.calls, params, params - counted, error)
