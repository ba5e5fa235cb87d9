"""One call of a torch function, as it was before it ran: what a rule says of it, and what it wrote into."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor
from torch.autograd.graph import saved_tensors_hooks

from blocks.trace.asked import users_line
from blocks.trace.aten import as_one
from blocks.trace.below import CalledOperation, Engine
from blocks.trace.errors import DependsOnData, KernelRefuses, NoRule, TraceError, first_line
from blocks.trace.functions import written_into
from blocks.trace.known import really
from blocks.trace.proxy import Proxy
from blocks.trace.rules import RULES, Out, Rule
from blocks.trace.rules.registry import operation_name
from blocks.trace.rules.unpriced import unpriced_places


class AskedCall:
    """The function, its arguments as they were, and what they come from."""

    __slots__ = ("args", "func", "kept", "kwargs", "name", "origins", "rule", "tensors")

    def __init__(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], origins: list[Proxy], tensors: Sequence[Tensor]) -> None:
        self.func, self.args, self.kwargs, self.origins, self.tensors = func, args, kwargs, origins, tensors
        self.name = operation_name(getattr(func, "__name__", type(func).__name__))
        self.rule = RULES.get(func)
        self.kept: list[Tensor] = []  # by autograd, where no rule says it

    def keeping(self, training: bool) -> AbstractContextManager[Any]:
        """While inside, what autograd keeps is collected: of a function without a rule, or one of which torch has several kernels."""
        asked = self.rule is None or self.rule.op == "scaled_dot_product_attention"
        return saved_tensors_hooks(self._keep, lambda t: t) if training and asked else nullcontext()

    def _keep(self, tensor: Tensor) -> Tensor:
        self.kept.append(tensor)
        return tensor

    def ask(self) -> Out | None:
        """What the function's rule says, with the shapes that it was called with; None where it does not cover the call."""
        if self.rule is None:
            return None
        try:
            return self.rule.func(*self.args, **self.kwargs)
        except (NoRule, TypeError, AttributeError):
            return None

    def priced(self, tensors: Sequence[Tensor], steps: list[CalledOperation], tracer: Engine) -> tuple[Rule | None, Out]:
        """The rule and its word where it fits what torch made; else what torch's own operations cost."""
        with really():
            try:
                out = self.ask()
            except KernelRefuses as refusal:
                raise TraceError(str(refusal), tracer.path) from None
            except ValueError:
                out = None
            if out is not None and _fits(out, tensors):
                return self.rule, out
        with tracer.lower.off():
            cost = as_one([s.cost() for s in steps])
        cost.places = unpriced_places(self.name, self.args, self.kwargs)
        return None, cost

    def target(self, args: tuple[Any, ...], kwargs: dict[str, Any], steps: Sequence[CalledOperation], tracer: Engine) -> Tensor | None:
        """The tensor that the call wrote into, if any."""
        if self.rule is not None:
            return written_into(self.rule, self.func, args, kwargs)
        written = {id(t) for step in steps for t in step.written()}
        return next((t for t in self.tensors if id(t if type(t) is FakeTensor else tracer.fake_of(t)) in written), None) if written else None

    def sentence(self, error: Exception) -> str:
        """Why the call failed: in the rule's words where it has any, else in torch's."""
        if "data is not allocated" in str(error):  # what C++ code says that looks at a fake tensor's values
            return DependsOnData.sentence(self.name, users_line())
        try:
            with really():
                self.ask()
        except ValueError as said:
            return str(said)
        return first_line(error)


def _fits(out: Out, tensors: Sequence[Tensor]) -> bool:
    shapes = out.shape if type(out.shape) is list else [out.shape]
    return len(shapes) == len(tensors) and all(tuple(s) == tuple(t.shape) for s, t in zip(shapes, tensors, strict=True))
