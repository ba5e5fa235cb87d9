"""Below torch's Python functions: torch's own operations on fake tensors, seen by a mode that runs them and writes them down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor, UnsupportedOperatorException
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from blocks.language import translatable
from blocks.trace.asked import users_line
from blocks.trace.aten import LoweredStep, step_of
from blocks.trace.errors import TraceError
from blocks.trace.known import NEEDS_VALUES, KnownValues, written_by
from blocks.trace.proxy import CPU
from blocks.trace.rules.registry import operation_name


class Engine(Protocol):
    """What the operations are written down by."""

    values: KnownValues
    steps: list[CalledOperation] | None
    lower: Lower

    @property
    def path(self) -> str:
        """Dotted path of the module that is running."""
        ...

    def fake_of(self, real: Tensor) -> Tensor:
        """The fake tensor of a real one."""
        ...

    def depends(self, name: str, asked: Iterable[Any] = ()) -> TraceError:
        """The error of a question of the values ``asked`` that only data could answer."""
        ...

    def step(self, step: CalledOperation) -> None:
        """Write down an operation that no Python function called."""
        ...


class CalledOperation:
    """One of torch's own operations that ran; what it costs is asked when it is needed."""

    __slots__ = ("args", "func", "kwargs", "result")

    def __init__(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        self.func, self.args, self.kwargs, self.result = func, args, kwargs, result

    def written(self) -> Iterator[Tensor]:
        """The tensors that it wrote into."""
        schema = getattr(self.func, "_schema", None)
        return written_by(schema, self.args, self.kwargs) if schema is not None else iter(())

    def cost(self) -> LoweredStep:
        """Its name, what it costs, what it reads and makes."""
        packet = getattr(self.func, "overloadpacket", self.func)
        inputs = [a for a in tree_leaves((self.args, self.kwargs)) if isinstance(a, Tensor)]
        outputs = [r for r in tree_leaves(self.result) if isinstance(r, Tensor)]
        return step_of(operation_name(packet.__name__), inputs, outputs, self.args, self.kwargs, getattr(self.func, "_schema", None))


class _Off:
    """While inside, operations are not written down."""

    def __init__(self, lower: Lower) -> None:
        self.lower = lower

    def __enter__(self) -> None:
        self.before, self.lower.silent = self.lower.silent, True

    def __exit__(self, *_: Any) -> None:
        self.lower.silent = self.before


class Lower(TorchDispatchMode):
    """Sees torch's own operations: makes real tensors fake, computes what is known, and collects the operations."""

    supports_higher_order_operators = True  # flex_attention

    def __init__(self, tracer: Engine) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.tracer = tracer
        self.silent = False

    def off(self) -> _Off:
        """Operations are not written down while inside."""
        return _Off(self)

    def quietly(self, func: Callable[..., Any], *args: Any) -> Any:
        """``func`` without writing it down."""
        with self.off():
            return func(*args)

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        with torch._C.DisableTorchFunction():  # a scripted module calls with the mode above still on
            return self._run(func, args, kwargs or {})

    def _run(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.silent:
            return func(*args, **kwargs)
        tracer = self.tracer
        name = getattr(func, "_opname", "") or getattr(func, "__name__", "")
        if name in ("lift_fresh", "lift_fresh_copy") and args and type(args[0]) is Tensor:
            return tracer.values.made(args[0])
        if any(isinstance(a, Tensor) and type(a) is not FakeTensor for a in tree_leaves((args, kwargs))):
            args, kwargs = tree_map(lambda v: tracer.fake_of(v) if isinstance(v, Tensor) and type(v) is not FakeTensor else v, (args, kwargs))
        if (device := kwargs.get("device")) is not None and torch.device(device).type == "meta":
            kwargs = {**kwargs, "device": CPU}
        try:
            result = tracer.values.run(func, args, kwargs) if name != "_grouped_mm" else grouped_product(func, args, kwargs)
        except NEEDS_VALUES as error:
            raise tracer.depends(name or "index", tree_leaves((args, kwargs))) from error
        except Exception as error:
            if "fake impl" not in str(error) and not isinstance(error, UnsupportedOperatorException):
                raise
            raise TraceError(no_fake_kernel(str(getattr(func, "name", func.__str__)()), users_line()), tracer.path) from error
        if name not in _UNSEEN:
            step = CalledOperation(func, args, kwargs, result)
            if tracer.steps is None:
                with self.off():
                    tracer.step(step)
            else:
                tracer.steps.append(step)
        return result


_UNSEEN = {"detach", "device", "lift", "_local_scalar_dense"}  # prim::device is a question


def no_fake_kernel(operator: str, where: str) -> str:
    """What to say of an operator that torch cannot run on fake tensors."""
    return translatable(
        f"the operator {operator} ({where}) has no fake kernel, so that torch cannot tell its output's shape; torch.library.register_fake gives it one"
    )


def grouped_product(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """torch._grouped_mm, which computes with every type on the CPU, though its fake kernel knows bfloat16 alone."""
    a, b, *rest = args
    kwargs = {k: v for k, v in kwargs.items() if k != "out_dtype"}
    return func(
        a.new_empty(a.shape, dtype=torch.bfloat16).as_strided(a.shape, a.stride()),
        b.new_empty(b.shape, dtype=torch.bfloat16).as_strided(b.shape, b.stride()),
        *rest,
        **kwargs,
    ).to(a.dtype)
