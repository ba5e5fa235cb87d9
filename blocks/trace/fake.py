"""The engine for anybody's network: its ``forward`` runs on torch's own fake tensors.

Shapes, types, views, errors and devices are torch's word. A mode above torch's Python functions writes the operations down and asks the same
rules as the shape proxy's engine what they cost; a mode below collects torch's own operations, which price what has no rule, and stand as
operations of their own where no Python function was called (a scripted module, inside ``vmap``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map

from blocks.trace.asked import inside, users_line
from blocks.trace.below import CalledOperation, Lower
from blocks.trace.called import AskedCall
from blocks.trace.casts import copied_operands, with_copies
from blocks.trace.errors import DependsOnData, NoRule, TraceError, first_line
from blocks.trace.functions import DATA, DEVICE, QUERIES, TELLS_VALUES, is_autocast_on
from blocks.trace.graph import Extra
from blocks.trace.joined import join_attention, join_convolution
from blocks.trace.known import MOST_KNOWN, KnownValues, really
from blocks.trace.layout import out_of_order
from blocks.trace.packed import ON_PACKED
from blocks.trace.proxy import CPU, CURRENT, Proxy
from blocks.trace.recorder import NO_RULE, Recorder, current_recorder
from blocks.trace.rules import OUTPUT, Out, Rule


class _Quiet(logging.Filter):
    """torch logs what a fake tensor cannot do, with its stack; a trace says it in a sentence."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
        return not isinstance(current_recorder(), FakeTracer)


logging.getLogger("torch._subclasses.fake_tensor").addFilter(_Quiet())


