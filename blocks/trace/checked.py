"""A trace that is held against torch's own counter as it runs: the formulas of ``FlopCounterMode``, for the operations that torch really called.

Our count of an operation comes from the rule of the Python function; torch's from what that function calls below it. Both read shapes
that torch made, and share nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import flop_registry, sdpa_flop_count

from blocks.trace.below import CalledOperation
from blocks.trace.fake import FakeTracer


@dataclass(frozen=True)
class TorchCount:
    """torch's count of the node ``index`` in multiply-accumulates; ``has_formula`` is False where its counter cannot count all of it."""

    index: int
    macs: int
    has_formula: bool


class CheckedTracer(FakeTracer):
    """Writes down what :class:`FakeTracer` does, and in ``counts`` what torch's counter says of each product."""

    def __init__(self, itemsize: int = 4, dtype: str = "float32", training: bool = False) -> None:
        super().__init__(itemsize, dtype, training)
        self.counts: list[TorchCount] = []

    def _write_down(self, asked: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any, steps: list[CalledOperation]) -> Any:
        before = len(self.nodes)
        made = super()._write_down(asked, args, kwargs, result, steps)
        self._compare(before, steps)
        return made

    def step(self, step: CalledOperation) -> None:
        """As :meth:`FakeTracer.step`."""
        before = len(self.nodes)
        super().step(step)
        self._compare(before, [step])

    def _compare(self, before: int, steps: Sequence[CalledOperation]) -> None:
        """Count the steps of the node that was written last; constants that it reads may have been written before it."""
        with self.lower.off():
            found = [(macs_by_torch(step), step) for step in steps]
            known = [count for count, _ in found if count is not None]
            left_out = any(count is None and step.cost().macs for count, step in found)
        index = len(self.nodes) - 1
        macs = sum(known)
        while self.counts and self.counts[-1].index > index:  # parts of what is one operation again
            macs += self.counts.pop().macs
        known += [macs] if macs else []
        if macs or left_out or (index >= before and self.nodes[index].macs):
            self.counts.append(TorchCount(index, macs, has_formula=not left_out and bool(known)))


def macs_by_torch(step: CalledOperation) -> int | None:
    """Multiply-accumulates by torch's formula; None where its counter has none, or none for these arguments."""
    packet = getattr(step.func, "overloadpacket", step.func)
    formula = flop_registry.get(packet) or _ON_CPU.get(packet)
    if formula is None:
        return None
    try:
        return int(formula(*step.args, **step.kwargs, out_val=step.result)) // 2
    except (AssertionError, TypeError, ValueError):
        return None


def _attention(q: Tensor, k: Tensor, v: Tensor, *_: Any, **__: Any) -> int:
    """torch's formula of fused attention; keys and values that several heads share count for each."""
    heads = q.shape[1]
    return int(sdpa_flop_count(q.shape, (k.shape[0], heads, *k.shape[2:]), (v.shape[0], heads, *v.shape[2:])))


#: Kernels of the CPU that torch's counter leaves out though it has the formula.
_ON_CPU: dict[Any, Callable[..., int]] = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention}
