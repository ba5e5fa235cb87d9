"""Operations known by their name below Python: each table against a formula written out here."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from blocks.trace.rules.lowered import lowered_cost
from tests.tracing import macs_by_torch, traced

X = (3, 5, 8)
N = 120
SQUARE = (2, 7, 7)

# (function, shapes, FLOPs)
CASES: dict[str, tuple[Callable[..., Any], tuple[tuple[int, ...], ...], int]] = {
    "lgamma": (torch.lgamma, (X,), N),
    "logaddexp": (torch.logaddexp, (X, X), 4 * N),
    "hypot": (torch.hypot, (X, X), 4 * N),
    "fourier": (torch.fft.fft, (X,), 5 * N * 3 // 2),
    "sort": (lambda x: torch.sort(x, 1), (X,), N * 3),
    "top k": (lambda x: torch.topk(x, 2), (X,), N),
    "median": (lambda x: x.median(1), (X,), N),
    "mean squared error": (F.mse_loss, (X, X), 3 * N),
    "smooth L1": (F.smooth_l1_loss, (X, X), 6 * N),
    "inverse": (torch.linalg.inv, (SQUARE,), 2 * 2 * 7**3),
    "cholesky": (torch.linalg.cholesky, (SQUARE,), round(2 * 7**3 / 3)),
    "solve": (torch.linalg.solve, (SQUARE, (2, 7, 3)), round(2 / 3 * 2 * 7**3) + 2 * 7 * 42),
    "qr": (torch.linalg.qr, ((2, 9, 5),), round(2 * (2 * 9 * 25 - 2 / 3 * 125))),
    "distances": (torch.cdist, ((4, 6), (7, 6)), 28 * (3 * 6 + 1)),
    "cross": (torch.linalg.cross, ((5, 3), (5, 3)), 45),
}  # fmt: skip


@pytest.mark.parametrize(("function", "shapes", "flops"), CASES.values(), ids=CASES)
def test_flops(function: Callable[..., Any], shapes: tuple[tuple[int, ...], ...], flops: int) -> None:
    analysis = traced(function, *shapes)
    assert (analysis.not_counted, analysis.macs, analysis.flops) == ([], 0, flops)


@pytest.mark.parametrize(
    ("function", "shapes", "macs"),
    [
        (torch.addmv, ((3,), (3, 5), (5,)), 15),
        (torch.addbmm, ((3, 7), (2, 3, 5), (2, 5, 7)), 2 * 3 * 5 * 7),
    ],
)
def test_products(function: Callable[..., Any], shapes: tuple[tuple[int, ...], ...], macs: int) -> None:
    analysis = traced(function, *shapes)
    assert (analysis.not_counted, analysis.macs) == ([], macs)


def test_einsum_costs_what_torch_counts() -> None:
    def function(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return torch.einsum("bij,bjk->bik", a, b)

    assert traced(function, (2, 3, 5), (2, 5, 7)).macs == macs_by_torch(function, (2, 3, 5), (2, 5, 7)) == 210


def test_views_move_nothing_and_copies_do() -> None:
    x = torch.empty(X, device="meta")
    view, copy, joined = (lowered_cost(name, [x], [x], [x]) for name in ("as_strided", "clone", "cat"))
    assert view is not None
    assert view.view
    assert copy is not None
    assert not copy.view
    assert joined is not None
    assert joined.kind == "concat"


def test_a_transform_of_one_element_costs_nothing() -> None:
    one = torch.empty(4, 1, dtype=torch.complex64, device="meta")
    out = lowered_cost("_fft_c2c", [one], [one], [one, [1]])
    assert out is not None
    assert out.flops == 0


def test_a_whole_complex_transform() -> None:
    x = torch.empty(3, 8, 5, dtype=torch.complex64, device="meta")
    out = lowered_cost("_fft_c2c", [x], [x], [x, [1, 2]])
    assert out is not None
    assert out.flops == round(5 * 120 * math.log2(40))


@pytest.mark.parametrize("name", ["linalg_svd", "linalg_eigh", "matrix_exp", "no_such_operation"])
def test_what_iterates_or_is_unknown_has_no_cost(name: str) -> None:
    x = torch.empty(SQUARE, device="meta")
    assert lowered_cost(name, [x], [x], [x]) is None
