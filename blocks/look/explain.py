"""How one number inside a network comes about: what it reads, with which factors, and how these add up to it.

The operation runs again on the values that it had, and torch's gradient of the one number says what it reads and with which factor. For whatever is a sum
(convolutions, linear layers, pooling, resizing, attention over its values, norms once their statistics are known) products and offset add up to the number;
whether they do is checked, and what does not is called by another name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves, tree_map

from blocks.analysis import Analysis
from blocks.knobs import KnobError
from blocks.look.activations import SeenCall, first_output, seen_calls
from blocks.look.statistics_of_norms import STATISTICS, bound_arguments

#: How the terms make the number: their products and the offset are added up; one input goes through a function; inputs are multiplied; the input's exponential
#: is divided by the sum of the row's; or all inputs take part in a way that is none of these.
Way = Literal["sum", "function", "product", "softmax", "other"]
ROUNDING = 1e-5  # of the largest term, or of 1 where all are smaller: what float32 may lose


@dataclass(frozen=True)
class TermOfValue:
    """An input of the number: its ``position`` in the ``operand``-th tensor that the operation reads, its ``value`` there, and the ``factor`` it is taken with."""

    operand: int
    position: tuple[int, ...]
    value: float
    factor: float

    @property
    def product(self) -> float:
        """What it adds to the number, where it is a sum."""
        return self.value * self.factor


@dataclass(frozen=True)
class Explanation:
    """A number of an operation's output: its ``value``, the ``terms`` it is made of, and the ``offset`` (bias, shift) beside them.

    Of a "function" the one term's value goes in; of a "softmax" the terms are the row, each with the share of the whole as its factor.
    """

    operation: str
    position: tuple[int, ...]
    value: float
    way: Way
    terms: tuple[TermOfValue, ...]
    offset: float = 0.0

    @property
    def total(self) -> float:
        """What the terms of a "sum" or a "product" make."""
        if self.way == "product":
            return math.prod(term.value for term in self.terms)
        return math.fsum([*(term.product for term in self.terms), self.offset])


def explain_value(analysis: Analysis, network: nn.Module, inputs: Tensor, node: int, position: Sequence[int]) -> Explanation:
    """How the number at ``position`` of the first output of the operation ``node`` comes about, when ``network`` runs on ``inputs``.

    Raises :class:`KnobError` for a position outside the output and for an operation that computes nothing.
    """
    shape = analysis.graph.nodes[node].shape
    if len(position) != len(shape) or not all(0 <= place < size for place, size in zip(position, shape, strict=True)):
        last = tuple(size - 1 for size in shape)
        raise KnobError("position", tuple(position), f"must lie in a tensor of shape {'x'.join(map(str, shape))}", [last])
    if analysis.graph.nodes[node].kind in ("input", "output"):
        raise KnobError("node", node, "is where values come in or go out; nothing is computed there")
    return explain_call(seen_calls(analysis, network, inputs, [node])[node], tuple(position))


def explain_call(call: SeenCall, position: tuple[int, ...]) -> Explanation:
    """As :func:`explain_value`, of an operation that was seen."""
    name = call.node.op
    data, given = _data(call)
    if name == "softmax":
        return Explanation(name, position, _number(call, given, position), "softmax", _row(call, data[0], position))
    if name in STATISTICS:
        factor, offset = STATISTICS[name](data[0].detach(), position, bound_arguments(call, given))
        normed = (replace(_same_place(data[0], position), factor=factor),)
        return Explanation(name, position, _number(call, given, position), "sum", normed, offset)
    if name == "scaled_dot_product_attention":
        data = data[2:3]  # the weights are what queries and keys make; over the values it is a sum
    with torch.enable_grad():
        number = first_output(_run(call, given))[position]
        slopes = torch.autograd.grad(number, data, allow_unused=True, materialize_grads=True) if number.requires_grad else [torch.zeros_like(t) for t in data]
    value, terms = float(number.detach()), tuple(_terms(data, slopes))
    if call.node.kind == "activation":
        return Explanation(name, position, value, "function", (_same_place(data[0], position),))
    if name in ("mul", "multiply") and len(data) == len(terms) == 2:
        return Explanation(name, position, value, "product", terms)
    found = Explanation(name, position, value, "sum", terms, _at_nothing(call, data, given, position))
    return found if abs(found.total - value) <= ROUNDING * _scale(terms, value) else Explanation(name, position, value, "other", terms)


def _at_nothing(call: SeenCall, data: Sequence[Tensor], given: tuple[Any, Any], position: tuple[int, ...]) -> float:
    """What the operation gives when nothing flows into it: bias and shift."""
    ids = {id(t) for t in data}
    arguments, named = tree_map(lambda v: torch.zeros_like(v) if id(v) in ids else v.detach() if isinstance(v, Tensor) else v, given)
    return _number(call, (arguments, named), position)


def _number(call: SeenCall, given: tuple[Any, Any], position: tuple[int, ...]) -> float:
    with torch.no_grad():
        return float(first_output(_run(call, given))[position])


def _data(call: SeenCall) -> tuple[list[Tensor], tuple[Any, Any]]:
    """The tensors that came from the picture, ready for a gradient, and the arguments with them in place: in 64 bits, so that sums are exact."""
    places = [t for t in tree_leaves((call.arguments, dict(call.named))) if isinstance(t, Tensor)]
    flowing = {id(t) for t in places[: max(1, len(places) - len(call.node.weights))]}
    found: list[Tensor] = []

    def made(value: Any) -> Any:
        if not isinstance(value, Tensor):
            return value
        wide = value.double() if value.is_floating_point() else value.clone()
        if id(value) in flowing and wide.is_floating_point():
            found.append(wide.requires_grad_())
        return wide

    given: tuple[Any, Any] = tree_map(made, (call.arguments, dict(call.named)))
    return found, given


def _run(call: SeenCall, given: tuple[Any, Any]) -> Any:
    """The function on copies: an operation in place may not overwrite what a gradient is asked for."""
    arguments, named = tree_map(lambda v: v.clone() if isinstance(v, Tensor) else v, given)
    return call.function(*arguments, **named)


def _terms(data: Sequence[Tensor], slopes: Sequence[Tensor]) -> list[TermOfValue]:
    found = []
    for operand, (tensor, slope) in enumerate(zip(data, slopes, strict=True)):
        for place in slope.nonzero().tolist():
            at = tuple(place)
            found.append(TermOfValue(operand, at, float(tensor.detach()[at]), float(slope[at])))
    return found


def _same_place(tensor: Tensor, position: tuple[int, ...]) -> TermOfValue:
    return TermOfValue(0, position, float(tensor.detach()[position]), 1.0)


def _row(call: SeenCall, tensor: Tensor, position: tuple[int, ...]) -> tuple[TermOfValue, ...]:
    """The row that a softmax shares out: its values, each with its share."""
    axis = call.named.get("dim", call.arguments[1] if len(call.arguments) > 1 else -1)
    axis = int(axis) % tensor.dim()
    row = tensor.detach().movedim(axis, -1)[(*position[:axis], *position[axis + 1 :])]
    shares = row.softmax(0)
    return tuple(TermOfValue(0, (*position[:axis], i, *position[axis + 1 :]), float(row[i]), float(shares[i])) for i in range(len(row)))


def _scale(terms: Sequence[TermOfValue], value: float) -> float:
    return max(1.0, abs(value), *(abs(t.product) for t in terms))
