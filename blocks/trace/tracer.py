"""One run of a network's own ``forward`` on shape proxies, written down as a :class:`~blocks.trace.graph.Graph`.

State lives in a context variable and in a thread-local torch mode, so that browser sessions trace beside each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import Parameter
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from blocks.trace.errors import DependsOnData, NoRule, TraceError
from blocks.trace.functions import AUTOCAST, DATA, FACTORIES, GRAD_MODE, LOOKS, QUERIES, fills, is_autocast_on, is_inplace, lowered, sizes_given, written_into
from blocks.trace.graph import Call, Graph, Node, Ref
from blocks.trace.meta import run_on_meta
from blocks.trace.proxy import CURRENT, META, Own, Proxy, StandIn
from blocks.trace.repeats import Repeats
from blocks.trace.rules import RULES, Out, Rule
from blocks.trace.symbolic import are_roundings_kept, is_symbolic, plain

_PASSED_OVER = {int, float, bool, str, type(None), torch.dtype, slice, type(Ellipsis)}


class Sizes(dict[torch.dtype, int]):
    """Bytes an element; float32 counts as the type that was asked for."""

    def __missing__(self, dtype: torch.dtype) -> int:
        self[dtype] = dtype.itemsize
        return dtype.itemsize


class Tracer(TorchFunctionMode):
    """Answers every torch function called inside ``with tracer:`` and writes down those that touch a tensor of the network.

    With ``building`` it answers the calls that a constructor makes: factories give parameter proxies, initialisation is
    left out and nothing is written down. ``dtype`` names what float32 stands for, at ``itemsize`` bytes an element.
    """

    def __init__(self, building: bool = False, itemsize: int = 4, dtype: str = "float32") -> None:
        super().__init__()
        self.building = building
        self.sizes = Sizes({torch.float32: itemsize})
        # No formula is written of the bytes: their symbols are kept only where many variants are counted from one trace.
        self.symbolic_bytes = are_roundings_kept()
        self.names = {torch.float32: dtype}
        self.nodes: list[Node] = []
        self.calls: list[Call] = []
        self.scope = -1
        self.tracked: dict[int, StandIn] = {}
        self.counted_params: set[str] = set()
        self.constants: dict[int, tuple[Tensor, Proxy]] = {}
        self.fresh: set[int] = set()  # constants made inside forward
        self.overwritten: dict[int, tuple[Tensor, Tensor]] = {}  # the network's own tensors, with what they held
        self.moved: list[tuple[StandIn, int, int, bool]] = []  # proxies that an in-place operation gave another origin
        self.times_called: dict[str, int] = {}
        self.recipes: dict[Any, Any] = {}  # of parts built with symbolic sizes (blocks.trace.copies)
        self.repeats: Repeats | None = None  # where equal blocks need not run again

    def __enter__(self) -> Tracer:
        self._token = CURRENT.set(self)
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        CURRENT.reset(self._token)

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is GRAD_MODE:
            return func(*args)
        return self.dispatch(func, args, kwargs or {})

    # --- One function ----------------------------------------------------------------------------

    def dispatch(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The result of ``func``: proxies where a proxy or a parameter takes part, the real thing elsewhere."""
        if self.building:
            return self._while_building(func, args, kwargs)
        found: list[StandIn] = []
        unknown = self.proxies(args, found)
        if kwargs:
            unknown = self.proxies(kwargs.values(), found) or unknown
        if not unknown:
            return self._on_reals(func, args, kwargs, found)
        return self.apply(func, args, kwargs, found)

    def apply(
        self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], found: list[StandIn], make: Callable[[Any, torch.dtype], StandIn] = Proxy
    ) -> Any:
        """The proxies that ``func`` gives, of which ``found`` are the tensors among the arguments; ``make`` makes them."""
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
        except DependsOnData as error:
            raise self._failed(rule.op, str(error), found) from None
        except ValueError as error:
            raise self._failed(rule.op, str(error), found) from None
        if rule.inplace or (args and args[-1] is True) or kwargs:
            target = written_into(rule, func, args, kwargs)
            if target is not None:
                return self._write_inplace(rule, out, target, found)
        return self._write(rule, out, found, make)

    def proxies(self, values: Iterable[Any], found: list[StandIn]) -> bool:
        """Collect the tensors among ``values`` into ``found``; whether one of them has no values that could be computed with."""
        unknown = False
        for value in values:
            kind = type(value)
            if kind is Proxy or kind is Own:
                found.append(value)
                unknown = True
            elif kind is Parameter:
                unknown = self._real(value, found) or unknown
            elif kind in _PASSED_OVER:
                continue
            elif kind is tuple or kind is list or kind is torch.Size:
                unknown = self.proxies(value, found) or unknown
            elif isinstance(value, Tensor):
                unknown = self._real(value, found) or unknown
        return unknown

    def _real(self, value: Tensor, found: list[StandIn]) -> bool:
        """As :meth:`proxies`, for one tensor that is no proxy."""
        known = self.tracked.get(id(value))
        if known is None:
            if self.building:
                return False
            known = self._constant(value)
        found.append(known)
        return not (known if known.base is None else known.base).known

    def _constant(self, value: Tensor) -> Proxy:
        """The stand-in of a tensor that is no parameter or input (the tensor is kept alive, so that its id stays its own)."""
        held = self.constants.get(id(value))
        if held is None:
            if torch._C._functorch.peek_interpreter_stack() is not None:
                raise RuntimeError("a proxy cannot pass through torch.func's transforms")  # its module is run on meta tensors
            proxy = Proxy(value.shape, value.dtype)
            proxy.known = not value.is_meta
            held = self.constants[id(value)] = (value, proxy)
        return held[1]

    def stand_in(self, value: Any) -> StandIn:
        """What the trace knows of a tensor: a proxy itself, or what stands for a real one."""
        if type(value) is Proxy or type(value) is Own:
            return value
        known = self.tracked.get(id(value))
        return self._constant(value) if known is None else known

    def _while_building(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if func in FACTORIES:
            return Proxy(sizes_given(args, kwargs), kwargs.get("dtype") or torch.get_default_dtype())
        target = args[0] if args else kwargs.get("tensor")
        if type(target) is Proxy and fills(func):
            return target
        found: list[StandIn] = []
        self.proxies(args, found)
        self.proxies(kwargs.values(), found)
        if not found:
            return func(*args, **kwargs)
        if fills(func):
            return target
        rule = RULES.get(func)
        if rule is None:
            raise NoRule(func.__name__)
        out = rule.func(*args, **kwargs)
        made = [Proxy(shape, out.dtype or args[0].dtype) for shape in out.shapes]
        return made[0] if out.single else tuple(made)

    def as_proxy(self, value: Tensor) -> Proxy:
        """The stand-in of a tensor as one that a network can compute with."""
        known = self.stand_in(value)
        if type(known) is Own:
            known = self.tracked[id(value)] = known.as_proxy()
        return known  # type: ignore[return-value]

    # --- Writing down ----------------------------------------------------------------------------

    def _write(self, rule: Rule, out: Out, found: list[StandIn], make: Callable[[Any, torch.dtype], StandIn]) -> Any:
        first = found[0]
        dtype = out.dtype or first.dtype
        if rule.kind in AUTOCAST and is_autocast_on() and rule.op != "embedding":
            dtype = lowered(dtype)
        made = [make(shape, dtype) for shape in out.shapes]
        node = self.append(rule.op, out.kind or rule.kind, found, made, out, out.view)
        if out.view:
            base = first if first.base is None else first.base
            for proxy in made:
                proxy.dense = out.dense
                proxy.base = base
            if first.node >= 0:
                node.alias = (first.node, first.slot)
        return made[0] if out.single else tuple(made)

    def _write_inplace(self, rule: Rule, out: Out, given: Any, found: list[StandIn]) -> Any:
        target = self.stand_in(given)
        written = Own(target.shape, target.dtype)
        base = target.base
        old = target.ref
        node = self.append(rule.op, out.kind or rule.kind, found, [written], out)
        node.alias = old if old[0] >= 0 else None
        self._moved(target, node.index, 0)
        if base is not None:  # whoever reads the whole tensor from now on sees this write
            node.outputs = (*node.outputs, tuple(base.shape))
            self._moved(base, node.index, 1)
        return given

    def _moved(self, proxy: StandIn, node: int, slot: int) -> None:
        self.moved.append((proxy, proxy.node, proxy.slot, proxy.known))
        proxy.node, proxy.slot = node, slot
        if proxy.known:
            proxy.known = False

    def append(self, op: str, kind: str, found: Sequence[StandIn], made: Sequence[StandIn], out: Out | None = None, view: bool = False) -> Node:
        """Write down one operation that reads ``found`` and makes ``made``."""
        inputs: list[Ref] = []
        weights: list[str] = []
        reads: Any = 0
        writes: Any = 0
        params: Any = 0
        sizes, symbolic, counted = self.sizes, self.symbolic_bytes, self.counted_params
        for proxy in found:
            n = proxy.n
            if n is None:
                n = proxy.n = math.prod(proxy.shape)
            if proxy.node >= 0:
                inputs.append((proxy.node, proxy.slot))
            else:
                name = proxy.name
                if name is None:
                    self.source("constant", proxy)
                    inputs.append((proxy.node, 0))
                else:
                    weights.append(name)
                    if proxy._is_param and name not in counted:
                        counted.add(name)
                        params += n
            reads += (n if type(n) is int or symbolic else plain(n)) * sizes[proxy.dtype]
        index = len(self.nodes)
        shapes: tuple[Any, ...] = ()
        first = found[0] if found else None
        for slot, proxy in enumerate(made):
            shape = proxy.shape
            proxy.node = index
            if slot:
                proxy.slot = slot
            n = proxy.n = first.n if first is not None and shape is first.shape else math.prod(shape)
            shapes += (tuple(shape),)
            writes += (n if type(n) is int or symbolic else plain(n)) * sizes[proxy.dtype]
        macs: Any = 0
        flops: Any = 0
        attrs = None
        if out is not None:
            macs, flops, attrs = out.macs, out.flops, out.attrs
            if type(macs) is not int or macs:  # asking a symbolic number would record a condition
                flops = 2 * macs + flops
            if out.unit:
                flops = flops + out.unit * made[0].n
        dtype = made[0].dtype if made else torch.float32
        node = Node(
            index, op, kind, self.scope, tuple(inputs), shapes, self.names.get(dtype) or str(dtype)[6:], sizes[dtype], macs, flops, params,
            0 if view else reads, 0 if view else writes, attrs or {}, tuple(weights),
        )  # fmt: skip
        self.nodes.append(node)
        return node

    def source(self, op: str, proxy: StandIn) -> None:
        """Write down where a tensor comes from that no operation makes: "input" or "constant"."""
        self.append(op, "input", (), [proxy]).writes = 0

    def _failed(self, op: str, reason: str, found: list[StandIn]) -> TraceError:
        """The error of an operation that cannot run; the operation is written down as failed, without an output."""
        self.append(op, "other", found, []).failed = reason
        return TraceError(reason, self.path)

    # --- Real tensors, and what has no rule -------------------------------------------------------

    def _on_reals(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], found: list[StandIn]) -> Any:
        """A function of numbers and real tensors: computed, and written down where a tensor comes out of tensors."""
        if func in FACTORIES:
            sizes = sizes_given(args, kwargs)
            onto_meta = kwargs.get("device") is not None and torch.device(kwargs["device"]) == META
            if onto_meta or any(map(is_symbolic, sizes)):
                made = Proxy(sizes, kwargs.get("dtype") or torch.get_default_dtype())
                self.source("constant", made)
                return made
        inplace = found and is_inplace(func, kwargs)
        if inplace:
            self._keep(args[0])
        result = func(*args, **kwargs)
        tensors = [t for t in tree_leaves(result) if isinstance(t, Tensor)]
        if found and tensors and func not in QUERIES:
            self._write_real(func, args, kwargs, found, tensors, bool(inplace))
        else:
            for tensor in tensors:
                if id(tensor) not in self.constants:
                    self._constant(tensor)
                    self.fresh.add(id(tensor))
        return result

    def _keep(self, target: Any) -> None:
        """Remember what a tensor of the network's own holds, before it is overwritten."""
        if isinstance(target, Tensor) and id(target) not in self.fresh and id(target) not in self.overwritten and type(target) is not Proxy:
            self.overwritten[id(target)] = (target, target.detach().clone())

    def _write_real(self, func: Any, args: Any, kwargs: Any, found: list[StandIn], tensors: list[Tensor], inplace: bool) -> None:
        new = [t for t in tensors if id(t) not in self.constants]
        if not new and not inplace:
            return  # the tensor itself: contiguous, to, ...
        op, kind, counted = func.__name__, "other", True
        try:
            rule = RULES.get(func)
            if rule is None:
                raise NoRule
            out: Out = rule.func(*args, **kwargs)
            op, kind = rule.op, out.kind or rule.kind
        except (NoRule, TypeError, ValueError):
            try:
                run = run_on_meta(func, args, kwargs, self.path)
                out, kind, counted = Out(macs=run.macs, flops=run.flops - 2 * run.macs), run.kind, run.counted
            except TraceError:
                out, counted = Out(), False
        if inplace:
            target = self.stand_in(args[0])
            node = self.append(op, kind, found, [Own(target.shape, target.dtype)], out)
            self.moved.append((target, target.node, target.slot, target.known))
            target.node, target.slot = node.index, 0
        else:
            made = [self._constant(t) for t in new]
            self.fresh.update(map(id, new))
            node = self.append(op, kind, found, made, out, out.view)
            if out.view:
                for proxy in made:
                    proxy.base = found[0] if found[0].base is None else found[0].base
        node.counted = counted

    def _without_rule(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], found: list[StandIn]) -> Any:
        name = getattr(func, "__name__", "").partition(".")[0]  # "add.Tensor" of torch.ops is an addition
        if not name:
            raise RuntimeError("a scripted method")  # its module is run on meta tensors
        if args and type(args[0]) is not Proxy and isinstance(args[0], Tensor):
            if func in QUERIES:
                return func(*args, **kwargs)
            if func is DATA:
                return self.as_proxy(args[0])
            if func in LOOKS and found[0].node < 0 and not args[0].is_meta:  # a parameter or buffer that forward has not changed
                return func(*args, **kwargs)
        if func in LOOKS:
            raise self._failed(name, DependsOnData.sentence(name), found)
        try:
            run = run_on_meta(func, args, kwargs, self.path)
        except TraceError as error:
            raise self._failed(name, error.reason, found) from error
        if not run.tensors:
            return run.result  # a question, such as is_complex
        out = Out(macs=run.macs, flops=run.flops - 2 * run.macs)
        if is_inplace(func, kwargs):
            into = kwargs.get("out")
            given: Tensor = into if isinstance(into, Tensor) else args[0]
            self._write_inplace(Rule(_run, name, run.kind, True), out, given, found)
            self.nodes[-1].counted = run.counted
            return given
        made = [Proxy(t.shape, t.dtype) for t in run.tensors]
        self.append(name, run.kind, found, made, out).counted = run.counted
        return run.rebuild(made)

    # --- Modules ---------------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """Dotted path of the module that is running."""
        return self.calls[self.scope].path if self.scope >= 0 else ""

    def enter_module(self, path: str, module: nn.Module, args: tuple[Any, ...] = ()) -> int:
        """Begin a call of ``module`` on ``args``; returns the caller's scope, to go back to."""
        parent, calls = self.scope, self.calls
        time = self.times_called.get(path, 0) + 1
        self.times_called[path] = time
        self.scope = len(calls)
        shape = tuple(args[0].shape) if args and (type(args[0]) is Proxy or type(args[0]) is Own) else None
        calls.append(Call(self.scope, path, path if time == 1 else f"{path}#{time}", parent, type(module).__name__, module, shape))
        return parent

    def graph(self, params: Any, error: str = "") -> Graph:
        """What was written down, of a network with ``params`` parameters."""
        return Graph(self.nodes, self.calls, params, params - sum(n.params for n in self.nodes), error)


def _run(*_: Any, **__: Any) -> Out:
    return Out()
