"""Reductions: one FLOP per element that is added or compared, what the name adds, and torch's shapes for every dimension."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from blocks.trace.errors import TraceError
from tests.tracing import cost, node_of, traced

X = (2, 3, 5, 7)
N = 210

# (FLOPs per input element, FLOPs per output element)
COSTS = {"sum": (1, 0), "mean": (1, 1), "amax": (1, 0), "amin": (1, 0), "var": (3, 1), "std": (3, 2), "logsumexp": (3, 1), "any": (1, 0), "all": (1, 0)}


@pytest.mark.parametrize(("name", "inner", "outer"), [(n, *c) for n, c in COSTS.items()])
def test_a_reduction_over_two_dimensions(name: str, inner: int, outer: int) -> None:
    assert cost(lambda x: getattr(torch, name)(x, dim=(1, 3)), X) == (0, inner * N + outer * 2 * 5)


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "std", "any"])
def test_a_reduction_of_everything_is_one_number(name: str) -> None:
    node = node_of(getattr(torch, name), X)
    assert node.shape == ()
    assert node.flops == {"sum": N, "mean": N + 1, "prod": N, "std": 3 * N + 2, "any": N}[name]


@given(st.sets(st.integers(0, 3), min_size=1), st.booleans(), st.booleans())
def test_any_dimensions_have_torchs_shape(dims: set[int], keepdim: bool, negative: bool) -> None:
    given_dims = tuple(d - 4 if negative else d for d in sorted(dims))
    node = node_of(lambda x: x.mean(given_dims, keepdim), X)
    assert node.flops == N + torch.Size(node.shape).numel()


@pytest.mark.parametrize(
    ("function", "flops"),
    [
        (lambda x: x.norm(dim=1), 2 * N + 70),
        (lambda x: torch.norm(x, 2, -1, True), 2 * N + 30),
        (lambda x: x.argmax(2), N),
        (lambda x: x.argmin(), N),
        (lambda x: x.cumsum(3), N),
        (lambda x: x.cumprod(0), N),
        (lambda x: x.sum(axis=2), N),
    ],
)
def test_other_forms(function: Callable[..., Any], flops: int) -> None:
    assert cost(function, X) == (0, flops)


def test_distances_of_pairs() -> None:
    assert cost(F.pairwise_distance, (3, 5), (3, 5)) == (0, 4 * 15 + 3)
    assert cost(lambda a, b: F.pairwise_distance(a, b, keepdim=True), (3, 5), (3, 5)) == (0, 4 * 15 + 3)
    assert cost(F.cosine_similarity, (3, 5, 7), (3, 5, 7)) == (0, 6 * 105 + 3 * 21)


@pytest.mark.parametrize("name", ["sum", "prod", "cumsum"])
def test_whole_numbers_are_added_as_64_bit(name: str) -> None:
    node = [n for n in traced(lambda x: getattr(x.to(torch.int16), name)(1), X).graph.nodes if n.kind != "output"][-1]
    assert node.dtype == "int64"


def test_a_dimension_that_there_is_not() -> None:
    with pytest.raises(TraceError, match="there is no dimension 4 in a tensor of 4 dimensions"):
        traced(lambda x: x.sum(4), X)