class FakeTracer(Recorder, TorchFunctionMode):
    """Inside ``with tracer:`` torch's functions run on fake tensors and are written down."""

    building = None

    def __init__(self, itemsize: int = 4, dtype: str = "float32", training: bool = False) -> None:
        TorchFunctionMode.__init__(self)
        Recorder.__init__(self, itemsize, dtype)
        self.fakes: dict[int, tuple[Tensor, Tensor]] = {}  # the fake tensor of each real one that was met, by id; both kept alive
        self.mode = FakeTensorMode(allow_non_fake_inputs=True)
        self.values = KnownValues(self.mode)
        self.lower = Lower(self)
        self.training = training
        self.operands: dict[int, Proxy] = {}  # stand-ins of the known tensors that the running function's rule reads
        self.steps: list[CalledOperation] | None = None  # of the Python function that runs now
        self.fault: tuple[BaseException, str, str, list[Proxy], int] | None = None

    def __enter__(self) -> FakeTracer:
        self._token = CURRENT.set(self)
        self._stack = ExitStack()
        self._stack.enter_context(torch.set_grad_enabled(self.training))
        self._stack.enter_context(self.mode)
        self._stack.enter_context(self.lower)
        super().__enter__()  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)  # type: ignore[no-untyped-call]
        self._stack.close()
        CURRENT.reset(self._token)

    def dispatch(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ARG002
        """A rule asked something of its stand-ins that only a tensor knows."""
        raise NoRule(getattr(func, "__name__", str(func)))

    # --- Tensors ---------------------------------------------------------------------------------

    def source_tensor(self, given: Any, dtype: torch.dtype, device: torch.device, known: bool = False) -> Tensor:
        """An input: a shape, or a tensor, whose values are ``known`` or not."""
        with torch.no_grad():
            if isinstance(given, Tensor) and given.is_meta:
                fake = self._on_cpu(given)
            elif isinstance(given, Tensor):
                fake = self.values.made(given.cpu()) if known else self.mode.from_tensor(given.detach(), static_shapes=True)
            else:
                with self.mode:
                    fake = torch.empty(given, dtype=dtype, device=device)
        proxy = self._origin(fake)
        self.source("input", proxy)
        return fake

    def fake_of(self, real: Tensor) -> Tensor:
        """The fake tensor that stands for a real one: a parameter, a buffer, or something made outside of torch's functions."""
        held = self.fakes.get(id(real))
        if held is None:
            fake = self._on_cpu(real).requires_grad_(real.requires_grad) if real.is_meta else self.mode.from_tensor(real, static_shapes=True)
            if isinstance(fake, FakeTensor):
                fake._origin = self.stand_in(real)  # type: ignore[attr-defined]
                self.values.give(fake, real, borrowed=True)
            held = self.fakes[id(real)] = (real, fake)
        return held[1]

    def _on_cpu_if_meta(self, value: Any) -> Any:
        return self.fake_of(value) if isinstance(value, Tensor) and type(value) is not FakeTensor and value.is_meta else value

    def _on_cpu(self, real: Tensor) -> Tensor:
        """A tensor on the meta device stands for one on the CPU."""
        with self.mode:
            return torch.empty_strided(real.shape, real.stride(), dtype=real.dtype, device=CPU)

    def stand_in(self, value: Any) -> Proxy:
        if type(value) is FakeTensor:
            return self._origin(value)
        known = self.operands.get(id(value))
        return super().stand_in(value) if known is None else known

    def _operand(self, tensor: Tensor) -> Tensor:
        """What a rule reads in the place of a tensor: positions that are known, so that it can say what they pick, else a stand-in."""
        known = self.values.of(tensor) if type(tensor) is FakeTensor else tensor
        if known is None or known.is_floating_point() or known.is_complex() or known.is_meta or known.numel() > MOST_KNOWN:
            return self.stand_in(tensor)
        self.operands[id(known)] = self.stand_in(tensor)
        return known

    def _origin(self, fake: Any) -> Proxy:
        """Where a fake tensor came from."""
        origin: Proxy | None = getattr(fake, "_origin", None)
        if origin is None:
            origin = fake._origin = Proxy(fake.shape, fake.dtype)
        return origin

    def _collect(self, values: Iterable[Any], found: list[Tensor]) -> None:
        for value in values:
            if isinstance(value, Tensor):
                found.append(value)
            elif isinstance(value, (tuple, list)):
                self._collect(value, found)
            elif isinstance(value, dict):
                self._collect(value.values(), found)

    # --- Functions -------------------------------------------------------------------------------

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        kwargs = kwargs or {}
        if func is DEVICE:
            return CPU if (device := func(*args)).type == "meta" else device
        if func in QUERIES or torch._C._functorch.peek_interpreter_stack() is not None:
            return func(*args, **kwargs)
        found: list[Tensor] = []
        self._collect(args, found)
        if kwargs:
            self._collect(kwargs.values(), found)
        if not found:
            with self._unseen():
                return func(*args, **kwargs)  # a tensor out of none is written down when something reads it
        if func is DATA and id(args[0]) in self.own:
            return self.fake_of(args[0])
        origins = [self.stand_in(t) for t in found]
        asked = AskedCall(func, _stood_in(args, self._operand), _stood_in(kwargs, self._operand), origins, found)
        outer, self.steps = self.steps, []
        if is_autocast_on():  # which takes no notice of tensors on the meta device
            args, kwargs = tree_map(self._on_cpu_if_meta, (args, kwargs))
        try:
            if func in TELLS_VALUES:
                return self._told(func, args, kwargs)
            with asked.keeping(self.training):
                result = ON_PACKED.get(getattr(func, "__name__", ""), _plainly)(self, func, args, kwargs)
            return self._write_down(asked, args, kwargs, result, self.steps)
        except Exception as error:
            self._remember(error, asked)
            raise
        finally:
            self.steps = outer
            self.operands.clear()

    @contextmanager
    def _unseen(self) -> Iterator[None]:
        """What torch's own operations do meanwhile is no operation of the network."""
        outer, self.steps = self.steps, []
        try:
            yield
        finally:
            self.steps = outer

    def _told(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What Python asks of values: answered where they are known."""
        fakes = tree_map(lambda v: self.fake_of(v) if isinstance(v, Tensor) and type(v) is not FakeTensor else v, (args, kwargs))
        reals = tree_map(lambda v: self.values.of(v) if isinstance(v, Tensor) else v, fakes)
        if any(isinstance(f, Tensor) and r is None for f, r in zip(tree_leaves(fakes), tree_leaves(reals, is_leaf=lambda v: v is None), strict=True)):
            if func.__name__ == "__bool__" and inside("distributions"):
                return True  # a check of arguments, whose other branch raises
            if func.__name__ == "__format__":
                return func(*args, **kwargs)  # words of a message; a key that is made of them is found to be missing
            raise self.depends(func.__name__, tree_leaves(fakes))
        with really():
            return func(*reals[0], **reals[1])

    def depends(self, name: str, asked: Iterable[Any] = ()) -> TraceError:
        """The error of a question of the values ``asked`` that only data could answer, or values that are known but too many."""
        limit = self.values.limit_met(v for v in asked if isinstance(v, Tensor))
        return TraceError(DependsOnData.sentence(name, users_line(), limit), self.path)

    def _remember(self, error: Exception, asked: AskedCall) -> None:
        """The operation that could not run, should its error end the trace."""
        if self.fault is None or self.fault[0] is not error:
            reason = error.reason if isinstance(error, TraceError) else asked.sentence(error)
            self.fault = error, asked.name, reason, asked.origins, self.scope

    def ended_by(self, error: Exception) -> TraceError:
        """The error of a trace that ``error`` ended; the operation that could not run is written down without an output."""
        if self.fault is not None and self.fault[0] is error:
            _, op, reason, origins, self.scope = self.fault
            made = self.failed(op, reason, origins)
            return error if isinstance(error, TraceError) else made
        if isinstance(error, TraceError):
            return error
        return TraceError(first_line(error), self.broke[1] if self.broke is not None and self.broke[0] is error else "")

    # --- Writing down ----------------------------------------------------------------------------

    def _write_down(self, asked: AskedCall, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any, steps: list[CalledOperation]) -> Any:
        tensors = [t for t in tree_leaves(result) if isinstance(t, Tensor)]
        if is_autocast_on() and steps and (asked.rule is None or asked.rule.op != "to"):
            self._write_copies(asked, steps)
        inplace = asked.target(args, kwargs, steps, self)
        if not tensors:
            if inplace is None:
                return result
            tensors = [inplace]  # __setitem__ gives nothing back
        rule, out = asked.priced(tensors, steps, self)
        if rule is None or asked.kept:
            out.saves, out.extras = (), tuple([e for e in out.extras if not e.kept])
            self._say_kept(out, asked, tensors)
        op, kind = (out.op or rule.op, out.kind or rule.kind) if rule else (asked.name, out.kind or "other")
        if inplace is not None:
            proxy = self.stand_in(inplace)
            if (now := tensors[0].shape) != proxy.shape:
                proxy.shape, proxy.n = now, None
            self.write_inplace(Rule(NO_RULE, op, kind, True), out, inplace, asked.origins)
            return result
        same = {id(t) for t in asked.tensors}
        if all(id(t) in same or (type(t) is not FakeTensor) for t in tensors):
            if rule is None or len(tensors) > 1 or type(tensors[0]) is not FakeTensor:
                return result  # the tensor itself
            tensors = [result := self._alias(tensors[0])]
        self._new(op, kind, asked, tensors, out)
        return result

    def _write_copies(self, asked: AskedCall, steps: Sequence[CalledOperation]) -> None:
        """Write down autocast's copies of operands; the function reads these."""
        copies: dict[int, Proxy] = {}
        for step, source, copy in copied_operands(steps, asked.origins):
            if step is not None:
                self._new("to", "reshape", AskedCall(step.func, (), {}, [source], [step.args[0]]), [copy], Out(copy.shape))
            copies[id(source)] = self._origin(copy)
        asked.origins = [copies.get(id(o), o) for o in asked.origins]
        asked.args, asked.kwargs = with_copies((asked.args, asked.kwargs), copies)

    def _say_kept(self, out: Out, asked: AskedCall, tensors: Sequence[Tensor]) -> None:
        """What autograd kept of a function without a rule: its inputs, its first result, and what it made beside."""
        inputs: dict[int, Proxy] = {}
        for t, origin in zip(asked.tensors, asked.origins, strict=True):
            inputs[storage(t)] = origin
            if type(t) is not FakeTensor:  # a kernel keeps a real tensor itself, or what stands for it
                inputs[storage(self.fake_of(t))] = origin
        results = storage(tensors[0])
        for held in {storage(t): t for t in asked.kept}.values():
            if (read := inputs.get(storage(held))) is not None:
                out.saves += (read,)
            elif storage(held) == results:
                out.saves += (OUTPUT,)
            else:
                out.extras += (Extra((held.untyped_storage().nbytes() // held.itemsize,), held.itemsize, running=False),)

    def _alias(self, tensor: Tensor) -> Tensor:
        """Another tensor of the same memory and values."""
        made: Tensor = self.lower.quietly(torch.ops.aten.alias.default, tensor)
        if (known := self.values.of(tensor)) is not None:
            self.values.give(made, known)
        return made

    def _new(self, op: str, kind: str, asked: AskedCall, tensors: Sequence[Tensor], out: Out) -> None:
        made = []
        for tensor in tensors:
            proxy = Proxy(tensor.shape, tensor.dtype)
            tensor._origin = proxy  # type: ignore[attr-defined]
            made.append(proxy)
        looks_at = self._looks_at(asked, tensors)
        node = self.append(op, kind, asked.origins, made, out, bool(looks_at))
        for proxy, tensor in zip(made, tensors, strict=True):
            proxy.strides = out_of_order(tensor)
            proxy.dense = proxy.strides is None
        if looks_at:
            self.view(node, made, looks_at)

    def _looks_at(self, asked: AskedCall, tensors: Sequence[Tensor]) -> list[Proxy]:
        """For each result the tensor whose memory it shares; nothing where one of them has memory of its own."""
        owners: dict[int, Proxy] = {}
        for tensor, origin in zip(asked.tensors, asked.origins, strict=True):
            owners.setdefault(storage(tensor if type(tensor) is FakeTensor else self.fake_of(tensor)), origin)
        found = [owners.get(storage(t)) for t in tensors]
        return [o for o in found if o is not None] if all(o is not None for o in found) else []

    def step(self, step: CalledOperation) -> None:
        """One of torch's own operations, where no Python function called it."""
        cost = step.cost()
        if not cost.inputs:
            return  # a constant, written down when something reads it
        origins = [self.stand_in(t) for t in cost.inputs]
        own = {id(t): t for t in cost.inputs}
        new = [t for t in cost.outputs if id(t) not in own]
        if not new:
            if cost.outputs:
                self.write_inplace(Rule(NO_RULE, cost.op, cost.kind, True), cost, cost.outputs[0], origins)
            return
        self._new(cost.op, cost.kind, AskedCall(step.func, (), {}, origins, cost.inputs), new, cost)
        if cost.op == "_safe_softmax":  # of attention that torch took apart
            join_attention(self.nodes[-1], self.nodes[:-1], new[0].numel())
        elif cost.op == "add" and new[0].is_complex():
            join_convolution(self.nodes)
            self._origin(new[0]).node = self.nodes[-1].index


def storage(tensor: Tensor) -> int:
    """What tells the memory of one tensor from another's."""
    return tensor.untyped_storage()._cdata if tensor.layout is torch.strided else id(tensor)


def _plainly(_: FakeTracer, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return func(*args, **kwargs)


def _stood_in(values: Any, of: Callable[[Tensor], Tensor]) -> Any:
    """``values`` with stand-ins for tensors: what a rule reads, as it was before the function ran."""
    kind = type(values)
    if kind is tuple or kind is list:
        return kind([_stood_in(v, of) for v in values])
    if kind is dict:
        return {k: _stood_in(v, of) for k, v in values.items()}
    return of(values) if isinstance(values, Tensor) else values
