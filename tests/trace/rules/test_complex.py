"""Complex numbers: the real operations they take, and the same figure in every way that a network comes in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from blocks import analyse
from blocks.catalog.exported_program import Exported, read_program
from blocks.trace.proxy import Proxy
from blocks.trace.rules import RULES
from blocks.trace.rules.complex import BINARY_OF_COMPLEX, UNARY_OF_COMPLEX
from tests.tracing import Calls

C = torch.complex64
PRODUCTS: dict[str, tuple[Callable[..., Any], tuple[tuple[int, ...], ...], int, int]] = {  # function, shapes, MACs, further FLOPs
    "convolution": (F.conv1d, ((2, 3, 11), (5, 3, 4), (5,)), 4 * 2 * 8 * 5 * 3 * 4, 2 * 2 * 8 * 5),
    "transposed convolution": (F.conv_transpose2d, ((2, 3, 5, 4), (3, 5, 2, 2)), 4 * 2 * 20 * 3 * 5 * 4, 0),
    "linear": (F.linear, ((7, 3), (5, 3), (5,)), 4 * 7 * 3 * 5, 2 * 35),
    "product": (torch.matmul, ((7, 3), (3, 5)), 4 * 7 * 3 * 5, 0),
    "sum and product": (torch.addmm, ((5,), (7, 3), (3, 5)), 4 * 7 * 3 * 5, 2 * 35),
    "einsum": (lambda a, b: torch.einsum("bij,bjk->bik", a, b), ((2, 3, 5), (2, 5, 7)), 4 * 2 * 3 * 5 * 7, 0),
    "bilinear": (F.bilinear, ((2, 3), (2, 4), (5, 3, 4)), 4 * 2 * (60 + 20), 0),
    "inverse": (torch.linalg.inv, ((5, 5),), 0, 4 * 2 * 125),
}  # fmt: skip


def ways(function: Callable[..., Any], shapes: tuple[tuple[int, ...], ...], folder: Path) -> list[tuple[int, int, list[str]]]:
    """(MACs, further FLOPs, not counted) of a function as a module and as an exported program."""
    net, inputs = Calls(function), tuple(torch.ones(s, dtype=C) for s in shapes)
    torch.export.save(torch.export.export(net, inputs), folder / "net.pt2")
    found = [analyse(n, list(inputs)) for n in (net, Exported(read_program(folder / "net.pt2")))]
    return [(a.macs, a.flops - 2 * a.macs, [str(u) for u in a.not_counted]) for a in found]


@pytest.mark.parametrize(("function", "shapes", "macs", "flops"), PRODUCTS.values(), ids=PRODUCTS)
def test_products_take_four_real_ones(function: Callable[..., Any], shapes: tuple[tuple[int, ...], ...], macs: int, flops: int, tmp_path: Path) -> None:
    assert ways(function, shapes, tmp_path) == [(macs, flops, [])] * 2
    proxies = [Proxy(s, C) for s in shapes]
    if function in RULES:
        out = RULES[function].func(*proxies)
        assert (out.macs, out.unit * torch.Size(out.shape).numel()) == (macs, flops)


def test_one_real_operand_halves_a_product() -> None:
    for a, b, each in ((C, torch.float32, 2), (torch.float32, C, 2), (torch.float32, torch.float32, 1)):
        assert RULES[torch.matmul].func(Proxy((7, 3), a), Proxy((3, 5), b)).macs == each * 7 * 3 * 5


@pytest.mark.parametrize("name", [n for n in UNARY_OF_COMPLEX if n != "_conj_physical"])
def test_a_function_of_one_complex_tensor(name: str) -> None:
    function = getattr(torch, name, None) or getattr(F, name)
    assert analyse(Calls(function), [torch.ones(2, 3, 5, dtype=C)]).flops == UNARY_OF_COMPLEX[name] * 30


@pytest.mark.parametrize("name", BINARY_OF_COMPLEX)
def test_a_function_of_two_tensors_of_which_one_may_be_real(name: str) -> None:
    function = getattr(torch, name)
    x = torch.ones(2, 3, 5, dtype=C)
    for f, flops in zip(
        (lambda a, b: function(a, b), lambda a, b: function(a, b.real), lambda a, b: function(a.real, b)), BINARY_OF_COMPLEX[name], strict=True
    ):
        assert analyse(Calls(f), [x, x]).flops == flops * 30


@pytest.mark.parametrize(
    ("function", "flops"),
    [
        (lambda x: x * 2.5, 2 * 30),
        (lambda x: torch.add(x, x, alpha=3), 4 * 30),
        (lambda x: torch.lerp(x, x, 0.3), 6 * 30),
        (lambda x: torch.addcmul(x, x, x, value=2), 10 * 30),
        (lambda x: torch.addcdiv(x, x, x), 13 * 30),
        (lambda x: x.sum(1), 2 * 30),
        (lambda x: x.mean(1), 2 * 30 + 2 * 10),
        (lambda x: torch.linalg.vector_norm(x), 4 * 30 + 1),
        (lambda x: x.std(2), 6 * 30 + 4 * 6),
        (lambda x: F.normalize(x), 6 * 30),
        (lambda x: F.adaptive_avg_pool1d(x, 1), 2 * 30 + 2 * 6),
        (lambda x: torch.outer(x[0, 0], x[0, 1]), 6 * 25),
        (lambda x: torch.polar(x.real, x.imag), 4 * 30),
    ],
)
def test_what_others_take(function: Callable[..., Any], flops: int) -> None:
    a = analyse(Calls(function), [torch.ones(2, 3, 5, dtype=C)])
    assert (a.macs, a.flops, a.not_counted) == (0, flops, [])


@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
def test_recurrent_layers_take_four_real_products(name: str) -> None:
    real, of_complex = (analyse(getattr(nn, name)(3, 5, dtype=dtype), [torch.ones(2, 7, 3, dtype=dtype)]) for dtype in (torch.float32, C))
    assert of_complex.macs == 4 * real.macs


def test_elements_take_twice_the_bytes() -> None:
    for dtype, each in ((torch.float32, 4), (torch.complex64, 8), (torch.complex128, 16)):
        assert analyse(Calls(torch.neg), [torch.ones(2, 3, 5, dtype=dtype)]).bytes_moved == 2 * 30 * each


def test_what_nobody_has_said_is_not_counted() -> None:
    a = analyse(Calls(torch.asin), [torch.ones(3, dtype=C)])
    assert [str(u) for u in a.not_counted] == ["asin in the network: it has no counting rule"]
