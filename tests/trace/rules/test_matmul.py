"""Matrix products and attention: MACs against the closed form and torch's own counter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from blocks.trace.errors import TraceError
from tests.tracing import cost, macs_by_torch, node_of, traced

# (function, shapes, MACs, further FLOPs)
CASES: dict[str, tuple[Callable[..., Any], tuple[tuple[int, ...], ...], int, int]] = {
    "linear": (F.linear, ((2, 3, 5), (7, 5)), 2 * 3 * 5 * 7, 0),
    "linear with bias": (F.linear, ((2, 3, 5), (7, 5), (7,)), 2 * 3 * 5 * 7, 2 * 3 * 7),
    "mm": (torch.mm, ((3, 5), (5, 7)), 105, 0),
    "bmm": (torch.bmm, ((2, 3, 5), (2, 5, 7)), 210, 0),
    "operator": (lambda a, b: a @ b, ((3, 5), (5, 7)), 105, 0),
    "addmm": (torch.addmm, ((7,), (3, 5), (5, 7)), 105, 21),
    "scaled addmm": (lambda c, a, b: torch.addmm(c, a, b, beta=2, alpha=3), ((7,), (3, 5), (5, 7)), 105, 3 * 21),
    "baddbmm": (torch.baddbmm, ((2, 3, 7), (2, 3, 5), (2, 5, 7)), 210, 42),
    "attention": (F.scaled_dot_product_attention, ((2, 3, 5, 8), (2, 3, 7, 8), (2, 3, 7, 4)), 6 * 5 * 7 * (8 + 4), 6 * 6 * 5 * 7),
}  # fmt: skip


@pytest.mark.parametrize(("function", "shapes", "macs", "further"), CASES.values(), ids=CASES)
def test_products(function: Callable[..., Any], shapes: tuple[tuple[int, ...], ...], macs: int, further: int) -> None:
    assert cost(function, *shapes) == (macs, further)
    assert macs_by_torch(function, *shapes) == macs


@pytest.mark.parametrize(
    ("a", "b", "macs"),
    [
        ((5,), (5,), 5),
        ((3, 5), (5,), 15),
        ((2, 3, 5), (5,), 30),
        ((5,), (5, 7), 35),
        ((5,), (2, 5, 7), 70),
        ((2, 1, 3, 5), (4, 5, 7), 2 * 4 * 3 * 5 * 7),
    ],
)
def test_matmul_by_the_ranks_of_its_operands(a: tuple[int, ...], b: tuple[int, ...], macs: int) -> None:
    assert cost(torch.matmul, a, b) == (macs, 0)


def test_a_mask_adds_one_flop_per_score() -> None:
    q, k, v, mask = (2, 3, 5, 8), (2, 3, 7, 8), (2, 3, 7, 4), (5, 7)
    masked = node_of(lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, m), q, k, v, mask)
    assert masked.flops - node_of(F.scaled_dot_product_attention, q, k, v).flops == 2 * 3 * 5 * 7
    assert masked.kind == "attention"


@pytest.mark.parametrize(
    ("function", "shapes", "sentence"),
    [
        (F.linear, ((2, 3, 5), (7, 6)), "expects 6 features and the input has 5"),
        (torch.matmul, ((3, 5), (6, 7)), "a product of 3×5 with 6×7 does not fit: 5 is not 6"),
        (torch.bmm, ((2, 3, 5), (4, 5, 7)), "2 is not 4"),
        (F.scaled_dot_product_attention, ((2, 5, 8), (2, 7, 9), (2, 7, 4)), "8 is not 9"),
    ],
)
def test_operands_that_do_not_fit(function: Callable[..., Any], shapes: tuple[tuple[int, ...], ...], sentence: str) -> None:
    with pytest.raises(TraceError, match=sentence):
        traced(function, *shapes)
