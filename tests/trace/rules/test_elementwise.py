"""Element-wise operations: FLOPs per output element by hand, shapes and types against torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from blocks.trace.errors import TraceError
from blocks.trace.rules.elementwise import ACTIVATIONS, BINARY, COMPARISONS, UNARY
from tests.tracing import cost, node_of, traced

A = (2, 3, 5)
N = 30
WHOLE = {"bitwise_not", "bitwise_and", "bitwise_or", "bitwise_xor"}


def of(name: str) -> Callable[..., Any]:
    """The torch function of a name."""
    function: Callable[..., Any] = next(f for f in (getattr(F, name, None), getattr(torch, name, None), getattr(torch.Tensor, name, None)) if f is not None)
    return function


@pytest.mark.parametrize("name", [n for n in ACTIVATIONS if n != "threshold"])
def test_an_activation_costs_its_entry_per_element(name: str) -> None:
    assert cost(of(name), A) == (0, ACTIVATIONS[name] * N)
    assert node_of(of(name), A).kind == "activation"


@pytest.mark.parametrize("name", [n for n in UNARY if n not in WHOLE | {"clamp_min", "clamp_max"}])
def test_a_function_of_one_tensor_costs_one_per_element(name: str) -> None:
    assert cost(getattr(torch, name), A) == (0, N)


@pytest.mark.parametrize("name", [n for n in BINARY if n not in WHOLE])
def test_a_function_of_two_tensors_costs_one_per_element_of_the_broadcast(name: str) -> None:
    assert cost(getattr(torch, name), (2, 1, 5), (3, 1)) == (0, N)


@pytest.mark.parametrize("name", COMPARISONS)
def test_a_comparison_is_boolean(name: str) -> None:
    node = node_of(getattr(torch, name), A, (5,))
    assert (node.flops, node.dtype) == (N, "bool")


@pytest.mark.parametrize(
    ("function", "flops"),
    [
        (lambda x: x + 1, 1),
        (lambda x: 1 - x, 1),
        (lambda x: x**2, 1),
        (lambda x: torch.add(x, x, alpha=3), 2),
        (lambda x: torch.clamp(x, 0), 1),
        (lambda x: torch.clamp(x, 0, 1), 2),
        (lambda x: torch.clamp_min(x, 0), 1),
        (lambda x: F.threshold(x, 0, 1), 1),
        (lambda x: torch.lerp(x, x, 0.3), 3),
        (lambda x: torch.addcmul(x, x, x), 2),
        (lambda x: torch.addcdiv(x, x, x, value=2), 3),
        (lambda x: F.softmax(x, 1), 5),
        (lambda x: F.dropout(x, 0.5, False), 0),
        (lambda x: F.dropout(x, 0.5, True), 2),
        (torch.zeros_like, 0),
    ],
)
def test_what_each_costs_per_element(function: Callable[..., Any], flops: int) -> None:
    assert cost(function, A) == (0, flops * N)


def test_a_prelu_reads_its_slopes() -> None:
    assert cost(F.prelu, A, (3,)) == (0, 2 * N)


def test_a_gated_unit_has_half_the_channels() -> None:
    assert cost(lambda x: F.glu(x, 1), (2, 6, 5)) == (0, 4 * 2 * 3 * 5)
    with pytest.raises(TraceError, match="halves dimension 1 of 2×3×5, which is odd"):
        traced(lambda x: F.glu(x, 1), A)


def test_relu6_is_told_from_another_hardtanh() -> None:
    assert node_of(lambda x: F.hardtanh(x, 0.0, 6.0), A).op == "relu6"
    assert node_of(F.hardtanh, A).op == "hardtanh"


def test_dropout_without_training_is_its_input() -> None:
    node = node_of(lambda x: F.dropout(x, 0.5, False), A)
    assert (node.reads, node.writes, node.alias) == (0, 0, (0, 0))


def test_positions_of_a_condition_depend_on_the_data() -> None:
    with pytest.raises(TraceError, match="depends on the data"):
        traced(lambda x: torch.where(x), A)


def test_shapes_that_do_not_broadcast() -> None:
    with pytest.raises(TraceError, match="tensors of shapes 2×3×5 and 4×5 do not fit: 3 is not 4"):
        traced(torch.add, A, (4, 5))


@given(st.lists(st.tuples(st.sampled_from([1, 2, 3, 5]), st.booleans(), st.booleans()), min_size=1, max_size=4), st.integers(0, 3))
def test_any_two_shapes_that_broadcast_have_torchs_shape(sizes: list[tuple[int, bool, bool]], missing: int) -> None:
    a = tuple(1 if flat else size for size, flat, _ in sizes)
    b = tuple(1 if flat else size for size, _, flat in sizes)[missing:]
    node = node_of(torch.mul, a, b)
    assert node.flops == torch.Size(torch.broadcast_shapes(a, b)).numel()


def test_complex_numbers_count_their_real_operations() -> None:
    nodes = {n.op: n.flops for n in traced(lambda x: torch.abs(torch.fft.fft(x) * torch.fft.fft(x)), (3, 8)).graph.nodes}
    assert nodes["mul"] == 6 * 24
    assert nodes["abs"] == 4 * 24


@pytest.mark.parametrize(("a", "b"), [(torch.int64, torch.float16), (torch.bool, torch.int32), (torch.float32, torch.float64), (torch.int32, torch.int32)])
@pytest.mark.parametrize("name", ["add", "mul", "div", "pow"])
def test_types_are_promoted_as_torch_does(name: str, a: torch.dtype, b: torch.dtype) -> None:
    function = getattr(torch, name)
    node = [n for n in traced(lambda x: function(x.to(a), x.to(b)), A).graph.nodes if n.kind != "output"][-1]
    assert node.dtype == str(function(torch.ones(A, dtype=a), torch.ones(A, dtype=b)).dtype)[6:]
